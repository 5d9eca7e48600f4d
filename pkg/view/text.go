package view

import (
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Text is the one screen that answers `explain`, most wanted first: what happened,
// which indexes, why in the program's own words, what is stuck; then the grid, what
// was forgiven or retried, what is not known, and what to type next. A log has the
// last lines that each fatal cause wrote.
func Text(e *v1alpha1.Explanation, logs []Log, screen Screen) string {
	s := newSheet(e, screen)
	return render(s.fitted(squeeze(s.sections(logs), s.screen.Height), s.screen.Width), s.screen.Color)
}

func (s sheet) sections(logs []Log) []section {
	fatal, others := s.fatalCauses()
	rows := s.unusual()
	blank := section{lines: []line{nil}, gives: 1}
	grid := newGrid(s).lines(s.screen.Width)
	below := blank
	if len(grid) == 0 {
		below = section{}
	}
	stuck, notes := s.findings(s.perRow(4))
	stuckTight, notesTight := s.findings(1)
	headline, lists, story := s.headline(), s.lists(), s.paragraph(s.story(fatal), 5, 2)
	causes := s.fatal(fatal, logs)
	narrow := s
	narrow.screen.Width = mostOfLog // whatever the width is, the order is the same
	if s.isLog() && len(headline)+len(lists)+len(narrow.story(fatal)) >= mostBeforeCause {
		story, causes = causes, story
	}
	return []section{
		{lines: headline, gives: 9, least: 1},
		{lines: lists, gives: 8, least: 1},
		story,
		causes,
		listed(stuck, stuckTight, 0, "findings", 6, 2),
		blank,
		{lines: grid, gives: 7, least: len(grid)},
		below,
		s.details(rows),
		s.otherCauses(others),
		listed(notes, notesTight, 0, "findings", 3, 2),
		{lines: s.spent(), gives: 1},
		s.paragraph(s.evidence(), 3, 1),
		s.next(rows, fatal, others),
	}
}

// mostBeforeCause is in which line of a log the first fatal cause stands at the
// latest: a CI system's page may show no more.
const mostBeforeCause = 5

// details are a row per unusual index, where they are few: what its own pods say.
func (s sheet) details(rows []row) section {
	t := s.unusualTable(rows)
	if len(t.rows) == 0 {
		return section{}
	}
	width := s.screen.Width
	return listed(t.lines(width, s.perRow(3)), t.lines(width, 1), 0, "indexes", 2, 3)
}

// otherCauses are those that were forgiven, or retried.
func (s sheet) otherCauses(causes []int) section {
	if len(causes) == 0 {
		return section{}
	}
	shown, hidden := s.shownCauses(causes)
	if s.isLog() {
		return section{lines: s.causesInLog(shown, hidden)}
	}
	t := s.causesTable(shown)
	width := s.screen.Width
	return listed(t.lines(width, 2), t.lines(width, 1), hidden, "causes: --cause all", 4, 3)
}

// perRow is in how many lines a row is told: in a log in as many as it takes.
func (s sheet) perRow(most int) int {
	if s.isLog() {
		return Unbounded
	}
	return most
}
