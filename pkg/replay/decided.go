package replay

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// judgeCutOff is for an index in neither list of a Job that is decided: it was
// stopped, or it never started.
func (t *totals) judgeCutOff(record *v1alpha1.IndexFate, h *history) {
	switch newest := h.newest(); {
	case t.isNamedByFailJob(record.Index):
		record.Fate, record.Reason = v1alpha1.Stopped, v1alpha1.ReasonFailJobRule
		record.Message = "its pod failed the Job: " + t.failJob.words()
		record.Failures.Exact = newest != nil && newest.Name == t.failJob.pod && t.isChainExact(newest)
	case h.lastIsGone():
		record.Fate, record.Reason = v1alpha1.Stopped, v1alpha1.ReasonPodGone
		record.Message = "was unfinished when the Job was decided; only an event tells of its last pod"
		record.Message = and(t.lastWordOf(h), record.Message)
	case newest != nil:
		record.Fate = v1alpha1.Stopped
		record.Reason, record.Message = t.howStopped(newest)
		record.Failures.Exact = t.isChainExact(newest)
	default:
		record.Fate, record.Message = v1alpha1.NeverStarted, t.whyNeverStarted()
		record.Failures.Exact = true
	}
}

// howStopped tells a pod that the decision killed from one that had failed.
func (t *totals) howStopped(pod *podFacts) (reason, message string) {
	switch ran := pod.ranAt(t.verdict.decided); {
	case (pod.isKilled || pod.Active) && ran && pod.Succeeded():
		return v1alpha1.ReasonWhileRunning, "its pod succeeded too late: the Job was already decided"
	case (pod.isKilled || pod.Active) && ran:
		return v1alpha1.ReasonWhileRunning, "was running when the Job was decided"
	case pod.isKilled || pod.Active:
		return v1alpha1.ReasonWhilePending, and(t.neverRan(t.podEvents.of(pod.Attempt)), "its pod "+wasPending(pod)+" when the Job was decided")
	case pod.Succeeded() && !t.isUndisturbed() && t.endedBeforeDecision(pod):
		return v1alpha1.ReasonNotCounted, "its pod succeeded and was not counted: the Job was suspended, or the pod was surplus or scaled away"
	case pod.Succeeded() && !t.isUndisturbed():
		return v1alpha1.ReasonNotCounted, "its pod succeeded and was not counted: the Job was suspended, the pod was surplus or scaled away, or it was too late"
	case pod.Succeeded():
		return v1alpha1.ReasonWhileRunning, "its pod succeeded too late: the Job was already decided"
	case !pod.Failed:
		return v1alpha1.ReasonWhileTerminating, "its pod was terminating when the Job was decided"
	}
	return v1alpha1.ReasonAfterFailure, pod.ending.words + t.afterProbe(pod) + "; the Job was decided before a retry"
}

// wasPending: of a pod whose phase is Pending its kubelet may have had more to tell.
func wasPending(pod *podFacts) string {
	if pod.Phase == corev1.PodPending {
		return "was pending"
	}
	return "did not run yet"
}

// whyNeverStarted gives the proof.
func (t *totals) whyNeverStarted() string {
	switch {
	case t.creationsTold:
		return "never started: the events name every pod that was created, and none is of this index"
	case t.unexplained == 0 && t.started == t.highest && t.countsKilled():
		return fmt.Sprintf("never started: status.failed counts every pod that was killed, and other indexes account for all of it (%d)", t.failedTotal())
	}
	return fmt.Sprintf("never started: the controller creates pods for the lowest indexes first, and with the present parallelism none above index %d had one", t.started)
}
