package browse

import (
	"strconv"
	"strings"

	"charm.land/bubbles/v2/viewport"
	tea "charm.land/bubbletea/v2"
)

// pager scrolls over lines that are no wider than the screen.
type pager struct {
	port  viewport.Model
	count int
}

// set takes other lines; the place stays, so far as there are as many.
func (p *pager) set(lines []string) {
	p.port.SetContentLines(lines)
	p.count = len(lines)
}

// lines are those in sight.
func (p *pager) lines(width, height int) []string {
	p.size(width, height)
	lines := strings.Split(p.port.View(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// size is told before the place is moved.
func (p *pager) size(width, height int) {
	if p.port.MouseWheelDelta == 0 {
		p.port = viewport.New()
		p.port.KeyMap = viewport.KeyMap{}
	}
	p.port.SetWidth(width)
	p.port.SetHeight(height)
	p.port.SetYOffset(p.port.YOffset())
}

func (p *pager) move(typed string) {
	switch typed {
	case "up", "k":
		p.port.ScrollUp(1)
	case "down", "j":
		p.port.ScrollDown(1)
	case "pgup", "b":
		p.port.PageUp()
	case "pgdown", "space":
		p.port.PageDown()
	case "home", "g":
		p.port.GotoTop()
	case "end", "G":
		p.port.GotoBottom()
	}
}

// wheel scrolls, and reports whether it was turned.
func (p *pager) wheel(at tea.MouseMsg) bool {
	turned := wheel(at)
	for range 3 {
		p.move(turned)
	}
	return turned != ""
}

// place says which of the lines are in sight, empty where all are.
func (p *pager) place() string {
	if p.count <= p.port.Height() {
		return ""
	}
	first := p.port.YOffset() + 1
	last := min(p.count, p.port.YOffset()+p.port.Height())
	return linesOf(first, last, p.count)
}

func linesOf(first, last, count int) string {
	return "lines " + strconv.Itoa(first) + "-" + strconv.Itoa(last) + " of " + strconv.Itoa(count)
}

// window is the part of so many rows that has the cursor and begins where it began,
// if it can.
func window(top, cursor, rows, height int) (from, to int) {
	height = max(1, height)
	top = max(min(top, cursor), cursor-height+1)
	top = max(0, min(top, rows-height))
	return top, min(rows, top+height)
}

// moved is where a key leads in a list of so many rows.
func moved(typed string, at, rows, page int) int {
	switch typed {
	case "up", "k":
		at--
	case "down", "j":
		at++
	case "pgup":
		at -= page
	case "pgdown":
		at += page
	case "home":
		at = 0
	case "end":
		at = rows - 1
	}
	return max(0, min(at, rows-1))
}
