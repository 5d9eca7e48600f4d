package browse

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/view"

	batchv1 "k8s.io/api/batch/v1"
)

var update = flag.Bool("update", false, "rewrite the frames in testdata")

// TestFrames: each archive has frames of one view. The name of a frame is the size of
// the screen and what was typed until it looked so; see play.
func TestFrames(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no frames: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, of, _ := strings.Cut(strings.TrimSpace(string(archive.Comment)), "\nof ")
			for i := range archive.Files {
				file := &archive.Files[i]
				got := frame(t, of, file.Name)
				if *update {
					file.Data = []byte(got)
				} else if diff := cmp.Diff(string(file.Data), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", file.Name, diff)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// frame is the screen as people read it in an archive: what the cursor stands on
// between brackets that no letter of ours looks like.
func frame(t *testing.T, of, name string) string {
	t.Helper()
	var width, height int
	size, typed, _ := strings.Cut(name, " ")
	color := strings.HasPrefix(size, "color-")
	if _, err := fmt.Sscanf(strings.TrimPrefix(size, "color-"), "%dx%d", &width, &height); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	m := newModel(t, of, color)
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	play(t, m, strings.Fields(typed))
	drawn := fits(t, m)
	drawn = strings.NewReplacer("\x1b[1;7m", "⟦", "\x1b[m", "⟧").Replace(drawn)
	if color {
		drawn = strings.ReplaceAll(drawn, "\x1b", "ESC")
	}
	if strings.Contains(drawn, "\x1b") {
		t.Errorf("%s: an escape:\n%q", name, drawn)
	}
	return drawn + "\n"
}

// fits holds that what is drawn is no wider and no higher than the screen, and
// returns it.
func fits(t *testing.T, m *Model) string {
	t.Helper()
	lines := m.draw()
	if len(lines) > max(0, m.height) {
		t.Errorf("%dx%d: %d lines", m.width, m.height, len(lines))
	}
	for _, line := range lines {
		if got := widthOf(line); got > m.width {
			t.Errorf("%dx%d: %d wide: %q", m.width, m.height, got, line)
		}
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// play types keys by their names. 'word types a word; +12s lets time pass; trouble,
// gone and news are looks at the Job, log and ended news of the log.
func play(t *testing.T, m *Model, script []string) {
	t.Helper()
	for _, word := range script {
		if typed, ok := strings.CutPrefix(word, "'"); ok {
			for _, r := range typed {
				m.Update(keyOf(string(r)))
			}
			continue
		}
		if passes, ok := strings.CutPrefix(word, "+"); ok {
			d, err := time.ParseDuration(passes)
			if err != nil {
				t.Fatal(err)
			}
			m.Update(Tick(m.now.Add(d)))
			continue
		}
		if message := newsOf(t, m, word); message != nil {
			m.Update(message)
			continue
		}
		_, command := m.Update(keyOf(word))
		if command == nil {
			continue
		}
		if opened, ok := command().(OpenJob); ok {
			m.Update(Look{Of: opened.Job, At: m.now, Explanation: example(t, opened.Job.Name)})
		}
	}
}

// newsOf is what a word of a script brings, nil for a key.
func newsOf(t testing.TB, m *Model, word string) tea.Msg {
	t.Helper()
	var of JobKey
	if m.job != nil {
		of = m.job.key
	}
	switch word {
	case "trouble":
		return Look{Of: of, At: m.now, Trouble: "connection refused\x1b[2J", SureAt: m.now.Add(-12 * time.Second)}
	case "gone":
		return Look{Of: of, At: m.now, Gone: true, Explanation: goneExample(t, of.Name)}
	case "news":
		return Look{Of: of, At: m.now, Explanation: m.job.latest.Explanation}
	case "log":
		return Log{Number: m.logs, Lines: []string{"begin\tof the work", "step 1 " + strings.Repeat("of many ", 20), "Traceback: \x1b[31mno\x1b[0m such file"}}
	case "long":
		return Log{Number: m.logs, Lines: strings.Split(strings.Repeat("one of many lines\n", 6000), "\n")}
	case "wide":
		return Log{Number: m.logs, Lines: strings.Split(strings.Repeat(strings.Repeat("wide ", 60)+"\n", 300), "\n")[:300]}
	case "none":
		return Log{Number: m.logs, Words: "index 1, attempt 1: no log: its pod was deleted", Ended: true}
	case "empty":
		return Log{Number: m.logs, Opened: true}
	case "ended":
		return Log{Number: m.logs, Ended: true}
	}
	return nil
}

// keyOf is a key by its name.
func keyOf(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace,
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	if code, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(letter)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

const examples = "../../hack/examples/"

// example is what became of a Job of the examples, by its file or its name.
func example(t testing.TB, name string) *v1alpha1.Explanation {
	t.Helper()
	seen := exampleSeen(t, name)
	return replay.Explain(seen, seen.ObservedAt)
}

// goneExample is the same once the Job was deleted.
func goneExample(t testing.TB, name string) *v1alpha1.Explanation {
	t.Helper()
	seen := exampleSeen(t, name)
	seen.Vanished = evidence.InstantOf(seen.ObservedAt)
	return replay.Explain(seen, seen.ObservedAt)
}

func exampleSeen(t testing.TB, name string) *evidence.Job {
	t.Helper()
	paths, _ := filepath.Glob(examples + "*" + strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".json.gz") + "*")
	if len(paths) != 1 {
		t.Fatalf("no one example is %s: %v", name, paths)
	}
	seen, err := cluster.ReadFiles(t.Context(), paths, nil, "", cluster.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// exampleJobs is the table of the Jobs of the examples.
func exampleJobs(t testing.TB) *v1alpha1.JobSummaryList {
	t.Helper()
	paths, _ := filepath.Glob(examples + "*.yaml")
	var jobs []batchv1.Job
	var last time.Time
	for _, path := range append(paths, examples+"embed.json.gz") {
		seen, err := cluster.ReadFiles(t.Context(), []string{path}, nil, "", cluster.Reference{})
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, *seen.Job)
		if seen.ObservedAt.After(last) {
			last = seen.ObservedAt
		}
	}
	return replay.Summarize(jobs, last)
}

// newModel is a screen of a Job, or of the table of Jobs, of which all has been read.
func newModel(t testing.TB, of string, color bool) *Model {
	t.Helper()
	options := Options{
		CanSuspend: true,
		Timeline:   replay.TimelineOf,
		Color:      color, Scope: "all namespaces", Columns: view.Columns{Namespace: true}, ListCommand: "kubectl indexjob list -A",
		Command: func(job JobKey) []string {
			return []string{"kubectl", "indexjob", "explain", job.Name, "-n", job.Namespace}
		},
	}
	if of == "jobs" {
		m := New(options)
		list := exampleJobs(t)
		m.Update(Tick(list.ObservedAt.Time))
		m.Update(Jobs{At: list.ObservedAt.Time, List: list})
		return m
	}
	e := example(t, of)
	options.Job = JobKey{e.Metadata.Namespace, e.Metadata.Name}
	m := New(options)
	m.Update(Look{Of: options.Job, At: e.ObservedAt.Time, Explanation: e})
	return m
}

func widthOf(line string) int { return ansi.StringWidth(line) }
