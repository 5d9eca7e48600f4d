package browse

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// sized is a screen of 80 by 24.
func sized(t testing.TB, of string) *Model {
	t.Helper()
	m := newModel(t, of, false)
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	return m
}

// asked types keys, and returns what the last one asks for.
func asked(t *testing.T, m *Model, keys string) tea.Msg {
	t.Helper()
	words := strings.Fields(keys)
	play(t, m, words[:len(words)-1])
	_, command := m.Update(keyOf(words[len(words)-1]))
	if command == nil {
		return nil
	}
	return command()
}

// TestRequests: what the screen asks for, in the order of a visit.
func TestRequests(t *testing.T) {
	m := sized(t, "jobs")
	job := JobKey{"default", "preempted-failed-retried"}
	for _, step := range []struct {
		keys string
		want tea.Msg
	}{
		{"down down enter", OpenJob{job}},
		{"l", nil},   // nothing is known yet
		{"esc", nil}, // takes it back
	} {
		if got := asked(t, m, step.keys); !reflect.DeepEqual(got, step.want) {
			t.Fatalf("%s asks for %#v, want %#v", step.keys, got, step.want)
		}
	}
	m.Update(Look{Of: job, At: m.now, Explanation: example(t, "c-preempted")})
	for _, step := range []struct {
		keys string
		want tea.Msg
	}{
		{"n l", FollowLog{Number: 1, Index: 1, Attempt: 2}},
		{"[", FollowLog{Number: 2, Index: 1, Attempt: 1}},
		{"]", FollowLog{Number: 3, Index: 1, Attempt: 2}},
		{"]", nil},
		{"esc", CloseLog{}},
		{"l", FollowLog{Number: 4, Index: 1, Attempt: 2}},
		{"c enter", CloseLog{}}, // the indexes of the cause are marked in the grid
		{"esc", nil},            // which takes the marks away
		{"?", nil},
		{"?", nil}, // closes it
		{"?", nil},
		{"q", nil},
		{"esc", CloseJob{}},
		{"q", tea.QuitMsg{}},
		{"ctrl+z", tea.SuspendMsg{}},
		{"ctrl+c", tea.QuitMsg{}},
	} {
		if got := asked(t, m, step.keys); !reflect.DeepEqual(got, step.want) {
			t.Fatalf("%s asks for %#v, want %#v", step.keys, got, step.want)
		}
	}
	if !m.Interrupted() {
		t.Error("Ctrl-C does not interrupt")
	}
}

// TestKeysThatComeEarly act once the Job is there, in their order, whenever that is.
func TestKeysThatComeEarly(t *testing.T) {
	job := JobKey{"ml", "embed"}
	news := Look{Of: job, Explanation: example(t, "embed.json.gz")}
	typed := strings.Fields("/ 5 enter enter y")
	for early := range len(typed) + 1 {
		m := New(Options{Job: job, Command: func(JobKey) []string { return []string{"explain"} }})
		m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		play(t, m, typed[:early])
		if m.search != nil || m.Parting() != "" {
			t.Fatalf("%q act before there is anything to act on", typed[:early])
		}
		_, command := m.Update(news)
		for _, key := range typed[early:] {
			_, command = m.Update(keyOf(key))
		}
		if command == nil || command() != (tea.QuitMsg{}) || m.Parting() != "explain --index 5-9" {
			t.Errorf("%q early: it ends with %q", typed[:early], m.Parting())
		}
	}
	m := sized(t, "jobs")
	if _, opens := m.Update(keyOf("enter")); opens == nil {
		t.Fatal("nothing is opened")
	}
	for _, step := range []struct {
		key  string
		want tea.Msg
	}{{"l", nil}, {"?", nil}, {"esc", nil}, {"esc", nil}, {"esc", CloseJob{}}, {"q", tea.QuitMsg{}}} {
		if got := asked(t, m, step.key); !reflect.DeepEqual(got, step.want) {
			t.Errorf("%s asks for %#v, want %#v", step.key, got, step.want)
		}
	}
}

// TestParting: y leaves with the command that shows the same.
func TestParting(t *testing.T) {
	for _, test := range []struct{ of, keys, want string }{
		{"jobs", "y", "kubectl indexjob list -A"},
		{"jobs", "end enter y", "kubectl indexjob explain embed -n ml"},
		{"c-preempted", "y", "kubectl indexjob explain preempted-failed-retried -n default"},
		{"c-preempted", "n enter y", "kubectl indexjob explain preempted-failed-retried -n default --index 1"},
		{"c-preempted", "n l y", "kubectl indexjob logs preempted-failed-retried -n default --index 1 --attempt 2"},
		{"c-preempted", "n l [ ? y", "kubectl indexjob logs preempted-failed-retried -n default --index 1 --attempt 1"},
		{"c-preempted", "c down y", "kubectl indexjob explain preempted-failed-retried -n default --cause djzk"},
		{"c-preempted", "c enter y", "kubectl indexjob explain preempted-failed-retried -n default --cause hbth"},
		{"c-preempted", "f y", "kubectl indexjob explain preempted-failed-retried -n default --index 1,2"},
		{"c-preempted", "/ 'b3 enter y", "kubectl indexjob explain preempted-failed-retried -n default --index 0,1,5,6"},
		{"embed.json.gz", "gone n enter y", "job embed was deleted: no command shows it any more"},
		{"embed.json.gz", "/ '31 enter y", "kubectl indexjob explain embed -n ml --index 31"},
		{"embed.json.gz", "/ 'gpu enter n y", "kubectl indexjob explain embed -n ml --index 1"},
		{"embed.json.gz", "n enter right y", "kubectl indexjob explain embed -n ml --index 30-34"},
		{"embed.json.gz", "n right y", "kubectl indexjob explain embed -n ml"},
		{"embed.json.gz", "c enter n y", "kubectl indexjob explain embed -n ml --cause j797"},
		{"embed.json.gz", "n enter y", "kubectl indexjob explain embed -n ml --index 30-34"},
	} {
		m := sized(t, test.of)
		if got := asked(t, m, test.keys); got != (tea.QuitMsg{}) || m.Parting() != test.want {
			t.Errorf("%s, %s: %q, want %q", test.of, test.keys, m.Parting(), test.want)
		}
	}
}

// TestNotes: what a key cannot do is said, until the next one.
func TestNotes(t *testing.T) {
	for _, test := range []struct{ of, keys, want string }{
		{"embed.json.gz", "l", "a log is of one index; Enter opens the cell"},
		{"embed.json.gz", "n n n n n n n n", "from the start again"},
		{"embed.json.gz", "N", "from the end again"},
		{"embed.json.gz", "/ '99999 enter", "there is no index 99999"},
		{"c-preempted", "f f", "none is stuck"},
		{"c-preempted", "/ 'succeeded enter f", "none failed, none is stuck"},
		{"c-preempted", "esc", "this is the first page; q quits"},
		{"d-fail-job", "end l", "index 9 has no pod"},
		{"jobs", "l", "a log is of one index; Enter opens the Job"},
		{"jobs", "c", "causes are those of one Job"},
		{"jobs", "p", "the picture of one Job is held still"},
		{"jobs", "N", "from the end again"},
		{"jobs", "/ 'preempted enter n", "there is no other Job with preempted in its name"},
		{"jobs", "/ 'nobody enter", "no Job has nobody in its name"},
	} {
		m := sized(t, test.of)
		play(t, m, strings.Fields(test.keys))
		if !strings.Contains(fits(t, m), "\n"+test.want) {
			t.Errorf("%s, %s: %q, want %q", test.of, test.keys, m.note, test.want)
		}
		m.Update(keyOf("x"))
		if m.note != "" {
			t.Errorf("%s, %s: the note stays", test.of, test.keys)
		}
	}
	m := sized(t, "c-preempted")
	m.options.IsFile = true
	if got := asked(t, m, "l"); got != nil || !strings.HasPrefix(m.note, "a file has no logs") {
		t.Errorf("of a file: %v, %q", got, m.note)
	}
	if play(t, m, []string{"p"}); m.job.isHeld || m.note != "a file does not change: there is nothing to hold" {
		t.Errorf("a file is held: %q", m.note)
	}
}

// TestTheCursorStaysOnItsJob when the order of the table changes, and goes to the one
// that takes its place when it is gone.
func TestTheCursorStaysOnItsJob(t *testing.T) {
	m := sized(t, "jobs")
	play(t, m, []string{"down", "down"})
	chosen := func() string { return m.jobs.items()[m.jobs.cursor()].Metadata.Name }
	want := chosen()
	list := exampleJobs(t)
	slices.Reverse(list.Items)
	m.Update(Jobs{At: m.now, List: list})
	if got := chosen(); got != want {
		t.Errorf("it is on %s, was on %s", got, want)
	}
	at := m.jobs.cursor()
	next := list.Items[at+1].Metadata.Name
	list.Items = slices.Delete(slices.Clone(list.Items), at, at+1)
	m.Update(Jobs{At: m.now, List: list})
	if got := chosen(); got != next {
		t.Errorf("it is on %s, want %s", got, next)
	}
	list.Items = nil
	m.Update(Jobs{At: m.now, List: list})
	play(t, m, []string{"down", "enter", "end"})
	if got := fits(t, m); !strings.Contains(got, "No Indexed Jobs found") {
		t.Errorf("of no Jobs:\n%s", got)
	}
}

// TestTheCursorStaysOnItsIndex whatever the size of the screen, and of its cells.
func TestTheCursorStaysOnItsIndex(t *testing.T) {
	m := sized(t, "embed.json.gz")
	play(t, m, strings.Fields("/ '1234 enter"))
	for _, size := range []tea.WindowSizeMsg{{Width: 200, Height: 50}, {Width: 40, Height: 10}, {Width: 80, Height: 24}} {
		m.Update(size)
		fits(t, m)
		if grid := m.page().(*gridPage); grid.cursor != 1234 {
			t.Errorf("%dx%d: it is on %d", size.Width, size.Height, grid.cursor)
		}
	}
}

// TestAFilterLeadsBack to where the cursor stood, unless it was moved.
func TestAFilterLeadsBack(t *testing.T) {
	for _, test := range []struct {
		of, keys string
		want     int32
	}{
		{"embed.json.gz", "/ '1234 enter f", 31},
		{"embed.json.gz", "/ '1234 enter f f f", 1234},
		{"embed.json.gz", "/ '1234 enter f n f f", 323},
		{"embed.json.gz", "/ '1234 enter f f n f", 61},
		{"c-preempted", "end f f", 9},
	} {
		m := sized(t, test.of)
		play(t, m, strings.Fields(test.keys))
		if got := m.page().(*gridPage).cursor; got != test.want {
			t.Errorf("%s, %s: it is on %d, want %d", test.of, test.keys, got, test.want)
		}
	}
}

// TestThePictureIsHeldStill until p lets it go on.
func TestThePictureIsHeldStill(t *testing.T) {
	m := sized(t, "c-preempted")
	before, later := m.explanation(), example(t, "a-two")
	play(t, m, []string{"p"})
	m.Update(Look{Of: m.job.key, At: m.now, Explanation: later})
	if m.explanation() != before {
		t.Error("it is not held")
	}
	play(t, m, []string{"p"})
	if m.explanation() != later {
		t.Error("it does not go on")
	}
	play(t, m, strings.Fields("end l"))
	if log := m.page().(*logPage); !log.isFollowed || m.job.isHeld {
		t.Error("a log is not followed")
	}
	play(t, m, []string{"p"})
	if log := m.page().(*logPage); log.isFollowed || m.job.isHeld {
		t.Error("a log is held by itself")
	}
}

// TestNewsOfAnother Job, or of a log that nobody reads any more, are let go.
func TestNewsOfAnother(t *testing.T) {
	m := sized(t, "c-preempted")
	before := fits(t, m)
	m.Update(Look{Of: JobKey{"default", "another"}, At: m.now, Gone: true})
	m.Update(Log{Number: 7, Lines: []string{"another"}})
	if got := fits(t, m); got != before {
		t.Errorf("it became\n%s", got)
	}
	play(t, m, strings.Fields("n l ["))
	m.Update(Log{Number: 1, Lines: []string{"another"}})
	if got := fits(t, m); strings.Contains(got, "another") {
		t.Errorf("the log has lines of another:\n%s", got)
	}
}

// TestALogStaysInSight while it is not followed, whatever is let go above it.
func TestALogStaysInSight(t *testing.T) {
	m := sized(t, "c-preempted")
	play(t, m, strings.Fields("n l"))
	numbered := func(from, n int) (lines []string) {
		for i := range n {
			lines = append(lines, "line "+strconv.Itoa(from+i))
		}
		return lines
	}
	m.Update(Log{Number: 1, Lines: numbered(0, MostLogLines+100)})
	if got := fits(t, m); !strings.Contains(got, "\nline 5099\n") {
		t.Fatalf("its end is not in sight:\n%s", got)
	}
	play(t, m, []string{"pgup"})
	before := strings.Split(fits(t, m), "\n")[headHeight]
	m.Update(Log{Number: 1, Lines: numbered(MostLogLines+100, 1000)})
	if after := strings.Split(fits(t, m), "\n")[headHeight]; after != before {
		t.Errorf("%q became %q", before, after)
	}
	play(t, m, []string{"end"})
	if got := fits(t, m); !strings.Contains(got, "\nline 6099\n") || !strings.Contains(got, "following") {
		t.Errorf("it is not followed again:\n%s", got)
	}
	play(t, m, []string{"home"})
	if got := fits(t, m); !strings.Contains(got, "\n(earlier lines are left out)\nline 1100\n") {
		t.Errorf("it begins with\n%s", got)
	}
}

// TestTheMouse chooses what is clicked, opens what is chosen, and turns pages.
func TestTheMouse(t *testing.T) {
	click := func(m *Model, x, y int) { m.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }
	m := sized(t, "embed.json.gz")
	click(m, 12, 5) // in the gap between two cells
	click(m, 13, 5) // the sixth cell of the second row
	grid := m.page().(*gridPage)
	if grid.cursor != 280 {
		t.Errorf("the cursor is on %d:\n%s", grid.cursor, fits(t, m))
	}
	click(m, 13, 5)
	if opened, ok := m.page().(*gridPage); !ok || opened == grid || opened.first != 280 || opened.last != 284 {
		t.Errorf("it is not opened:\n%s", fits(t, m))
	}
	m.Update(tea.MouseWheelMsg{Button: tea.MouseWheelRight})
	if opened := m.page().(*gridPage); opened.cursor != 281 {
		t.Errorf("the wheel leads to %d", opened.cursor)
	}
	jobs := sized(t, "jobs")
	click(jobs, 20, 6)
	if jobs.jobs.cursor() != 2 {
		t.Errorf("it is on row %d", jobs.jobs.cursor())
	}
	click(jobs, 20, 6)
	if jobs.job == nil {
		t.Error("no Job is opened")
	}
}

// BenchmarkCursor moves over a Job of 100,000 indexes with a record each.
func BenchmarkCursor(b *testing.B) {
	m := sized(b, "embed.json.gz")
	e := *m.explanation()
	e.Spec.Completions = new(int32(100_000))
	records := e.Fates[:0:0]
	for i := range int32(100_000) {
		record := e.Fates[int(i)%len(e.Fates)]
		record.Index, record.LastIndex = i, nil
		records = append(records, record)
	}
	e.Fates = records
	m.Update(Look{Of: m.job.key, At: m.now, Explanation: &e})
	keys := []tea.KeyPressMsg{keyOf("right"), keyOf("down"), keyOf("n"), keyOf("up")}
	b.Run("move", func(b *testing.B) {
		for i := range b.N {
			m.Update(keys[i%len(keys)])
			m.View()
		}
	})
	b.Run("look", func(b *testing.B) {
		for range b.N {
			other := e
			m.Update(Look{Of: m.job.key, At: m.now, Explanation: &other})
			m.View()
		}
	})
}
