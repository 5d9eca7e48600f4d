package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// The exit statuses beside 0.
const (
	exitError       = 1
	exitFailed      = 2
	exitUndecided   = 3
	exitInterrupted = 130
)

// verdict is the error of a command that did what it should and is to report
// the Job's state by its exit status.
type verdict int

func (v verdict) Error() string { return fmt.Sprintf("exit status %d", int(v)) }

// verdictOn is nil for a Job that is or will be Complete.
func verdictOn(state v1alpha1.State) error {
	switch state {
	case v1alpha1.StateComplete, v1alpha1.StateSucceeding:
		return nil
	case v1alpha1.StateFailed, v1alpha1.StateFailing:
		return verdict(exitFailed)
	}
	return verdict(exitUndecided)
}

// exitStatus tells a person what went wrong, and the shell how it ended.
func exitStatus(ctx context.Context, t terminal.Terminal, err error) int {
	var v verdict
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &v):
		return int(v)
	case errors.Is(err, syscall.EPIPE):
		return 0 // whoever read us has seen enough
	}
	complain(t, err.Error())
	return exitError
}

// complain prints an error and its hint, a line each. The hint is the last that
// looks like one: text from a cluster may pretend to be another.
func complain(t terminal.Terminal, text string) {
	const separator = "\nhint: "
	at := strings.LastIndex(text, separator)
	if at < 0 {
		fmt.Fprintln(t.Err, terminal.SanitizeLine("error: "+text))
		return
	}
	fmt.Fprintln(t.Err, terminal.SanitizeLine("error: "+text[:at]))
	fmt.Fprintln(t.Err, terminal.SanitizeLine("hint: "+text[at+len(separator):]))
}
