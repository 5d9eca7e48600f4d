package browse

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// jobsPage is the table of Jobs, the worst first.
type jobsPage struct {
	news   Jobs
	newsAt Jobs // the last ones of which nothing was missing
	// uid is that of the chosen Job: the cursor stays on it when the order changes.
	uid string
	at  int // where it was last
	top int
}

func (p *jobsPage) take(news Jobs) {
	p.news = news
	if news.List == nil {
		p.news.List = p.newsAt.List
	}
	if news.Trouble == "" {
		p.newsAt = news
	}
	if items := p.items(); len(items) > 0 {
		p.choose(p.cursor())
	}
}

func (p *jobsPage) items() []v1alpha1.JobSummary {
	if p.news.List == nil {
		return nil
	}
	return p.news.List.Items
}

// cursor is the place of the chosen Job; of one that is gone, that of whichever has
// taken its place.
func (p *jobsPage) cursor() int {
	items := p.items()
	at := slices.IndexFunc(items, func(job v1alpha1.JobSummary) bool { return string(job.Metadata.UID) == p.uid })
	if at < 0 {
		at = max(0, min(p.at, len(items)-1))
	}
	return at
}

func (p *jobsPage) choose(at int) { p.at, p.uid = at, string(p.items()[at].Metadata.UID) }

// head names the table.
func (p *jobsPage) head(m *Model) []string {
	words := "Indexed Jobs of " + m.options.Scope + ", the worst first"
	if n := len(p.items()); n > 1 {
		words = v1alpha1.Count(int64(n)) + " " + words
	}
	notice := ""
	switch {
	case p.news.Trouble != "" && p.news.List != nil:
		notice = "as of " + m.ago(p.newsAt.At) + "; the server cannot be read, trying again: " + p.news.Trouble
	case p.news.Trouble != "":
		notice = "The server cannot be read, trying again: " + p.news.Trouble
	case p.news.List == nil:
		notice = "reading ..."
	case m.now.Sub(p.news.At) > 2*mostSilence:
		notice = "as of " + m.ago(p.news.At) + "; nothing has come since"
	}
	return []string{view.Note(words, false, m.screen(1)), view.Note(notice, true, m.screen(1)), ""}
}

func (p *jobsPage) lines(m *Model, height int) []string {
	if len(p.items()) == 0 {
		return nil
	}
	return chosenRows(m, view.ListRows(p.news.List, m.options.Columns, m.screen(height)), p.cursor(), &p.top, height-1)
}

func (p *jobsPage) about(m *Model) string {
	items := p.items()
	if len(items) == 0 {
		if p.news.List == nil {
			return ""
		}
		return view.Note("No Indexed Jobs found", false, m.screen(1))
	}
	job := &items[p.cursor()]
	words := job.Metadata.Name
	if job.Conclusion.Message != "" {
		words += "  " + job.Conclusion.Message
	}
	return view.Note(words, false, m.screen(1))
}

func (p *jobsPage) keys(*Model) []binding {
	return []binding{keyOpen, keyHelp, keyQuit, keySearch, keyCommand, keyMove}
}

func (p *jobsPage) command(m *Model) string { return m.options.ListCommand }

func (p *jobsPage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	items := p.items()
	if len(items) == 0 {
		return nil
	}
	switch {
	case key.Matches(k, keyMove):
		p.choose(moved(k.String(), p.cursor(), len(items), m.bodyHeight()-1))
	case key.Matches(k, keyOpen):
		return p.open(m)
	case key.Matches(k, keySearch):
		m.search = &prompt{asks: "a part of a Job's name", take: func(m *Model, word string) { p.find(m, word) }}
	}
	return nil
}

func (p *jobsPage) open(m *Model) tea.Cmd {
	of := p.items()[p.cursor()].Metadata
	key := JobKey{of.Namespace, of.Name}
	m.open(key)
	return ask(OpenJob{key})
}

// find goes to the next Job whose name has a word.
func (p *jobsPage) find(m *Model, word string) {
	items := p.items()
	for i := range items {
		at := (p.cursor() + 1 + i) % len(items)
		if strings.Contains(items[at].Metadata.Name, word) {
			p.choose(at)
			return
		}
	}
	m.note = "no Job has " + word + " in its name"
}

func (p *jobsPage) mouse(m *Model, at tea.MouseMsg, _, y int) tea.Cmd {
	items := p.items()
	if len(items) == 0 {
		return nil
	}
	if typed := wheel(at); typed != "" {
		p.choose(moved(typed, p.cursor(), len(items), 1))
		return nil
	}
	switch row := p.top + y - 1; {
	case y < 1 || row >= len(items):
	case row == p.cursor():
		return p.open(m)
	default:
		p.choose(row)
	}
	return nil
}
