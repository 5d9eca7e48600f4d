package replay

import (
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// failuresOf counts those of the index's current chain: what its newest pod
// was born with, and its own. Exact is for the fate to grant.
func (f *facts) failuresOf(pods []*podFacts) v1alpha1.Failures {
	if !f.perIndex() {
		return failuresSeen(pods)
	}
	newest := newestOf(pods)
	if newest == nil {
		return v1alpha1.Failures{}
	}
	chain := newest.born
	if newest.hasFailed {
		chain = newest.leaves()
	}
	return v1alpha1.Failures{Counted: chain.Counted, Ignored: chain.Ignored}
}

// failuresSeen: without backoffLimitPerIndex pods bear no counts, and only
// those that are left can be counted.
func failuresSeen(pods []*podFacts) v1alpha1.Failures {
	var failures v1alpha1.Failures
	for _, pod := range pods {
		if !pod.hasFailed {
			continue
		}
		if pod.ending.match.Counted() {
			failures.Counted++
		} else {
			failures.Ignored++
		}
	}
	return failures
}

// isChainExact: the counts that the pod was born with are all there is to its
// chain.
func (f *facts) isChainExact(pod *podFacts) bool {
	if f.perIndex() {
		return pod.HasFailureCount
	}
	return f.knowsEveryFailure(pod.index)
}

// knowsEveryFailure of an index, for Jobs whose pods bear no counts: the events
// name no pod of it that is gone; or the status counts no failure that cannot
// be seen, and none can have been forgiven unseen.
func (f *facts) knowsEveryFailure(index int32) bool {
	if f.accounts.creationsTold && len(f.goneByEvent(index)) == 0 {
		return true
	}
	return f.isUndisturbed() && !f.ignores() && f.accounts.unexplained == 0 && !f.lagsBehind()
}

// lagsBehind: pods have failed that the status has not counted yet, so that
// one of them may be gone before it ever does; or those that are seen are of
// later syncs than the status. Where status.active hides what runs, one that failed
// a moment ago may have been counted after the status was read.
func (f *facts) lagsBehind() bool {
	return !f.verdict.isFinished() && (f.accounts.unseenActive > 0 || f.accounts.hollow || !f.tellsActive() && f.failedOfLate())
}

func (f *facts) failedOfLate() bool {
	return slices.ContainsFunc(f.pods, func(pod *podFacts) bool {
		return pod.hasFailed && !pod.isUncounted && f.now.Sub(pod.finished) < unsettled
	})
}

// isChainCertain: no attempt can have come before those that are told of. The
// spec never changed, so no chain was cut; with per-index counts the pod itself
// says what came before, without them the accounts must.
func (f *facts) isChainCertain(pod *podFacts, h history) bool {
	if h.cut {
		return false
	}
	if !f.isUndisturbed() {
		return f.accounts.creationsTold
	}
	if f.perIndex() {
		return pod.HasFailureCount
	}
	return f.knowsEveryFailure(pod.index)
}
