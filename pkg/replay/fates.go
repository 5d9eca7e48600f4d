package replay

import (
	"fmt"
	"slices"
	"sort"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// fates gives every index its record: one each where there is a pod or an
// event, one a run for the rest.
func (f *facts) fates() []v1alpha1.IndexFate {
	told := f.withPods.Union(f.toldCreated()).Union(f.namedByFailJob())
	records := make([]v1alpha1.IndexFate, 0, told.Len())
	for _, interval := range told.Intervals() {
		for ix := int64(interval.First); ix <= int64(interval.Last); ix++ {
			records = append(records, v1alpha1.IndexFate{Index: int32(ix)})
		}
	}
	inParts(len(records), func(_, from, to int) {
		part := *f
		part.shared = newShared()
		for i := from; i < to; i++ {
			records[i] = part.fateOf(records[i].Index)
		}
	})
	for _, run := range f.runs(told) {
		records = append(records, f.fateOfRun(run))
	}
	sort.Slice(records, func(i, j int) bool { return records[i].Index < records[j].Index })
	return records
}

// runs are the stretches of indexes without evidence of their own, cut where
// what is known of them changes.
func (f *facts) runs(told indexes.Set) []indexes.Interval {
	rest := indexes.Range(0, f.completions-1).Minus(told)
	cuts := []indexes.Set{f.completed, f.failed.Minus(f.completed)}
	if f.verdict.isDecided() {
		cuts = append(cuts, indexes.Range(0, f.accounts.started))
	} else {
		cuts = append(cuts, f.accounts.missing, f.queue.toCreate)
	}
	var runs []indexes.Interval
	for _, cut := range cuts {
		runs = append(runs, rest.Intersect(cut).Intervals()...)
		rest = rest.Minus(cut)
	}
	return append(runs, rest.Intervals()...)
}

// fateOfRun is the record of indexes that no pod and no event tells of.
func (f *facts) fateOfRun(run indexes.Interval) v1alpha1.IndexFate {
	record := v1alpha1.IndexFate{Index: run.First, Attempts: []v1alpha1.Attempt{}}
	if run.Last > run.First {
		last := run.Last
		record.LastIndex = &last
	}
	f.judge(&record, history{})
	return record
}

func (f *facts) fateOf(index int32) v1alpha1.IndexFate {
	h := f.historyOf(index)
	h.attempts = f.withFailJobPod(index, h.attempts)
	record := v1alpha1.IndexFate{Index: index, Attempts: h.attempts, Failures: f.failuresOf(h.pods)}
	if record.Attempts == nil {
		record.Attempts = []v1alpha1.Attempt{}
	}
	f.judge(&record, h)
	return record
}

// judge takes the first fate that holds, in the order of the contract.
func (f *facts) judge(record *v1alpha1.IndexFate, h history) {
	ix := record.Index
	newest := newestOf(h.pods)
	if f.mayComeTooLate(ix, newest) {
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonDeciding
		record.Message = "its pod ended a moment ago; the Job may be decided before that counts"
		return
	}
	willBeWritten := !f.verdict.isFinished() && f.sync.refused.Empty()
	switch {
	case f.isForeign():
		f.judgeForeign(record)
	case f.completed.Has(ix) || willBeWritten && f.sync.succeeded.Has(ix):
		f.judgeSucceeded(record, h)
	case f.failed.Has(ix) || willBeWritten && f.sync.failed.Has(ix) && hasFailedItself(h.pods):
		f.judgeFailed(record, h)
	case willBeWritten && f.sync.failed.Has(ix):
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonDeciding
		record.Message = "its pod was deleted, which fails the index at the next sync, unless the pod has succeeded by then"
	case f.sync.refused.Has(ix):
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonStatusRefused
		record.Message = "one of its pods fails it, another succeeded: the API server refuses to record both"
	case f.verdict.isDecided():
		f.judgeCutOff(record, h, newest)
	default:
		f.judgeOpen(record, h, newest)
	}
}

// hasFailedItself: a pod fails the index that is not merely on its way out.
func hasFailedItself(pods []*podFacts) bool {
	return slices.ContainsFunc(pods, func(pod *podFacts) bool { return pod.failsIndex && pod.hasFailed })
}

// mayComeTooLate: the next sync would list the index, but one that is under way
// may decide the Job without having seen the end of its pod; then it counts
// for nothing. Where it decides, it deletes the pods that it takes for active.
func (f *facts) mayComeTooLate(index int32, newest *podFacts) bool {
	if newest == nil || f.verdict.isDecided() || f.completed.Has(index) || f.failed.Has(index) {
		return false
	}
	if !f.sync.succeeded.Has(index) && !f.sync.failed.Has(index) {
		return false
	}
	// Let go of a moment ago: accounted for, or about to be deleted for a suspension.
	if newest.isTerminal() && !newest.isUncounted && f.now.Sub(newest.finished) < unsettled {
		return true
	}
	if f.isLeaving(newest) && f.sync.refused.Empty() && (f.accounts.surelyUnseen > 0 || f.sync.mayHaveDeleted) {
		return true
	}
	// A pod that nobody sees may be what it decides by.
	return f.isFresh(newest) && (newest.isDeleted || f.accounts.surelyUnseen > 0 || f.isRacing(newest))
}

// judgeForeign says what the status of another controller's Job says, and no
// more: how it came about is by rules that are not known.
func (f *facts) judgeForeign(record *v1alpha1.IndexFate) {
	switch {
	case f.completed.Has(record.Index):
		record.Fate, record.Reason = v1alpha1.Succeeded, v1alpha1.ReasonHistoryGone
		record.Message = "succeeded, says the status"
	case f.failed.Has(record.Index):
		record.Fate, record.Reason = v1alpha1.Failed, v1alpha1.ReasonHistoryGone
		record.Message = "failed, says the status"
	default:
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonForeign
		record.Message = fmt.Sprintf("%s manages the Job, what it will do is not known", *f.job.Spec.ManagedBy)
	}
}

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

func s(n int64) string {
	if n == 1 {
		return ""
	}
	return "s"
}
