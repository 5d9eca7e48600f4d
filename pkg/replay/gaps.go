package replay

import (
	"fmt"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// evidenceOf says what the answer rests on, and what is missing from it.
func (t *totals) evidenceOf(fates []v1alpha1.IndexFate) v1alpha1.Evidence {
	e := v1alpha1.Evidence{
		Pods: int64(len(t.pods)),
		Coverage: v1alpha1.Coverage{
			Pods: v1alpha1.CoverageLevel(t.seen.Coverage.Pods), Events: v1alpha1.CoverageLevel(t.seen.Coverage.Events),
		},
		Order: v1alpha1.Order(t.seen.Order),
		Gaps:  []v1alpha1.Gap{},
	}
	if t.hasRules() {
		e.RulesOf = t.rules.String()
	}
	for _, gap := range t.seen.Gaps {
		message := gap.Message
		if gap.Error != "" {
			message += ": " + gap.Error
		}
		e.Gaps = append(e.Gaps, v1alpha1.Gap{Kind: v1alpha1.GapKind(gap.Kind), Message: message})
	}
	lost := map[v1alpha1.GapKind][]indexes.Interval{}
	for i := range fates {
		record := &fates[i]
		inferred := inferredOf(record)
		e.AttemptsInferred += inferred
		kind := gapOf(record, inferred > 0)
		if kind == v1alpha1.GapPodsGone && t.seen.Coverage.Pods == evidence.None {
			kind = "" // nobody looked
		}
		if kind != "" {
			lost[kind] = append(lost[kind], indexes.Interval{First: record.Index, Last: record.Last()})
		}
	}
	for _, gap := range []v1alpha1.Gap{
		{Kind: v1alpha1.GapPodsGone, Message: "the pods of these finished indexes were " + e.Coverage.Absence() + ", and so their history is not known"},
		{Kind: v1alpha1.GapHistory, Message: "there may have been earlier attempts"},
		{Kind: v1alpha1.GapAttemptsGone, Message: "some attempts are known from annotations or events only; their pods were " + e.Coverage.Absence()},
		{Kind: v1alpha1.GapUnfinished, Message: "stopped or never started: their pods, if they had any, were " + e.Coverage.Absence()},
		{Kind: v1alpha1.GapPodMissing, Message: "their pods may be missing from the evidence"},
	} {
		if intervals := lost[gap.Kind]; intervals != nil {
			gap.Indexes = indexes.FromIntervals(intervals).String()
			e.Gaps = append(e.Gaps, gap)
		}
	}
	e.Gaps = append(e.Gaps, t.ownGaps()...)
	return e
}

// ownGaps are those that no single index has.
func (t *totals) ownGaps() []v1alpha1.Gap {
	var gaps []v1alpha1.Gap
	switch {
	case t.isForeign(), t.verdict.state == v1alpha1.StateManifest, t.verdict.state == v1alpha1.StateNoStatus:
		return nil
	case !t.hasRules():
		return []v1alpha1.Gap{{
			Kind:    v1alpha1.GapRules,
			Message: fmt.Sprintf("the Job is of Kubernetes %s or older; rules are known from 1.%d on, so no forecast, no retries and no unfinished index are explained", t.rules, controller.Oldest),
		}}
	}
	if n := t.unexplained - t.goneByEvents(); n > 0 {
		gaps = append(gaps, v1alpha1.Gap{Kind: v1alpha1.GapFailures, Message: fmt.Sprintf("status.failed counts %d more than the pods and events explain", n)})
	}
	if lag := t.lag(); lag != "" {
		gaps = append(gaps, v1alpha1.Gap{Kind: v1alpha1.GapLag, Message: lag})
	}
	return gaps
}

// isAbsent is what is said of a pod that was not seen.
func (t *totals) isAbsent() string {
	if t.isWhole() {
		return "is gone"
	}
	return "was not read"
}

// gapOf is what is missing of an index's history.
func gapOf(record *v1alpha1.IndexFate, inferred bool) v1alpha1.GapKind {
	isListed := record.Fate == v1alpha1.Succeeded || record.Fate == v1alpha1.Failed
	switch {
	case inferred, record.Reason == v1alpha1.ReasonPodGone:
		return v1alpha1.GapAttemptsGone
	case isListed && len(record.Attempts) == 0 && record.Reason != v1alpha1.ReasonFirstAttempt:
		return v1alpha1.GapPodsGone
	case record.Reason == v1alpha1.ReasonHistoryGone:
		return v1alpha1.GapHistory
	case record.Fate == v1alpha1.Unfinished:
		return v1alpha1.GapUnfinished
	case record.Reason == v1alpha1.ReasonPodMissing:
		return v1alpha1.GapPodMissing
	}
	return ""
}

// inferredOf is how many attempts of the index are known without their pods, also
// those that are numbered and not listed.
func inferredOf(record *v1alpha1.IndexFate) int64 {
	n, listed := int64(0), int64(len(record.Attempts))
	for i := range record.Attempts {
		if record.Attempts[i].Source != v1alpha1.SourcePod {
			n++
		}
	}
	if listed > 0 {
		n += int64(record.Attempts[listed-1].Number) - listed
	}
	return n
}
