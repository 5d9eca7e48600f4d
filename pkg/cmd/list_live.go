package cmd

import (
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// liveTable is the model of the live table of Jobs.
type liveTable struct {
	live
	options listOptions
	jobsLook
}

// Init asks for nothing: looks come by themselves.
func (s *liveTable) Init() tea.Cmd { return nil }

// Update takes what is seen of the Jobs, the size of the screen, and keys.
func (s *liveTable) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	seen, ok := message.(jobsLook)
	if !ok {
		return s, s.take(message)
	}
	s.jobsLook = seen
	return s, nil
}

// View draws the table and a line below it.
func (s *liveTable) View() tea.View {
	return s.frame(s.text(), s.footer(s.list != nil, s.trouble, s.sureAt))
}

// text is as much of the table as there is room for, above the prompt or what stands
// in its place.
func (s *liveTable) text() string {
	switch {
	case s.list == nil || s.height == 0:
		return ""
	case len(s.list.Items) == 0:
		return s.fit(s.options.nothingFound(s.others)) + "\n"
	}
	screen := s.options.screen
	screen.Width, screen.Height = s.width, abovePrompt(s.height)
	return view.List(s.list, s.options.columns, screen)
}
