package view

import (
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// Grid is the fates of some indexes as cells that a person can point at. It is
// laid out once; to point elsewhere costs its rows alone.
type Grid struct {
	grid
	screen Screen
	// legend is what its letters say, as wide as the screen.
	legend []line
}

// besideGrid is how many lines a grid of many indexes a cell leaves to what is said
// of the one that is pointed at.
const besideGrid = 4

// mostLegend is how many lines a legend takes at most.
const mostLegend = 3

// NewGrid lays out the indexes from first to last in as many lines as the screen
// has: a cell each where they fit, else cells of a round number of indexes. With only
// it shows no others.
func NewGrid(e *v1alpha1.Explanation, first, last int32, only *indexes.Set, screen Screen) *Grid {
	s := newSheet(e, screen)
	g := &Grid{grid: gridOf(int64(first), max(0, int64(last)-int64(first)+1), s.screen.Width), screen: s.screen}
	for legend := 1; ; legend++ {
		rows := int64(max(1, s.screen.Height-legend-1))
		if g.size = 1; g.n > rows*g.perRow {
			g.size = roundUp(g.n, max(1, rows-besideGrid, rows/2)*g.perRow)
		}
		g.fill(s, only)
		g.legend = brokenOff(flow(folded(g.grid.legend(), s.screen.Width), "  ", s.screen.Width, 0), mostLegend, s.screen.Width)
		if len(g.legend) <= legend || legend == mostLegend {
			return g
		}
	}
}

// Cells is how many there are.
func (g *Grid) Cells() int { return len(g.cells) }

// PerRow is how many cells stand in a row.
func (g *Grid) PerRow() int { return int(g.perRow) }

// Of are the indexes of a cell.
func (g *Grid) Of(cell int) (first, last int32) {
	from := g.first + int64(cell)*g.size
	return int32(from), int32(min(from+g.size, g.first+g.n) - 1)
}

// CellOf is the cell of an index, or the nearest one.
func (g *Grid) CellOf(index int32) int {
	cell := (int64(index) - g.first) / g.size
	return int(max(0, min(cell, int64(len(g.cells))-1)))
}

// At is the cell at a place of what Lines draws.
func (g *Grid) At(x, y int) (cell int, ok bool) {
	x -= g.label + len(beforeCells)
	row := int64(y - 1) // below the ruler
	if x < 0 || x%(cellGroup+1) == cellGroup || row < 0 {
		return 0, false
	}
	column := int64(x - x/(cellGroup+1))
	at := row*g.perRow + column
	return int(at), column < g.perRow && at < int64(len(g.cells))
}

// Lines draws the rows below a ruler that points at the chosen cell, as the mark
// beside its row does, and the legend below them.
func (g *Grid) Lines(chosen int) []string {
	at := int64(chosen)
	column := int(at % g.perRow)
	ruler := strings.Repeat(" ", g.label+len(beforeCells)+column+column/cellGroup) + "v"
	lines := []line{{{ruler, bold}}}
	for first := int64(0); first < int64(len(g.cells)); first += g.perRow {
		lines = append(lines, g.row(first, at))
	}
	return drawn(append(lines, g.legend...), g.screen)
}

// drawn is lines as strings, none wider than the screen.
func drawn(lines []line, screen Screen) []string {
	text := make([]string, len(lines))
	for i := range lines {
		text[i] = strings.TrimSuffix(render([]line{lines[i].fit(screen.Width)}, screen.Color), "\n")
	}
	return text
}
