package view

import (
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// evidence is what the answer rests on and whether the controller agrees.
func (s sheet) evidence() []line {
	e := &s.Evidence
	seen := many(e.Pods, "pod", "pods")
	switch {
	case e.Pods == 0:
		seen = "no pods"
	case e.Pods > 1 && e.AttemptsInferred == 0 && len(e.Gaps) == 0:
		seen = "all " + seen
	}
	if e.AttemptsInferred > 0 {
		seen += ", " + many(e.AttemptsInferred, "attempt whose pod is gone", "attempts whose pods are gone")
	}
	l := line{text("Evidence: " + stopped(seen) + " ")}
	l = append(l, s.agreement()...)
	for _, gap := range e.Gaps {
		if words := s.gapWords(&gap); words != "" {
			l = append(l, text(" "+stopped(capital(words))))
		}
	}
	return wrap(l, s.screen.Width, 0)
}

// The kinds of gap that the screen tells shorter, or elsewhere already.
const (
	gapAttemptsGone = "AttemptsGone" // in the number of attempts
	gapUnfinished   = "Unfinished"   // in the legend
	gapClock        = "Clock"
	gapVersion      = "Version"
)

func (s sheet) gapWords(gap *v1alpha1.Gap) string {
	switch gap.Kind {
	case gapAttemptsGone, gapUnfinished:
		return ""
	case gapVersion:
		if s.Evidence.RulesOf == "" {
			return ""
		}
		return "rules of Kubernetes " + s.Evidence.RulesOf + " assumed"
	case gapClock:
		if s.Conclusion.State.Decided() {
			return ""
		}
		return "as of " + s.clock(s.ObservedAt)
	}
	words := stopless(gap.Message)
	if gap.Indexes != "" && !names(words, gap.Indexes) {
		words += " (" + inShort(gap.Indexes, 40) + ")"
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
		return sentence("There is nothing to check the Job's status against.")
	case v1alpha1.Agrees:
		if len(differences) > 0 {
			return sentence("The replay agrees, with " + many(int64(len(differences)), "difference", "differences") + " explained" + because(differences))
		}
		if s.Evidence.AttemptsInferred > 0 {
			return sentence("The replay agrees.")
		}
		return sentence("The replay agrees with the Job's status.")
	}
	return nil
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
		words += ", and " + decimal(int32(more)) + " more"
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
