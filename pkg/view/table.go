package view

// table is columns of text. One column gives way where the width is short, and
// others become brief or go before it would be unreadable.
type table struct {
	columns []column
	rows    [][]line
}

type column struct {
	title string
	right bool
	// least marks the column that gives way: the width under which it never
	// falls.
	least int
	// spare columns go first where there is no room, the highest number first.
	// A brief one shrinks to the first span of its cells instead.
	spare int
	brief bool
}

const columnGap = "  "

// lines draws the table within a width, its titles first. What is longer than
// the column that gives way goes on below, up to so many lines a row; where that is
// Unbounded no column goes and nothing is cut.
func (t table) lines(width, perRow int) []line {
	t = t.withoutEmpty()
	if perRow < Unbounded {
		t = t.narrowed(width)
	}
	widths, pliant := t.widths(), t.pliant()
	if over := t.width() - width; over > 0 {
		widths[pliant] = max(min(widths[pliant], t.columns[pliant].least), widths[pliant]-over)
	}
	if perRow == Unbounded {
		width = Unbounded
	}
	lines := []line{t.row(t.titles(), widths, width)}
	for _, cells := range t.rows {
		parts := []line{cells[pliant]}
		if perRow > 1 && parts[0].width() > widths[pliant] {
			parts = brokenOff(wrap(parts[0], widths[pliant], 0), perRow, widths[pliant])
		}
		for i, part := range parts {
			below := make([]line, len(cells))
			if i == 0 {
				copy(below, cells)
			}
			below[pliant] = part
			lines = append(lines, t.row(below, widths, width))
		}
	}
	return lines
}

func (t table) titles() []line {
	titles := make([]line, len(t.columns))
	for n, c := range t.columns {
		titles[n] = line{inked(c.title, faint)}
	}
	return titles
}

// row is cells side by side.
func (t table) row(cells []line, widths []int, width int) line {
	var l line
	for n, cell := range cells {
		if n > 0 {
			l = append(l, span{columnGap, plain})
		}
		if width < Unbounded {
			cell = cell.fit(widths[n])
		}
		l = append(l, cell.pad(widths[n], t.columns[n].right)...)
	}
	return l.fit(width)
}

// widths are the widths that the columns would like to have.
func (t table) widths() []int {
	widths := make([]int, len(t.columns))
	for n, c := range t.columns {
		widths[n] = len(c.title)
		for _, cells := range t.rows {
			widths[n] = max(widths[n], cells[n].width())
		}
	}
	return widths
}

func (t table) width() int {
	total := -len(columnGap)
	for _, width := range t.widths() {
		total += width + len(columnGap)
	}
	return total
}

// pliant is the column that gives way.
func (t table) pliant() int {
	for n, c := range t.columns {
		if c.least > 0 {
			return n
		}
	}
	return len(t.columns) - 1
}

// narrowed is the table without as many spare columns as the width asks for.
func (t table) narrowed(width int) table {
	for {
		pliant := t.pliant()
		gives := max(0, t.widths()[pliant]-t.columns[pliant].least)
		if t.width()-width <= gives {
			return t
		}
		sparest := 0
		for n, c := range t.columns {
			if c.spare > t.columns[sparest].spare {
				sparest = n
			}
		}
		if t.columns[sparest].spare == 0 {
			return t
		}
		if t.columns[sparest].brief {
			t = t.shortened(sparest)
		} else {
			t = t.without(sparest)
		}
	}
}

// withoutEmpty is the table without columns that say nothing.
func (t table) withoutEmpty() table {
	for n := len(t.columns) - 1; n >= 0; n-- {
		widest := 0
		for _, cells := range t.rows {
			widest = max(widest, cells[n].width())
		}
		if widest == 0 && t.columns[n].spare > 0 {
			t = t.without(n)
		}
	}
	return t
}

func (t table) without(column int) table {
	var kept table
	kept.columns = append(kept.columns, t.columns[:column]...)
	kept.columns = append(kept.columns, t.columns[column+1:]...)
	for _, cells := range t.rows {
		row := append([]line{}, cells[:column]...)
		kept.rows = append(kept.rows, append(row, cells[column+1:]...))
	}
	return kept
}

func (t table) shortened(at int) table {
	kept := table{columns: append([]column{}, t.columns...)}
	kept.columns[at] = column{}
	for _, cells := range t.rows {
		row := append([]line{}, cells...)
		row[at] = row[at][:min(1, len(row[at]))]
		kept.rows = append(kept.rows, row)
	}
	return kept
}
