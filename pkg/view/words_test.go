package view

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/view/viewtest"
)

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 2_000_000_000: "2,000,000,000", -1234: "-1,234", -123: "-123"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestLastedTellsTwoUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 400 * time.Millisecond: "0s", 13 * time.Second: "13s", 31 * time.Minute: "31m", 130 * time.Second: "2m10s",
		math.MaxInt64: "over 292y", math.MinInt64: "0s",
		72*time.Minute + 3*time.Second: "1h12m", 24 * time.Hour: "1d", 51 * time.Hour: "2d3h",
	} {
		if got := lasted(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestHowAnAttemptEnded(t *testing.T) {
	code := func(n int32) *int32 { return &n }
	for _, test := range []struct {
		failure      v1alpha1.Failure
		short, whole string
	}{
		{v1alpha1.Failure{Container: "main", ExitCode: code(1), Reason: "Error"}, "main exited 1", "main exited 1"},
		{v1alpha1.Failure{Container: "main", ExitCode: code(137), Reason: "OOMKilled"}, "main exited 137 OOMKilled", "main exited 137 (SIGKILL, OOMKilled reported)"},
		{v1alpha1.Failure{Container: "main", ExitCode: code(137), Reason: "Error"}, "main exited 137", "main exited 137 (SIGKILL, OOMKilled not reported)"},
		{v1alpha1.Failure{Container: "main", ExitCode: code(0), Reason: "OOMKilled"}, "main exited 0 OOMKilled", "main exited 0 (OOMKilled reported)"},
		{v1alpha1.Failure{Container: "main", ExitCode: code(143), Condition: "DisruptionTarget"}, "main exited 143, DisruptionTarget", "main exited 143 (SIGTERM), DisruptionTarget"},
		{v1alpha1.Failure{Container: "proxy", ContainerType: v1alpha1.ContainerSidecar, ExitCode: code(127)}, "sidecar proxy exited 127", "sidecar proxy exited 127 (command not found)"},
		{v1alpha1.Failure{Container: "fetch", ContainerType: v1alpha1.ContainerInit, ExitCode: code(2)}, "init container fetch exited 2", "init container fetch exited 2"},
		{v1alpha1.Failure{Reason: "Evicted", Message: "low on memory"}, "Evicted", "Evicted: low on memory"},
		{v1alpha1.Failure{}, "failed, no cause recorded", "failed, no cause recorded"},
		{v1alpha1.Failure{Container: "main", ExitCode: code(137), Synthesized: true}, "exit code 137 was set by the kubelet", "exit code 137 was set by the kubelet"},
		{v1alpha1.Failure{Container: "main", ExitCode: code(137), Synthesized: true, Reason: "ContainerStatusUnknown"}, "ContainerStatusUnknown", "ContainerStatusUnknown; exit code 137 was set by the kubelet"},
		{v1alpha1.Failure{Container: "main", ExitCode: code(137), Synthesized: true, Reason: "Error", Condition: "DisruptionTarget", Message: "lost"}, "DisruptionTarget", "DisruptionTarget; exit code 137 was set by the kubelet: lost"},
	} {
		if short, whole := ended(&test.failure), endedAtLength(&test.failure); short != test.short || whole != test.whole {
			t.Errorf("got %q and %q, want %q and %q", short, whole, test.short, test.whole)
		}
	}
}

func TestTimesAreToldWhereTheReaderIs(t *testing.T) {
	e := &v1alpha1.Explanation{ObservedAt: metav1.NewTime(time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC))}
	at := metav1.NewTime(time.Date(2026, 11, 22, 22, 15, 0, 0, time.UTC))
	if got, want := newSheet(e, Screen{}).clock(at), "22:15:00Z"; got != want {
		t.Errorf("in UTC: got %q, want %q", got, want)
	}
	location := time.FixedZone("", 90*60)
	if got, want := newSheet(e, Screen{Location: location}).clock(at), "2026-11-22T23:45:00+01:30"; got != want {
		t.Errorf("where another day has begun: got %q, want %q", got, want)
	}
}

func TestWhatToTypeNextIsForTheCommandAtHand(t *testing.T) {
	e := explanationOf(t, archives(t)["few-failed-indexes"])
	text := Text(e, nil, Screen{Command: []string{"kubectl", "indexjob", "explain", "-f", "job.yaml"}})
	if want := "Next: kubectl indexjob explain -f job.yaml --index 1\n      kubectl indexjob explain -f job.yaml --cause 334e\n"; !strings.HasSuffix(text, want) {
		t.Errorf("does not end in %q:\n%s", want, text)
	}
}

func TestACommandGoesOnAsAShellReadsIt(t *testing.T) {
	for _, test := range []struct {
		name string
		want string
	}{
		{"nightly", "Next: kubectl indexjob \\\n      explain nightly \\\n      --index 2\n"},
		{"it's; reboot", "Next: kubectl indexjob \\\n      explain \\\n      'it'\\''s; reboot' \\\n      --index 2\n"},
		{"a\x1b[2Jb", "Next: kubectl indexjob \\\n      explain \\\n      $'a\\033\\1332Jb' \\\n      --index 2\n"},
		{"/a/path/that/is/wider/than/the/screen", "Next: kubectl indexjob \\\n      explain \\\n      /a/path/that/is/wider/\\\nthan/the/screen --index 2\n"},
	} {
		s := newSheet(&v1alpha1.Explanation{}, Screen{Width: 30})
		got := render(slices.Concat(s.toType([]string{"kubectl", "indexjob", "explain", test.name, "--index", "2"})...), false)
		if got != test.want {
			t.Errorf("got\n%swant\n%s", got, test.want)
		}
	}
}

// TestNoCommandIsCut: whatever a name holds, and however low or narrow the screen,
// what stands behind "Next:" is the whole command, as a shell takes it apart.
func TestNoCommandIsCut(t *testing.T) {
	e := explanationOf(t, archives(t)["few-failed-indexes"])
	e.Signatures[0].Indexes = "1" // one command is enough
	for _, name := range append(slices.Clone(viewtest.Attacks), "nightly", "two  blanks", "日本語のファイル", strings.Repeat("long/", 800)) {
		name = name[:min(len(name), 2500)] // more than is shown of any other text
		command := []string{"kubectl", "indexjob", "explain", "-f", name}
		want := shellLine(append(command, "--index", "1"))
		for _, width := range []int{24, 30, 80, 5000} {
			screen := Screen{Width: width, Height: 2000, Command: command}
			_, drawn, _ := strings.Cut(Text(e, nil, screen), "Next: ")
			for _, l := range strings.Split("Next: "+drawn, "\n") {
				if lipgloss.Width(l) > width {
					t.Errorf("%q is wider than %d", l, width)
				}
			}
			if joined := shellLine(shellWords(t, drawn)); joined != want {
				t.Errorf("%q at width %d:\n%s\nis\n%s\nwant\n%s", name, width, drawn, joined, want)
			}
			for height := 1; width == 30 && height < 40; height += 3 {
				screen.Height = height
				if _, drawn, found := strings.Cut(Text(e, nil, screen), "Next: "); found {
					shellWords(t, drawn)
				}
			}
		}
	}
}

// shellWords takes commands apart as a POSIX shell does.
func shellWords(t *testing.T, typed string) (words []string) {
	t.Helper()
	word, begun := "", false
	for rest := strings.TrimSuffix(typed, "\n"); rest != ""; {
		quote := rest[:1]
		switch {
		case strings.HasPrefix(rest, "\\\n"):
			rest = rest[2:]
			continue
		case quote == " ":
			if begun {
				words = append(words, word)
			}
			word, begun, rest = "", false, rest[1:]
			continue
		case quote == "\n":
			t.Fatalf("a command ends amid %q", typed)
		case quote == "'":
			inside, after, closed := strings.Cut(rest[1:], "'")
			if !closed {
				t.Fatalf("a quote is open in %q", typed)
			}
			word, rest = word+inside, after
		case strings.HasPrefix(rest, "$'"):
			inside, after, closed := strings.Cut(rest[2:], "'")
			unquoted, err := strconv.Unquote(`"` + inside + `"`)
			if !closed || err != nil {
				t.Fatalf("no word: %q, %v", rest, err)
			}
			word, rest = word+unquoted, after
		case quote == "\\":
			word, rest = word+rest[1:2], rest[2:]
		default:
			word, rest = word+quote, rest[1:]
		}
		begun = true
	}
	if begun {
		words = append(words, word)
	}
	return words
}

// A list for pasting is whole, however long.
func TestTheListOfACauseIsWhole(t *testing.T) {
	size := int32(100_000)
	var every []int32
	for i := int32(0); i < size; i += 3 {
		every = append(every, i)
	}
	want := indexes.Of(every...).String()
	e := &v1alpha1.Explanation{Spec: v1alpha1.Spec{Completions: &size}, Signatures: []v1alpha1.Signature{{Text: "main 1", Indexes: want}}}
	if got := Cause(e, 1, Screen{}); !strings.Contains(got, "\n"+want+"\n") {
		t.Errorf("the list of %d characters is not in the answer of %d", len(want), len(got))
	}
}
