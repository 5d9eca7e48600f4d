package browse

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// helpPage is all keys.
type helpPage struct {
	pager pager
	width int
}

func (p *helpPage) lines(m *Model, height int) []string {
	p.pager.size(m.width, height)
	if p.width != m.width {
		var rows [][2]string
		for _, k := range Keys() {
			rows = append(rows, [2]string{k.Key, k.Does})
		}
		p.pager.set(view.KeyRows(rows, m.screen(height)))
		p.width = m.width
	}
	return p.pager.lines(m.width, height)
}

func (p *helpPage) about(m *Model) string {
	p.lines(m, m.bodyHeight())
	return view.Note(p.pager.place(), false, m.screen(1))
}

func (p *helpPage) keys(*Model) []binding { return []binding{keyLeave, keyScroll} }

// command is that of the page below.
func (p *helpPage) command(m *Model) string { return m.pages[len(m.pages)-2].command(m) }

func (p *helpPage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	if key.Matches(k, keyScroll) {
		p.lines(m, m.bodyHeight())
		p.pager.move(k.String())
	}
	return nil
}

func (p *helpPage) mouse(_ *Model, at tea.MouseMsg, _, _ int) tea.Cmd {
	p.pager.wheel(at)
	return nil
}
