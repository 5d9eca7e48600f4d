package view

import (
	"strings"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// story is what happened: the decision with its limit and who decided it, the first
// failure where no fatal cause has it, and what comes next by itself.
func (s sheet) story(fatal []int) []line {
	var words []string
	say := func(sentence string) {
		if sentence != "" {
			words = append(words, stopped(capital(sentence)))
		}
	}
	say(s.whatDecided())
	if len(fatal) == 0 {
		say(s.firstFailureWords())
	}
	for _, forecast := range s.forecasts() {
		say(forecast)
	}
	return s.wrap(sentence(strings.Join(words, " ")), s.screen.Width, 0)
}

// whatDecided tells which attempt decided the Job, which may have done so just
// as well, and by what limit.
func (s sheet) whatDecided() string {
	t, message := s.Conclusion.Trigger, s.Conclusion.Message
	if t == nil {
		return message
	}
	verb := " failed the Job"
	if s.Conclusion.State == v1alpha1.StateSucceeding || s.Conclusion.State == v1alpha1.StateComplete {
		verb = " completed the Job"
	}
	words := whose(&t.AttemptEnd) + verb + s.whenAndWhere(&t.AttemptEnd) + s.tiedWords(t)
	if message != "" {
		words += ": " + message
	}
	return words
}

// tiedWords name the others of which each may be the one that decided.
func (s sheet) tiedWords(t *v1alpha1.Trigger) string {
	tied, _ := indexes.ParseStatus(t.Candidates, s.Completions())
	if t.Index != nil {
		tied = tied.Minus(indexes.Of(*t.Index))
	}
	if tied.Empty() {
		return ""
	}
	why := "they ended in the same second"
	switch {
	case v1alpha1.KnownReason(s.Conclusion.Reason) == batchv1.JobReasonPodFailurePolicy && tied.Len() == 1:
		why = "it matched a FailJob rule too"
	case v1alpha1.KnownReason(s.Conclusion.Reason) == batchv1.JobReasonPodFailurePolicy:
		why = "they matched a FailJob rule too"
	case tied.Len() == 1:
		why = "it ended in the same second"
	}
	return " (or " + strings.ReplaceAll(inShort(tied.String(), 40), ",", ", ") + ": " + why + ")"
}

// firstFailureWords tell the first failure, unless it is the one that decided.
func (s sheet) firstFailureWords() string {
	first, trigger := s.Conclusion.FirstFailure, s.Conclusion.Trigger
	if first == nil || trigger != nil && sameAttempt(&first.AttemptEnd, &trigger.AttemptEnd) {
		return ""
	}
	words := "First failure: "
	if first.EarlierGone {
		words = "First known failure: "
	}
	words += whose(&first.AttemptEnd) + s.whenAndWhere(&first.AttemptEnd)
	if how := howItEnded(&first.AttemptEnd); how != "" {
		words += ", " + how
	}
	if first.EarlierGone {
		words += " (earlier pods were " + s.Evidence.Coverage.Absence() + ")"
	}
	return words
}

func whose(end *v1alpha1.AttemptEnd) string {
	if end.Index != nil {
		return "index " + decimal(*end.Index)
	}
	return "pod " + end.Pod
}

func (s sheet) whenAndWhere(end *v1alpha1.AttemptEnd) string {
	words := ""
	if end.Time != nil {
		words += " at " + s.clock(*end.Time)
	}
	if end.Node != "" {
		words += " on node " + end.Node
	}
	return words
}

// howItEnded is empty where nothing tells.
func howItEnded(end *v1alpha1.AttemptEnd) string {
	if end.ExitCode == nil && end.Reason == "" && end.Condition == "" {
		return ""
	}
	words := ended(&v1alpha1.Failure{Container: end.Container, ExitCode: end.ExitCode, Reason: end.Reason, Condition: end.Condition})
	if end.Rule != nil {
		words += " (" + ruleName(*end.Rule) + ")"
	}
	return words
}

func sameAttempt(a, b *v1alpha1.AttemptEnd) bool {
	return a.Index != nil && b.Index != nil && *a.Index == *b.Index && a.Pod == b.Pod && a.Time.Equal(b.Time)
}

// forecasts are what follows by the rules. Events may overtake them, which is
// why they are told as forecasts.
func (s sheet) forecasts() []string {
	var told []string
	if p := s.Conclusion.Predicted; p != nil {
		verb := "fails"
		if p.Reason == batchv1.JobReasonCompletionsReached || p.Reason == batchv1.JobReasonSuccessPolicy {
			verb = "completes"
		}
		words := "The next sync " + verb + " the Job (" + p.Reason + ")"
		if p.Message != "" {
			words += ": " + p.Message
		}
		told = append(told, words)
		if len(p.AlsoMet) > 0 {
			told = append(told, "Also met: "+strings.Join(p.AlsoMet, ", "))
		}
	}
	if next := s.Conclusion.NextChange; next != nil {
		words := next.What + " at " + s.clock(next.Time)
		if next.Time.After(s.ObservedAt.Time) {
			words += " (" + s.until(next.Time) + ")"
		}
		told = append(told, words+ifEstimated(next.Estimated))
	}
	return told
}

// ifEstimated marks an instant that rests on the controller's own memory.
func ifEstimated(estimated bool) string {
	if estimated {
		return ", estimated"
	}
	return ""
}
