package replay

import (
	"fmt"
	"slices"
	"sort"

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
