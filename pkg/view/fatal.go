package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// How many causes are told: on a low screen, and in a log.
const (
	fewCauses       = 5
	mostCausesOfLog = 20
)

// shownCauses are the causes that there is room to tell, and how many are left out.
func (s sheet) shownCauses(causes []int) (shown []int, hidden int) {
	most := mostCausesOfLog
	if !s.isLog() {
		most = max(fewCauses, s.screen.Height/5)
	}
	shown = causes[:min(most, len(causes))]
	return shown, len(causes) - len(shown)
}

// moreCauses says in a log how many causes are left out, and how to see them.
func (s sheet) moreCauses(hidden int) []line {
	if hidden == 0 {
		return nil
	}
	words := "  and " + many(int64(hidden), "more cause", "more causes")
	if command := s.command("--cause", "all"); len(command) > 0 {
		words += ": " + shellLine(command)
	}
	return []line{sentence(words)}
}

// fatalCauses are the places of the causes that are fatal, others of those that
// are not, each in the order of harm.
func (s sheet) fatalCauses() (fatal, others []int) {
	for n := range s.Signatures {
		if s.IsFatal(&s.Signatures[n]) {
			fatal = append(fatal, n)
		} else {
			others = append(others, n)
		}
	}
	return fatal, others
}

// fatal tells each fatal cause in some lines or, where there is no room, in one.
func (s sheet) fatal(causes []int, logs []Log) section {
	shown, hidden := s.shownCauses(causes)
	var loose, tight []line
	for _, n := range shown {
		loose = append(loose, s.fatalCause(n)...)
		loose = append(loose, s.tail(n+1, logs)...)
		tight = append(tight, s.fatalInShort(n))
	}
	if s.isLog() {
		return listed(append(loose, s.moreCauses(hidden)...), tight, 0, "causes", 4, min(len(tight), 3))
	}
	return listed(loose, tight, hidden, "causes: --cause all", 4, min(len(tight), 3))
}

// lead is the number and the ID of a cause.
func (s sheet) lead(n int) line { return sentence(decimal(n+1) + " " + s.shortID(n) + "  ") }

func (s sheet) fatalCause(n int) []line {
	const indent = 2
	cause := &s.Signatures[n]
	lines := []line{s.fit(append(s.lead(n), inked(cause.Text, bold)), s.screen.Width)}
	if s.isLog() {
		lines = s.told(s.lead(n), line{inked(cause.Text, bold)})
	}
	what, of := s.harmOf(cause)
	harm := thousands(of.Len()) + " " + what + ": "
	attempts := s.attemptsOfCause(cause)
	room := mostRanges
	if !s.isLog() {
		room = max(16, s.screen.Width-indent-len(harm)-len(causeGap)-textWidth(attempts))
	}
	for _, pieces := range [][]line{
		{{text(harm), {inRoom(of, room, ""), plain}}, sentence(attempts)},
		s.firstAndExample(cause),
	} {
		lines = append(lines, shift(s.flow(s.foldedInLog(pieces), causeGap, s.screen.Width-indent, indent), indent)...)
	}
	return lines
}

// causeGap is between two things that are told of a cause in one line.
const causeGap = "   "

// foldedInLog breaks what is wider than a line, but for lists of indexes, which are
// to be pasted.
func (s sheet) foldedInLog(pieces []line) []line {
	if !s.isLog() || len(pieces) == 0 {
		return pieces
	}
	return append(pieces[:1:1], folded(pieces[1:], s.screen.Width-4)...)
}

// harmOf is what the cause did to which indexes.
func (s sheet) harmOf(cause *v1alpha1.Signature) (what string, of indexes.Set) {
	switch failed, stopped := s.indexesThat(cause, v1alpha1.Failed), s.indexesThat(cause, v1alpha1.Stopped); {
	case !failed.Empty():
		return "failed", failed
	case cause.Decision == v1alpha1.DecisionFailJob && !s.Conclusion.State.Decided():
		return "fails the Job", s.indexesOf(cause)
	case cause.Decision == v1alpha1.DecisionFailJob:
		return "failed the Job", s.indexesOf(cause)
	case !stopped.Empty():
		return "stopped", stopped
	}
	return "counted", s.indexesOf(cause)
}

// indexesThat are the indexes of a cause that came to this fate.
func (s sheet) indexesThat(cause *v1alpha1.Signature, fate v1alpha1.Fate) indexes.Set {
	set, _ := indexes.ParseStatus(cause.Outcomes[fate], s.Completions())
	return set
}

// attemptsOfCause counts the attempts, and says where they ran, what became of the
// others and which limit there was.
func (s sheet) attemptsOfCause(cause *v1alpha1.Signature) string {
	words := many(cause.Attempts, "attempt", "attempts")
	if of := s.indexesOf(cause); of.Len() > 1 {
		words += " of " + thousands(of.Len()) + " indexes"
	}
	switch top, named := topNode(cause); {
	case len(cause.Nodes) == 1 && cause.Attempts > 1:
		words += ", all on " + top.Name
	case len(cause.Nodes) == 1:
		words += " on " + top.Name
	case named:
		words += ", " + thousands(top.Attempts) + " on " + top.Name
	case len(cause.Nodes) > 1:
		words += " on " + thousands(int64(len(cause.Nodes))) + " nodes"
	}
	if succeeded := s.indexesThat(cause, v1alpha1.Succeeded); !succeeded.Empty() {
		words += "; " + many(succeeded.Len(), "index", "indexes") + " succeeded on retry"
	}
	// Without a failed index the stopped ones are told as the harm.
	if stopped := s.indexesThat(cause, v1alpha1.Stopped); !stopped.Empty() && cause.Outcomes[v1alpha1.Failed] != "" {
		words += "; " + many(stopped.Len(), "index", "indexes") + " stopped"
	}
	return words + "; " + s.limitOf(cause)
}

// limitOf says what the failures were held against.
func (s sheet) limitOf(cause *v1alpha1.Signature) string {
	rule := ""
	if cause.Rule != nil {
		rule = "podFailurePolicy." + ruleName(*cause.Rule) + " (" + string(cause.Decision) + ")"
	}
	switch limit := s.Spec.BackoffLimitPerIndex; {
	case cause.Decision == v1alpha1.DecisionFailIndex:
		return rule + ": no retry"
	case cause.Decision == v1alpha1.DecisionFailJob:
		return rule
	case limit != nil && *limit == 0:
		return "backoffLimitPerIndex 0: no retry"
	case limit != nil:
		return "limit: " + many(int64(*limit), "retry", "retries") + " (backoffLimitPerIndex)"
	case s.Spec.BackoffLimit != nil:
		return "backoffLimit " + decimal(*s.Spec.BackoffLimit) + " for the whole Job"
	}
	return "no limit"
}

// firstAndExample are when the first attempt of the cause ended, and an attempt to
// look at.
func (s sheet) firstAndExample(cause *v1alpha1.Signature) []line {
	var pieces []line
	if cause.FirstTime != nil && cause.FirstIndex != nil {
		pieces = append(pieces, sentence("first: index "+decimal(*cause.FirstIndex)+" at "+s.clock(*cause.FirstTime)))
	}
	if example := cause.Example; example != nil {
		parts := []string{"example: index " + decimal(example.Index)}
		if example.Attempt > 0 {
			parts = append(parts, "attempt "+decimal(example.Attempt))
		}
		for _, name := range []string{example.Pod, example.Node} {
			if name != "" {
				parts = append(parts, name)
			}
		}
		pieces = append(pieces, sentence(strings.Join(parts, ", ")))
	}
	return pieces
}

// fatalInShort is a cause in one line: its harm first, for the line may be cut.
func (s sheet) fatalInShort(n int) line {
	cause := &s.Signatures[n]
	what, of := s.harmOf(cause)
	harm := thousands(of.Len()) + " " + what
	return s.fit(append(s.lead(n), text(harm+"  "), inked(cause.Text, bold)), s.screen.Width)
}

// leastID is how much of an ID is shown at least.
const leastID = 4

// shortID is the beginning of a cause's ID that no other has.
func (s sheet) shortID(n int) string {
	id := s.Signatures[n].ID
	for length := leastID; length < len(id); length++ {
		alone := true
		for other := range s.Signatures {
			alone = alone && (other == n || !strings.HasPrefix(s.Signatures[other].ID, id[:length]))
		}
		if alone {
			return id[:length]
		}
	}
	return id
}
