package replay

import (
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// failuresOf counts those of the index's current chain: what its newest pod
// was born with, and its own. Exact is for the fate to grant.
func (t *podTable) failuresOf(pods []*podFacts) v1alpha1.Failures {
	if !t.perIndex() {
		return failuresSeen(pods)
	}
	newest := newestOf(pods)
	if newest == nil || newest.costsNothing() {
		return v1alpha1.Failures{}
	}
	chain := newest.born()
	if newest.hasFailed() {
		chain = newest.leaves()
	}
	return v1alpha1.Failures{Counted: chain.Counted, Ignored: chain.Ignored}
}

// failuresSeen: without backoffLimitPerIndex pods bear no counts, and only
// those that are left can be counted.
func failuresSeen(pods []*podFacts) v1alpha1.Failures {
	var failures v1alpha1.Failures
	for _, pod := range pods {
		switch {
		case !pod.hasFailed() || pod.costsNothing():
		case pod.Match.Counts():
			failures.Counted++
		default:
			failures.Ignored++
		}
	}
	return failures
}

// isChainExact: the counts that the pod was born with are all there is to its
// chain, which lasts as long as the pod does, also if it costs nothing.
func (t *totals) isChainExact(pod *podFacts) bool {
	if t.perIndex() {
		return pod.HasFailureCount && !(pod.costsNothing() && pod.BornWith() > 0)
	}
	return t.knowsEveryFailure(pod.Index)
}

// knowsEveryFailure of an index, for Jobs whose pods bear no counts: the events
// name no pod of it that is gone; or the status counts no failure that cannot
// be seen, and none can have been forgiven unseen.
func (t *totals) knowsEveryFailure(index int32) bool {
	if t.creationsTold && len(t.goneByEvent(index)) == 0 {
		return true
	}
	return t.isUndisturbed() && !t.ignores() && t.unexplained == 0 && t.isSettled()
}

// isChainCertain: no attempt can have come before those that are told of. The
// spec never changed, so no chain was cut; with per-index counts the pod itself
// says what came before, without them the accounts must.
func (t *totals) isChainCertain(h *history) bool {
	switch {
	case h.cut:
		return false
	case !t.isUndisturbed():
		return t.creationsTold
	case t.perIndex():
		return h.newest().HasFailureCount
	}
	return t.knowsEveryFailure(h.newest().Index)
}
