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

func (s sheet) sections() []section {
	rows, tooMany := s.unusual()
	byCause := tooMany && len(s.Signatures) > 0
	grid, blank := newGrid(s).lines(s.screen.Width), section{lines: []line{nil}, gives: 1}
	below := blank
	if len(grid) == 0 {
		below = section{}
	}
	return []section{
		{lines: s.headline(), gives: 9, least: 1},
		s.paragraph(s.story(rows), 5, 2),
		blank,
		{lines: grid, gives: 8, least: len(grid)},
		below,
		s.details(rows, tooMany),
		listed(s.findings(s.perRow(4)), s.findings(1), 0, "findings", 3, 2),
		s.paragraph(s.evidence(), 2, 1),
		s.next(rows, byCause),
	}
}

// details are a row per unusual index where they are few, else one per cause or,
// without any attempt left to tell a cause, one per fate.
func (s sheet) details(rows []row, tooMany bool) section {
	t, hidden, what := s.unusualTable(rows), 0, "indexes"
	switch {
	case tooMany && len(s.Signatures) > 0:
		t, hidden, what = s.causesTable(mostCauses), max(0, len(s.Signatures)-mostCauses), "causes"
	case tooMany:
		t, what = s.outcomesTable(), "fates"
	}
	if len(t.rows) == 0 {
		return section{}
	}
	width := s.screen.Width
	return listed(t.lines(width, s.perRow(3)), t.lines(width, 1), hidden, what, 4, 3)
}

// perRow is in how many lines a row is told: in a log in as many as it takes.
func (s sheet) perRow(most int) int {
	if s.screen.Height == Unbounded {
		return Unbounded
	}
	return most
}
