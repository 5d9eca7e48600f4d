package view

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// detailIndent is where the facts of an attempt begin, under its number.
const detailIndent = 4

// Trace tells the attempts of the chosen indexes one by one: when and where
// each ran, how it ended, what every rule made of it, and what came next.
func Trace(e *v1alpha1.Explanation, chosen indexes.Set, screen Screen) string {
	s := newSheet(e, screen)
	var lines []line
	for i := range s.Fates {
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
	lines := flow([]line{
		{inked(name+of.String(), bold), text("  "), letterOf(k), text(" " + kinds[k].phrase)},
		s.jobWords(),
	}, "  ", s.screen.Width, 0)
	if record.Message != "" {
		lines = append(lines, wrap(sentence(stopped(record.Message)), s.screen.Width, 0)...)
	}
	if timeline := s.timeline(record); len(timeline) > 0 {
		lines = append(append(lines, nil), timeline...)
	}
	lines = append(lines, s.attempts(record)...)
	if len(record.Attempts) == 0 {
		lines = append(lines, sentence("No attempt of it is known.").fit(s.screen.Width))
	}
	lines = append(lines, s.outcome(record)...)
	return append(lines, s.toType([]string{s.logsOf(record.Index)})...)
}

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
	lines := s.told(append(lead, text(" ")), sentence("gone: their pods are no longer there, only the counts of a later pod tell of them"))
	together := v1alpha1.Attempt{Decision: first.Decision, Before: first.Before, After: last.After}
	return append(lines, s.verdict(&together)...)
}

// attempt tells one attempt and what the controller made of it.
func (s sheet) attempt(a *v1alpha1.Attempt) []line {
	number := numbered(a.Number)
	switch a.Source {
	case v1alpha1.SourceAnnotation:
		lines := s.told(number, sentence("gone: its pod is no longer there, only the counts of a later pod tell of it"))
		return append(lines, s.verdict(a)...)
	case v1alpha1.SourceEvent:
		return s.told(number, sentence("gone: only an event tells of its pod "+a.Pod))
	}
	lines := s.told(number, s.podWords(a))
	tell := func(words string) {
		if words != "" {
			lines = append(lines, s.told(margin, sentence(words))...)
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
	if a.Suspicion != "" {
		lines = append(lines, s.told(margin, line{inked("suspicion:", held), text(" " + a.Suspicion)})...)
	}
	return append(lines, s.verdict(a)...)
}

// howEnded is what the pod says of its end, which may be nothing where somebody
// deleted it.
func howEnded(a *v1alpha1.Attempt) string {
	if f := a.Failure; f.ExitCode == nil && f.Reason == "" && f.Condition == "" && a.DeletionTime != nil {
		return "deleted, and no container has told of its end"
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
		return shift(wrap(append(lead[:len(lead):len(lead)], words...), s.screen.Width-detailIndent, 2), detailIndent)
	}
	lines := wrap(words, s.screen.Width-indent, 0)
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
	tell("ended", a.FinishTime)
	tell("deleted", a.DeletionTime)
	if lasting, known := between(a.StartTime, a.FinishTime); known {
		parts = append(parts, "ran "+lasting)
	}
	return strings.Join(parts, ", ")
}

// verdict is every rule's word on the attempt and what its failure counts.
func (s sheet) verdict(a *v1alpha1.Attempt) []line {
	var lines []line
	for _, rule := range a.Rules {
		name := strings.TrimSpace("rule " + decimal(rule.Rule) + " " + s.actionOf(rule.Rule))
		lead := append(margin[:1:1], append(sentence(name).pad(len("rule 10 FailIndex"), false), text(" "))...)
		if rule.Matched {
			lead = append(lead, inked("yes", bold), text("  "))
		} else {
			lead = append(lead, text("no   "))
		}
		lines = append(lines, s.told(lead, sentence(rule.Because))...)
	}
	if a.Decision == "" {
		return lines
	}
	return append(lines, s.told(append(margin[:1:1], inked("=>", bold), text(" ")), sentence(s.decided(a)))...)
}

func (s sheet) actionOf(rule int32) string {
	policy := s.Spec.PodFailurePolicy
	if policy == nil || int(rule) >= len(policy.Rules) || rule < 0 {
		return ""
	}
	return string(policy.Rules[rule].Action)
}

// decided is the decision with the count before and after, against the limit.
func (s sheet) decided(a *v1alpha1.Attempt) string {
	var words string
	switch a.Decision {
	case v1alpha1.DecisionIgnore:
		words = "ignored"
	case v1alpha1.DecisionFailIndex:
		words = "the index fails, without a retry"
	case v1alpha1.DecisionFailJob:
		words = "the Job fails"
	default:
		words = "counted"
		if a.Rule == nil && s.Spec.PodFailurePolicy != nil {
			words += ", since no rule matched"
		}
	}
	if a.Before == nil || a.After == nil {
		return words
	}
	counted, ignored := step(a.Before.Counted, a.After.Counted), step(a.Before.Ignored, a.After.Ignored)
	if a.Decision == v1alpha1.DecisionIgnore {
		return words + ": " + ignored + "; " + counted + " counted" + s.limitWords()
	}
	words += ": " + counted
	if a.Decision != v1alpha1.DecisionCount {
		words += " counted"
	}
	words += s.limitWords()
	if a.After.Ignored > 0 {
		words += "; " + ignored + " ignored"
	}
	return words
}

// step is a count before and after, or one that did not change.
func step(before, after int32) string {
	if before == after {
		return decimal(after)
	}
	return decimal(before) + " -> " + decimal(after)
}

// limitWords are the limit that counts are held against.
func (s sheet) limitWords() string {
	if limit := s.Spec.BackoffLimitPerIndex; limit != nil {
		return fmt.Sprintf(", %d allowed", *limit)
	}
	if limit := s.Spec.BackoffLimit; limit != nil {
		return fmt.Sprintf(" (the limit is the whole Job's: backoffLimit %d)", *limit)
	}
	return ""
}

// outcome is what came of the index after its last attempt.
func (s sheet) outcome(record *v1alpha1.IndexFate) []line {
	var words string
	switch {
	case record.RetryTime != nil:
		words = "attempt " + decimal(nextNumber(record)) + " at " + s.clock(*record.RetryTime) + " at the earliest, " + s.until(*record.RetryTime)
	case record.Fate == v1alpha1.Succeeded:
		words = "none, the index is in completedIndexes"
	case record.Fate == v1alpha1.Failed:
		words = "none, the index is in failedIndexes"
	case s.Conclusion.State.Decided():
		words = "none, the Job is decided"
	default:
		return nil
	}
	if f := record.Failures; !f.Exact && f.Counted+f.Ignored > 0 {
		words += "; its failures are known as at least " + decimal(record.Failures.Counted) + " counted, " + decimal(record.Failures.Ignored) + " ignored"
	}
	return append([]line{nil}, wrap(line{inked("Next attempt:", bold), text(" " + words + ".")}, s.screen.Width, 2)...)
}

func nextNumber(record *v1alpha1.IndexFate) int32 {
	if n := len(record.Attempts); n > 0 {
		return record.Attempts[n-1].Number + 1
	}
	return 1
}

// lastedUntil is the end of an attempt, or now for one that still lasts.
func (s sheet) lastedUntil(a *v1alpha1.Attempt) *metav1.Time {
	switch {
	case a.FinishTime != nil:
		return a.FinishTime
	case a.Phase == corev1.PodRunning || a.Phase == corev1.PodPending:
		return &s.ObservedAt
	}
	return a.DeletionTime
}
