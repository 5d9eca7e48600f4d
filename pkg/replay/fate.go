package replay

import (
	"sort"

	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// fates gives every index its record: one each where there is a pod or an
// event, one a run for the rest.
func (t *totals) fates() []v1alpha1.IndexFate {
	told := t.told()
	records := make([]v1alpha1.IndexFate, 0, told.Len())
	var h history
	for _, interval := range told.Intervals() {
		for ix := int64(interval.First); ix <= int64(interval.Last); ix++ {
			records = append(records, v1alpha1.IndexFate{Index: int32(ix)})
			t.fateOf(&records[len(records)-1], &h)
		}
	}
	return t.withRuns(records, told)
}

// told are the indexes of which a pod or an event tells.
func (t *totals) told() indexes.Set {
	return t.withPods.Union(t.toldCreated()).Union(t.namedByFailJob())
}

// withRuns adds the records of the indexes that nothing tells of.
func (t *totals) withRuns(records []v1alpha1.IndexFate, told indexes.Set) []v1alpha1.IndexFate {
	for _, run := range t.runs(told) {
		records = append(records, t.fateOfRun(run))
	}
	sort.Slice(records, func(i, j int) bool { return records[i].Index < records[j].Index })
	return records
}

// runs are the stretches of indexes without evidence of their own, cut where
// what is known of them changes.
func (t *totals) runs(told indexes.Set) []indexes.Interval {
	rest := indexes.Range(0, t.completions-1).Minus(told)
	cuts := []indexes.Set{t.completed, t.failed.Minus(t.completed)}
	if t.verdict.isDecided() {
		cuts = append(cuts, indexes.Range(0, t.started))
	} else {
		cuts = append(cuts, t.Create, t.InBackoff, indexes.Range(0, t.lowestInBackoff))
	}
	var runs []indexes.Interval
	for _, cut := range cuts {
		runs = append(runs, rest.Intersect(cut).Intervals()...)
		rest = rest.Minus(cut)
	}
	return append(runs, rest.Intervals()...)
}

// fateOfRun is the record of indexes that no pod and no event tells of.
func (t *totals) fateOfRun(run indexes.Interval) v1alpha1.IndexFate {
	record := v1alpha1.IndexFate{Index: run.First, Attempts: []v1alpha1.Attempt{}}
	if run.Last > run.First {
		record.LastIndex = ptr.To(run.Last)
	}
	t.judge(&record, &history{})
	return record
}

// fateOf is a function of the index's own history, and of totals.
func (t *totals) fateOf(record *v1alpha1.IndexFate, h *history) {
	*h = t.historyOf(record.Index)
	h.attempts = t.withFailJobPod(record.Index, h.attempts)
	record.Attempts, record.Failures = h.attempts, t.failuresOf(h.pods)
	if record.Attempts == nil {
		record.Attempts = []v1alpha1.Attempt{}
	}
	t.judge(record, h)
}

// judge says what follows if nothing is missing, and then what of it is open to
// doubt.
func (t *totals) judge(record *v1alpha1.IndexFate, h *history) {
	t.take(record, h)
	t.weaken(record, h)
	t.remark(record, h)
}

// take takes the first fate that holds, in the order of the contract.
func (t *totals) take(record *v1alpha1.IndexFate, h *history) {
	ix := record.Index
	active := t.activePod(h.pods)
	switch {
	case t.isForeign() && (t.completed.Has(ix) || t.failed.Has(ix)):
		t.judgeListedByOther(record)
	case t.completed.Has(ix):
		t.judgeSucceeded(record, h, true)
	case t.failed.Has(ix):
		t.judgeFailed(record, h, true)
	case !t.hasRules() && (active == nil || t.verdict.isDecided() || t.verdict.state == v1alpha1.StateNoStatus):
		t.judgeWithoutRules(record, h)
	case t.seen.Coverage.Pods == evidence.None && !t.verdict.isDecided():
		record.Fate, record.Reason, record.Message = v1alpha1.Unknown, v1alpha1.ReasonPodsUnread, "its pods were not read"
	case t.Refused.Has(ix) && !t.verdict.isFinished():
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonStatusRefused
		record.Message = "it has a failed and a succeeded pod; the API server rejects a status that lists both"
	case t.willList(ix, t.Succeeded) || t.isListedSince(h.pods, (*podFacts).succeeded):
		t.judgeSucceeded(record, h, false)
	case t.willList(ix, t.Failed) || t.isListedSince(h.pods, (*podFacts).failsIndex):
		t.judgeFailed(record, h, false)
	case t.verdict.isDecided():
		t.judgeCutOff(record, h)
	case active != nil:
		t.judgeActive(record, h, active)
	default:
		t.judgePending(record, h)
	}
}

// judgeListedByOther: another controller has listed the index, and by what rule
// is not known.
func (t *totals) judgeListedByOther(record *v1alpha1.IndexFate) {
	record.Fate, record.Recorded, record.Reason = v1alpha1.Failed, t.shared.truth(true), v1alpha1.ReasonHistoryGone
	if t.completed.Has(record.Index) {
		record.Fate = v1alpha1.Succeeded
	}
	record.Message = "listed by " + *t.job.Spec.ManagedBy + ", which manages the Job"
}

// willList: the next sync lists the index. Where another index makes the API
// server refuse the status, it does so for as long, and a finding says it.
func (t *totals) willList(index int32, list indexes.Set) bool {
	return !t.verdict.isFinished() && list.Has(index)
}

// isListedSince: the controller has accounted for such a pod since the Job was
// read.
func (t *totals) isListedSince(pods []*podFacts, is func(*podFacts) bool) bool {
	if !t.isWhole() {
		return false
	}
	for _, pod := range pods {
		if pod.standing == listedSince && is(pod) {
			return true
		}
	}
	return false
}

// judgeWithoutRules says why nothing can be said beyond the status.
func (t *totals) judgeWithoutRules(record *v1alpha1.IndexFate, h *history) {
	record.Fate = v1alpha1.Unknown
	switch {
	case t.verdict.state == v1alpha1.StateManifest:
		record.Fate, record.Reason, record.Message = v1alpha1.Waiting, v1alpha1.ReasonNotCreated, "the Job has not been created"
		return
	case t.verdict.state == v1alpha1.StateNoStatus:
		record.Reason, record.Message = v1alpha1.ReasonStatusMissing, "the file has no Job status"
		return
	case t.isForeign():
		record.Reason, record.Message = v1alpha1.ReasonForeign, *t.job.Spec.ManagedBy+" manages the Job; what it will do is not known"
		return
	}
	record.Reason = v1alpha1.ReasonRulesOutOfRange
	record.Message = and(t.lastWordOf(h), "the cluster is older than the rules that are known")
}

func countsOf(fates []v1alpha1.IndexFate) map[v1alpha1.Fate]int64 {
	counts := map[v1alpha1.Fate]int64{}
	for i := range fates {
		counts[fates[i].Fate] += int64(fates[i].Last()) - int64(fates[i].Index) + 1
	}
	return counts
}
