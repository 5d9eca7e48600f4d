package cmd

import (
	"context"
	"io"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// mostFrames is how often in a second a live screen is drawn at most.
const mostFrames = 10

// liveModel is what is shown on a live screen.
type liveModel interface {
	tea.Model
	// Interrupted reports whether Ctrl-C was typed.
	Interrupted() bool
}

// runLive shows a model until it quits or ctx ends. What feeds it with messages is
// told when to end, and waited for.
func runLive(ctx context.Context, t terminal.Terminal, color bool, model liveModel, feed func(ctx context.Context, send func(tea.Msg), feeding *sync.WaitGroup)) error {
	profile := colorprofile.ASCII
	if color {
		profile = colorprofile.ANSI
	}
	program := tea.NewProgram(model,
		tea.WithInput(t.In), tea.WithOutput(t.Out),
		tea.WithFPS(mostFrames), tea.WithColorProfile(profile), tea.WithoutSignalHandler())
	restore, left := asItWas(t), make(chan struct{})
	// Of its own context bubbletea makes no end but a kill, which leaves the
	// reader of keys behind. It may be drawing, or nobody reads what it draws.
	defer context.AfterFunc(ctx, func() {
		go program.Quit()
		select {
		case <-left:
		case <-time.After(grace / 2):
			restore()
		}
	})()
	fed, stop := context.WithCancel(ctx)
	var feeding sync.WaitGroup
	feed(fed, program.Send, &feeding)
	_, err := program.Run()
	close(left)
	stop()
	over := make(chan struct{})
	go func() {
		defer close(over)
		feeding.Wait()
	}()
	var enough <-chan time.Time
	if model.Interrupted() { // whoever types Ctrl-C waits for no long computation
		enough = time.After(grace)
	}
	select {
	case <-over:
	case <-enough:
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// leavesLive takes back what bubbletea asks of a terminal (close in its
// cursed_renderer.go, v2.1.1).
var leavesLive = ansi.ResetModeSynchronizedOutput + ansi.ResetModifyOtherKeys + ansi.PopKittyKeyboard(1) +
	ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseAnyEvent + ansi.ResetModeMouseExtSgr +
	ansi.ResetModeAltScreenSaveCursor + ansi.SetModeTextCursorEnable + ansi.ResetModeBracketedPaste

// asItWas remembers a terminal. What it returns makes the terminal that again
// after a live screen that cannot leave it by itself: its modes first, for to
// write may take for ever.
func asItWas(t terminal.Terminal) (restore func()) {
	type opened interface{ Fd() uintptr }
	modes := map[int]*term.State{}
	for _, stream := range []any{t.In, t.Out} {
		if file, ok := stream.(opened); ok {
			if state, err := term.GetState(int(file.Fd())); err == nil {
				modes[int(file.Fd())] = state
			}
		}
	}
	return func() {
		for fd, state := range modes {
			_ = term.Restore(fd, state)
		}
		_, _ = io.WriteString(t.Out, leavesLive)
	}
}
