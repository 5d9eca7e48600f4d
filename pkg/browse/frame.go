package browse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/help"
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

const (
	// The least screen that the pages are drawn for.
	leastWidth, leastHeight = 40, 10
	// headHeight is how many lines head a page, footHeight how many end it.
	headHeight, footHeight = 3, 2
	// mostSilence is how long nothing may come of a Job that is followed before it is
	// said how old the picture is: news, or that there is none, comes every second.
	mostSilence = 5 * time.Second
)

func (m *Model) isTooSmall() bool { return m.width < leastWidth || m.height < leastHeight }

// bodyHeight is how many lines there are for a page.
func (m *Model) bodyHeight() int { return m.height - headHeight - footHeight }

// View draws the screen.
func (m *Model) View() tea.View {
	v := tea.NewView(strings.Join(m.draw(), "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	return v
}

func (m *Model) draw() []string {
	switch {
	case m.width <= 0 || m.height <= 0:
		return nil
	case m.isTooSmall():
		return m.tooSmall()
	}
	head := m.head(m.spare())
	m.headDrawn = len(head)
	room := headHeight + m.bodyHeight() - len(head)
	body := m.page().lines(m, room)
	lines := append(head, body[:min(len(body), room)]...)
	for len(lines) < headHeight+m.bodyHeight() {
		lines = append(lines, "")
	}
	about := m.page().about(m)
	switch {
	case m.search != nil:
		about = m.search.line(m)
	case m.note != "":
		about = view.Note(m.note, true, m.screen(1))
	}
	return append(lines, about, m.keysLine())
}

// What stands below a grid is worth more than a whole head: the attempts of an index,
// and a few lines about a cell of several.
const leastTrace, leastSeveral = 24, 5

// spare is how many more lines than usual the head may have: where the page is a grid
// that leaves the room for them, whichever of its cells is chosen.
func (m *Model) spare() int {
	page, ok := m.page().(*gridPage)
	if !ok {
		return 0
	}
	grid := page.gridIn(m, m.bodyHeight())
	if grid == nil {
		return 0
	}
	cell, least := grid.CellOf(page.cursor), leastSeveral
	if first, last := grid.Of(cell); first == last {
		least = leastTrace
	}
	return max(0, min(m.bodyHeight()-len(grid.Lines(cell))-1-least, 2))
}

// tooSmall says so, as far as there is room to.
func (m *Model) tooSmall() []string {
	words := fmt.Sprintf("%dx%d is too small: browse needs %dx%d. q quits", m.width, m.height, leastWidth, leastHeight)
	var lines []string
	for len(words) > 0 && len(lines) < m.height {
		n := min(len(words), m.width)
		if cut := strings.LastIndexByte(words[:min(len(words), n+1)], ' '); n < len(words) && cut > 0 {
			lines = append(lines, words[:cut])
			words = words[cut+1:]
			continue
		}
		lines = append(lines, words[:n])
		words = words[n:]
	}
	return lines
}

// head is what heads every page: two lines about the Job, or about the table, and
// one about what is shown of it; with spare ones, what they cut goes on in a second line.
func (m *Model) head(spare int) []string {
	if m.job == nil {
		return m.jobs.head(m)
	}
	notice, warns := m.notice()
	e := m.explanation()
	if e == nil {
		of := strings.TrimPrefix(m.job.key.Namespace+"/"+m.job.key.Name, "/")
		return []string{view.Note("job "+of, false, m.screen(1)), "", view.Note(notice, warns, m.screen(1))}
	}
	// The counts and the notice have a line each, and a second one where there is room.
	var notes []string
	switch {
	case notice != "" && spare == 0:
		notes = []string{view.Note(notice, warns, m.screen(1))}
	case notice != "":
		notes = view.NoteRows(notice, warns, m.screen(2))
	}
	head := m.job.banner.Lines(e, m.screen(headHeight+spare-len(notes)))
	if most := headHeight - 1 + min(spare, 1); notice != "" && len(head) > most {
		head = m.job.banner.Lines(e, m.screen(most))
	}
	for len(head)+len(notes) < headHeight {
		head = append(head, "")
	}
	return append(head, notes...)
}

// notice is what is to be said about the picture; it warns where news may be missing.
func (m *Model) notice() (words string, warns bool) {
	var told []string
	j := m.job
	if age := m.age(); age != "" {
		told, warns = append(told, age), true
	}
	if j.isHeld {
		told, warns = append(told, "held still as of "+m.ago(j.shown.At)+"; p goes on"), true
	}
	if j.only != nil {
		told = append(told, m.choiceWords())
	}
	e := m.explanation()
	if len(told) == 0 && e != nil {
		return view.Outlook(e, m.screen(1))
	}
	return strings.Join(told, "; "), warns
}

// age says why the picture may be old, empty where it is not.
func (m *Model) age() string {
	look := m.job.latest
	switch {
	case m.options.IsFile:
		return ""
	case look.Gone:
		return "The Job was deleted, or replaced by one of its name: this was seen last"
	case look.Trouble != "":
		return view.Trouble(look.Trouble, look.Explanation != nil, m.now.Sub(look.SureAt))
	case look.Explanation == nil:
		return "reading ..."
	case m.now.Sub(look.At) > mostSilence:
		return "as of " + m.ago(look.At) + "; nothing has come since"
	}
	return ""
}

func (m *Model) ago(then time.Time) string { return v1alpha1.Duration(m.now.Sub(then)) + " ago" }

// choiceWords say which indexes are shown.
func (m *Model) choiceWords() string {
	j := m.job
	var words []string
	if j.filter != showAll {
		words = append(words, j.filter.String())
	}
	if !j.marks.isNone() {
		words = append(words, j.marks.in(m.explanation()))
	}
	n := j.only.Len()
	noun := " indexes"
	if n == 1 {
		noun = " index"
	}
	return "shown: " + strings.Join(append(words, v1alpha1.Count(n)+noun), "; ")
}

// keysLine is the last line: as many keys of the page as there is room for.
func (m *Model) keysLine() string {
	plain := help.New()
	plain.Styles, plain.ShortSeparator = help.Styles{}, "  "
	styled := plain
	styled.Styles.ShortKey = view.KeyStyle(m.options.Color)
	// With a width of its own it goes beyond that where its ellipsis has no room
	// (shouldAddItem in help.go, v2.2.1).
	keys := m.page().keys(m)
	if m.options.IsFile {
		keys = slices.DeleteFunc(keys, func(k binding) bool { return k.Help() == keyHold.Help() || k.Help() == keyLog.Help() })
	}
	for len(plain.ShortHelpView(keys)) > m.width {
		keys = keys[:len(keys)-1]
	}
	return styled.ShortHelpView(keys)
}
