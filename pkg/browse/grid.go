package browse

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// gridPage is the grid of a Job or, opened, of one of its cells.
type gridPage struct {
	// isWhole: the grid of all indexes, however many there are now.
	isWhole     bool
	first, last int32
	// cursor is an index, so that the same one stays chosen when cells change.
	cursor int32
	// isNamed: the cursor was put on this very index of its cell, isAsked: by its
	// number or step by step.
	isNamed, isAsked bool
	// before is where the cursor stood when a filter put it on another index, led.
	before, led int32

	grid *view.Grid
	of   gridKey
}

// gridKey is what a grid was laid out for: for the same it is not laid out again.
type gridKey struct {
	explanation   *v1alpha1.Explanation
	only          *indexes.Set
	width, height int
}

// gridIn is the grid in so many lines, nil where nothing is known or there is no
// index.
func (p *gridPage) gridIn(m *Model, height int) *view.Grid {
	e := m.explanation()
	if e == nil || e.Completions() == 0 {
		return nil
	}
	if p.isWhole {
		p.first, p.last = 0, e.Completions()-1
	}
	p.last = min(p.last, e.Completions()-1)
	p.first = min(p.first, p.last)
	p.cursor = max(p.first, min(p.cursor, p.last))
	if of := (gridKey{e, m.job.only, m.width, height}); p.grid == nil || p.of != of {
		p.grid, p.of = view.NewGrid(e, p.first, p.last, m.job.only, m.screen(height)), of
	}
	return p.grid
}

func (p *gridPage) lines(m *Model, height int) []string {
	grid := p.gridIn(m, m.bodyHeight()) // whatever the head takes, it stays as it is
	if grid == nil {
		return nil
	}
	lines := grid.Lines(grid.CellOf(p.cursor))
	room := height - len(lines) - 1
	if room < 2 {
		return lines
	}
	return append(append(lines, ""), p.beside(m, grid, room)...)
}

// beside tells at length what the cursor stands on, where the grid leaves the room.
func (p *gridPage) beside(m *Model, grid *view.Grid, room int) []string {
	e := m.explanation()
	first, last := grid.Of(grid.CellOf(p.cursor))
	if first != last {
		return view.Several(e, first, last, m.screen(room))
	}
	lines := view.TraceLines(e, first, m.screen(room))
	if len(lines) > room {
		lines = append(lines[:room-1], "... Enter shows the rest")
	}
	return lines
}

func (p *gridPage) about(m *Model) string {
	grid := p.gridIn(m, m.bodyHeight())
	switch {
	case m.explanation() == nil:
		return ""
	case grid == nil:
		return view.Note("the Job has no indexes", false, m.screen(1))
	}
	first, last := grid.Of(grid.CellOf(p.cursor))
	if p.isNamed && first != last {
		return view.AboutIn(m.explanation(), p.cursor, first, last, m.screen(1))
	}
	return view.About(m.explanation(), first, last, m.screen(1))
}

func (p *gridPage) keys(m *Model) []binding {
	keys := []binding{keyOpen, keyBack, keyHelp, keyQuit, keyLog, keyCauses, keyTimeline, keyNext, keySearch, keyFilter, keyHold, keyCommand, keyMove}
	if m.page() == m.pages[0] && m.job.marks.isNone() {
		return append(keys[:1], keys[2:]...)
	}
	return keys
}

func (p *gridPage) command(m *Model) string {
	e := m.explanation()
	if e == nil {
		return ""
	}
	switch {
	case m.job.marks.cause != "" && (p.isWhole || p.isAsked):
		return view.ExplainCommand(e, m.screen(1), "--cause", m.causeID())
	case p.isAsked:
		return view.ExplainCommand(e, m.screen(1), "--index", decimal(p.cursor))
	case !p.isWhole:
		return view.ExplainCommand(e, m.screen(1), "--index", indexes.Range(p.first, p.last).String())
	case m.job.only != nil && len(m.job.only.String()) <= mostTyped && !m.job.only.Empty():
		return view.ExplainCommand(e, m.screen(1), "--index", m.job.only.String())
	}
	return view.ExplainCommand(e, m.screen(1))
}

// causeID is what the cause whose indexes are marked is called by.
func (m *Model) causeID() string {
	e := m.explanation()
	for i := range e.Signatures {
		if e.Signatures[i].ID == m.job.marks.cause {
			return view.CauseID(e, i+1)
		}
	}
	return m.job.marks.cause
}

// mostTyped is how long a list of indexes gets in a command, in characters.
const mostTyped = 200

// pageOfGrid is how many rows PgUp and PgDn go.
const pageOfGrid = 5

func (p *gridPage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	grid := p.gridIn(m, m.bodyHeight())
	if grid == nil {
		return nil
	}
	switch {
	case key.Matches(k, keyMove):
		p.move(grid, k.String())
	case key.Matches(k, keyOpen):
		p.open(m, grid)
	case key.Matches(k, keyLog):
		if first, last := grid.Of(grid.CellOf(p.cursor)); first != last {
			m.note = "a log is of one index; Enter opens the cell"
			return nil
		}
		return m.openLog(p.cursor)
	case key.Matches(k, keySearch):
		m.askIndexes()
	case key.Matches(k, keyFilter):
		p.filter(m)
	case key.Matches(k, keyNext, keyPrevious):
		from := p.cursor
		if to, found := m.step(from, key.Matches(k, keyPrevious)); found {
			m.goTo(to, true)
		}
	}
	return nil
}

// filter shows other indexes: the next ones of which there are some. It goes to the
// first of them unless it is on one, and back when all are shown again, to where the
// cursor was put last by hand.
func (p *gridPage) filter(m *Model) {
	if m.job.filter == showAll || p.cursor != p.led {
		p.before = p.cursor
	}
	var none []string
	for {
		m.job.filter = (m.job.filter + 1) % filters
		m.job.choose()
		if m.job.filter == showAll || !m.job.only.Empty() {
			break
		}
		none = append(none, m.job.filter.String())
	}
	if len(none) > 0 {
		m.note = noneIs(none)
	}
	if m.job.filter == showAll {
		p.cursor = p.before
		return
	}
	if only := m.job.only; !only.Has(p.cursor) {
		if to, _ := after(*only, p.first-1); p.first <= to && to <= p.last {
			p.cursor, p.isNamed, p.isAsked = to, true, false
		}
	}
	p.led = p.cursor
}

// move goes to another cell; below the last row, and above the first one, to none.
func (p *gridPage) move(grid *view.Grid, typed string) {
	at := grid.CellOf(p.cursor)
	to := at
	switch typed {
	case "left":
		to--
	case "right":
		to++
	case "up", "k":
		to -= grid.PerRow()
	case "down", "j":
		to += grid.PerRow()
	case "pgup":
		to = at - min(pageOfGrid, at/grid.PerRow())*grid.PerRow()
	case "pgdown":
		to = at + min(pageOfGrid, (grid.Cells()-1-at)/grid.PerRow())*grid.PerRow()
	case "home":
		to = 0
	case "end":
		to = grid.Cells() - 1
	}
	if 0 <= to && to < grid.Cells() && to != at {
		p.cursor, _ = grid.Of(to)
		p.isNamed, p.isAsked = false, false
	}
}

// open opens a cell: the trace of an index, or the grid of several.
func (p *gridPage) open(m *Model, grid *view.Grid) {
	first, last := grid.Of(grid.CellOf(p.cursor))
	if first == last {
		m.push(&tracePage{index: first})
		return
	}
	opened := &gridPage{first: first, last: last, cursor: p.cursor, isNamed: p.isNamed}
	m.push(opened)
}

// mouse chooses the cell that is clicked, and opens the one that is chosen.
func (p *gridPage) mouse(m *Model, at tea.MouseMsg, x, y int) tea.Cmd {
	grid := p.gridIn(m, m.bodyHeight())
	if grid == nil {
		return nil
	}
	if typed := wheel(at); typed != "" {
		p.move(grid, typed)
		return nil
	}
	cell, ok := grid.At(x, y)
	switch {
	case !ok:
	case cell == grid.CellOf(p.cursor):
		p.open(m, grid)
	default:
		p.cursor, _ = grid.Of(cell)
		p.isNamed, p.isAsked = false, false
	}
	return nil
}

// wheel is the key that a turn of the wheel stands for, empty for a click.
func wheel(at tea.MouseMsg) string {
	if _, turned := at.(tea.MouseWheelMsg); !turned {
		return ""
	}
	switch at.Mouse().Button {
	case tea.MouseWheelUp:
		return "up"
	case tea.MouseWheelDown:
		return "down"
	case tea.MouseWheelLeft:
		return "left"
	case tea.MouseWheelRight:
		return "right"
	}
	return ""
}
