package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// changeLog writes what changes about a followed Job, and about our sight of it, a
// line each. On a terminal a last line says how far the Job has come, and is written
// over as it goes on.
type changeLog struct {
	out      io.Writer
	progress *view.Progress
	now      func() time.Time
	troubled bool
	// width is that of the line which is written over, 0 where there is none.
	width int
	drawn bool
}

func newLog(t terminal.Terminal, screen view.Screen, now func() time.Time) *changeLog {
	l := &changeLog{out: t.Err, progress: view.NewProgress(screen), now: now}
	if t.ErrIsTTY && !t.IsDumb() {
		l.width, _ = t.Size()
		l.progress.HasStatus = true
	}
	return l
}

func (l *changeLog) tell(seen look) {
	if words := turn(seen.trouble, &l.troubled); words != "" {
		l.note(words)
	}
	if seen.explanation == nil {
		return
	}
	for _, line := range l.progress.Lines(seen.explanation) {
		l.line(line)
	}
	if l.width > 0 && !seen.explanation.Conclusion.State.Decided() {
		fmt.Fprint(l.out, overwrite+l.progress.Status(seen.explanation, l.width-1))
		l.drawn = true
	}
}

// overwrite begins the line anew, and clears it.
const overwrite = "\r\x1b[K"

func (l *changeLog) line(text string) {
	l.clear()
	fmt.Fprintln(l.out, text)
}

// clear takes the line away that is written over.
func (l *changeLog) clear() {
	if l.drawn {
		fmt.Fprint(l.out, overwrite)
		l.drawn = false
	}
}

// turn says, once each, that the server cannot be read and that it can again.
func turn(trouble error, troubled *bool) string {
	was := *troubled
	*troubled = trouble != nil
	switch {
	case trouble != nil && !was:
		return "the server cannot be read, trying again: " + inShort(trouble)
	case trouble == nil && was:
		return "the server can be read again"
	}
	return ""
}

// note writes a line that is not about the Job itself.
func (l *changeLog) note(words string) {
	l.line(l.progress.Note(l.now(), words))
}

// inShort is a failure in one line, without the address that was asked for and without a
// hint.
func inShort(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "there was no answer in time"
	}
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	words, _, _ := strings.Cut(err.Error(), "\n")
	return words
}
