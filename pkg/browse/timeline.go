package browse

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// timelinePage is the Job over time, its rows of the indexes that filter and marks
// leave.
type timelinePage struct {
	pager pager
	of    timelineKey
}

// timelineKey is what a timeline was drawn for.
type timelineKey struct {
	explanation *v1alpha1.Explanation
	only        *indexes.Set
	width       int
}

func (m *Model) openTimeline() {
	if _, open := m.page().(*timelinePage); !open {
		m.push(&timelinePage{})
	}
}

func (p *timelinePage) lines(m *Model, height int) []string {
	e := m.explanation()
	if e == nil {
		return nil
	}
	p.pager.size(m.width, height)
	if of := (timelineKey{e, m.job.only, m.width}); p.of != of {
		p.pager.set(view.TimelineLines(m.timed(e), m.job.only, m.screen(height)))
		p.of = of
	}
	return p.pager.lines(m.width, height)
}

// timed is the Explanation with its timeline, which nobody else asks for.
func (m *Model) timed(e *v1alpha1.Explanation) *v1alpha1.Explanation {
	if m.options.Timeline == nil {
		return e
	}
	timed := *e
	timed.Timeline = m.options.Timeline(e)
	return &timed
}

func (p *timelinePage) about(m *Model) string {
	p.lines(m, m.bodyHeight())
	return view.Note(p.pager.place(), false, m.screen(1))
}

func (p *timelinePage) keys(*Model) []binding {
	return []binding{keyBack, keyHelp, keyQuit, keyCauses, keyScroll, keyHold, keyCommand}
}

func (p *timelinePage) command(m *Model) string {
	e := m.explanation()
	if e == nil {
		return ""
	}
	chosen := []string{"--timeline"}
	switch only := m.job.only; {
	case m.job.marks.cause != "":
		chosen = append(chosen, "--cause", m.causeID())
	case only != nil && !only.Empty() && len(only.String()) <= mostTyped:
		chosen = append(chosen, "--index", only.String())
	}
	return view.ExplainCommand(e, m.screen(1), chosen...)
}

func (p *timelinePage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	if key.Matches(k, keyScroll) {
		p.lines(m, m.bodyHeight())
		p.pager.move(k.String())
	}
	return nil
}

func (p *timelinePage) mouse(_ *Model, at tea.MouseMsg, _, _ int) tea.Cmd {
	p.pager.wheel(at)
	return nil
}
