package view

import (
	"strconv"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// grid is the fates of all indexes as cells.
type grid struct {
	// size is how many indexes one cell stands for.
	size int64
	// cells hold the worst kind of their indexes.
	cells []uint8
	// counts says how many indexes there are of each kind.
	counts []int64
	// perRow is a multiple of ten.
	perRow int64
	label  int
}

// cellGroup is how many cells stand together.
const cellGroup = 10

// The grid of a log is laid out as for a screen of this size: it is to be seen at a
// glance, however long and wide the log is.
const mostOfGrid, mostOfLog = 60, 100

// newGrid lays the indexes out for a screen: a cell each where they fit into a
// third of its height, else cells of a round number of indexes in a sixth of it,
// which leaves room for the rest of the story. Its cost is of records and
// cells, never of indexes.
func newGrid(s sheet) grid {
	n := s.completions()
	g := grid{size: 1, label: max(3, len(strconv.FormatInt(max(0, n-1), 10))+1)}
	width := s.screen.Width
	if s.isLog() {
		width = min(width, mostOfLog)
	}
	g.perRow = cellsPerRow(width - g.label - 2)
	height := min(s.screen.Height, mostOfGrid)
	if rows := int64(max(1, (height+1)/3)); n > rows*g.perRow {
		g.size = roundUp(n, int64(max(1, (height+3)/6))*g.perRow)
	}
	g.cells = make([]uint8, (n+g.size-1)/g.size)
	g.counts = make([]int64, len(kinds))
	g.fill(s)
	return g
}

// cellsPerRow is how many cells in tens fit a width. Above fifty it is a multiple
// of fifty, for rows to begin with a round number.
func cellsPerRow(width int) int64 {
	tens := int64(width+1) / (cellGroup + 1)
	if tens > 5 {
		tens -= tens % 5
	}
	return max(1, tens) * cellGroup
}

// roundUp is the least of 1, 2, 5, 10, 20 ... of which most cells hold n.
func roundUp(n, most int64) int64 {
	for size := int64(1); ; size *= 10 {
		for _, step := range []int64{size, 2 * size, 5 * size} {
			if (n+step-1)/step <= most {
				return step
			}
		}
	}
}

func (g grid) fill(s sheet) {
	unset := uint8(len(kinds))
	for c := range g.cells {
		g.cells[c] = unset
	}
	n, told := s.completions(), int64(0)
	// Neighbours are mostly of one kind, which is looked up once.
	k, fate, reason := unknownKind, v1alpha1.Fate(""), ""
	for i := range s.Fates {
		record := &s.Fates[i]
		first, last := int64(record.Index), min(int64(record.Last()), n-1)
		if first < 0 || last < first {
			continue
		}
		if record.Fate != fate || record.Reason != reason {
			fate, reason = record.Fate, record.Reason
			k = kindOf(fate, reason)
		}
		g.counts[k] += last - first + 1
		told += last - first + 1
		for c := first / g.size; c <= last/g.size; c++ {
			if g.cells[c] == unset || badness[k] < badness[g.cells[c]] {
				g.cells[c] = k
			}
		}
	}
	g.counts[unknownKind] += max(0, n-told)
	for c := range g.cells {
		if g.cells[c] == unset {
			g.cells[c] = unknownKind
		}
	}
}

// rows draws the cells, each row behind its first index.
func (g grid) rows() []line {
	var rows []line
	for first := int64(0); first < int64(len(g.cells)); first += g.perRow {
		row := line{{strconv.FormatInt(first*g.size, 10), plain}}.pad(g.label, true)
		row = append(row, span{"  ", plain})
		cells := g.cells[first:min(first+g.perRow, int64(len(g.cells)))]
		for start := 0; start < len(cells); start += cellGroup {
			if start > 0 {
				row = append(row, span{" ", plain})
			}
			row = append(row, letters(cells[start:min(start+cellGroup, len(cells))])...)
		}
		rows = append(rows, row)
	}
	return rows
}

// letters draws neighbours of one ink in one span.
func letters(cells []uint8) line {
	var drawn line
	var run strings.Builder
	for i, c := range cells {
		run.WriteByte(kinds[c].letter)
		if i+1 == len(cells) || kinds[cells[i+1]].ink != kinds[c].ink {
			drawn = append(drawn, span{run.String(), kinds[c].ink})
			run.Reset()
		}
	}
	return drawn
}

// legend tells what a cell is and how many indexes each letter stands for;
// the counts add up to completions.
func (g grid) legend() []line {
	var entries []line
	if g.size > 1 {
		entries = append(entries, line{{"cell = " + thousands(g.size) + ", worst shown.", plain}})
	}
	for k, n := range g.counts {
		if n > 0 {
			entries = append(entries, line{letterOf(uint8(k)), {" " + thousands(n) + " " + kinds[k].word, plain}})
		}
	}
	return entries
}

// letterOf is the letter of a kind in its ink.
func letterOf(k uint8) span { return span{string(kinds[k].letter), kinds[k].ink} }

// lines is the grid with its legend, beside it where one row leaves the room.
func (g grid) lines(width int) []line {
	rows, legend := g.rows(), flow(folded(g.legend(), width), "  ", width, 0)
	if len(rows) == 1 && len(legend) == 1 {
		if beside := rows[0].width() + 3 + legend[0].width(); beside <= width {
			return []line{append(append(rows[0], span{"   ", plain}), legend[0]...)}
		}
	}
	return append(rows, legend...)
}
