package view

import (
	"fmt"
	"strings"
)

// The size of a cell of the grid on the page, in pixels, and how many there are:
// fifty in a row, for rows to begin with a round number.
const (
	gridCell, gridLine   = 17, 19
	gridGap              = 8 // between tens
	gridPerRow, gridRows = 50, 40
	gridDigit            = 8 // of what stands before a row
)

// htmlGrid is the grid as a picture. Each kind has one path, of a rectangle for each
// run of neighbours, and one text, of a letter a cell: an element for an index, or
// even for a cell, is what a browser could not bear.
type htmlGrid struct {
	Width, Height, Left int
	CellWidth, LineHeight, Gap, Group,
	PerRow, Cells int
	// Size is how many indexes a cell stands for.
	Size, Indexes int64
	Labels        []htmlText
	Kinds         []htmlLayer
	// Lines part the cells, Rows of them.
	Lines  string
	Legend []htmlList
	Note   string
}

// htmlText is a text at a place of a picture.
type htmlText struct {
	X, Y float64
	Text string
	Href string
}

// htmlLayer is all of one kind in a picture.
type htmlLayer struct {
	Name, Fill, Ink string
	Path            string
	X, Y, Letters   string
}

func (s sheet) htmlGrid() htmlGrid {
	g := grid{n: s.completions(), size: 1, perRow: gridPerRow}
	if g.n > gridPerRow*gridRows {
		g.size = roundUp(g.n, gridPerRow*gridRows)
	}
	g.fill(s, nil)
	cells := len(g.cells)
	h := htmlGrid{CellWidth: gridCell, LineHeight: gridLine, Gap: gridGap, Group: cellGroup, PerRow: gridPerRow, Cells: cells, Size: g.size, Indexes: g.n}
	rows := (cells + gridPerRow - 1) / gridPerRow
	last := decimal(int64(max(0, rows-1)) * gridPerRow * g.size)
	h.Left = gridDigit*len(last) + 8
	h.Width = h.Left + h.x(min(cells, gridPerRow)) + 1
	h.Height = rows*gridLine + 1
	var layers [1 << 8]struct{ path, x, y, letters strings.Builder }
	for row := range rows {
		first := row * gridPerRow
		h.Labels = append(h.Labels, htmlText{X: float64(h.Left - 8), Y: float64(row*gridLine + 13), Text: decimal(int64(first) * g.size)})
		for at := first; at < min(cells, first+gridPerRow); {
			from, kind := at, g.cells[at]
			layer := &layers[kind]
			for ; at < min(cells, first+gridPerRow) && g.cells[at] == kind && (at == from || at%cellGroup != 0); at++ {
				fmt.Fprintf(&layer.x, " %.1f", float64(h.Left+h.x(at-first))+gridCell/2.0)
				fmt.Fprintf(&layer.y, " %d", row*gridLine+14)
				layer.letters.WriteByte(kinds[kind].letter)
			}
			fmt.Fprintf(&layer.path, "M%d %dh%dv%dh-%dz", h.Left+h.x(from-first), row*gridLine, (at-from)*gridCell, gridLine-1, (at-from)*gridCell)
		}
	}
	for k := range kinds {
		if l := &layers[k]; l.letters.Len() > 0 {
			p := paints[kinds[k].ink]
			h.Kinds = append(h.Kinds, htmlLayer{p.name, p.light[0], p.light[1], l.path.String(), l.x.String()[1:], l.y.String()[1:], l.letters.String()})
		}
	}
	for k, n := range g.counts {
		if n > 0 {
			h.Legend = append(h.Legend, htmlList{Letter: letterPiece(uint8(k)), Count: thousands(n), Word: kinds[k].word})
		}
	}
	if g.size > 1 {
		h.Note = "A cell is " + thousands(g.size) + " indexes and shows the worst of them."
	}
	return h
}

// x is where a cell of a row begins.
func (h *htmlGrid) x(cell int) int { return cell*gridCell + cell/cellGroup*gridGap }

// Label says in words what the picture shows.
func (h *htmlGrid) Label() string {
	var parts []string
	for _, l := range h.Legend {
		parts = append(parts, l.Count+" "+l.Word)
	}
	return "The fates of " + thousands(h.Indexes) + " indexes: " + strings.Join(parts, ", ")
}
