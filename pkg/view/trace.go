package view

import (
	"slices"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// Trace tells the attempts of the chosen indexes one by one: when and where
// each ran, how it ended, what every rule made of it, and what came next.
func Trace(e *v1alpha1.Explanation, chosen indexes.Set, screen Screen) string {
	s := newSheet(e, screen)
	var lines []line
	first, _ := chosen.First()
	last, _ := chosen.Last()
	for i := s.RecordFrom(first); i < len(s.Fates) && s.Fates[i].Index <= last; i++ {
		record := &s.Fates[i]
		of := chosen.Intersect(indexes.Range(record.Index, record.Last()))
		if of.Empty() {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, nil)
		}
		lines = append(lines, s.trace(record, of)...)
	}
	return render(lines, s.screen.Color)
}

func (s sheet) trace(record *v1alpha1.IndexFate, of indexes.Set) []line {
	k := kindOf(record.Fate, record.Reason)
	name := "INDEX "
	if of.Len() > 1 {
		name = "INDEXES "
	}
	lines := s.flow([]line{
		{inked(name+of.String(), bold), text("  "), letterOf(k), text(" " + kinds[k].phrase)},
		s.jobWords(),
	}, "  ", s.screen.Width, 0)
	if record.Message != "" {
		lines = append(lines, s.wrap(sentence(stopped(record.Message)), s.screen.Width, 0)...)
	}
	if bars := s.traceBars(record); len(bars) > 0 {
		lines = append(append(lines, nil), bars...)
	}
	lines = append(lines, s.attempts(record)...)
	if len(record.Attempts) == 0 {
		lines = append(lines, sentence("No attempt of it is known.").fit(s.screen.Width))
	}
	lines = append(lines, s.outcome(record)...)
	return append(lines, slices.Concat(s.toType(s.logsOf(record.Index))...)...)
}

// outcome is what came of the index after its last attempt.
func (s sheet) outcome(record *v1alpha1.IndexFate) []line {
	words := s.whatFollows(record)
	if words == "" {
		return nil
	}
	return append([]line{nil}, s.wrap(line{inked("Next attempt:", bold), text(" " + words + ".")}, s.screen.Width, 2)...)
}

// whatFollows is the next attempt, or why there is none, and where the failures are
// not exact how many there are at least.
func (s sheet) whatFollows(record *v1alpha1.IndexFate) string {
	words := s.nextAttempt(record)
	if f := record.Failures; words != "" && !f.Exact && max(f.Counted, f.Ignored) > 0 && !strings.Contains(record.Message, "at least") {
		words += "; its failures are known as at least " + decimal(record.Failures.Counted) + " counted, " + decimal(record.Failures.Ignored) + " ignored"
	}
	return words
}

// nextAttempt is when the next attempt comes, or why there is none; empty where
// nothing says.
func (s sheet) nextAttempt(record *v1alpha1.IndexFate) string {
	isDecided := s.Conclusion.State.Decided()
	switch {
	case record.Fate == v1alpha1.Succeeded:
		return "none, " + s.listedIn("completedIndexes", record.Recorded)
	case record.Fate == v1alpha1.Failed:
		return "none, " + s.listedIn("failedIndexes", record.Recorded)
	case isDecided:
		return "none, the Job is decided"
	case record.Reason == v1alpha1.ReasonDueNow && len(record.Attempts) == 0:
		return "" // its message says so
	case record.Reason == v1alpha1.ReasonDueNow:
		return "attempt " + decimal(nextNumber(record)) + " is due, the next sync creates its pod"
	case record.RetryTime != nil:
		words := "attempt " + decimal(nextNumber(record)) + " at " + s.clock(*record.RetryTime) + " at the earliest, " + s.until(*record.RetryTime)
		return words + ifEstimated(record.RetryTimeEstimated != nil && *record.RetryTimeEstimated)
	}
	return ""
}

// listedIn tells what is recorded from what the next sync is expected to record.
func (s sheet) listedIn(list string, recorded *bool) string {
	if recorded != nil && !*recorded {
		if s.isStatusRefused() {
			return "not in " + list + ": the API server rejects the status"
		}
		if s.Conclusion.DeletedTime != nil {
			return "not in " + list + ": the Job was deleted before"
		}
		return "the next sync records it in " + list
	}
	return "the index is in " + list
}

// isStatusRefused: whatever the next sync writes is rejected.
func (s sheet) isStatusRefused() bool {
	return slices.ContainsFunc(s.Findings, func(f v1alpha1.Finding) bool { return f.Kind == v1alpha1.StuckStatus })
}

func nextNumber(record *v1alpha1.IndexFate) int64 {
	if n := len(record.Attempts); n > 0 {
		return int64(record.Attempts[n-1].Number) + 1
	}
	return 1
}
