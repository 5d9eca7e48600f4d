package browse

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// Options say what is browsed, and how it is drawn.
type Options struct {
	// Job is the one to begin with; without a name it is the table of Jobs.
	Job JobKey
	// IsFile: nothing changes, and there are no logs.
	IsFile bool
	// CanSuspend: somebody would notice, and could let it go on.
	CanSuspend bool
	// Color, and Location of the times, are as in view.Screen.
	Color    bool
	Location *time.Location
	// Columns are those of the table of Jobs, and Scope says which Jobs are in it.
	Columns view.Columns
	Scope   string
	// ListCommand is how a shell lists these Jobs, and Command how it explains one of
	// them, word by word.
	ListCommand string
	Command     func(JobKey) []string
	// Timeline reckons the Job over time, once somebody looks at it.
	Timeline func(*v1alpha1.Explanation) *v1alpha1.Timeline
}

// Model is the interactive screen.
type Model struct {
	options       Options
	width, height int
	headDrawn     int // how many lines the head had last
	now           time.Time
	// pages are what was opened one above the other; the last one is shown.
	pages []page
	jobs  *jobsPage // nil where there is no table
	job   *job      // nil while none is open
	// logs counts the logs that were asked for.
	logs int
	// note is an answer to the last key.
	note   string
	search *prompt // nil while nothing is typed
	// parting is what is to be said once the screen is left.
	parting     string
	interrupted bool
}

// page is one view of the screen, between what heads it and what ends it.
type page interface {
	// key and mouse act on what was typed or clicked; what is clicked is told by
	// its place on the page.
	key(m *Model, k tea.KeyPressMsg) tea.Cmd
	mouse(m *Model, at tea.MouseMsg, x, y int) tea.Cmd
	// lines is the page in so many of them or fewer.
	lines(m *Model, height int) []string
	// about is the line below the page.
	about(m *Model) string
	keys(m *Model) []binding
	// command is what a shell shows the same with.
	command(m *Model) string
}

// New is a screen on which nothing has been read yet.
func New(o Options) *Model {
	m := &Model{options: o}
	if o.Job.Name != "" {
		m.open(o.Job)
	} else {
		m.jobs = &jobsPage{}
		m.pages = []page{m.jobs}
	}
	return m
}

// open shows a Job of which nothing is known yet.
func (m *Model) open(of JobKey) {
	m.job = &job{key: of}
	m.pages = append(m.pages, &gridPage{isWhole: true})
}

// Parting is what is to be printed once the screen is left, empty for nothing.
func (m *Model) Parting() string { return m.parting }

// Interrupted reports whether the screen was left by Ctrl-C.
func (m *Model) Interrupted() bool { return m.interrupted }

// Init asks for nothing: news comes by itself.
func (m *Model) Init() tea.Cmd { return nil }

// Update takes news, the size of the screen, keys and clicks.
func (m *Model) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = message.Width, message.Height
	case Tick:
		m.now = time.Time(message)
	case Look:
		return m, m.take(message)
	case Jobs:
		if m.jobs != nil {
			m.jobs.take(message)
		}
	case Log:
		if n := m.logPlace(); n >= 0 {
			m.pages[n].(*logPage).take(message)
		}
	case tea.PasteMsg:
		if m.search != nil {
			m.search.word += message.Content
		}
	case tea.KeyPressMsg:
		return m, m.key(message)
	case tea.MouseMsg:
		return m, m.mouse(message)
	}
	return m, nil
}

// take takes a look at the Job that is open.
func (m *Model) take(look Look) tea.Cmd {
	if m.job == nil || look.Of != m.job.key {
		return nil
	}
	isFirst := m.explanation() == nil
	m.job.take(look)
	if look.At.After(m.now) {
		m.now = look.At
	}
	if isFirst && m.explanation() != nil {
		return m.typedAhead()
	}
	return nil
}

// typedAhead lets the keys act that were typed while the Job was being read.
func (m *Model) typedAhead() tea.Cmd {
	typed := m.job.typed
	m.job.typed = nil
	var commands []tea.Cmd
	for _, k := range typed {
		commands = append(commands, m.key(k))
	}
	return tea.Sequence(commands...)
}

func (m *Model) page() page { return m.pages[len(m.pages)-1] }

// isOn reports whether a page of that kind is shown.
func isOn[P page](m *Model) bool {
	_, is := m.page().(P)
	return is
}

func (m *Model) push(p page) { m.pages = append(m.pages, p) }

// back closes the page that is shown, unless it is the first one.
func (m *Model) back() tea.Cmd {
	if len(m.pages) == 1 {
		m.note = "this is the first page; q quits"
		return nil
	}
	closed := m.page()
	m.pages = m.pages[:len(m.pages)-1]
	switch closed := closed.(type) {
	case *gridPage:
		if closed.isWhole {
			m.job = nil
			return ask(CloseJob{})
		}
	case *logPage:
		return ask(CloseLog{})
	}
	return nil
}

// logPlace is where among the pages the log is, of which there is one at most; -1
// where there is none.
func (m *Model) logPlace() int {
	return slices.IndexFunc(m.pages, func(p page) bool { _, is := p.(*logPage); return is })
}

// ask is the command that asks for something.
func ask(request tea.Msg) tea.Cmd { return func() tea.Msg { return request } }

// explanation is that of the Job that is open, nil where there is none yet.
func (m *Model) explanation() *v1alpha1.Explanation {
	if m.job == nil {
		return nil
	}
	return m.job.shown.Explanation
}

// screen is what the views draw for, in so many lines.
func (m *Model) screen(height int) view.Screen {
	s := view.Screen{Width: m.width, Height: height, Color: m.options.Color, Location: m.options.Location}
	if m.job != nil && m.options.Command != nil {
		s.Command = m.options.Command(m.job.key)
	}
	return s
}
