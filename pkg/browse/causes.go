package browse

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// causesPage is the causes, a row each, and below them the chosen one in full.
type causesPage struct {
	id  string // of the chosen one, which may change its place
	top int
}

func (m *Model) openCauses() {
	if _, open := m.page().(*causesPage); open {
		return
	}
	if len(m.explanation().Signatures) == 0 {
		m.note = "no failed attempt of the Job is known"
		return
	}
	m.push(&causesPage{id: m.job.marks.cause})
}

func (p *causesPage) causes(m *Model) []v1alpha1.Signature { return m.explanation().Signatures }

// cursor is the place of the chosen cause.
func (p *causesPage) cursor(m *Model) int {
	for i, cause := range p.causes(m) {
		if cause.ID == p.id {
			return i
		}
	}
	return 0
}

// leastCause is how many lines of the chosen cause are worth a look.
const leastCause = 6

func (p *causesPage) lines(m *Model, height int) []string {
	if len(p.causes(m)) == 0 {
		return nil
	}
	rows := view.CauseRows(m.explanation(), m.screen(height))
	cursor := p.cursor(m)
	below := height - len(rows) - 1
	if below < leastCause {
		below = 0
		if height > 3*leastCause {
			below = height/2 - 1
		}
	}
	room := height - 1
	if below > 0 {
		room -= below + 1
	}
	lines := chosenRows(m, rows, cursor, &p.top, room)
	if below == 0 {
		return lines
	}
	return append(append(lines, ""), p.beside(m, height-len(lines)-1)...)
}

// allOfCause is more lines than a cause has.
const allOfCause = 1 << 20

// beside tells the chosen cause, so far as there is room.
func (p *causesPage) beside(m *Model, room int) []string {
	lines := view.CauseLines(m.explanation(), p.cursor(m)+1, m.screen(allOfCause))
	if len(lines) > room {
		lines = append(lines[:max(0, room-1):max(0, room-1)], "... the right arrow shows the rest")
	}
	return lines
}

// chosenRows are the titles, and those of the rows that are in sight.
func chosenRows(m *Model, rows []string, cursor int, top *int, room int) []string {
	from, to := window(*top, cursor, len(rows)-1, room)
	*top = from
	lines := []string{view.NotChosen(rows[0])}
	for i := from; i < to; i++ {
		if i == cursor {
			lines = append(lines, view.Chosen(rows[1+i], m.screen(1)))
		} else {
			lines = append(lines, view.NotChosen(rows[1+i]))
		}
	}
	return lines
}

func (p *causesPage) about(m *Model) string {
	return view.Note("Enter shows the indexes of this cause in the grid", false, m.screen(1))
}

func (p *causesPage) keys(*Model) []binding {
	return []binding{keyMark, keyBack, keyHelp, keyQuit, keyWhole, keyLog, keyCommand, keyMove}
}

func (p *causesPage) command(m *Model) string {
	if len(p.causes(m)) == 0 {
		return view.ExplainCommand(m.explanation(), m.screen(1))
	}
	return view.ExplainCommand(m.explanation(), m.screen(1), "--cause", view.CauseID(m.explanation(), p.cursor(m)+1))
}

func (p *causesPage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	causes := p.causes(m)
	if len(causes) == 0 {
		return nil
	}
	at := p.cursor(m)
	switch {
	case k.String() == "right":
		m.push(&causePage{id: causes[at].ID, list: p})
	case key.Matches(k, keyMove):
		p.id = causes[moved(k.String(), at, len(causes), m.bodyHeight()/2)].ID
	case key.Matches(k, keyMark):
		return p.mark(m, causes[at].ID)
	case key.Matches(k, keyLog):
		if example := causes[at].Example; example != nil {
			return m.openLog(example.Index)
		}
		m.note = "no attempt of this cause is named"
	}
	return nil
}

// mark shows the indexes of a cause in the grid of all.
func (p *causesPage) mark(m *Model, id string) tea.Cmd {
	var left tea.Cmd
	if m.logPlace() >= 0 {
		left = ask(CloseLog{})
	}
	m.mark(marks{cause: id})
	whole := slices.IndexFunc(m.pages, func(p page) bool { grid, is := p.(*gridPage); return is && grid.isWhole })
	m.pages = m.pages[:whole+1]
	if first, ok := m.job.only.First(); ok {
		m.goTo(first, false)
	}
	return left
}

func (p *causesPage) mouse(m *Model, at tea.MouseMsg, _, y int) tea.Cmd {
	causes := p.causes(m)
	if len(causes) == 0 {
		return nil
	}
	cursor := p.cursor(m)
	if typed := wheel(at); typed != "" {
		p.id = causes[moved(typed, cursor, len(causes), 1)].ID
		return nil
	}
	switch row := p.top + y - 1; {
	case y < 1 || row >= len(causes):
	case row == cursor:
		return p.mark(m, causes[row].ID)
	default:
		p.id = causes[row].ID
	}
	return nil
}

// causePage is one cause in full.
type causePage struct {
	id    string
	list  *causesPage // that it was opened from
	pager pager
	of    causeKey
}

// causeKey is what a cause was drawn for.
type causeKey struct {
	explanation *v1alpha1.Explanation
	width       int
}

func (p *causePage) lines(m *Model, height int) []string {
	p.list.id = p.id
	p.pager.size(m.width, height)
	if of := (causeKey{m.explanation(), m.width}); p.of != of {
		var lines []string
		if len(p.list.causes(m)) > 0 {
			lines = view.CauseLines(m.explanation(), p.list.cursor(m)+1, m.screen(allOfCause))
		}
		p.pager.set(lines)
		p.of = of
	}
	return p.pager.lines(m.width, height)
}

func (p *causePage) about(m *Model) string {
	p.lines(m, m.bodyHeight())
	if place := p.pager.place(); place != "" {
		return view.Note(place, false, m.screen(1))
	}
	return p.list.about(m)
}

func (p *causePage) keys(*Model) []binding {
	return []binding{keyMark, keyBack, keyHelp, keyQuit, keyLog, keyScroll, keyCommand}
}

func (p *causePage) command(m *Model) string { return p.list.command(m) }

func (p *causePage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, keyScroll):
		p.lines(m, m.bodyHeight())
		p.pager.move(k.String())
	case k.String() == "left":
		return m.back()
	case key.Matches(k, keyMark, keyLog):
		return p.list.key(m, k)
	}
	return nil
}

func (p *causePage) mouse(_ *Model, at tea.MouseMsg, _, _ int) tea.Cmd {
	p.pager.wheel(at)
	return nil
}
