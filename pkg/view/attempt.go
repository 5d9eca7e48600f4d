package view

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// detailIndent is where the facts of an attempt begin, under its number.
const detailIndent = 4

// attempts tells each attempt, a blank line before it.
func (s sheet) attempts(record *v1alpha1.IndexFate) []line {
	var lines []line
	for n := 0; n < len(record.Attempts); {
		gone := alikeGone(record.Attempts[n:])
		if gone > 1 {
			lines = append(append(lines, nil), s.attemptsGone(record.Attempts[n:n+gone])...)
		} else {
			lines = append(append(lines, nil), s.attempt(&record.Attempts[n])...)
		}
		n += max(1, gone)
	}
	return lines
}

// alikeGone counts the attempts at the beginning that only counts tell of, all
// with the same decision.
func alikeGone(attempts []v1alpha1.Attempt) int {
	n := 0
	for n < len(attempts) && attempts[n].Source == v1alpha1.SourceAnnotation && attempts[n].Decision == attempts[0].Decision {
		n++
	}
	return n
}

// attemptsGone tells such attempts in one.
func (s sheet) attemptsGone(attempts []v1alpha1.Attempt) []line {
	first, last := &attempts[0], &attempts[len(attempts)-1]
	lead := sentence(runOf(first.Number, last.Number)).pad(detailIndent-1, true)
	lines := s.told(append(lead, text(" ")), sentence("their pods were "+s.Evidence.Coverage.Absence()+"; the annotations of a later pod count them"))
	together := v1alpha1.Attempt{Decision: first.Decision, Before: first.Before, After: last.After}
	return append(lines, s.tellFacts(s.verdict(&together))...)
}

// attempt tells one attempt and what the controller made of it.
func (s sheet) attempt(a *v1alpha1.Attempt) []line {
	return append(s.told(numbered(a.Number), s.who(a)), s.tellFacts(s.facts(a))...)
}

// who is the pod of an attempt or, where nobody saw it, how it is known.
func (s sheet) who(a *v1alpha1.Attempt) line {
	if without := s.Evidence.Coverage.WithoutPod(a); without != "" {
		return sentence(without)
	}
	return s.podWords(a)
}

// fact is something that is told of an attempt, and what leads it, if anything does.
type fact struct{ lead, words line }

// tellFacts tells them under the number of their attempt.
func (s sheet) tellFacts(facts []fact) []line {
	var lines []line
	for _, f := range facts {
		lines = append(lines, s.told(append(margin[:1:1], f.lead...), f.words)...)
	}
	return lines
}

// facts are all that is known of an attempt, in the order in which it happened: the
// verdict of the rules is the last.
func (s sheet) facts(a *v1alpha1.Attempt) []fact {
	var facts []fact
	tell := func(words string) {
		if words != "" {
			facts = append(facts, fact{words: sentence(words)})
		}
	}
	tell(s.timesWords(a))
	if a.Waiting != "" {
		tell("waits: " + a.Waiting)
	}
	if a.Failure != nil {
		tell(howEnded(a))
	}
	if a.Restarts != nil && *a.Restarts > 0 {
		tell(many(int64(*a.Restarts), "restart", "restarts") + " within the pod, by the kubelet: no retry by the Job")
	}
	facts = append(facts, s.warnings(a)...)
	if a.Suspicion != "" {
		facts = append(facts, fact{words: line{inked("suspicion:", held), text(" " + a.Suspicion)}})
	}
	return append(facts, s.verdict(a)...)
}

// warnings are what the cluster says of the pod, but for what it waits for, which
// is told already.
func (s sheet) warnings(a *v1alpha1.Attempt) []fact {
	var facts []fact
	for i := range a.Warnings {
		w := &a.Warnings[i]
		if a.Waiting != "" && (a.Waiting == w.Reason || a.Waiting == w.Reason+": "+w.Message) {
			continue
		}
		words := " " + w.Reason
		if w.Count > 1 {
			words += " x" + decimal(w.Count)
			if w.LastTime != nil {
				words += ", last at " + s.clock(*w.LastTime)
			}
		} else if w.LastTime != nil {
			words += " at " + s.clock(*w.LastTime)
		}
		if w.Message != "" {
			words += ": " + w.Message
		}
		facts = append(facts, fact{words: line{inked("warning:", held), text(words)}})
	}
	return facts
}

// howEnded is what the pod says of its end, which may be nothing where somebody
// deleted it.
func howEnded(a *v1alpha1.Attempt) string {
	if f := a.Failure; f.ExitCode == nil && f.Reason == "" && f.Condition == "" && a.Deletion != nil {
		return "deleted; no container reported how it ended"
	}
	return endedAtLength(a.Failure)
}

// numbered leads what is told of an attempt first.
func numbered(attempt int32) line {
	return append(sentence(decimal(attempt)).pad(detailIndent-1, true), text(" "))
}

// margin is in front of everything that is told of an attempt.
var margin = line{{strings.Repeat(" ", detailIndent), plain}}

// told wraps words behind what leads them; all lines but the first are indented
// as far, unless that would leave too little.
func (s sheet) told(lead, words line) []line {
	indent := lead.width()
	if indent > s.screen.Width/2 {
		return shift(s.wrap(append(lead[:len(lead):len(lead)], words...), s.screen.Width-detailIndent, 2), detailIndent)
	}
	lines := s.wrap(words, s.screen.Width-indent, 0)
	for i := range lines {
		if i == 0 {
			lines[i] = append(lead[:len(lead):len(lead)], lines[i]...)
		} else {
			lines[i] = append(line{{strings.Repeat(" ", indent), plain}}, lines[i]...)
		}
	}
	return lines
}

func (s sheet) podWords(a *v1alpha1.Attempt) line {
	l := line{text("pod "), inked(a.Pod, bold)}
	if a.Node != "" {
		l = append(l, text(" on node "+a.Node))
	}
	switch {
	case a.Terminating != nil && *a.Terminating:
		l = append(l, text(", "+strings.ToLower(string(a.Phase))+" and terminating"))
	case a.Phase != "":
		l = append(l, text(", "+strings.ToLower(string(a.Phase))))
	}
	return l
}

func (s sheet) timesWords(a *v1alpha1.Attempt) string {
	var parts []string
	tell := func(what string, t *metav1.Time) {
		if t != nil {
			parts = append(parts, what+" "+s.clock(*t))
		}
	}
	tell("created", a.CreationTime)
	tell("started", a.StartTime)
	if d := a.Deletion; d != nil {
		parts = append(parts, s.deletionWords(d))
	}
	tell("ended", a.FinishTime)
	if ran, known := ranOf(a); known {
		parts = append(parts, "ran "+runTime(ran))
	}
	if hasFailed(a) && a.BackoffFrom != nil && !a.BackoffFrom.Equal(a.FinishTime) {
		tell("backoff counts from", a.BackoffFrom)
	}
	return strings.Join(parts, ", ")
}

// deletionWords: a deadline that lies ahead has killed nothing yet.
func (s sheet) deletionWords(d *v1alpha1.Deletion) string {
	words := "deletion requested"
	if d.Requested != nil {
		words += " " + s.clock(*d.Requested)
	}
	if d.Deadline != nil && d.Deadline.After(s.ObservedAt.Time) {
		words += ", killed by " + s.clock(*d.Deadline) + " at the latest"
	}
	return words
}

// hasFailed: the Job's policy took the attempt for a failure, counted or not.
func hasFailed(a *v1alpha1.Attempt) bool {
	return a.Decision != "" && a.Decision != v1alpha1.DecisionRemoved
}

// ranOf is how long the container ran that decided the attempt.
func ranOf(a *v1alpha1.Attempt) (ran time.Duration, known bool) {
	if a.Ran == nil || a.Ran.From == nil || a.Ran.To == nil {
		return 0, false
	}
	return max(0, a.Ran.To.Sub(a.Ran.From.Time)), true
}
