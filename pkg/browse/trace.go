package browse

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// tracePage is every attempt of an index.
type tracePage struct {
	index int32
	pager pager
	of    traceKey
}

// traceKey is what a trace was drawn for.
type traceKey struct {
	explanation *v1alpha1.Explanation
	index       int32
	width       int
}

func (p *tracePage) lines(m *Model, height int) []string {
	e := m.explanation()
	if e == nil {
		return nil
	}
	p.pager.size(m.width, height)
	if of := (traceKey{e, p.index, m.width}); p.of != of {
		p.pager.set(view.TraceLines(e, p.index, m.screen(height)))
		if p.of.index != p.index {
			p.pager.move("home")
		}
		p.of = of
	}
	return p.pager.lines(m.width, height)
}

func (p *tracePage) about(m *Model) string {
	if m.explanation() == nil {
		return ""
	}
	p.lines(m, m.bodyHeight())
	if place := p.pager.place(); place != "" {
		return view.Note("index "+decimal(p.index)+"  "+place, false, m.screen(1))
	}
	return view.About(m.explanation(), p.index, p.index, m.screen(1))
}

func (p *tracePage) keys(*Model) []binding {
	return []binding{keyLog, keyBack, keyHelp, keyQuit, keyCauses, keyNext, keyPrevious, keyScroll, keyHold, keyCommand}
}

func (p *tracePage) command(m *Model) string {
	if m.explanation() == nil {
		return ""
	}
	return view.ExplainCommand(m.explanation(), m.screen(1), "--index", decimal(p.index))
}

func (p *tracePage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch {
	case m.explanation() == nil:
	case key.Matches(k, keyScroll):
		p.lines(m, m.bodyHeight())
		p.pager.move(k.String())
	case key.Matches(k, keyLog):
		return m.openLog(p.index)
	case key.Matches(k, keySearch):
		m.askIndexes()
	case key.Matches(k, keyNext, keyPrevious):
		if to, found := m.step(p.index, key.Matches(k, keyPrevious)); found {
			p.index = to
			m.follow(to)
		}
	}
	return nil
}

func (p *tracePage) mouse(m *Model, at tea.MouseMsg, _, _ int) tea.Cmd {
	p.pager.wheel(at)
	return nil
}

// follow puts the cursors of the grids below on an index.
func (m *Model) follow(index int32) {
	for _, p := range m.pages {
		if grid, ok := p.(*gridPage); ok && (grid.isWhole || grid.first <= index && index <= grid.last) {
			grid.cursor, grid.isNamed, grid.isAsked = index, true, true
		}
	}
}
