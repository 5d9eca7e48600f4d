package browse

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// attack is what text of a cluster, or of a log, may try on whoever reads it.
const attack = "\x1b[31mred\x1b[2J\x1b]0;title\a \r\n\u202egnp.exe \u009b31m \xff e\u0301\u0301\u0301\u0301\u0301 \u3042\U0001f3fb"

// spoil puts the attack over every string that is no word of the API's.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.String() != "" {
			v.SetString(attack + v.String())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "Indexes" {
				spoil(v.Field(i))
			}
		}
	}
}

// stormKeys are typed at random.
var stormKeys = strings.Fields("up down left right pgup pgdown home end enter enter enter esc j k l l [ ] c c t n N n / f p ? backspace 'gpu-17 '7 '\x1b[2J enter tab x")

var sgr = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// harmless holds that there is no escape but those that colour.
func harmless(t *testing.T, drawn string) {
	t.Helper()
	if !utf8.ValidString(drawn) {
		t.Fatalf("no UTF-8: %q", drawn)
	}
	for _, r := range sgr.ReplaceAllString(drawn, "") {
		if r != '\n' && !unicode.IsGraphic(r) {
			t.Fatalf("%U is let through:\n%q", r, drawn)
		}
	}
}

// TestStorms: whatever is typed, comes and changes its size, the screen fits, and
// text of the cluster steers nothing.
func TestStorms(t *testing.T) {
	var explanations []*v1alpha1.Explanation
	for _, name := range []string{"a-two", "c-preempted", "e-backoff", "embed.json.gz"} {
		e := example(t, name)
		explanations = append(explanations, e)
		spoilt := e.DeepCopyObject().(*v1alpha1.Explanation)
		spoil(reflect.ValueOf(spoilt))
		explanations = append(explanations, spoilt)
	}
	jobs := exampleJobs(t)
	spoilt := jobs.DeepCopyObject().(*v1alpha1.JobSummaryList)
	spoil(reflect.ValueOf(spoilt))
	for seed := range uint64(24) {
		random := rand.New(rand.NewPCG(seed, 18))
		options := Options{Color: seed%2 == 0, Scope: "namespace " + attack, IsFile: seed%5 == 4}
		if seed%3 == 0 {
			options.Job = JobKey{"default", attack}
		}
		m := New(options)
		for range 300 {
			message := storm(m, random, explanations, []*v1alpha1.JobSummaryList{jobs, spoilt})
			if m.Update(message); random.IntN(3) == 0 {
				harmless(t, fits(t, m))
			}
		}
	}
}

// storm is a message at random.
func storm(m *Model, random *rand.Rand, explanations []*v1alpha1.Explanation, jobs []*v1alpha1.JobSummaryList) tea.Msg {
	var of JobKey
	if m.job != nil {
		of = m.job.key
	}
	switch at := m.now; random.IntN(20) {
	case 0, 1:
		return tea.WindowSizeMsg{Width: random.IntN(220), Height: random.IntN(60)}
	case 2:
		return tea.WindowSizeMsg{Width: 80, Height: 24}
	case 3:
		return Look{Of: of, At: at, Explanation: explanations[random.IntN(len(explanations))], Gone: random.IntN(9) == 0}
	case 4:
		return Look{Of: of, At: at, Trouble: attack}
	case 5:
		return Jobs{At: at, List: jobs[random.IntN(len(jobs))]}
	case 6:
		return Tick(at.Add(time.Duration(random.IntN(10)) * time.Second))
	case 7:
		return Log{Number: m.logs, Lines: []string{attack, strings.Repeat(attack, random.IntN(200)), "\t\tx"}, Ended: random.IntN(5) == 0}
	case 8:
		return Log{Number: m.logs, Words: attack}
	case 9:
		return tea.MouseClickMsg{X: random.IntN(80), Y: random.IntN(24), Button: tea.MouseLeft}
	case 10:
		return tea.MouseWheelMsg{X: random.IntN(80), Y: random.IntN(24), Button: tea.MouseWheelDown}
	case 11:
		return tea.PasteMsg{Content: attack}
	}
	word := stormKeys[random.IntN(len(stormKeys))]
	if typed, ok := strings.CutPrefix(word, "'"); ok {
		return tea.KeyPressMsg{Code: 'x', Text: typed}
	}
	return keyOf(word)
}

// TestACursorCostsNoIndexes: of a Job of as many indexes as there may be, every frame
// costs its records and its cells.
func TestACursorCostsNoIndexes(t *testing.T) {
	completions, last := int32(1<<31-1), int32(1<<31-2)
	e := &v1alpha1.Explanation{
		Spec:  v1alpha1.Spec{Completions: &completions},
		Fates: []v1alpha1.IndexFate{{Fate: v1alpha1.Waiting, LastIndex: &last}},
	}
	m := New(Options{Job: JobKey{"default", "huge"}})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	m.Update(Look{Of: m.job.key, Explanation: e})
	begin := time.Now()
	play(t, m, strings.Fields(strings.Repeat("right down enter ", 12)+"esc /"))
	play(t, m, []string{"'2147483646", "enter", "enter"})
	fits(t, m)
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
}
