package view

import (
	"regexp"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// stuckPrefix begins the kind of every finding about what never moves by itself.
const stuckPrefix = "Stuck"

// findings are told in so many lines each, those about what is stuck before
// the others.
func (s sheet) findings(perFinding int) []line {
	var stuck, others []line
	for _, f := range s.Findings {
		if strings.HasPrefix(f.Kind, stuckPrefix) {
			stuck = append(stuck, s.finding(line{inked("STUCK", held)}, &f, perFinding)...)
		} else {
			others = append(others, s.finding(line{inked("Note:", bold)}, &f, perFinding)...)
		}
	}
	return append(stuck, others...)
}

func (s sheet) finding(lead line, f *v1alpha1.Finding, most int) []line {
	words := append(lead, text(" "+withIndexes(f.Message, f.Indexes)))
	if lines := wrap(words, s.screen.Width, 2); most > 1 && len(lines) <= most {
		return lines
	}
	return []line{words.fit(s.screen.Width)}
}

// withIndexes puts a list of indexes before what is said of them, a long one
// behind it.
func withIndexes(message, list string) string {
	const short = 20
	switch {
	case list == "" || strings.Contains(message, list):
		return message
	case len(list) <= short:
		return list + ": " + message
	}
	return stopless(message) + " (" + inShort(list, 60) + ")"
}

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
		return "rules of Kubernetes " + s.Evidence.RulesOf + " assumed"
	case gapClock:
		if s.Conclusion.State.Decided() {
			return ""
		}
		return "as of " + s.clock(s.ObservedAt)
	}
	words := stopless(gap.Message)
	if gap.Indexes != "" && !strings.Contains(words, gap.Indexes) {
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
		return sentence("Nothing could be held against the Job's status.")
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

// plainName is what may stand in a command to be typed: a name in a file can
// hold anything.
var plainName = regexp.MustCompile(`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`)

// command is how this Job is explained.
func (s sheet) command() string {
	if s.screen.Command != "" {
		return s.screen.Command
	}
	if !plainName.MatchString(s.Metadata.Name) {
		return ""
	}
	command := "kubectl indexjob explain " + s.Metadata.Name
	if s.Metadata.Namespace != "default" && plainName.MatchString(s.Metadata.Namespace) {
		command += " -n " + s.Metadata.Namespace
	}
	return command
}

// next is what to type next: the trace or the cause that tells most, and a
// look at what kubectl describes better.
func (s sheet) next(rows []row, causes bool) []line {
	var commands []string
	if command := s.command(); command != "" {
		switch {
		case len(rows) > 0:
			commands = append(commands, command+" --index "+decimal(rows[0].record.Index))
		case causes:
			commands = append(commands, command+" --cause 1")
		}
	}
	if more := s.describe(causes); more != "" {
		commands = append(commands, more)
	}
	return s.toType(commands)
}

// toType is commands side by side where they fit, else below one another. One
// that is longer than a line goes on as a shell reads it.
func (s sheet) toType(commands []string) []line {
	const lead, gap = "Next: ", "    "
	if len(commands) == 0 {
		return nil
	}
	if all := lead + strings.Join(commands, gap); len(all) <= s.screen.Width {
		return []line{sentence(all)}
	}
	var lines []line
	for _, command := range commands {
		parts := wrap(sentence(command), s.screen.Width-len(lead)-len(` \`), 0)
		for i := range parts[:len(parts)-1] {
			parts[i] = append(parts[i], text(` \`))
		}
		lines = append(lines, shift(parts, len(lead))...)
	}
	lines[0][0] = text(lead)
	return lines
}

// describe is the kubectl command that shows most of what is outside of us: the
// node where a cause gathers, else the first pod that is stuck.
func (s sheet) describe(causes bool) string {
	if causes && len(s.Signatures) > 0 {
		if top, outstanding := topNode(&s.Signatures[0]); outstanding && plainName.MatchString(top.Name) {
			return "kubectl describe node " + top.Name
		}
	}
	for _, f := range s.Findings {
		if !strings.HasPrefix(f.Kind, stuckPrefix) {
			continue
		}
		set, _ := indexes.ParseStatus(f.Indexes, int32(s.completions()))
		first, ok := set.First()
		if pod := s.lastPod(first); ok && plainName.MatchString(pod) && plainName.MatchString(s.Metadata.Namespace) {
			return "kubectl describe pod " + pod + " -n " + s.Metadata.Namespace
		}
	}
	return ""
}

// lastPod is the newest pod of an index that is still there.
func (s sheet) lastPod(index int32) string {
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Index == index {
			for n := len(record.Attempts) - 1; n >= 0; n-- {
				if record.Attempts[n].Source == v1alpha1.SourcePod {
					return record.Attempts[n].Pod
				}
			}
		}
	}
	return ""
}
