package view

import (
	"fmt"
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Cause tells one signature in full; n counts from 1 as on the screen, and is one of
// those there are. Its lists of indexes stand on a line of their own, whole, for
// pasting: they alone may be wider than the screen.
func Cause(e *v1alpha1.Explanation, n int, screen Screen) string {
	s := newSheet(e, screen)
	return render(s.cause(n), s.screen.Color)
}

// Causes tells every signature so, the one that did most harm first.
func Causes(e *v1alpha1.Explanation, screen Screen) string {
	s := newSheet(e, screen)
	if len(s.Signatures) == 0 {
		return render([]line{sentence("No failed attempt of the Job is known.")}, false)
	}
	var lines []line
	for n := range s.Signatures {
		if n > 0 {
			lines = append(lines, nil)
		}
		lines = append(lines, s.cause(n+1)...)
	}
	return render(lines, s.screen.Color)
}

func (s sheet) cause(n int) []line {
	cause := &s.Signatures[n-1]
	width := s.screen.Width
	of := s.indexesOf(cause)
	lines := s.flow([]line{
		{inked(fmt.Sprintf("CAUSE %d", n), bold), text(fmt.Sprintf(" of %d, %s", len(s.Signatures), s.shortID(n-1)))},
		{inked(cause.Text, bold)},
		s.jobWords(),
	}, "  ", width, 0)
	size := many(cause.Attempts, "attempt", "attempts") + " of " + many(of.Len(), "index", "indexes")
	if cause.Decision != "" {
		size += ", " + s.decisionSentence(cause)
	}
	lines = append(lines, s.wrap(sentence(stopped(size)+s.causeTimes(cause)), width, 0)...)
	lines = append(lines, nil, line{inked("INDEXES", faint)}, list(of))
	lines = append(lines, nil, line{inked("WHAT BECAME OF THEM", faint)})
	sets := s.byKind(of)
	for _, k := range kindsWorstFirst {
		if set := sets[k]; !set.Empty() {
			lines = append(lines, line{letterOf(k), text(" " + thousands(set.Len()) + " " + kinds[k].phrase)}.fit(width), list(set))
		}
	}
	if len(cause.Nodes) > 0 {
		lines = append(lines, nil, line{inked("NODES", faint)})
		var nodes []line
		for _, node := range cause.Nodes {
			nodes = append(nodes, sentence(thousands(node.Attempts)+" on "+node.Name))
		}
		lines = append(lines, s.flow(nodes, "   ", width, 0)...)
	}
	if example := cause.Example; example != nil {
		words := "Example: index " + decimal(example.Index)
		if example.Pod != "" {
			words += ", pod " + example.Pod
		}
		lines = append(append(lines, nil), s.wrap(sentence(words), width, 0)...)
		lines = append(lines, slices.Concat(s.toType(s.command(ofIndex(example.Index)...), s.logsOf(example.Index))...)...)
	}
	return lines
}

// decisionSentence is what the policy made of the attempts of a cause.
func (s sheet) decisionSentence(cause *v1alpha1.Signature) string {
	words := decisionWords(cause.Decision, nil)
	if cause.Rule != nil {
		return words + " by " + ruleName(*cause.Rule)
	}
	if s.Spec.PodFailurePolicy != nil {
		return words + " since no rule matched"
	}
	return words
}

func (s sheet) causeTimes(cause *v1alpha1.Signature) string {
	switch {
	case cause.FirstTime == nil:
		return ""
	case cause.LastTime == nil || cause.LastTime.Equal(cause.FirstTime):
		return " At " + s.clock(*cause.FirstTime) + "."
	}
	return " From " + s.clock(*cause.FirstTime) + " to " + s.clock(*cause.LastTime) + "."
}
