package replay

import (
	"fmt"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// The kinds of gap that the replay finds, beside those of reading.
const (
	gapPodsGone     = "PodsGone"     // indexes that are done and show no pod
	gapHistory      = "History"      // indexes whose earlier attempts may be gone without a trace
	gapAttemptsGone = "AttemptsGone" // attempts told of by counts or events only
	gapUnfinished   = "Unfinished"   // unfinished indexes of a decided Job without a trace
	gapPodMissing   = "PodMissing"   // indexes of an undecided Job that may have a pod
	gapFailures     = "Failures"     // failures that status.failed counts and nobody sees
)

// evidenceOf says what the answer rests on, and what is missing from it.
func (f *facts) evidenceOf(fates []v1alpha1.IndexFate) v1alpha1.Evidence {
	e := v1alpha1.Evidence{Pods: int64(len(f.pods)), RulesOf: f.rules.String(), Gaps: []v1alpha1.Gap{}}
	if f.isForeign() {
		e.RulesOf = ""
	}
	for _, gap := range f.seen.Gaps {
		message := gap.Message
		if gap.Error != "" {
			message += ": " + gap.Error
		}
		e.Gaps = append(e.Gaps, v1alpha1.Gap{Kind: gap.Kind, Message: message})
	}
	lost := map[string][]indexes.Interval{}
	for i := range fates {
		record := &fates[i]
		inferred := inferredOf(record)
		e.AttemptsInferred += inferred
		kind := ""
		switch {
		case inferred > 0:
			kind = gapAttemptsGone
		case (record.Fate == v1alpha1.Succeeded || record.Fate == v1alpha1.Failed) && len(record.Attempts) == 0:
			kind = gapPodsGone
		case record.Reason == v1alpha1.ReasonHistoryGone:
			kind = gapHistory
		case record.Reason == v1alpha1.ReasonLastAttemptGone:
			kind = gapAttemptsGone
		case record.Reason == v1alpha1.ReasonUnfinished:
			kind = gapUnfinished
		case record.Reason == v1alpha1.ReasonPodMissing || record.Reason == v1alpha1.ReasonPodGone:
			kind = gapPodMissing
		}
		if kind != "" {
			lost[kind] = append(lost[kind], indexes.Interval{First: record.Index, Last: record.Last()})
		}
	}
	for _, gap := range []v1alpha1.Gap{
		{Kind: gapPodsGone, Message: "pods of indexes that are done are gone, and with them what came before"},
		{Kind: gapHistory, Message: "whether attempts came before those that are seen is not known"},
		{Kind: gapAttemptsGone, Message: "attempts are gone that later counts or events tell of"},
		{Kind: gapUnfinished, Message: "whether these were stopped or never started is not known: their pods are gone if they had any"},
		{Kind: gapPodMissing, Message: "there may be pods that are not seen"},
	} {
		if intervals := lost[gap.Kind]; intervals != nil {
			gap.Indexes = indexes.FromIntervals(intervals).String()
			e.Gaps = append(e.Gaps, gap)
		}
	}
	if n := f.accounts.unexplained - f.goneByEvents(); n > 0 && !f.isForeign() {
		e.Gaps = append(e.Gaps, v1alpha1.Gap{Kind: gapFailures, Message: fmt.Sprintf("status.failed counts %d more than the evidence explains", n)})
	}
	return e
}

func inferredOf(record *v1alpha1.IndexFate) int64 {
	var n int64
	for i := range record.Attempts {
		if record.Attempts[i].Source != v1alpha1.SourcePod {
			n++
		}
	}
	return n
}
