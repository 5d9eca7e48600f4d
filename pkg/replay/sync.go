package replay

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// syncResult is what one sync of the controller right now would find
// (syncJob in job_controller.go, v1.37.2), granted that it has seen its own
// writes.
type syncResult struct {
	succeeded, failed indexes.Set
	// refused are the indexes in both: the API server takes no such status.
	refused     indexes.Set
	delayed     map[int32]*podFacts
	active      int64
	terminating int64
	// predicted is what it would decide, nil if nothing; success of which kind.
	predicted *v1alpha1.Predicted
	success   bool
	// mayHaveDeleted: one that is under way may have deleted the pods that are on
	// their way out, for a reason that holds without them. Where another holds
	// with them, nothing is predicted.
	mayHaveDeleted bool
}

func (f *facts) replaySync() syncResult {
	result := syncResult{succeeded: f.completed, failed: f.failed}
	if f.isForeign() {
		return result
	}
	for _, pod := range f.pods {
		if pod.isActive {
			result.active++
		}
		if pod.isTerminating {
			result.terminating++
		}
	}
	if f.verdict.isFinished() {
		return result
	}
	pods := f.pods
	if f.verdict.isDecided() {
		pods = f.notBeingCounted()
	}
	result.succeeded = succeededOf(f.job, pods).Union(f.succeededSince())
	result.failed = failedOf(f.job, pods)
	if f.perIndex() {
		result.delayed = delayedPods(f.pods, result.succeeded, result.failed)
	}
	if f.rules.refusesOverlap() {
		result.refused = result.succeeded.Intersect(result.failed)
	}
	if !f.verdict.isDecided() && result.refused.Empty() {
		result.predicted, result.success = f.predict(result)
		if before := f.predictWithoutLeaving(result); before != nil {
			result.mayHaveDeleted = true
			if before.Reason != result.predicted.Reason {
				result.predicted, result.success = nil, false
			}
		}
	}
	return result
}

// fresh is how long a pod's end may be unknown to a sync that is under way, on
// a control plane that has too much to do.
const fresh = 30 * time.Second

func (f *facts) isFresh(pod *podFacts) bool {
	return pod.isTerminal() && pod.isUncounted && f.now.Sub(pod.finished) < fresh
}

// manyFresh: with more pods that ended just now, each is taken to be racing.
const manyFresh = 20

// isRacing: even without this pod, which ended just now, a sync would decide
// the Job; one that is under way may have done so before it saw the end.
func (f *facts) isRacing(pod *podFacts) bool {
	if f.sync.predicted == nil || !f.isFresh(pod) {
		return false
	}
	older, freshOnes := *f, 0
	older.pods = nil
	for _, other := range f.pods {
		if f.isFresh(other) {
			freshOnes++
		}
		if other != pod {
			older.pods = append(older.pods, other)
		}
	}
	if freshOnes > manyFresh {
		return true
	}
	return older.predictAnew(f.sync) != nil
}

// isLeaving: a pod counts as failed for being on its way out. A sync that decides
// the Job deletes what is active before it writes so, and never counts it.
func (f *facts) isLeaving(pod *podFacts) bool {
	return pod.isTerminating && pod.isFailed && pod.isUncounted && f.now.Sub(deleteCallTime(pod.Attempt)) < fresh
}

// predictWithoutLeaving is what a sync would have decided before those were
// deleted that are on their way out; nil where none is, or it would not have.
func (f *facts) predictWithoutLeaving(s syncResult) *v1alpha1.Predicted {
	if s.predicted == nil {
		return nil
	}
	before := *f
	before.pods = slices.DeleteFunc(slices.Clone(f.pods), f.isLeaving)
	if len(before.pods) == len(f.pods) {
		return nil
	}
	return before.predictAnew(s)
}

// predictAnew is what a sync over these pods would decide.
func (f *facts) predictAnew(s syncResult) *v1alpha1.Predicted {
	s.succeeded, s.failed = succeededOf(f.job, f.pods), failedOf(f.job, f.pods)
	predicted, _ := f.predict(s)
	return predicted
}

// notBeingCounted leaves out the pods that the deciding sync has counted, or
// deleted: it removes their finalizers in a moment, and no later sync will find
// them.
func (f *facts) notBeingCounted() []*podFacts {
	var pods []*podFacts
	for _, pod := range f.pods {
		if !pod.isBeingCounted && !pod.isAtDecision {
			pods = append(pods, pod)
		}
	}
	return pods
}

// succeededSince are the indexes whose pod succeeded and was accounted for
// after the Job was read: the status that lists them is newer than ours. Where
// the spec has changed, the index may as well have been scaled away since, and
// its success forgotten.
func (f *facts) succeededSince() indexes.Set {
	var since []int32
	if f.verdict.isDecided() || !f.isUndisturbed() {
		return indexes.Set{}
	}
	for _, pod := range f.pods {
		if f.succeededOfLate(pod) {
			since = append(since, pod.index)
		}
	}
	return indexes.Of(since...)
}

// succeededOfLate: the controller accounted for the pod not long ago, and no
// younger one runs.
func (f *facts) succeededOfLate(pod *podFacts) bool {
	return pod.hasSucceeded && !pod.isUncounted && !pod.isDeleted && pod.hasValidIndex && f.now.Sub(pod.finished) < patience &&
		pod.Owned && f.newest(pod.index) == pod
}

// failedSince are, likewise, those that a pod has failed.
func (f *facts) failedSince() indexes.Set {
	var since []int32
	for _, pod := range f.pods {
		if pod.hasFailed && !pod.isUncounted && pod.hasValidIndex && pod.failsIndex && pod.Owned {
			since = append(since, pod.index)
		}
	}
	return indexes.Of(since...)
}

// criterion is one check of the order in which a sync evaluates them.
type criterion struct {
	reason, message string
	success, met    bool
}

// predict evaluates the criteria in the controller's order: the first that
// holds decides, the others are told of.
func (f *facts) predict(s syncResult) (*v1alpha1.Predicted, bool) {
	var predicted *v1alpha1.Predicted
	var success bool
	for _, c := range f.criteria(s) {
		switch {
		case !c.met:
		case predicted == nil:
			predicted = &v1alpha1.Predicted{Reason: c.reason, Message: c.message, AlsoMet: []string{}}
			success = c.success
		default:
			predicted.AlsoMet = append(predicted.AlsoMet, c.reason)
		}
	}
	return predicted, success
}

func (f *facts) criteria(s syncResult) []criterion {
	spec := &f.job.Spec
	failJob, failJobMet := f.failJobMessage()
	failedNow := f.failedTotal() + f.newlyCounted()
	limit := int64(6)
	if spec.BackoffLimit != nil {
		limit = int64(*spec.BackoffLimit)
	}
	tooMany := spec.MaxFailedIndexes != nil && s.failed.Len() > int64(*spec.MaxFailedIndexes)
	allDone := !s.failed.Empty() && s.failed.Len()+s.succeeded.Len() >= int64(f.completions)
	rule, ruleMet := MatchSuccessPolicy(spec.SuccessPolicy, f.completions, s.succeeded)
	return []criterion{
		{batchv1.JobReasonPodFailurePolicy, failJob, false, failJobMet},
		{
			batchv1.JobReasonBackoffLimitExceeded, fmt.Sprintf("%d counted failures, %d allowed (backoffLimit)", failedNow, limit), false,
			failedNow > limit || f.pastBackoffLimitOnFailure(),
		},
		{batchv1.JobReasonDeadlineExceeded, "the Job has been active longer than activeDeadlineSeconds", false, f.pastDeadline()},
		{batchv1.JobReasonMaxFailedIndexesExceeded, fmt.Sprintf("%d failed indexes, %d allowed (maxFailedIndexes)", s.failed.Len(), orZero(spec.MaxFailedIndexes)), false, tooMany},
		{batchv1.JobReasonFailedIndexes, "every index is done and some failed", false, allDone},
		{batchv1.JobReasonSuccessPolicy, fmt.Sprintf("rule %d of successPolicy is met", rule), true, ruleMet},
		{
			batchv1.JobReasonCompletionsReached, "every index has succeeded", true,
			s.succeeded.Len() >= int64(f.completions) && (f.job.DeletionTimestamp == nil || s.active == 0),
		},
	}
}

// newlyCounted are the failures that the status has not caught up with. Pods
// whose failure waits for a replacement are among them (getNewFinishedPods and
// nonIgnoredFailedPodsCount, v1.37.2).
func (f *facts) newlyCounted() int64 {
	var n int64
	for _, pod := range f.pods {
		if pod.isUncounted && !pod.isBeingCounted && pod.hasValidIndex && pod.isFailed && pod.ending.match.Counted() {
			n++
		}
	}
	return n
}

// failJobMessage looks at every failed pod, accounted for or not, whatever its
// index (getFailJobMessage, v1.37.2). Which of several is named is not
// determined; the message then says how many there are.
func (f *facts) failJobMessage() (string, bool) {
	var first string
	matching := 0
	for _, pod := range f.pods {
		if !pod.isFailed || pod.ending.match.Action != batchv1.PodFailurePolicyActionFailJob || !pod.Vanished.IsZero() {
			continue
		}
		match := pod.ending.match
		if matching++; matching > 1 {
			continue
		}
		if match.Container != nil {
			first = fmt.Sprintf("%s of pod %s exited %d, which rule %d answers with FailJob", match.Container.Name, pod.Name, match.Container.Terminated.ExitCode, match.Rule)
		} else {
			first = fmt.Sprintf("pod %s has condition %s, which rule %d answers with FailJob", pod.Name, match.Condition.Type, match.Rule)
		}
	}
	if matching > 1 {
		return fmt.Sprintf("%d pods match FailJob, one of them: %s", matching, first), true
	}
	return first, matching == 1
}

// pastBackoffLimitOnFailure sums the restarts within the pods of a Job whose
// containers restart in place (likewise in job_controller.go, v1.37.2). Limits
// 0 and 1 behave alike.
func (f *facts) pastBackoffLimitOnFailure() bool {
	if f.job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure || f.job.Spec.BackoffLimit == nil {
		return false
	}
	restarts, limit := f.restarts(), int64(*f.job.Spec.BackoffLimit)
	if limit == 0 {
		return restarts > 0
	}
	return restarts >= limit
}

func (f *facts) restarts() int64 {
	var n int64
	for _, pod := range f.pods {
		if pod.restarts > 0 && pod.Vanished.IsZero() && (pod.Phase == corev1.PodRunning || pod.Phase == corev1.PodPending) {
			n += int64(pod.restarts)
		}
	}
	return n
}

func restartsOf(pod *evidence.Attempt) int32 {
	var n int32
	for i := range pod.Containers {
		n += pod.Containers[i].Restarts
	}
	return n
}

func (f *facts) pastDeadline() bool {
	deadline := f.deadline()
	return !deadline.IsZero() && !f.now.Before(deadline)
}

// deadline is the instant at which activeDeadlineSeconds ends the Job, zero
// where none is set, the Job has not started or is suspended.
func (f *facts) deadline() time.Time {
	seconds, start := f.job.Spec.ActiveDeadlineSeconds, f.job.Status.StartTime
	const centuries = int64(1<<63-1) / int64(time.Second)
	if seconds == nil || *seconds > centuries || start == nil || f.isSuspended() {
		return time.Time{}
	}
	return start.Add(time.Duration(*seconds) * time.Second)
}

// freeSlots is how many pods a sync would create if none had to wait (diff in
// manageJob, v1.37.2). Failed indexes are not subtracted, as there.
func (f *facts) freeSlots() int64 {
	if f.isSuspended() || f.job.DeletionTimestamp != nil {
		return 0
	}
	free := f.wantActive() - f.sync.active
	if OnlyReplaceFailedPods(f.job) {
		free -= f.sync.terminating
	}
	return max(0, free)
}

func (f *facts) wantActive() int64 {
	return max(0, min(f.parallelism(), int64(f.completions)-f.sync.succeeded.Len()))
}

func orZero(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}
