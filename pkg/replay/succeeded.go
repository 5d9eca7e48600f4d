package replay

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// judgeSucceeded says what came before the success, so far as evidence tells.
func (t *totals) judgeSucceeded(record *v1alpha1.IndexFate, h *history, recorded bool) {
	record.Fate, record.Recorded = v1alpha1.Succeeded, t.shared.truth(recorded)
	newest := h.newest()
	succeeded := newest != nil && newest.Succeeded()
	// What the chain of the pod that succeeded was born with is exact.
	record.Failures.Exact = succeeded && len(h.newerGone) == 0 && t.isChainExact(newest)
	counted, ignored, unclear := t.failuresBefore(h)
	switch {
	case counted > 0:
		record.Reason = v1alpha1.ReasonAfterRetries
		record.Message = t.whyRetried(h, counted, ignored, unclear)
	case h.cut && succeeded:
		record.Reason = v1alpha1.ReasonAfterRestart
		record.Message = "succeeded after its count of failures began anew"
		if !t.perIndex() {
			record.Message = "succeeded after a pod of it was removed by the controller and not counted"
		}
	case newest != nil && newest.standing == markedLater:
		record.Reason, record.Message = v1alpha1.ReasonFirstAttempt, "succeeded on its first attempt"
	case !succeeded || unclear:
		record.Reason = v1alpha1.ReasonHistoryGone
		record.Message = t.whyHistoryGone(h)
	case ignored > 0:
		record.Reason = v1alpha1.ReasonAfterIgnored
		record.Message = t.whyRetried(h, counted, ignored, false)
	default:
		record.Reason = v1alpha1.ReasonFirstAttempt
		record.Message = "succeeded on its first attempt"
	}
}

func (t *totals) whyHistoryGone(h *history) string {
	switch newest := h.newest(); {
	case newest != nil && newest.Succeeded():
		return "succeeded; how some earlier attempts ended is unknown"
	case anyOf(h.pods, (*podFacts).succeeded):
		return "succeeded; it had a younger pod as well, and how earlier attempts ended is unknown"
	case newest != nil:
		return "succeeded; the pod that did " + t.isAbsent()
	}
	return "succeeded; its pod " + t.isAbsent()
}

// whyRetried tells the last failure that can be seen, and the count.
func (t *totals) whyRetried(h *history, counted, ignored int32, unclear bool) string {
	for i := len(h.pods) - 1; i >= 0; i-- {
		pod := h.pods[i]
		switch {
		case !pod.hasFailed() || pod.costsNothing():
		case !pod.Match.Counts() && counted == 0:
			return pod.ending.ruled
		case pod.Match.Counts() && counted > 0 && t.perIndex():
			return t.shared.inWords(countedEnding{pod.ending, t.afterProbe(pod), counted, t.limit()})
		}
	}
	if unclear && !t.perIndex() {
		return "succeeded after at least " + failuresInWords(counted, ignored)
	}
	return "succeeded after " + failuresInWords(counted, ignored)
}

// failuresBefore counts those before the attempt that succeeded: by what it was
// born with, else one by one. Unclear: some may have been counted, ignored or
// neither.
func (t *totals) failuresBefore(h *history) (counted, ignored int32, unclear bool) {
	before, isSeen := h.attempts, false
	for i := range before {
		if a := &before[i]; a.Phase == corev1.PodSucceeded {
			if t.perIndex() && a.Before != nil {
				born := *a.Before
				return born.Counted, born.Ignored, a.Number-1 > born.Counted+born.Ignored
			}
			before, isSeen = before[:i], true
			break
		}
	}
	for a, pod := range withPods(before, h.pods) {
		switch {
		case pod != nil && (pod.standing == removed || pod.standing == markedLater):
		case pod == nil && a.Decision == v1alpha1.DecisionCount, pod != nil && (t.isSurelyCounted(pod) || isSeen && isToBeCounted(pod)):
			counted++
		case a.Decision == v1alpha1.DecisionIgnore && (pod == nil || pod.hasFailed()):
			ignored++
		default:
			unclear = true
		}
	}
	return counted, ignored, unclear
}

// isToBeCounted: the next sync counts the pod's failure.
func isToBeCounted(pod *podFacts) bool {
	return pod.Uncounted && pod.Failed && pod.Match.Counts()
}

func failuresInWords(counted, ignored int32) string {
	switch {
	case ignored == 0:
		return fmt.Sprintf("%d counted failure%s", counted, s(int64(counted)))
	case counted == 0:
		return fmt.Sprintf("%d ignored failure%s", ignored, s(int64(ignored)))
	}
	return fmt.Sprintf("%d counted and %d ignored failures", counted, ignored)
}
