package view

import (
	"strconv"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// grid is the fates of indexes as cells.
type grid struct {
	// first is the lowest of its indexes, and n how many there are.
	first, n int64
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
	width := s.screen.Width
	if s.isLog() {
		width = min(width, mostOfLog)
	}
	g := gridOf(0, s.completions(), width)
	height := min(s.screen.Height, mostOfGrid)
	if rows := int64(max(1, (height+1)/3)); g.n > rows*g.perRow {
		g.size = roundUp(g.n, int64(max(1, (height+3)/6))*g.perRow)
	}
	g.fill(s, nil)
	return g
}

// gridOf is a grid of n indexes from first on, a cell each.
func gridOf(first, n int64, width int) grid {
	g := grid{first: first, n: n, size: 1, label: max(3, len(strconv.FormatInt(max(0, first+n-1), 10))+1)}
	g.perRow = cellsPerRow(width - g.label - len(beforeCells))
	return g
}

// beforeCells parts the first index of a row from its cells.
const beforeCells = "  "

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

// fill takes the records of the indexes into their cells and, where only is given,
// of the indexes in it alone.
func (g *grid) fill(s sheet, only *indexes.Set) {
	g.cells = make([]uint8, (g.n+g.size-1)/g.size)
	g.counts = make([]int64, len(kinds))
	for c := range g.cells {
		g.cells[c] = noKind
	}
	var among []indexes.Interval
	if only != nil {
		among = only.Intervals()
	}
	told := int64(0)
	// Neighbours are mostly of one kind, which is looked up once.
	k, fate, reason := unknownKind, v1alpha1.Fate(""), ""
	for i := s.RecordFrom(int32(g.first)); i < len(s.Fates); i++ {
		record := &s.Fates[i]
		first, last := max(g.first, int64(record.Index)), min(int64(record.Last()), g.first+g.n-1)
		if int64(record.Index) >= g.first+g.n {
			break
		}
		if last < first {
			continue
		}
		if record.Fate != fate || record.Reason != reason {
			fate, reason = record.Fate, record.Reason
			k = kindOf(fate, reason)
		}
		told += last - first + 1
		if only == nil {
			g.take(k, first, last)
			continue
		}
		for len(among) > 0 && int64(among[0].Last) < first {
			among = among[1:]
		}
		for _, run := range among {
			if int64(run.First) > last {
				break
			}
			g.take(k, max(first, int64(run.First)), min(last, int64(run.Last)))
		}
	}
	if only != nil {
		return
	}
	g.counts[unknownKind] += max(0, g.n-told)
	for c := range g.cells {
		if g.cells[c] == noKind {
			g.cells[c] = unknownKind
		}
	}
}

// take counts a run of indexes of one kind, and shows it where it is the worst.
func (g *grid) take(k uint8, first, last int64) {
	g.counts[k] += last - first + 1
	for c := (first - g.first) / g.size; c <= (last-g.first)/g.size; c++ {
		if g.cells[c] == noKind || badness[k] < badness[g.cells[c]] {
			g.cells[c] = k
		}
	}
}

// rows draws the cells, each row behind its first index.
func (g grid) rows() []line {
	var rows []line
	for first := int64(0); first < int64(len(g.cells)); first += g.perRow {
		rows = append(rows, g.row(first, -1))
	}
	return rows
}

// row draws the cells from first on, one of them as the chosen one.
func (g grid) row(first, chosen int64) line {
	row := line{{strconv.FormatInt(g.first+first*g.size, 10), plain}}.pad(g.label, true)
	if first <= chosen && chosen < first+g.perRow {
		row = append(row, span{"> ", bold})
	} else {
		row = append(row, span{beforeCells, plain})
	}
	cells := g.cells[first:min(first+g.perRow, int64(len(g.cells)))]
	for start := 0; start < len(cells); start += cellGroup {
		if start > 0 {
			row = append(row, span{" ", plain})
		}
		group := cells[start:min(start+cellGroup, len(cells))]
		at := int(chosen-first) - start
		if chosen < 0 || at < 0 || at >= len(group) {
			row = append(row, letters(group)...)
			continue
		}
		row = append(row, letters(group[:at])...)
		letter := letterOf(group[at])
		letter.ink |= chosenInk
		row = append(append(row, letter), letters(group[at+1:])...)
	}
	return row
}

// letters draws neighbours of one ink in one span.
func letters(cells []uint8) line {
	var drawn line
	var run strings.Builder
	for i, c := range cells {
		letter := letterOf(c)
		run.WriteString(letter.text)
		if i+1 == len(cells) || letterOf(cells[i+1]).ink != letter.ink {
			drawn = append(drawn, span{run.String(), letter.ink})
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

// letterOf is the letter of a kind in its ink, a blank where there is none.
func letterOf(k uint8) span {
	if k == noKind {
		return span{" ", plain}
	}
	return span{string(kinds[k].letter), kinds[k].ink}
}

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
