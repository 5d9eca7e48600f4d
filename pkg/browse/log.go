package browse

import (
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// MostLogLines is how many lines of a log are kept, and mostLogBytes how many bytes
// they may have: the oldest ones are let go.
const (
	MostLogLines = 5000
	mostLogBytes = 4 << 20
)

// logPage is the log of one attempt of an index.
type logPage struct {
	index, attempt int32
	number         int // of the FollowLog that asked for it
	written        []logLine
	bytes          int
	// hasBegun: the first line of the log is among those that are kept.
	hasBegun bool
	// rowsLetGo were above those in sight, which stay where they are.
	rowsLetGo int
	words     string
	isOpened  bool // else nothing is known of what is in it
	ended     bool
	asked     time.Time
	// isFollowed: the end stays in sight.
	isFollowed bool
	pager      pager
	width      int // that the rows are of
	isStale    bool
}

// logLine is a line as it was written, and as the screen shows it.
type logLine struct {
	text string
	rows []string
}

// openLog opens the log of the newest attempt of an index.
func (m *Model) openLog(index int32) tea.Cmd {
	record := m.explanation().RecordOf(index)
	switch {
	case m.options.IsFile:
		m.note = "a file has no logs; in the cluster kubectl indexjob logs prints them"
		return nil
	case record == nil || len(record.Attempts) == 0:
		m.note = "index " + decimal(index) + " has no pod yet, or none is known: there is no log"
		return nil
	}
	if n := m.logPlace(); n >= 0 {
		m.pages = m.pages[:n]
	}
	p := &logPage{index: index}
	m.push(p)
	return p.ask(m, record.Attempts[len(record.Attempts)-1].Number)
}

// ask begins with the log of an attempt.
func (p *logPage) ask(m *Model, attempt int32) tea.Cmd {
	m.logs++
	*p = logPage{index: p.index, attempt: attempt, number: m.logs, asked: m.now, isFollowed: true, hasBegun: true, isStale: true}
	return ask(FollowLog{Number: p.number, Index: p.index, Attempt: attempt})
}

func (p *logPage) take(news Log) {
	if news.Number != p.number {
		return
	}
	for _, text := range news.Lines {
		p.written = append(p.written, logLine{text: text})
		p.bytes += len(text)
	}
	over := 0
	for over < len(p.written)-1 && (len(p.written)-over > MostLogLines || p.bytes > mostLogBytes) {
		p.bytes -= len(p.written[over].text)
		p.rowsLetGo += len(p.written[over].rows)
		over++
	}
	p.hasBegun = p.hasBegun && over == 0
	p.written = p.written[over:]
	p.words = news.Words
	p.isOpened = p.isOpened || news.Opened || len(news.Lines) > 0
	p.ended = news.Ended
	p.isStale = true
}

// lay puts the rows into the pager.
func (p *logPage) lay(m *Model, height int) {
	p.pager.size(m.width, height)
	p.isStale = p.isStale || len(p.written) == 0 // why there is nothing may have changed
	if p.isStale || p.width != m.width {
		var rows []string
		if p.hasBegun = p.hasBegun && len(p.written) < MostLogLines; !p.hasBegun {
			rows = append(rows, "(earlier lines are left out)")
		}
		for i := range p.written {
			line := &p.written[i]
			if line.rows == nil || p.width != m.width {
				line.rows = view.LogRows(line.text, m.width)
			}
			rows = append(rows, line.rows...)
		}
		switch {
		case p.words == "" && len(p.written) == 0:
			rows = append(rows, view.LogRows(p.emptyWords(m), m.width)...)
		case p.words != "":
			rows = append(rows, view.LogRows(p.words, m.width)...)
		}
		p.pager.set(rows)
		p.pager.port.SetYOffset(p.pager.port.YOffset() - p.rowsLetGo)
		p.width, p.isStale, p.rowsLetGo = m.width, false, 0
	}
	if p.isFollowed {
		p.pager.move("end")
	}
}

// emptyWords say why there are no lines, so far as that is known.
func (p *logPage) emptyWords(m *Model) string {
	switch a := p.attemptIn(m); {
	case p.ended:
		return "(nothing was written)"
	case a != nil && a.Phase == corev1.PodPending && a.Waiting != "":
		return "(nothing is written yet: its pod waits: " + a.Waiting + ")"
	case a != nil && a.Phase == corev1.PodPending:
		return "(nothing is written yet: its pod does not run)"
	case p.isOpened:
		return "(nothing is written yet)"
	case m.now.Sub(p.asked) > mostSilence:
		return "reading ... its node has not answered for " + v1alpha1.Duration(m.now.Sub(p.asked))
	}
	return "reading ..."
}

// attemptIn is what is known of the attempt, nil where that is nothing.
func (p *logPage) attemptIn(m *Model) *v1alpha1.Attempt {
	attempts := p.attempts(m)
	for i := range attempts {
		if attempts[i].Number == p.attempt {
			return &attempts[i]
		}
	}
	return nil
}

func (p *logPage) lines(m *Model, height int) []string {
	p.lay(m, height)
	return p.pager.lines(m.width, height)
}

func (p *logPage) about(m *Model) string {
	p.lay(m, m.bodyHeight())
	told := "index " + decimal(p.index) + ", attempt " + decimal(p.attempt)
	pod, isNewest := "", true
	if attempts := p.attempts(m); len(attempts) > 0 {
		newest := attempts[len(attempts)-1].Number
		told, isNewest = told+" of "+decimal(newest), newest == p.attempt
	}
	if a := p.attemptIn(m); a != nil {
		pod = a.Pod
	}
	words := []string{told, p.stateWords(m, isNewest)}
	for _, more := range []string{p.place(), pod} {
		if more != "" {
			words = append(words, more)
		}
	}
	return view.Note(strings.Join(words, "  "), false, m.screen(1))
}

// place says which lines are in sight, whatever rows they have; empty where all are.
func (p *logPage) place() string {
	if p.pager.count <= p.pager.port.Height() {
		return ""
	}
	top := p.pager.port.YOffset()
	bottom, row := top+p.pager.port.Height(), 0
	if !p.hasBegun {
		row = 1 // says so
	}
	first, last := 0, 0
	for i := range p.written {
		end := row + len(p.written[i].rows)
		if first == 0 && end > top {
			first = i + 1
		}
		if row < bottom {
			last = i + 1
		}
		row = end
	}
	return linesOf(max(1, first), max(1, last), len(p.written))
}

func (p *logPage) stateWords(m *Model, isNewest bool) string {
	switch {
	case p.ended && !isNewest:
		return "ended, ] goes on"
	case p.ended:
		return "ended"
	case p.words != "" && len(p.written) == 0:
		return "waiting"
	case !p.isOpened:
		return "reading"
	case !p.isFollowed:
		return "End follows"
	}
	return "following"
}

// attempts are those that are known of the index.
func (p *logPage) attempts(m *Model) []v1alpha1.Attempt {
	if record := m.explanation().RecordOf(p.index); record != nil {
		return record.Attempts
	}
	return nil
}

func (p *logPage) keys(*Model) []binding {
	return []binding{keyBack, keyHelp, keyQuit, keyEarlier, keyLater, keyScroll, keyHold, keyCommand, keyCauses}
}

func (p *logPage) command(m *Model) string {
	if m.explanation() == nil {
		return ""
	}
	return view.LogCommand(m.explanation(), m.screen(1), p.index, p.attempt)
}

func (p *logPage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, keyScroll):
		p.lay(m, m.bodyHeight())
		p.pager.move(k.String())
		p.isFollowed = p.pager.port.AtBottom()
	case key.Matches(k, keyHold):
		p.isFollowed = !p.isFollowed
	case key.Matches(k, keyEarlier):
		return p.other(m, -1)
	case key.Matches(k, keyLater):
		return p.other(m, 1)
	}
	return nil
}

// other goes to the attempt before or after.
func (p *logPage) other(m *Model, step int) tea.Cmd {
	attempts := p.attempts(m)
	at := 0
	for at < len(attempts) && attempts[at].Number != p.attempt {
		at++
	}
	at += step
	switch {
	case at < 0:
		m.note = "this is the first attempt that is known"
		return nil
	case at >= len(attempts):
		m.note = "this is the newest attempt"
		return nil
	}
	return p.ask(m, attempts[at].Number)
}

func (p *logPage) mouse(m *Model, at tea.MouseMsg, _, _ int) tea.Cmd {
	p.lay(m, m.bodyHeight())
	if p.pager.wheel(at) {
		p.isFollowed = p.pager.port.AtBottom()
	}
	return nil
}

func decimal(n int32) string { return strconv.Itoa(int(n)) }
