package view

// section is a part of the screen.
type section struct {
	lines []line
	// gives is its turn to give up lines where the screen is too low, and least
	// what it keeps as long as others still have some to give.
	gives, least int
	// tight is the section with nothing left out but the second lines of rows.
	tight []line
	// cut is the section in so many lines or fewer; without it the first stay.
	cut func(most int) []line
}

// lastTurn is the highest turn of a section.
const lastTurn = 9

// squeeze is the sections in as many lines as there are: rows become tight, then
// those whose turn it is give up what is above their least and then, in the same
// order, all of it.
func squeeze(sections []section, height int) []line {
	over := -height
	for _, part := range sections {
		over += len(part.lines)
	}
	for i := range sections {
		if part := &sections[i]; over > 0 && part.tight != nil {
			over += len(part.tight) - len(part.lines)
			part.lines = part.tight
		}
	}
	for _, sparing := range []bool{true, false} {
		for turn := 1; turn <= lastTurn; turn++ {
			for i := range sections {
				part := &sections[i]
				if over <= 0 || part.gives != turn {
					continue
				}
				most := max(0, len(part.lines)-over)
				if sparing {
					most = max(most, min(part.least, len(part.lines)))
				}
				over += part.shorten(most)
			}
		}
	}
	var lines []line
	for _, part := range sections {
		lines = append(lines, part.lines...)
	}
	return lines
}

// shorten cuts the section and tells by how much its length changed.
func (part *section) shorten(most int) int {
	before := len(part.lines)
	switch {
	case most >= before:
	case part.cut != nil:
		part.lines = part.cut(most)
	default:
		part.lines = part.lines[:most]
	}
	return len(part.lines) - before
}

// paragraph is a section of sentences; a break in it is marked.
func (s sheet) paragraph(lines []line, gives, least int) section {
	return section{lines: lines, gives: gives, least: least, cut: func(most int) []line { return brokenOff(lines, most, s.screen.Width) }}
}

// listed is a section of rows, drawn loosely or tightly, one line a row. Hidden
// rows are those that are not drawn either way.
func listed(loose, tight []line, hidden int, what string, gives, least int) section {
	more := func(lines []line, n int) []line {
		if n == 0 {
			return lines
		}
		return append(lines[:len(lines):len(lines)], line{inked("  "+thousands(int64(n))+" more "+what, faint)})
	}
	return section{more(loose, hidden), gives, least, more(tight, hidden), func(most int) []line {
		if most < least {
			return nil
		}
		return more(tight[:most-1], hidden+len(tight)-most+1)
	}}
}
