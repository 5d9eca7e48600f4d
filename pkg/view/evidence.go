package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// evidence is what the answer rests on, in one paragraph.
func (s sheet) evidence() []line {
	var l line
	for n, words := range s.grounds() {
		if n > 0 {
			l = append(l, text(" "))
		}
		l = append(l, words...)
	}
	return s.wrap(l, s.screen.Width, 0)
}

// grounds are whether the controller agrees, and what is missing of what the answer
// rests on, in a sentence each.
func (s sheet) grounds() []line {
	e := s.Evidence
	var all []line
	if agreement := s.agreement(); len(agreement) > 0 {
		all = append(all, agreement)
	}
	say := func(words string) {
		if words != "" {
			all = append(all, sentence(stopped(capital(words))))
		}
	}
	if n := e.AttemptsInferred; n > 0 {
		words, pods := many(n, "attempt is", "attempts are")+" known from annotations or events only", "its pod was"
		if n > 1 {
			pods = "their pods were"
		}
		if e.Coverage.Pods == v1alpha1.CoverageWhole {
			words += "; " + pods + " deleted"
		}
		say(words)
	}
	say(missing(e.Coverage))
	for _, gap := range e.Gaps {
		say(s.gapWords(&gap))
	}
	return all
}

// missing says which lists were not read whole, nothing where all were.
func missing(c v1alpha1.Coverage) string {
	var parts []string
	for _, list := range []struct {
		name string
		is   v1alpha1.CoverageLevel
	}{{"pods", c.Pods}, {"events", c.Events}} {
		switch list.is {
		case v1alpha1.CoveragePartial:
			parts = append(parts, "some "+list.name+" may be missing")
		case v1alpha1.CoverageNone:
			parts = append(parts, "the "+list.name+" were not read")
		}
	}
	return strings.Join(parts, ", ")
}

func (s sheet) gapWords(gap *v1alpha1.Gap) string {
	switch gap.Kind {
	case v1alpha1.GapAttemptsGone, v1alpha1.GapUnfinished:
		return "" // told by the number of attempts, and by the legend
	case v1alpha1.GapEvents:
		if s.Evidence.Coverage.Events != v1alpha1.CoverageWhole {
			return "" // told beside the number of pods
		}
	case v1alpha1.GapVersion:
		if s.Evidence.RulesOf == "" {
			return ""
		}
		return "rules of Kubernetes " + s.Evidence.RulesOf + " assumed"
	case v1alpha1.GapClock:
		if s.Conclusion.State.Decided() || s.Conclusion.State == v1alpha1.StateManifest {
			return ""
		}
		return "as of " + s.clock(s.ObservedAt)
	}
	words := stopless(gap.Message)
	if gap.Indexes != "" && !names(words, gap.Indexes) {
		words += " (" + s.manyIndexes(gap.Indexes, 40) + ")"
	}
	return words
}

func (s sheet) agreement() line {
	differences := s.Agreement.Differences
	switch s.Agreement.Result {
	case v1alpha1.Disagrees:
		l := line{inked("The replay DISAGREES", bad), text(" with the Job's status")}
		return append(l, text(differenceWords(differences)))
	case v1alpha1.CannotTell:
		return sentence(s.nothingToCheck())
	case v1alpha1.Agrees:
		if len(differences) > 0 {
			return sentence("Matches the controller, with " + many(int64(len(differences)), "difference", "differences") + " explained" + because(differences))
		}
		return sentence("Matches the controller.")
	}
	return nil
}

// nothingToCheck says why the rules could not be held against the status.
func (s sheet) nothingToCheck() string {
	switch {
	case s.Evidence.Pods > 0, s.Evidence.Coverage.Pods == v1alpha1.CoverageNone:
		return "There is nothing to check this against."
	case s.Conclusion.State.Decided():
		return "No pods are left to check this against."
	}
	return "There are no pods to check this against."
}

func differenceWords(differences []v1alpha1.Difference) string {
	if len(differences) == 0 {
		return "."
	}
	d := differences[0]
	words := ": "
	if d.Index != nil {
		words += "index " + decimal(*d.Index) + " "
	}
	words += d.Field + " is recorded as " + d.Recorded + ", replayed as " + d.Replayed
	if more := len(differences) - 1; more > 0 {
		words += ", and " + decimal(more) + " more"
	}
	return words + "."
}

func because(differences []v1alpha1.Difference) string {
	for _, d := range differences {
		if d.Because != "" {
			return ": " + stopped(d.Because)
		}
	}
	return "."
}
