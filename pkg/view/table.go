package view

// table is columns of text. Exactly one column gives way where the width is
// short, and whole columns go before it would be unreadable.
type table struct {
	columns []column
	rows    [][]line
}

type column struct {
	title string
	right bool
	// least is the width under which the column that gives way never falls.
	least int
	// spare columns go first where there is no room, the highest number first.
	spare int
}

const columnGap = 2

// lines draws the table within a width: its titles and its rows.
func (t table) lines(width int) []line {
	kept := make([]int, len(t.columns))
	for n := range kept {
		kept[n] = n
	}
	widths := t.widths()
	for {
		total := -columnGap
		for _, n := range kept {
			total += widths[n] + columnGap
		}
		if total <= width {
			break
		}
		pliant := t.pliant()
		if room := widths[pliant] - (total - width); room >= t.columns[pliant].least {
			widths[pliant] = room
			break
		}
		next := t.withoutSparest(kept)
		if len(next) == len(kept) {
			widths[pliant] = t.columns[pliant].least
			break
		}
		kept = next
	}
	lines := make([]line, 0, len(t.rows)+1)
	var titles []line
	for _, c := range t.columns {
		titles = append(titles, line{inked(c.title, faint)})
	}
	for _, row := range append([][]line{titles}, t.rows...) {
		var l line
		for i, n := range kept {
			if i > 0 {
				l = append(l, span{"  ", plain})
			}
			l = append(l, row[n].fit(widths[n]).pad(widths[n], t.columns[n].right)...)
		}
		lines = append(lines, l.fit(width))
	}
	return lines
}

// widths are the widths that the columns would like to have.
func (t table) widths() []int {
	widths := make([]int, len(t.columns))
	for n, c := range t.columns {
		widths[n] = len(c.title)
		for _, row := range t.rows {
			widths[n] = max(widths[n], row[n].width())
		}
	}
	return widths
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

func (t table) withoutSparest(kept []int) []int {
	sparest := 0
	for _, n := range kept {
		sparest = max(sparest, t.columns[n].spare)
	}
	if sparest == 0 {
		return kept
	}
	var left []int
	for _, n := range kept {
		if t.columns[n].spare != sparest {
			left = append(left, n)
		}
	}
	return left
}
