package replay

import (
	"fmt"
	"slices"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// Causes that account for a difference.
const (
	becauseChanged = "the Job's spec has changed since: a suspension, a lower parallelism or fewer completions cut chains and forget indexes"
	becauseGone    = "pods that are gone, or were killed when the Job was decided"
	becauseLate    = "a terminating pod that succeeded after its replacement was created"
)

// agreement holds the replay against the recorded status. A difference without
// a cause is a disagreement. What the Job had not counted yet when it was read is
// none: lag tells of it.
func (t *totals) agreement() v1alpha1.Agreement {
	result := v1alpha1.Agreement{Result: v1alpha1.Agrees, Differences: []v1alpha1.Difference{}}
	if !t.hasRules() {
		result.Result = v1alpha1.CannotTell
		return result
	}
	if t.isSettled() {
		for _, group := range t.groups {
			result.Differences = append(result.Differences, t.compareIndex(group.index, t.podsIn(group))...)
		}
		result.Differences = append(result.Differences, t.compareFailed()...)
	}
	result.Differences = append(result.Differences, t.compareStatus()...)
	if len(t.pods) == 0 {
		result.Result = v1alpha1.CannotTell
	}
	for i := range result.Differences {
		if result.Differences[i].Because == "" {
			result.Result = v1alpha1.Disagrees
		}
	}
	return result
}

// lag says in one line that the Job and its pods are not of one instant.
func (t *totals) lag() string {
	if t.verdict.isFinished() && t.hasActive {
		return "the pods were read before the Job ended"
	}
	for _, pod := range t.pods {
		if pod.standing == listedSince {
			return "the pods were read after the Job: some that it does not count yet are accounted for"
		}
	}
	return ""
}

// compareIndex holds the pods of one index against the two lists. A pod that the
// Job is to account for still says nothing.
func (t *totals) compareIndex(index int32, pods []*podFacts) []v1alpha1.Difference {
	for _, pod := range pods {
		if pod.Uncounted && !t.verdict.isFinished() || pod.Active {
			return nil
		}
	}
	completed, failed := t.completed.Has(index), t.failed.Has(index)
	switch {
	case !completed && !failed && t.verdict.isFinished():
		if anyOf(pods, t.isAccountedSuccess) {
			return t.differ(index, "completedIndexes", "absent", "present")
		}
		if anyOf(pods, t.isAccountedFailure) {
			return t.differ(index, "failedIndexes", "absent", "present")
		}
	case completed && !t.canHaveSucceeded(pods):
		differences := t.differ(index, "completedIndexes", "present", "absent")
		if !controller.OnlyReplaceFailedPods(t.job) && anyOf(pods, (*podFacts).isDeleted) {
			differences[0].Because = becauseLate
		}
		return differences
	case failed && !completed && !t.canHaveFailed(pods):
		return t.differ(index, "failedIndexes", "present", "absent")
	}
	return nil
}

func anyOf(pods []*podFacts, is func(*podFacts) bool) bool { return slices.ContainsFunc(pods, is) }

func (t *totals) differ(index int32, field, recorded, replayed string) []v1alpha1.Difference {
	return []v1alpha1.Difference{{Index: ptr.To(index), Field: "status." + field, Recorded: recorded, Replayed: replayed, Because: t.whyChanged()}}
}

// isAccountedSuccess: the pod succeeded by itself and the controller let it go,
// so its index must be in completedIndexes.
func (t *totals) isAccountedSuccess(pod *podFacts) bool {
	return pod.Succeeded() && !pod.Uncounted && pod.Owned && !pod.isDeleted()
}

// isAccountedFailure: the pod fails its index and the controller let it go.
func (t *totals) isAccountedFailure(pod *podFacts) bool {
	return pod.hasFailed() && pod.FailsIndex && !pod.Uncounted && pod.Owned && !pod.isDeleted()
}

// canHaveSucceeded: one of the pods did, or there was time for one that is gone.
func (t *totals) canHaveSucceeded(pods []*podFacts) bool {
	return anyOf(pods, (*podFacts).succeeded) || t.canHaveGoneOn(newestOf(pods))
}

// canHaveFailed: a pod fails the index, or there was time for one that is gone.
// One that was deleted failed its index before it ended otherwise.
func (t *totals) canHaveFailed(pods []*podFacts) bool {
	failedByDeletion := !controller.OnlyReplaceFailedPods(t.job) && anyOf(pods, (*podFacts).isDeleted)
	newest := newestOf(pods)
	return anyOf(pods, (*podFacts).failsIndex) || failedByDeletion || !newest.Succeeded() && t.canHaveGoneOn(newest)
}

// canHaveGoneOn: an attempt after the newest pod seen is possible. The controller
// forgets a delay where somebody takes the finalizer away.
func (t *totals) canHaveGoneOn(newest *podFacts) bool {
	if newest.isDeleted() || !t.perIndex() || !newest.Failed {
		return true
	}
	latest := t.now
	if t.verdict.isDecided() {
		latest = t.verdict.decided
	}
	return !newest.Uncounted || !latest.Before(newest.RetryTime())
}

// compareFailed holds status.failed against the failures that are seen.
func (t *totals) compareFailed() []v1alpha1.Difference {
	total := t.failedTotal()
	difference := v1alpha1.Difference{Field: "status.failed", Recorded: strconv.FormatInt(total, 10), Replayed: strconv.FormatInt(t.known, 10), Because: t.whyChanged()}
	switch {
	case t.known > total && t.verdict.isFinished():
	case t.unexplained > t.goneByEvents() && t.verdict.isFinished():
		difference.Because = becauseGone
	default:
		return nil
	}
	return []v1alpha1.Difference{difference}
}

// compareStatus holds the status against itself.
func (t *totals) compareStatus() []v1alpha1.Difference {
	var differences []v1alpha1.Difference
	status := &t.job.Status
	if listed := t.completed.Len(); int64(status.Succeeded) != listed {
		differences = append(differences, v1alpha1.Difference{
			Field: "status.succeeded", Recorded: strconv.Itoa(int(status.Succeeded)), Replayed: strconv.FormatInt(listed, 10), Because: t.whyChanged(),
		})
	}
	if t.verdict.isFinished() && status.Active > 0 {
		differences = append(differences, v1alpha1.Difference{Field: "status.active", Recorded: strconv.Itoa(int(status.Active)), Replayed: "0"})
	}
	if !t.verdict.isDecided() {
		return differences
	}
	if why := t.whyImpossible(t.verdict.reason()); why != "" {
		differences = append(differences, v1alpha1.Difference{
			Field: "status.conditions.reason", Recorded: t.verdict.condition.Reason, Replayed: why, Because: t.whyChanged(),
		})
	}
	return differences
}

// whyChanged accounts for a difference by a spec that has changed, or not.
func (t *totals) whyChanged() string {
	if t.isUndisturbed() {
		return ""
	}
	return becauseChanged
}

// whyImpossible says what a recorded reason lacks, or nothing.
func (t *totals) whyImpossible(reason string) string {
	spec := &t.job.Spec
	n, failed, succeeded := int64(t.completions), t.failed.Len(), t.completed.Len()
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
		if t.verdict.isFinished() && spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure && t.failedTotal() <= controller.BackoffLimit(t.job) {
			return fmt.Sprintf("%d failures do not exceed backoffLimit", t.failedTotal())
		}
	case batchv1.JobReasonDeadlineExceeded:
		if spec.ActiveDeadlineSeconds == nil {
			return "activeDeadlineSeconds is not set"
		}
		if d := controller.Deadline(t.job); !d.IsZero() && t.verdict.decided.Before(d) {
			return "activeDeadlineSeconds had not passed"
		}
	case batchv1.JobReasonPodFailurePolicy:
		return t.whyNoFailJob()
	case batchv1.JobReasonSuccessPolicy:
		if _, met := controller.MatchSuccessPolicy(spec.SuccessPolicy, t.completions, t.completed); !met {
			return "no rule of successPolicy is met"
		}
	case batchv1.JobReasonCompletionsReached, "":
		if t.verdict.success && succeeded < n {
			return fmt.Sprintf("%d of %d succeeded", succeeded, n)
		}
	}
	return ""
}

func (t *totals) whyNoFailJob() string {
	told, policy := t.failJob, t.job.Spec.PodFailurePolicy
	if told.pod == "" {
		return ""
	}
	if policy == nil || int(told.rule) >= len(policy.Rules) || policy.Rules[told.rule].Action != batchv1.PodFailurePolicyActionFailJob {
		return fmt.Sprintf("podFailurePolicy.rules[%d] is not a FailJob rule", told.rule)
	}
	if pod := t.failJobPod(told.pod); pod != nil && pod.hasFailed() && pod.Match.Rule != told.rule {
		return fmt.Sprintf("pod %s matches another rule or none", pod.Name)
	}
	return ""
}
