package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// changeLog writes what changes about a followed Job, and about our sight of
// it, a line each.
type changeLog struct {
	out      io.Writer
	progress *view.Progress
	now      func() time.Time
	troubled bool
}

func newLog(out io.Writer, screen view.Screen, now func() time.Time) *changeLog {
	return &changeLog{out: out, progress: view.NewProgress(screen), now: now}
}

func (l *changeLog) tell(seen look) {
	if words := seen.turn(&l.troubled); words != "" {
		l.note(words)
	}
	if seen.explanation == nil {
		return
	}
	for _, line := range l.progress.Lines(seen.explanation) {
		fmt.Fprintln(l.out, line)
	}
}

// turn says, once each, that the server cannot be read and that it can again.
func (l look) turn(troubled *bool) string {
	was := *troubled
	*troubled = l.trouble != nil
	switch {
	case l.trouble != nil && !was:
		return "the server cannot be read, trying again: " + inShort(l.trouble)
	case l.trouble == nil && was:
		return "the server can be read again"
	}
	return ""
}

// note writes a line that is not about the Job itself.
func (l *changeLog) note(words string) {
	fmt.Fprintln(l.out, l.progress.Note(l.now(), words))
}

// inShort is a failure without the address that was asked for.
func inShort(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "there was no answer in time"
	}
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	return err.Error()
}
