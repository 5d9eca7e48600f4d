package replay

import (
	"fmt"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Causes that account for a difference.
const (
	becauseChanged = "the Job's spec has changed since; a suspension, fewer pods at once or fewer completions cut chains and forget indexes"
	becauseGone    = "pods that are gone, or were killed when the Job was decided"
	becauseLag     = "evidence read between two syncs of the controller"
	becauseLate    = "a pod on its way out that succeeded all the same, after its replacement was created"
	becauseCut     = "an attempt that is gone; it came without the delay, as after a removed finalizer"
)

// agreement holds the replay against the recorded status. A difference without
// a cause is a disagreement.
func (f *facts) agreement(fates []v1alpha1.IndexFate) v1alpha1.Agreement {
	result := v1alpha1.Agreement{Result: v1alpha1.Agrees, Differences: []v1alpha1.Difference{}}
	if f.isForeign() {
		result.Result = v1alpha1.CannotTell
		return result
	}
	for _, group := range f.groups {
		result.Differences = append(result.Differences, f.compareIndex(group.index, f.podsIn(group))...)
	}
	result.Differences = append(result.Differences, f.compareCounts()...)
	result.Differences = append(result.Differences, f.compareReason()...)
	if len(f.pods) == 0 {
		result.Result = v1alpha1.CannotTell
	}
	for i := range result.Differences {
		if result.Differences[i].Because == "" {
			result.Result = v1alpha1.Disagrees
		}
	}
	return result
}

// compareIndex holds the pods of one index against the two lists.
func (f *facts) compareIndex(index int32, pods []*podFacts) []v1alpha1.Difference {
	newest := newestOf(pods)
	completed, failed := f.completed.Has(index), f.failed.Has(index)
	switch {
	case !completed && !failed:
		if pod := f.accountedSuccess(pods); pod != nil {
			return f.lagging(pod, f.differ(index, "completedIndexes", "absent", "present"))
		}
		if pod := f.accountedFailure(pods); pod != nil {
			return f.lagging(pod, f.differ(index, "failedIndexes", "absent", "present"))
		}
	case completed && !f.canHaveSucceeded(pods, newest):
		differences := f.differ(index, "completedIndexes", "present", "absent")
		if !newest.isActive {
			differences[0].Because = becauseCut
		} else if !OnlyReplaceFailedPods(f.job) {
			differences[0].Because = becauseLate
		}
		return differences
	case failed && !completed && !f.canHaveFailed(pods, newest):
		return f.differ(index, "failedIndexes", "present", "absent")
	}
	return nil
}

func (f *facts) differ(index int32, field, recorded, replayed string) []v1alpha1.Difference {
	return []v1alpha1.Difference{{Index: ptr.To(index), Field: "status." + field, Recorded: recorded, Replayed: replayed, Because: f.whyChanged()}}
}

// accountedSuccess: a pod succeeded by itself and the controller let it go, so
// its index must be in completedIndexes.
func (f *facts) accountedSuccess(pods []*podFacts) *podFacts {
	for _, pod := range pods {
		if pod.hasSucceeded && !pod.isUncounted && pod.Owned && !pod.isDeleted {
			return pod
		}
	}
	return nil
}

// accountedFailure: a pod fails its index and the controller let it go.
func (f *facts) accountedFailure(pods []*podFacts) *podFacts {
	for _, pod := range pods {
		if pod.hasFailed && pod.failsIndex && !pod.isUncounted && pod.Owned && !pod.isDeleted && f.endedBeforeDecision(pod) {
			return pod
		}
	}
	return nil
}

// lagging: the pods are read after the Job, and the controller may have been
// there in between.
func (f *facts) lagging(pod *podFacts, differences []v1alpha1.Difference) []v1alpha1.Difference {
	if !f.verdict.isFinished() && f.isRecent(pod) {
		differences[0].Because = becauseLag
	}
	return differences
}

// isRecent: the pod came or went not longer ago than the controller may take. One
// that a kubelet rejected does not tell when.
func (f *facts) isRecent(pod *podFacts) bool {
	if pod.isTerminal() && pod.finished.Equal(pod.CreationTime.Time()) {
		return true
	}
	return f.now.Sub(later(pod.CreationTime.Time(), pod.finished)) < patience
}

// endedBeforeDecision: well before it, so that the deciding sync saw its end.
func (f *facts) endedBeforeDecision(pod *podFacts) bool {
	return !f.verdict.isDecided() || pod.finished.Before(f.verdict.decided.Add(-5*time.Second))
}

// canHaveSucceeded: one of the pods did, or there was time for one that is
// gone.
func (f *facts) canHaveSucceeded(pods []*podFacts, newest *podFacts) bool {
	for _, pod := range pods {
		if pod.hasSucceeded {
			return true
		}
	}
	return f.canHaveGoneOn(newest)
}

// canHaveFailed: the newest pod fails the index, or there was time for one
// that is gone.
func (f *facts) canHaveFailed(pods []*podFacts, newest *podFacts) bool {
	for _, pod := range pods {
		if pod.failsIndex {
			return true
		}
		// Deleted, it failed its index before it ended otherwise.
		if pod.isDeleted && !OnlyReplaceFailedPods(f.job) {
			return true
		}
	}
	return !newest.hasSucceeded && f.canHaveGoneOn(newest)
}

// canHaveGoneOn: an attempt after the newest pod seen is possible.
func (f *facts) canHaveGoneOn(newest *podFacts) bool {
	if newest.isActive {
		return false // an index that is done gets no pod and keeps none
	}
	if newest.isDeleted {
		return true
	}
	if !f.perIndex() || !newest.isFailed {
		return true
	}
	latest := f.now
	if f.verdict.isDecided() {
		latest = f.verdict.decided
	}
	return !latest.Before(f.retryTime(newest))
}

// compareCounts holds the numbers against the lists and against what is seen.
func (f *facts) compareCounts() []v1alpha1.Difference {
	var differences []v1alpha1.Difference
	status := &f.job.Status
	if listed := f.completed.Len(); int64(status.Succeeded) != listed {
		differences = append(differences, v1alpha1.Difference{
			Field: "status.succeeded", Recorded: strconv.Itoa(int(status.Succeeded)), Replayed: strconv.FormatInt(listed, 10),
			Because: f.whyChanged(),
		})
	}
	if f.verdict.isFinished() || f.verdict.state == v1alpha1.StateRunning {
		if f.accounts.known > f.failedTotal() {
			because := ""
			if !f.verdict.isFinished() && f.accounts.known-f.failedTotal() <= f.recentPods() {
				because = becauseLag
			}
			differences = append(differences, f.differFailed(f.accounts.known, because))
		} else if f.accounts.unexplained > f.goneByEvents() && f.verdict.isFinished() {
			differences = append(differences, f.differFailed(f.accounts.known, becauseGone))
		}
	}
	if f.verdict.isFinished() && status.Active > 0 {
		differences = append(differences, v1alpha1.Difference{Field: "status.active", Recorded: strconv.Itoa(int(status.Active)), Replayed: "0"})
	}
	return differences
}

// recentPods is how many may have changed between the readings of the Job and
// of its pods.
func (f *facts) recentPods() int64 {
	var n int64
	for _, pod := range f.pods {
		if f.isRecent(pod) {
			n++
		}
	}
	return n
}

// whyChanged accounts for a difference by a spec that has changed, or not.
func (f *facts) whyChanged() string {
	if f.isUndisturbed() {
		return ""
	}
	return becauseChanged
}

func (f *facts) differFailed(known int64, because string) v1alpha1.Difference {
	if because == "" {
		because = f.whyChanged()
	}
	return v1alpha1.Difference{Field: "status.failed", Recorded: strconv.FormatInt(f.failedTotal(), 10), Replayed: strconv.FormatInt(known, 10), Because: because}
}

// compareReason asks whether the recorded reason can have held, and whether
// one that holds was left unrecorded.
func (f *facts) compareReason() []v1alpha1.Difference {
	if !f.verdict.isDecided() {
		return f.compareUndecided()
	}
	reason := f.verdict.condition.Reason
	why := f.whyImpossible(reason)
	if why == "" {
		return nil
	}
	return []v1alpha1.Difference{{Field: "status.conditions.reason", Recorded: reason, Replayed: why, Because: f.whyChanged()}}
}

// whyImpossible says what a recorded reason lacks, or nothing.
func (f *facts) whyImpossible(reason string) string {
	spec := &f.job.Spec
	n, failed, succeeded := int64(f.completions), f.failed.Len(), f.completed.Len()
	switch reason {
	case batchv1.JobReasonMaxFailedIndexesExceeded:
		if spec.MaxFailedIndexes == nil || failed <= int64(*spec.MaxFailedIndexes) {
			return fmt.Sprintf("%d failed indexes do not exceed maxFailedIndexes", failed)
		}
	case batchv1.JobReasonFailedIndexes:
		if failed == 0 || failed+succeeded < n {
			return fmt.Sprintf("%d failed and %d succeeded are not all of %d", failed, succeeded, n)
		}
	case batchv1.JobReasonBackoffLimitExceeded:
		// One update may not hold all that is to be counted of a Job that is failing.
		if f.verdict.isFinished() && spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure && f.failedTotal() <= int64(orZero(spec.BackoffLimit)) {
			return fmt.Sprintf("%d failures do not exceed backoffLimit", f.failedTotal())
		}
	case batchv1.JobReasonDeadlineExceeded:
		if spec.ActiveDeadlineSeconds == nil {
			return "no activeDeadlineSeconds is set"
		}
		if d := f.deadline(); !d.IsZero() && f.verdict.decided.Before(d.Add(-2*time.Second)) {
			return "activeDeadlineSeconds had not passed"
		}
	case batchv1.JobReasonPodFailurePolicy:
		return f.whyNoFailJob()
	case batchv1.JobReasonSuccessPolicy:
		if _, met := MatchSuccessPolicy(spec.SuccessPolicy, f.completions, f.completed); !met {
			return "no rule of successPolicy is met"
		}
	case batchv1.JobReasonCompletionsReached, "":
		if f.verdict.success && succeeded < n {
			return fmt.Sprintf("%d of %d succeeded", succeeded, n)
		}
	}
	return ""
}

func (f *facts) whyNoFailJob() string {
	told := f.failJob
	if told.pod == "" {
		return ""
	}
	policy := f.job.Spec.PodFailurePolicy
	if policy == nil || int(told.rule) >= len(policy.Rules) || policy.Rules[told.rule].Action != batchv1.PodFailurePolicyActionFailJob {
		return fmt.Sprintf("rule %d is no FailJob rule", told.rule)
	}
	for _, pod := range f.pods {
		if !pod.hasFailed || pod.Name != told.pod {
			continue
		}
		if pod.ending.match.Rule != told.rule {
			return fmt.Sprintf("pod %s matches another rule or none", pod.Name)
		}
	}
	return ""
}

// patience is how long the controller may take to act before its silence is a
// contradiction. It syncs within a second or two.
const patience = time.Minute

// compareUndecided: the recorded lists alone call for a decision, and have for
// longer than the controller takes.
func (f *facts) compareUndecided() []v1alpha1.Difference {
	predicted := f.sync.predicted
	if predicted == nil {
		return nil
	}
	difference := v1alpha1.Difference{Field: "status.conditions", Recorded: "undecided", Replayed: predicted.Reason, Because: becauseLag}
	var last time.Time
	for _, pod := range f.pods {
		if pod.isUncounted && pod.isTerminal() {
			return []v1alpha1.Difference{difference} // not accounted for: the controller has not been here
		}
		last = later(last, later(pod.CreationTime.Time(), pod.finished))
	}
	listed := f.failed.Union(f.completed).Len() >= int64(f.completions)
	if f.isUndisturbed() && len(f.pods) > 0 && listed && f.now.Sub(last) > patience {
		difference.Because = ""
	}
	return []v1alpha1.Difference{difference}
}
