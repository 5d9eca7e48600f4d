package cmd

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// On a terminal the last line is written over, and nothing of it is left.
func TestTheStatusLineIsWrittenOver(t *testing.T) {
	told := func(tty bool, term string) string {
		var out bytes.Buffer
		l := newLog(terminal.Terminal{Err: &out, ErrIsTTY: tty, Width: 40, Height: 24, LookupEnv: func(name string) (string, bool) { return term, name == "TERM" }}, view.Screen{}, time.Now)
		seen := exampleLook(t)
		seen.explanation.Conclusion.State = "Running"
		l.tell(seen)
		l.tell(seen)
		l.note("the server cannot be read")
		l.clear()
		return out.String()
	}
	got := told(true, "xterm")
	if strings.Count(got, overwrite+"(") != 2 || !strings.HasSuffix(got, "  the server cannot be read\n") || strings.Contains(got, "\n"+overwrite+"\n") {
		t.Errorf("got %q", got)
	}
	for _, line := range strings.Split(got, overwrite) {
		if strings.HasPrefix(line, "(") && len(line) > 39 {
			t.Errorf("%q is too wide", line)
		}
	}
	for _, other := range []string{told(false, "xterm"), told(true, "dumb")} {
		if strings.Contains(other, "\x1b") || strings.Contains(other, "\r") {
			t.Errorf("got %q", other)
		}
	}
}
