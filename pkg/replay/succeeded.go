package replay

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func (f *facts) judgeSucceeded(record *v1alpha1.IndexFate, h history) {
	record.Fate = v1alpha1.Succeeded
	newest := newestOf(h.pods)
	succeeded := newest != nil && newest.hasSucceeded
	// What the chain of the pod that succeeded was born with is exact.
	record.Failures.Exact = succeeded && len(h.newerGone) == 0 && f.isChainExact(newest)
	counted, ignored, unclear := f.failuresBefore(h)
	switch {
	case counted > 0:
		record.Reason = v1alpha1.ReasonAfterRetries
		record.Message = f.whyRetried(h, counted, ignored, unclear)
	case h.cut && succeeded:
		record.Reason = v1alpha1.ReasonAfterRestart
		record.Message = "succeeded after its count of failures began anew"
	case !succeeded || unclear || !f.isChainCertain(newest, h):
		record.Reason = v1alpha1.ReasonHistoryGone
		record.Message = whyHistoryGone(h, succeeded, unclear)
	case ignored > 0:
		record.Reason = v1alpha1.ReasonAfterIgnored
		record.Message = f.whyRetried(h, counted, ignored, false)
	default:
		record.Reason = v1alpha1.ReasonFirstAttempt
		record.Message = "succeeded at its first attempt"
	}
}

func whyHistoryGone(h history, succeeded, unclear bool) string {
	switch {
	case !succeeded:
		return "succeeded, its pod is gone"
	case unclear:
		return "succeeded; how every attempt before it ended is not known"
	case len(h.attempts) > 1:
		return "succeeded; whether more came before than are seen is not known"
	}
	return "succeeded, what came before is not known"
}

// whyRetried tells the last failure that can be seen, and the count.
func (f *facts) whyRetried(h history, counted, ignored int32, unclear bool) string {
	for i := len(h.pods) - 1; i >= 0; i-- {
		pod := h.pods[i]
		switch {
		case !pod.hasFailed:
		case !pod.ending.match.Counted() && counted == 0:
			return pod.ending.ruled
		case pod.ending.match.Counted() && counted > 0 && f.perIndex():
			return f.shared.inWords(countedEnding{pod.ending, counted, orZero(f.job.Spec.BackoffLimitPerIndex)})
		}
	}
	if unclear && !f.perIndex() {
		return "succeeded after at least " + failuresInWords(counted, ignored)
	}
	return "succeeded after " + failuresInWords(counted, ignored)
}

// failuresBefore counts those before the attempt that succeeded: by what it was
// born with, else one by one. Unclear: some may have been counted, ignored or
// neither.
func (f *facts) failuresBefore(h history) (counted, ignored int32, unclear bool) {
	before := h.attempts
	for i := range before {
		if a := &before[i]; a.Phase == corev1.PodSucceeded {
			if f.perIndex() && a.Before != nil {
				born := *a.Before
				return born.Counted, born.Ignored, int32(i) > born.Counted+born.Ignored
			}
			before = before[:i]
			break
		}
	}
	for a, pod := range withPods(before, h.pods) {
		switch {
		case pod == nil && a.Decision == v1alpha1.DecisionCount, pod != nil && f.isSurelyCounted(pod):
			counted++
		case a.Decision == v1alpha1.DecisionIgnore && (pod == nil || pod.hasFailed):
			ignored++
		default:
			unclear = true
		}
	}
	return counted, ignored, unclear
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
