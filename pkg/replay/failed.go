package replay

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// judgeFailed says by which rule or limit the index failed, so far as evidence
// tells.
func (t *totals) judgeFailed(record *v1alpha1.IndexFate, h *history, recorded bool) {
	record.Fate, record.Recorded = v1alpha1.Failed, t.shared.truth(recorded)
	record.Reason = v1alpha1.ReasonHistoryGone
	record.Message = "failed by a FailIndex rule or by its limit; the pod that decided " + t.isAbsent()
	newest := h.newest()
	if pod := t.failIndexPod(h.pods); pod != nil {
		record.Reason = v1alpha1.ReasonFailIndexRule
		record.Message = pod.ending.ruled + t.afterProbe(pod)
		record.Failures.Exact = pod == newest && t.isChainExact(newest)
		return
	}
	if newest != nil && newest.FailsIndex && !newest.costsNothing() {
		if newest.Match.Action == batchv1.PodFailurePolicyActionFailIndex {
			record.Message = "failed by a FailIndex rule or by its limit; its last known pod may have been removed and not counted"
			return
		}
		record.Reason = v1alpha1.ReasonBackoffExceeded
		record.Message = t.shared.inWords(countedEnding{newest.ending, t.afterProbe(newest), newest.born().Counted + 1, t.limit()})
		record.Failures.Exact = t.isChainExact(newest)
		return
	}
	if !t.hasRule(batchv1.PodFailurePolicyActionFailIndex) && t.hasRules() {
		record.Reason = v1alpha1.ReasonBackoffExceeded
		record.Message = fmt.Sprintf("its last pod %s; at least %d counted failure%s, %d allowed", t.isAbsent(), int64(t.limit())+1, s(int64(t.limit())+1), t.limit())
	}
	record.Message = and(t.lastWordOf(h), record.Message)
}

// failIndexPod is the pod of the index that a FailIndex rule failed, if it is
// there. One that the controller itself may have deleted proves nothing.
func (t *totals) failIndexPod(pods []*podFacts) *podFacts {
	for i := len(pods) - 1; i >= 0; i-- {
		pod := pods[i]
		if !pod.Failed || pod.costsNothing() || pod.Match.Action != batchv1.PodFailurePolicyActionFailIndex {
			continue
		}
		if !pod.Deleted || pod.Uncounted || t.isUndisturbed() && !pod.isKilled {
			return pod
		}
	}
	return nil
}
