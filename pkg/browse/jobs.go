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
	news Jobs
	// uid is that of the chosen Job: the cursor stays on it when the order changes.
	uid string
	at  int // where it was last
	top int
	// word was searched for last, and shown says which Jobs are in the table.
	word  string
	shown jobFilter
}

// jobFilter says which Jobs the table shows.
type jobFilter uint8

const (
	allJobs jobFilter = iota
	failedJobs
	runningJobs
	jobFilters
)

// String is how the screen names what a filter shows.
func (f jobFilter) String() string { return [...]string{"all", "failed or failing", "running"}[f] }

// has reports whether a filter shows a Job.
func (f jobFilter) has(job *v1alpha1.JobSummary) bool {
	switch f {
	case failedJobs:
		return isFailure(job)
	case runningJobs:
		return job.Conclusion.State == v1alpha1.StateRunning
	}
	return true
}

// isFailure: a Job failed, or fails, or can only do so.
func isFailure(job *v1alpha1.JobSummary) bool {
	state := job.Conclusion.State
	return state == v1alpha1.StateFailed || state == v1alpha1.StateFailing || job.Conclusion.CanOnlyEnd == v1alpha1.StateFailed
}

func (p *jobsPage) take(news Jobs) {
	p.news = news
	if items := p.items(); len(items) > 0 && p.shown == allJobs { // a filter leads back to it
		p.choose(p.cursor())
	}
}

func (p *jobsPage) items() []v1alpha1.JobSummary {
	if p.news.List == nil || p.shown == allJobs {
		return p.all()
	}
	var items []v1alpha1.JobSummary
	for i := range p.news.List.Items {
		if job := &p.news.List.Items[i]; p.shown.has(job) {
			items = append(items, *job)
		}
	}
	return items
}

// all are the Jobs, whichever are shown.
func (p *jobsPage) all() []v1alpha1.JobSummary {
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
	if n := len(p.all()); n > 1 {
		words = v1alpha1.Count(int64(n)) + " " + words
	}
	notice := ""
	switch {
	case p.news.Trouble != "":
		notice = view.Trouble(p.news.Trouble, p.news.List != nil, m.now.Sub(p.news.SureAt))
	case p.news.List == nil:
		notice = "reading ..."
	case m.now.Sub(p.news.At) > 2*mostSilence:
		notice = "as of " + m.ago(p.news.At) + "; nothing has come since"
	}
	return []string{view.Note(words, false, m.screen(1)), view.Note(notice, true, m.screen(1)), view.Note(p.shownWords(), false, m.screen(1))}
}

// shownWords say which Jobs are shown, empty where all are.
func (p *jobsPage) shownWords() string {
	if p.shown == allJobs {
		return ""
	}
	noun := " Jobs"
	n := len(p.items())
	if n == 1 {
		noun = " Job"
	}
	return "shown: " + p.shown.String() + "; " + v1alpha1.Count(int64(n)) + noun
}

func (p *jobsPage) lines(m *Model, height int) []string {
	items := p.items()
	if len(items) == 0 {
		return nil
	}
	list := *p.news.List
	list.Items = items
	return chosenRows(m, view.ListRows(&list, m.options.Columns, m.screen(height)), p.cursor(), &p.top, height-1)
}

func (p *jobsPage) about(m *Model) string {
	items := p.items()
	if len(items) == 0 {
		if p.news.List == nil {
			return ""
		}
		if len(p.all()) > 0 {
			return view.Note("none is "+p.shown.String()+" any more; f shows others", false, m.screen(1))
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
	return []binding{keyOpen, keyHelp, keyQuit, keySearch, keyNext, keyFilter, keyCommand, keyMove}
}

func (p *jobsPage) command(m *Model) string { return m.options.ListCommand }

func (p *jobsPage) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	items := p.items()
	switch {
	case key.Matches(k, keyFilter) && len(p.all()) > 0:
		p.filter(m)
	case len(items) == 0:
	case key.Matches(k, keyNext, keyPrevious):
		p.step(m, key.Matches(k, keyPrevious))
	case key.Matches(k, keyLog, keyEarlier, keyLater):
		m.note = "a log is of one index; Enter opens the Job"
	case key.Matches(k, keyCauses):
		m.note = "causes are those of one Job; Enter opens it"
	case key.Matches(k, keyHold):
		m.note = "the picture of one Job is held still; Enter opens it"
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
	p.word = word
	if to, _ := p.next(false); to >= 0 {
		p.choose(to)
		return
	}
	m.note = "no Job has " + word + " in its name"
}

// next is the place of the next or the previous Job that has the word in its name or,
// where none was searched for, of one that failed or fails; -1 where there is none.
func (p *jobsPage) next(isBack bool) (to int, isAround bool) {
	items, from, step := p.items(), p.cursor(), 1
	if isBack {
		step = -1
	}
	for i := 1; i <= len(items); i++ {
		at := from + i*step
		to := (at + len(items)) % len(items)
		if job := &items[to]; p.word != "" && strings.Contains(job.Metadata.Name, p.word) || p.word == "" && isFailure(job) {
			return to, at != to
		}
	}
	return -1, false
}

// step goes to the next or the previous match.
func (p *jobsPage) step(m *Model, isBack bool) {
	what := "Job that failed or fails"
	if p.word != "" {
		what = "Job with " + p.word + " in its name"
	}
	switch to, isAround := p.next(isBack); {
	case to < 0:
		m.note = "there is no " + what
	case to == p.cursor():
		m.note = "there is no other " + what
	default:
		p.choose(to)
		if isAround && isBack {
			m.note = "from the end again"
		} else if isAround {
			m.note = "from the start again"
		}
	}
}

// filter shows other Jobs: the next ones of which there are some.
func (p *jobsPage) filter(m *Model) {
	var none []string
	for {
		p.shown = (p.shown + 1) % jobFilters
		if len(p.items()) > 0 {
			break
		}
		none = append(none, "none is "+p.shown.String())
	}
	m.note = strings.Join(none, ", ")
	items := p.items()
	for i := range items {
		if string(items[i].Metadata.UID) == p.uid {
			return
		}
	}
	p.at = 0
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
