package browse

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// binding is a key and, in a word or two, what it does.
type binding = key.Binding

func bind(help, does string, keys ...string) binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
}

// The keys, as the last line of the screen names them.
var (
	keyMove     = bind("arrows", "move", "up", "down", "left", "right", "j", "k", "pgup", "pgdown", "home", "end")
	keyScroll   = bind("up/down", "scroll", "up", "down", "j", "k", "pgup", "pgdown", "home", "end", "g", "G", "space", "b")
	keyOpen     = bind("enter", "open", "enter")
	keyWhole    = bind("right", "whole", "right")
	keyMark     = bind("enter", "mark", "enter")
	keyLog      = bind("l", "log", "l")
	keyEarlier  = bind("[", "earlier", "[")
	keyLater    = bind("]", "later", "]")
	keyCauses   = bind("c", "causes", "c")
	keyTimeline = bind("t", "timeline", "t")
	keyNext     = bind("n", "next", "n")
	keyPrevious = bind("N", "previous", "N")
	keySearch   = bind("/", "find", "/")
	keyFilter   = bind("f", "filter", "f")
	keyHold     = bind("p", "hold", "p")
	keyCommand  = bind("y", "command", "y")
	keyHelp     = bind("?", "help", "?")
	keyBack     = bind("esc", "back", "esc")
	keyQuit     = bind("q", "quit", "q")
	keyLeave    = bind("esc, q", "back", "esc", "q")
)

// KeyHelp is a key and what it does, at length.
type KeyHelp struct{ Key, Does string }

// Keys are all of them, for the page of help and for the README.
func Keys() []KeyHelp {
	return []KeyHelp{
		{"arrows, j, k", "Move over the Jobs, the grid, the causes; scroll the other pages"},
		{"PgUp, PgDn", "The same by a page, in the grid by five rows"},
		{"Home, End", "The first and the last; at its end a log is followed"},
		{"g, G, b", "Top, end, a page up in a trace or a log; Space: a page down"},
		{"Enter", "Open the Job, the cell, the index; mark the indexes of a cause"},
		{"l", "The log of the newest attempt, followed"},
		{"[, ]", "The log of the attempt before, of the one after"},
		{"c", "The causes, worst first; there the right arrow shows one in full"},
		{"t", "The Job over time; with a filter or marks, of those indexes"},
		{"n, N", "The next and the previous failure, marked index, or Job found"},
		{"/", "Go to an index by number; mark those that a word is said about"},
		{"f", "Show all indexes, the failed, the stuck; all Jobs, failed, running"},
		{"p", "Hold the picture still, or let it go on"},
		{"y", "Leave, and print the command that shows the same"},
		{"Esc", "Take the marks away; back to the page before"},
		{"?", "All keys, and back"},
		{"q, Ctrl-C", "Quit; Ctrl-Z: suspend, fg comes back"},
		{"the mouse", "Click: choose; again: open; wheel: scroll; with Shift: select text"},
	}
}

// key acts on a key that was typed.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	m.note = ""
	switch {
	case k.String() == "ctrl+c":
		m.interrupted = true
		return tea.Quit
	case k.String() == "ctrl+z" && m.options.CanSuspend:
		return tea.Suspend
	case k.String() == "ctrl+z":
		m.note = "there is no shell that would bring it back: it is not suspended"
		return nil
	case m.isTooSmall() && k.String() != "q":
		return nil
	case m.search != nil:
		return m.search.key(m, k)
	case key.Matches(k, keyQuit, keyHelp) && isOn[*helpPage](m):
		return m.back()
	case key.Matches(k, keyQuit):
		return tea.Quit
	case key.Matches(k, keyHelp):
		m.push(&helpPage{})
		return nil
	case m.job != nil && m.explanation() == nil && !isOn[*helpPage](m):
		return m.typeAhead(k)
	case key.Matches(k, keyCommand):
		m.parting = m.leaveWith()
		return tea.Quit
	case key.Matches(k, keyBack):
		return m.escape()
	case key.Matches(k, keyHold) && m.options.IsFile:
		m.note = "a file does not change: there is nothing to hold"
		return nil
	case key.Matches(k, keyHold) && m.explanation() != nil && !isOn[*logPage](m):
		m.job.hold()
		return nil
	case key.Matches(k, keyCauses) && m.explanation() != nil:
		m.openCauses()
		return nil
	case key.Matches(k, keyTimeline) && m.explanation() != nil:
		m.openTimeline()
		return nil
	}
	return m.page().key(m, k)
}

// leaveWith is the command that shows the same, or why none does any more.
func (m *Model) leaveWith() string {
	if j := m.job; j != nil && j.latest.Gone {
		return view.Note("job "+j.key.Name+" was deleted: no command shows it any more", false, view.Screen{Width: view.Unbounded})
	}
	return m.page().command(m)
}

// typeAhead keeps a key until the Job has been read. Esc takes back what was typed and,
// where that is nothing, closes the Job.
func (m *Model) typeAhead(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case !key.Matches(k, keyBack):
		m.job.typed = append(m.job.typed, k)
		return nil
	case len(m.job.typed) > 0:
		m.job.typed = nil
		return nil
	}
	return m.back()
}

// escape takes the marks away, and else closes the page.
func (m *Model) escape() tea.Cmd {
	if grid, ok := m.page().(*gridPage); ok && grid.isWhole && !m.job.marks.isNone() {
		m.mark(marks{})
		return nil
	}
	return m.back()
}

// mouse acts on a click or a turn of the wheel, which stands for keys.
func (m *Model) mouse(message tea.MouseMsg) tea.Cmd {
	if m.isTooSmall() || m.search != nil {
		return nil
	}
	switch at := message.Mouse(); message.(type) {
	case tea.MouseClickMsg:
		if at.Button == tea.MouseLeft && at.Y >= m.bodyTop() {
			m.note = ""
			return m.page().mouse(m, message, at.X, at.Y-m.bodyTop())
		}
	case tea.MouseWheelMsg:
		m.note = ""
		return m.page().mouse(m, message, at.X, at.Y-m.bodyTop())
	}
	return nil
}

// bodyTop is the first line of the page on the screen.
func (m *Model) bodyTop() int { return max(headHeight, m.headDrawn) }
