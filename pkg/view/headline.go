package view

import (
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// headline is the state of the Job, which Job it is, its size and its times.
func (s sheet) headline() []line {
	pieces := folded([]line{s.stateWords(), s.jobWords(), s.sizeWords()}, s.screen.Width)
	return flow(pieces, "  ", s.screen.Width, 0)
}

func (s sheet) stateWords() line {
	c := &s.Conclusion
	words := line{inked(strings.ToUpper(string(c.State)), stateInks[c.State])}
	if !c.State.Decided() {
		if lasting, known := between(c.StartTime, &s.ObservedAt); known && c.State == v1alpha1.StateRunning {
			words = append(words, text(" "+lasting))
		}
		if c.CanOnlyEnd != "" {
			words = append(words, text(", "), inked("CAN ONLY END "+strings.ToUpper(string(c.CanOnlyEnd)), bad))
		}
	}
	if c.Reason != "" {
		words = append(words, text(" ("+c.Reason+")"))
	}
	return words
}

func (s sheet) jobWords() line {
	words := line{text("job "), inked(s.jobName(), bold)}
	if o := s.Owner; o != nil && o.Name != "" {
		words = append(words, text(" of "+o.Kind+" "+o.Name))
	}
	return words
}

// jobName is namespace/name, or the name alone.
func (s sheet) jobName() string {
	return strings.TrimPrefix(s.Metadata.Namespace+"/"+s.Metadata.Name, "/")
}

func (s sheet) sizeWords() line {
	words := []string{many(s.completions(), "index", "indexes")}
	c := &s.Conclusion
	if !c.State.Decided() {
		if p := s.Spec.Parallelism; p != nil && int64(*p) < s.completions() {
			words = append(words, thousands(int64(*p))+" at once")
		}
		return sentence(strings.Join(words, ", "))
	}
	end, verb := c.FinishedTime, "ended "
	if end == nil {
		end, verb = c.DecidedTime, "decided "
	}
	if lasting, known := between(c.StartTime, end); known {
		words = append(words, lasting)
	}
	if end != nil {
		words = append(words, verb+s.clock(*end))
	}
	if c.FinishedTime == nil {
		if left := int64(s.Status.Active); left > 0 {
			words = append(words, thousands(left)+" active")
		}
		if left := s.Status.Terminating; left != nil && *left > 0 {
			words = append(words, thousands(int64(*left))+" terminating")
		}
	}
	return sentence(strings.Join(words, ", "))
}

// story is what happened: the outcome with its limit, the first cause, what
// the decision did to the rest, and what comes next by itself.
// Rows are the indexes whose attempts the screen tells below.
func (s sheet) story(rows []row) []line {
	told := func(index int32) bool {
		return slices.ContainsFunc(rows, func(r row) bool { return r.of.Has(index) })
	}
	c := &s.Conclusion
	var words []string
	say := func(sentence string) { words = append(words, stopped(capital(sentence))) }
	if c.Message != "" {
		say(c.Message)
	}
	switch {
	case c.Trigger == nil || c.Reason == batchv1.JobReasonCompletionsReached:
	case c.State == v1alpha1.StateSucceeding || c.State == v1alpha1.StateComplete:
		say("Decided by " + s.attemptWords(c.Trigger, told))
	default:
		say("Tipped by " + s.attemptWords(c.Trigger, told))
	}
	if first := c.FirstFailure; first != nil && !sameAttempt(&first.Trigger, c.Trigger) {
		words := "First failure: "
		if first.EarlierGone {
			words = "First failure seen: "
		}
		say(words + s.attemptWords(&first.Trigger, told))
	}
	if c.Effect != nil {
		others := *c.Effect
		if s.tippedStopped() {
			others.Stopped-- // it is told above as what tipped the Job
		}
		if cut := effectWords(&others); cut != "" {
			say("Cut off: " + cut)
		}
	}
	if p := c.Predicted; p != nil {
		say("A sync now would decide " + p.Reason + ": " + p.Message)
		if len(p.AlsoMet) > 0 {
			say("Also met: " + strings.Join(p.AlsoMet, ", "))
		}
	}
	if next := c.NextChange; next != nil {
		say(s.until(next.Time) + ": " + next.What)
	}
	return wrap(sentence(strings.Join(words, " ")), s.screen.Width, 0)
}

// attemptWords name an attempt, its time and node, and how it ended unless the
// rows of the screen tell that already.
func (s sheet) attemptWords(t *v1alpha1.Trigger, told func(index int32) bool) string {
	words := "pod " + t.Pod
	if t.Index != nil {
		words = "index " + decimal(*t.Index)
	}
	if t.Time != nil {
		words += " at " + s.clock(*t.Time)
	}
	how := t.ExitCode != nil || t.Reason != "" || t.Condition != ""
	if how && (t.Index == nil || !told(*t.Index)) {
		words += ", " + ended(asFailure(t))
		if t.Rule != nil {
			words += " (rule " + decimal(*t.Rule) + ")"
		}
	}
	if t.Node != "" {
		words += " on " + t.Node
		if !strings.Contains(words, ",") {
			words = strings.Replace(words, " on "+t.Node, " on node "+t.Node, 1)
		}
	}
	return words
}

func sameAttempt(a, b *v1alpha1.Trigger) bool {
	if a == nil || b == nil || a.Index == nil || b.Index == nil || *a.Index != *b.Index {
		return false
	}
	return a.Pod == b.Pod && a.Time.Equal(b.Time)
}

// tippedStopped: the index whose pod tipped the Job is itself among the stopped.
func (s sheet) tippedStopped() bool {
	return slices.ContainsFunc(s.Fates, func(record v1alpha1.IndexFate) bool { return record.Reason == v1alpha1.ReasonFailJobRule })
}

func effectWords(e *v1alpha1.Effect) string {
	var parts []string
	for _, part := range []struct {
		n    int64
		what string
	}{
		{e.Stopped, "stopped"},
		{e.BackingOff, "waiting for a retry"},
		{e.NeverStarted, "never started"},
		{e.Unknown, "not finished"},
	} {
		if part.n > 0 {
			parts = append(parts, thousands(part.n)+" "+part.what)
		}
	}
	return strings.Join(parts, ", ")
}
