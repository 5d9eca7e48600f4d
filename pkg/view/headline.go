package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// headline is the state of the Job, which Job it is, its size and its times.
func (s sheet) headline() []line {
	pieces := []line{s.stateWords(), s.jobWords(), s.sizeWords()}
	if s.isLog() {
		return flow(pieces, "  ", Unbounded, 0)
	}
	pieces = folded(pieces, s.screen.Width)
	return s.flow(pieces, "  ", s.screen.Width, 0)
}

func (s sheet) stateWords() line {
	c := &s.Conclusion
	if c.DeletedTime != nil {
		return s.deletedWords()
	}
	words := line{inked(stateName(c.State), stateInks[c.State])}
	if !c.State.Decided() {
		if lasting, known := between(c.StartTime, &s.ObservedAt); known && c.State == v1alpha1.StateRunning {
			words = append(words, text(" "+lasting))
		}
		if c.CanOnlyEnd != "" {
			words = append(words, text(", "), inked("CAN ONLY END "+strings.ToUpper(string(c.CanOnlyEnd)), bad))
		}
	}
	if c.Stuck {
		words = append(words, text(", "), inked("STUCK", held))
	}
	if c.Reason != "" {
		words = append(words, text(" ("+c.Reason+")"))
	}
	return words
}

// deletedWords are the state of a Job that was deleted.
func (s sheet) deletedWords() line {
	words := "was " + stateName(s.Conclusion.State)
	if s.Conclusion.Reason != "" {
		words += " (" + s.Conclusion.Reason + ")"
	}
	return line{inked("DELETED", held), text(", " + words)}
}

// stateName is the state in capitals, a word each.
func stateName(state v1alpha1.State) string {
	if state == v1alpha1.StateNoStatus {
		return "NO STATUS"
	}
	return strings.ToUpper(string(state))
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
	if p := s.Spec.Parallelism; p != nil && int64(*p) < s.completions() {
		words = append(words, thousands(int64(*p))+" at once")
	}
	c := &s.Conclusion
	if !c.State.Decided() {
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
