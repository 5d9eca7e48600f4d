package browse

import (
	"strconv"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// prompt is a word that is being typed, and what it is for.
type prompt struct {
	asks, word string
	take       func(m *Model, word string)
}

func (p *prompt) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		m.search = nil
	case "enter":
		m.search = nil
		if p.word != "" {
			p.take(m, p.word)
		}
	case "backspace":
		if p.word == "" {
			m.search = nil
			break
		}
		_, size := utf8.DecodeLastRuneInString(p.word)
		p.word = p.word[:len(p.word)-size]
	case "ctrl+u":
		p.word = ""
	default:
		p.word += k.Text
	}
	return nil
}

// line shows the end of what is typed, for there it goes on.
func (p *prompt) line(m *Model) string {
	const cursor = "_"
	word := []rune(p.word)
	room := max(1, m.width-len("/"+cursor))
	words := "/" + string(word[max(0, len(word)-room):]) + cursor
	if p.word == "" {
		words += " " + p.asks
	}
	return view.Note(words, false, m.screen(1))
}

// askIndexes asks what to find in the grid.
func (m *Model) askIndexes() {
	m.search = &prompt{asks: "an index, a node, a word; Enter finds, Esc leaves it", take: (*Model).find}
}

// find goes to an index, or marks those that a word is said about.
func (m *Model) find(word string) {
	e := m.explanation()
	if e == nil {
		return
	}
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		if n < 0 || n >= int64(e.Completions()) {
			m.note = "there is no index " + word
			return
		}
		m.goTo(int32(n), true)
		return
	}
	before := m.job.marks
	m.mark(marks{word: word})
	if m.job.only.Empty() {
		m.mark(before)
		m.note = "nothing is said of " + strconv.Quote(word) + " about any index that is shown"
		return
	}
	first, _ := m.job.only.First()
	m.goTo(first, false)
}

// mark shows the indexes that are marked alone.
func (m *Model) mark(k marks) {
	m.job.marks = k
	m.job.choose()
}

// goTo puts the cursor on an index: in the grid that is shown if that has it, else
// in the first one that does. It was asked for this one, or for several.
func (m *Model) goTo(index int32, isAsked bool) {
	for {
		if grid, ok := m.page().(*gridPage); ok && (grid.isWhole || grid.first <= index && index <= grid.last) {
			grid.cursor, grid.isNamed, grid.isAsked = index, true, isAsked
			return
		}
		m.pages = m.pages[:len(m.pages)-1]
	}
}

// step goes to the next or the previous of what is marked or, where nothing is, of
// what failed or is stuck.
func (m *Model) step(from int32, isBack bool) (to int32, found bool) {
	e := m.explanation()
	set, what := failed(e), "failure"
	switch {
	case !m.job.marks.isNone():
		set, what = *m.job.only, "index that is marked"
	case m.job.filter == showStuck:
		set, what = *m.job.only, "index that is stuck"
	}
	if set.Empty() {
		m.note = "there is no " + what
		return 0, false
	}
	to, isAround := after(set, from)
	if isBack {
		to, isAround = before(set, from)
	}
	switch {
	case to == from:
		m.note = "there is no other " + what
	case isAround && isBack:
		m.note = "from the end again"
	case isAround:
		m.note = "from the start again"
	}
	return to, true
}
