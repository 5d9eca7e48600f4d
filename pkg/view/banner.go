package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Banner heads the screen of a Job that is looked at again and again: it remembers
// how fast indexes end.
type Banner struct {
	pace pace
}

// See takes a look.
func (b *Banner) See(e *v1alpha1.Explanation) { b.pace.see(newSheet(e, Screen{})) }

// Lines are as many as the screen has, or fewer: the state of the Job, then how far
// it has come or what decided it.
func (b *Banner) Lines(e *v1alpha1.Explanation, screen Screen) []string {
	s := newSheet(e, screen)
	state := s.stateWords()
	head := flow([]line{state, s.jobWords(), s.sizeWords()}, "  ", Unbounded, 0)[0]
	if head.width() > s.screen.Width { // which Job it is matters more than its size
		head = flow([]line{state, {inked(s.jobName(), bold)}, s.sizeWords()}, "  ", Unbounded, 0)[0]
	}
	words := wrap(sentence(b.words(s)), s.screen.Width, 0)
	return drawn(append([]line{head}, brokenOff(words, s.screen.Height-1, s.screen.Width)...), s.screen)
}

// words are about the whole Job.
func (b *Banner) words(s sheet) string {
	if s.Conclusion.State.Decided() {
		return stopped(capital(s.whatDecided()))
	}
	words, next := s.doneInShort()+b.pace.words(s), "; "
	if s.Conclusion.DeletedTime != nil {
		words = "Last seen: " + s.doneInShort()
	}
	for _, fate := range v1alpha1.Fates {
		if n := s.Counts[fate]; n > 0 && fate != v1alpha1.Succeeded && fate != v1alpha1.Failed {
			words += next + thousands(n) + " " + fateWords[fate]
			next = ", "
		}
	}
	return words
}

// Outlook is what holds the Job up, which is a warning, or else what comes next by
// itself; empty where there is neither.
func Outlook(e *v1alpha1.Explanation, screen Screen) (words string, warns bool) {
	for i := range e.Findings {
		if f := &e.Findings[i]; f.Kind.Stuck() {
			return text("stuck: " + f.Message).text, true
		}
	}
	return text(strings.Join(newSheet(e, screen).forecasts(), ". ")).text, false
}

// Note is a line of our own about what is shown. It stands out where it is a warning.
func Note(words string, warns bool, screen Screen) string {
	return drawn([]line{note(words, warns)}, newSheet(&v1alpha1.Explanation{}, screen).screen)[0]
}

// NoteRows is a Note in as many lines as the screen has, or fewer.
func NoteRows(words string, warns bool, screen Screen) []string {
	s := newSheet(&v1alpha1.Explanation{}, screen)
	return drawn(brokenOff(wrap(note(words, warns), s.screen.Width, 0), s.screen.Height, s.screen.Width), s.screen)
}

func note(words string, warns bool) line {
	if warns {
		return line{inked(words, held)}
	}
	return line{inked(words, plain)}
}
