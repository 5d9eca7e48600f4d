package browse

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// filter says which indexes the grid shows.
type filter uint8

const (
	showAll filter = iota
	showFailed
	showStuck
	filters
)

// String is how the screen names what a filter shows.
func (f filter) String() string { return [...]string{"all", "failed", "stuck"}[f] }

// noneIs says that filters show nothing.
func noneIs(filters []string) string {
	words := map[string]string{showFailed.String(): "none failed", showStuck.String(): "none is stuck"}
	var told []string
	for _, name := range filters {
		told = append(told, words[name])
	}
	return strings.Join(told, ", ")
}

// of are the indexes that a filter shows.
func (f filter) of(e *v1alpha1.Explanation) indexes.Set {
	if f == showStuck {
		return stuck(e)
	}
	return failed(e)
}

// failed are the indexes that failed, that failed the Job, or that had failed when
// the Job was decided.
func failed(e *v1alpha1.Explanation) indexes.Set {
	var runs []indexes.Interval
	for i := range e.Fates {
		record := &e.Fates[i]
		afterFailure := record.Reason == v1alpha1.ReasonAfterFailure || record.Reason == v1alpha1.ReasonFailJobRule
		if record.Fate == v1alpha1.Failed || record.Fate == v1alpha1.Stopped && afterFailure {
			runs = append(runs, indexes.Interval{First: record.Index, Last: record.Last()})
		}
	}
	return indexes.FromIntervals(runs)
}

// stuck are the indexes of the findings about what holds the Job up.
func stuck(e *v1alpha1.Explanation) indexes.Set {
	var set indexes.Set
	for i := range e.Findings {
		if f := &e.Findings[i]; f.Kind.Stuck() {
			of, _ := indexes.ParseStatus(f.Indexes, e.Completions())
			set = set.Union(of)
		}
	}
	return set
}

// marks are indexes that were asked for: those of a cause, or those that a word is
// said about.
type marks struct{ cause, word string }

func (k marks) isNone() bool { return k == marks{} }

// in is how the screen names them.
func (k marks) in(e *v1alpha1.Explanation) string {
	if k.cause == "" {
		return "/" + k.word
	}
	for i := range e.Signatures {
		if e.Signatures[i].ID == k.cause {
			return "cause " + decimal(int32(i+1)) + ", " + view.CauseID(e, i+1)
		}
	}
	return "cause " + k.cause
}

func (k marks) of(e *v1alpha1.Explanation) indexes.Set {
	if k.cause == "" {
		return saying(e, k.word)
	}
	for i := range e.Signatures {
		if e.Signatures[i].ID == k.cause {
			set, _ := indexes.ParseStatus(e.Signatures[i].Indexes, e.Completions())
			return set
		}
	}
	return indexes.Set{}
}

// saying are the indexes about which a word is said, in whatever case.
func saying(e *v1alpha1.Explanation, word string) indexes.Set {
	word = strings.ToLower(word)
	has := func(texts ...string) bool {
		for _, text := range texts {
			if strings.Contains(strings.ToLower(text), word) {
				return true
			}
		}
		return false
	}
	var runs []indexes.Interval
	for i := range e.Fates {
		record := &e.Fates[i]
		said := has(string(record.Fate), record.Reason, record.Message)
		for n := 0; n < len(record.Attempts) && !said; n++ {
			said = has(wordsOf(&record.Attempts[n])...)
		}
		if said {
			runs = append(runs, indexes.Interval{First: record.Index, Last: record.Last()})
		}
	}
	return indexes.FromIntervals(runs)
}

// wordsOf are what is said about an attempt.
func wordsOf(a *v1alpha1.Attempt) []string {
	words := []string{a.Pod, a.Node, string(a.Phase), a.Waiting, a.Suspicion}
	if f := a.Failure; f != nil {
		words = append(words, f.Container, f.Reason, f.Message, f.Condition)
	}
	for i := range a.Warnings {
		words = append(words, a.Warnings[i].Reason, a.Warnings[i].Message)
	}
	return words
}

// after is the first index of a set beyond another one or, where there is none, its
// first of all.
func after(set indexes.Set, index int32) (next int32, isAround bool) {
	for _, run := range set.Intervals() {
		if run.Last > index {
			return max(run.First, index+1), false
		}
	}
	next, _ = set.First()
	return next, true
}

// before is the same backwards.
func before(set indexes.Set, index int32) (next int32, isAround bool) {
	runs := set.Intervals()
	for i := len(runs) - 1; i >= 0; i-- {
		if runs[i].First < index {
			return min(runs[i].Last, index-1), false
		}
	}
	next, _ = set.Last()
	return next, true
}
