package replay

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func (f *facts) judgeFailed(record *v1alpha1.IndexFate, h history) {
	record.Fate, record.Reason = v1alpha1.Failed, v1alpha1.ReasonHistoryGone
	record.Message = "failed by a FailIndex rule or by its limit: its pod is gone"
	limit, newest := orZero(f.job.Spec.BackoffLimitPerIndex), newestOf(h.pods)
	if pod := f.failIndexPod(h.pods); pod != nil {
		record.Reason = v1alpha1.ReasonFailIndexRule
		record.Message = pod.ending.ruled
		record.Failures.Exact = pod == newest && f.isChainExact(newest)
		return
	}
	if newest != nil && newest.failsIndex {
		if newest.ending.match.Action == batchv1.PodFailurePolicyActionFailIndex {
			record.Message = "failed by a FailIndex rule or by its limit: its last pod seen was perhaps removed and did not count"
			return
		}
		record.Reason = v1alpha1.ReasonBackoffExceeded
		record.Message = f.shared.inWords(countedEnding{newest.ending, newest.born.Counted + 1, limit})
		record.Failures.Exact = f.isChainExact(newest)
		return
	}
	if !f.hasRule("FailIndex") {
		record.Reason = v1alpha1.ReasonBackoffExceeded
		record.Message = fmt.Sprintf("its last pod is gone: at least %d counted, %d allowed", int64(limit)+1, limit)
	}
}

// failIndexPod is the pod of the index that a FailIndex rule failed, if it is
// there. One that the controller itself may have deleted proves nothing.
func (f *facts) failIndexPod(pods []*podFacts) *podFacts {
	for i := len(pods) - 1; i >= 0; i-- {
		pod := pods[i]
		if !pod.isFailed || pod.ending.match.Action != batchv1.PodFailurePolicyActionFailIndex {
			continue
		}
		if pod.DeletionTime.IsZero() || pod.isUncounted || f.isUndisturbed() && !pod.isAtDecision {
			return pod
		}
	}
	return nil
}
