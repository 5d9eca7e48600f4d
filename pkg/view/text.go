package view

import (
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Text is the one screen that answers `explain`: what happened, the grid, who
// and why, what is stuck or missing, what to type next.
func Text(e *v1alpha1.Explanation, screen Screen) string {
	s := newSheet(e, screen)
	return render(squeeze(s.sections(), s.screen.Height), s.screen.Color)
}

// section is a part of the screen.
type section struct {
	lines []line
	// gives is its turn to give up lines where the screen is too low, and least
	// what it keeps as long as others still have some to give.
	gives, least int
	// cut is the section in fewer lines; without it the first of them stay.
	cut func(most int) []line
}

func (s sheet) sections() []section {
	rows, tooMany := s.unusual()
	byCause := tooMany && len(s.Signatures) > 0
	story, findings, evidence := s.story(rows), s.findings(), s.evidence()
	grid := newGrid(s).lines(s.screen.Width)
	return []section{
		{lines: s.headline(), gives: 9, least: 1},
		{lines: story, gives: 5, least: 2, cut: func(most int) []line { return s.brokenOff(story, most) }},
		{lines: []line{nil}, gives: 1},
		{lines: grid, gives: 8, least: len(grid)},
		{lines: []line{nil}, gives: 1},
		s.details(rows, tooMany),
		{lines: findings, gives: 3, least: 1, cut: func(most int) []line { return cutWith(findings, most, "findings") }},
		{lines: evidence, gives: 2, least: 1, cut: func(most int) []line { return s.brokenOff(evidence, most) }},
		{lines: s.next(rows, byCause), gives: 6, least: 1},
	}
}

// details are a row per unusual index where they are few, else one per cause or,
// without any attempt left to tell a cause, one per fate.
func (s sheet) details(rows []*v1alpha1.IndexFate, tooMany bool) section {
	const turn, least = 4, 3
	if !tooMany {
		if len(rows) == 0 {
			return section{gives: turn}
		}
		lines := s.unusualTable(rows).lines(s.screen.Width)
		return section{lines, turn, least, func(most int) []line { return cutWith(lines, most, "indexes") }}
	}
	if len(s.Signatures) == 0 {
		lines := s.outcomesTable().lines(s.screen.Width)
		return section{lines, turn, least, func(most int) []line { return cutWith(lines, most, "fates") }}
	}
	lines := s.causesTable(mostCauses).lines(s.screen.Width)
	if more := len(s.Signatures) - mostCauses; more > 0 {
		lines = append(lines, moreOf(int64(more), "causes"))
	}
	return section{lines, turn, least, func(most int) []line {
		if most < 2 {
			return lines[:most]
		}
		return append(lines[:most-1:most-1], moreOf(int64(len(s.Signatures)-(most-2)), "causes"))
	}}
}

// brokenOff keeps the first lines of a paragraph and marks the break.
func (s sheet) brokenOff(lines []line, most int) []line {
	if most < 1 {
		return nil
	}
	last := lines[most-1].fit(s.screen.Width - len(ellipsis))
	if last[len(last)-1].text != ellipsis {
		last = append(last[:len(last):len(last)], text(ellipsis))
	}
	return append(lines[:most-1:most-1], last)
}

// cutWith keeps the first lines and says how many are left out.
func cutWith(lines []line, most int, what string) []line {
	if most < 2 {
		return lines[:most]
	}
	return append(lines[:most-1:most-1], moreOf(int64(len(lines)-most+1), what))
}

func moreOf(n int64, what string) line {
	return line{inked("  "+thousands(n)+" more "+what, faint)}
}

// squeeze is the sections in as many lines as there are: those whose turn it is
// give up what is above their least and then, in the same order, all of it.
func squeeze(sections []section, height int) []line {
	over := -height
	for _, part := range sections {
		over += len(part.lines)
	}
	for _, keep := range []bool{true, false} {
		for turn := 1; turn <= 9 && over > 0; turn++ {
			for i := range sections {
				part := &sections[i]
				if part.gives != turn {
					continue
				}
				least := 0
				if keep {
					least = part.least
				}
				most := max(min(least, len(part.lines)), len(part.lines)-max(0, over))
				over -= len(part.lines) - most
				part.shorten(most)
			}
		}
	}
	var lines []line
	for _, part := range sections {
		lines = append(lines, part.lines...)
	}
	return lines
}

func (part *section) shorten(most int) {
	switch {
	case most >= len(part.lines):
	case part.cut != nil:
		part.lines = part.cut(most)
	default:
		part.lines = part.lines[:most]
	}
}
