package replay

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// judgeActive is for an index whose pod runs, or will: it is as it was seen.
func (t *totals) judgeActive(record *v1alpha1.IndexFate, h *history, pod *podFacts) {
	record.Failures.Exact = pod == h.newest() && len(h.newerGone) == 0 && t.isChainExact(pod)
	if pod.Phase != corev1.PodRunning {
		record.Fate, record.Reason = v1alpha1.Pending, waitingReason(&pod.Pod)
		record.Message = t.obstacleOf(pod).words()
		return
	}
	record.Fate = v1alpha1.Running
	switch {
	case len(h.attempts)-len(h.newerGone) > 1 || t.perIndex() && pod.BornWith() > 0:
		record.Reason, record.Message = v1alpha1.ReasonRetry, "running again"
	default:
		record.Reason, record.Message = v1alpha1.ReasonFirstAttempt, "running its first attempt"
	}
}

// activePod is the one that the controller would keep of the index's active
// pods.
func (t *totals) activePod(pods []*podFacts) *podFacts {
	var active []*podFacts
	for _, pod := range pods {
		if pod.Active {
			active = append(active, pod)
		}
	}
	if len(active) < 2 {
		return newestOf(active)
	}
	ranked := make([]*controller.Pod, len(active))
	for i, pod := range active {
		ranked[i] = &pod.Pod
	}
	return active[slices.Index(ranked, t.rules.Kept(ranked))]
}

// terminatingPod is the youngest on its way out, nil where there is none.
func terminatingPod(pods []*podFacts) *podFacts {
	for _, pod := range slices.Backward(pods) {
		if pod.Terminating {
			return pod
		}
	}
	return nil
}

// judgePending is for an index that has no active pod: what its next one waits
// for.
func (t *totals) judgePending(record *v1alpha1.IndexFate, h *history) {
	terminating := terminatingPod(h.pods)
	failed := t.replaced(h)
	switch {
	case terminating != nil && controller.OnlyReplaceFailedPods(t.job):
		record.Failures.Exact = terminating == h.newest() && !t.mayCount(terminating)
	case failed != nil:
		t.judgeBackingOff(record, failed)
	default:
		t.judgeWaiting(record, h)
	}
	if terminating == nil {
		return
	}
	record.Fate = v1alpha1.Terminating
	record.Failures.Exact = record.Failures.Exact && t.isChainExact(terminating)
	switch {
	case terminating.standing == removed:
		record.Message = and("its pod is terminating, removed by the controller and not counted", record.Message)
	case terminating == failed:
		record.Message = and(t.askedToGo(terminating)+", and counts as a failure", record.Message)
	case record.Message == "":
		record.Message = t.askedToGo(terminating)
	}
}

// askedToGo says when the pod was asked to end, and by when it is killed.
func (t *totals) askedToGo(pod *podFacts) string {
	words := "its pod's deletion was requested at " + clock(controller.DeletionRequested(pod.Attempt).Time())
	if deadline := pod.DeletionTime.Time(); deadline.After(t.now) {
		words += ", it is killed at " + clock(deadline) + " at the latest"
	}
	return words
}

// replaced is the failed pod that the index's next one replaces, if there is one.
func (t *totals) replaced(h *history) *podFacts {
	for _, pod := range h.pods {
		if t.isDelayed(pod) {
			return pod
		}
	}
	newest := h.newest()
	if newest == nil || !newest.Failed || newest.standing != ordinary {
		return nil
	}
	return newest
}

// isDelayed: the controller keeps the pod's finalizer until its replacement is
// there.
func (t *totals) isDelayed(pod *podFacts) bool {
	if !pod.Failed || !pod.Uncounted || !t.delayed.Has(pod.Index) {
		return false
	}
	n, _ := slices.BinarySearchFunc(t.Delayed, pod.Index, func(delayed *controller.Pod, index int32) int { return cmp.Compare(delayed.Index, index) })
	return t.Delayed[n].Attempt == pod.Attempt
}

// retryTime is when the failed pod is replaced at the earliest. Without
// backoffLimitPerIndex only the controller's memory knows.
func (t *totals) retryTime(failed *podFacts) (at time.Time, estimated bool) {
	if t.perIndex() {
		return failed.RetryTime(), false
	}
	return t.released, true
}

// judgeBackingOff says what the retry of a failed index waits for.
func (t *totals) judgeBackingOff(record *v1alpha1.IndexFate, failed *podFacts) {
	record.Fate = v1alpha1.BackingOff
	// Without its finalizer it was replaced, and the replacement has gone.
	record.Failures.Exact = t.isChainExact(failed) && (failed.Uncounted || !t.perIndex())
	at, estimated := t.retryTime(failed)
	if !at.IsZero() && t.predicted == nil && !t.isDeleted() {
		record.RetryTime = stamp(at)
		record.RetryTimeEstimated = t.shared.truth(estimated)
	}
	switch {
	case t.isHeldUp(record):
	case at.After(t.now):
		record.Reason = v1alpha1.ReasonBackoffDelay
		record.Message = "next retry " + untilInWords(at, t.now, estimated)
	default:
		t.judgeSlot(record)
	}
	if !failed.Terminating {
		record.Message = and(failed.ending.words+t.afterProbe(failed), record.Message)
	}
}

// judgeWaiting says what the pod of an index waits for that has nothing to
// replace.
func (t *totals) judgeWaiting(record *v1alpha1.IndexFate, h *history) {
	record.Fate = v1alpha1.Waiting
	if t.perIndex() {
		// Its next pod is born with none, unless the Job was decided since.
		record.Failures = v1alpha1.Failures{Exact: !t.mayCount(h.newest())}
	} else {
		record.Failures.Exact = t.knowsEveryFailure(record.Index)
	}
	if !t.isHeldUp(record) {
		t.judgeSlot(record)
	}
	if last := h.newest(); last != nil && last.standing == removed && !last.Terminating {
		record.Message = and("its last pod was removed by the controller and not counted", record.Message)
	}
}

// mayCount: the pod costs nothing by the Job that was read, which was perhaps
// decided since.
func (t *totals) mayCount(pod *podFacts) bool {
	return pod != nil && pod.standing == notCounted && !t.isOlderThanJob(pod)
}

// isHeldUp: something else than the index's turn keeps its pod from coming.
func (t *totals) isHeldUp(record *v1alpha1.IndexFate) bool {
	switch {
	case t.willSucceed():
		record.Reason, record.Message = v1alpha1.ReasonJobSucceeding, "the next sync completes the Job ("+t.predicted.Reason+")"
	case t.willFail():
		record.Reason, record.Message = v1alpha1.ReasonJobFailing, "the next sync fails the Job ("+t.predicted.Reason+")"
	case t.isDeleted():
		record.Reason, record.Message = v1alpha1.ReasonJobDeleted, t.deletion()
	case t.isSuspended():
		record.Reason, record.Message = v1alpha1.ReasonJobSuspended, "the Job is suspended"
	}
	return record.Reason != ""
}

// judgeSlot says whose turn it is.
func (t *totals) judgeSlot(record *v1alpha1.IndexFate) {
	switch lower := t.lowestInBackoff; {
	case t.Create.Has(record.Index) && t.isRejected():
		record.Reason = v1alpha1.ReasonCreateFailed
		record.Message = "the API server rejects its pod: " + refusal(t.events.failedCreate.Message)
		if isFailedWorkload(t.events.failedCreate) {
			record.Message = "its pod is created once the Job has its Workload"
		}
	case t.Create.Has(record.Index) && len(t.Deleted) > 0:
		record.Reason, record.Message = v1alpha1.ReasonDueNow, "its pod is created once the next sync has deleted surplus pods"
	case t.Create.Has(record.Index):
		record.Reason, record.Message = v1alpha1.ReasonDueNow, "the next sync creates its pod"
		if !t.perIndex() && t.unexplained > 0 {
			record.Message += ", unless a failure that is gone delays it (backoffLimit)"
		}
	case !t.perIndex() && lower >= 0:
		record.Reason = v1alpha1.ReasonBehindBackoff
		record.Message = "the Job's backoff delays every new pod, " + untilInWords(t.released, t.now, true)
	case lower >= 0 && lower < record.Index:
		record.Reason = v1alpha1.ReasonBehindBackoff
		record.Message = fmt.Sprintf("index %d holds a slot while it waits for its retry", lower)
		if others := t.InBackoff.Len() - 1; others > 0 {
			record.Message = fmt.Sprintf("index %d and %d more hold slots while they wait for their retries", lower, others)
		}
	default:
		n := controller.Parallelism(t.job)
		record.Reason, record.Message = v1alpha1.ReasonParallelismLimit, fmt.Sprintf("no free slot: parallelism is %d", n)
	}
}

// isRejected: the newest that the events tell of a creation is that one failed.
func (t *totals) isRejected() bool {
	rejected := t.events.failedCreate
	if rejected == nil || isFailedWorkload(rejected) && t.events.workloadCreated.After(rejected.Last) {
		return false
	}
	for _, pods := range t.events.created {
		for _, pod := range pods {
			if pod.time.After(rejected.Last) {
				return false
			}
		}
	}
	return true
}
