package view

import (
	"slices"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// mostRanges is how long a list of indexes gets in a log, in characters.
const mostRanges = 1000

// lists are the indexes that failed and those that were left unfinished, as ranges
// to paste.
func (s sheet) lists() []line {
	var lines, left []line
	for _, of := range s.unsuccessful() {
		if of.word == failedWord {
			lines = append(lines, s.listed(of))
		} else {
			left = append(left, s.listed(of))
		}
	}
	if s.isLog() {
		return append(lines, flow(left, "   ", Unbounded, 0)...)
	}
	return append(lines, s.flow(left, "   ", s.screen.Width, 0)...)
}

// named is a set of indexes and what they have in common.
type named struct {
	word string
	set  indexes.Set
	ink  ink
}

const failedWord = "Failed"

// unsuccessful are the indexes that failed and those left unfinished by a decided Job.
func (s sheet) unsuccessful() []named {
	culprits := s.failedTheJob()
	return slices.DeleteFunc([]named{
		{failedWord, s.withFate(v1alpha1.Failed), bold},
		{"Failed the Job", culprits, bold},
		{"Stopped", s.withFate(v1alpha1.Stopped).Minus(culprits), plain},
		{"Never started", s.withFate(v1alpha1.NeverStarted), plain},
		{"Unfinished", s.withFate(v1alpha1.Unfinished), plain},
	}, func(of named) bool { return of.set.Empty() })
}

// failedTheJob are the indexes whose pods matched the FailJob rule.
func (s sheet) failedTheJob() indexes.Set {
	var culprits []int32
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Fate == v1alpha1.Stopped && record.Reason == v1alpha1.ReasonFailJobRule {
			culprits = append(culprits, record.Index)
		}
	}
	return indexes.Of(culprits...)
}

// withFate are the indexes of a fate.
func (s sheet) withFate(fate v1alpha1.Fate) indexes.Set {
	var runs []indexes.Interval
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Fate == fate {
			runs = append(runs, indexes.Interval{First: record.Index, Last: record.Last()})
		}
	}
	return indexes.FromIntervals(runs)
}

// listed is a set of indexes behind its name and its size, cut where the line ends
// or, in a log, where nobody would read on.
func (s sheet) listed(of named) line {
	lead := of.word + " (" + thousands(of.set.Len()) + "): "
	if !s.isLog() {
		return line{inked(lead, of.ink), text(inRoom(of.set, s.screen.Width-len(lead), ""))}
	}
	output := "json"
	if of.word == failedWord {
		output = "jsonpath={.status.failedIndexes}"
	}
	command := shellLine(s.command("-o", output))
	return line{inked(lead, of.ink), {inRoom(of.set, mostRanges, command), plain}}
}

// inRoom writes as many ranges as there is room for, says how many indexes are
// left out, and how to get at them.
func inRoom(set indexes.Set, room int, command string) string {
	list := set.String()
	if len(list) <= room {
		return list
	}
	note := func(n int64) string {
		if command != "" {
			return ",... and " + thousands(n) + " more: " + command
		}
		return ",... " + thousands(n) + " more"
	}
	left := room - len(note(set.Len()))
	if command != "" {
		left = room
	}
	var kept []indexes.Interval
	var n int64
	used := 0
	for _, run := range set.Intervals() {
		if used += len(runOf(run.First, run.Last)) + 1; used > left+1 {
			break
		}
		kept = append(kept, run)
		n += int64(run.Last) - int64(run.First) + 1
	}
	return strings.TrimPrefix(indexes.FromIntervals(kept).String()+note(set.Len()-n), ",")
}
