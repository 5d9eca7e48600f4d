package cmd

import (
	"cmp"
	"context"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sync/errgroup"
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

// feed begins to tell a live screen what there is, until ctx ends. What fails ends
// the screen.
type feed func(ctx context.Context, send func(tea.Msg), feeding *errgroup.Group)

// play shows a live screen until somebody leaves it, or ctx ends.
func play(ctx context.Context, t terminal.Terminal, color bool, screen liveModel, feed feed) error {
	profile := colorprofile.ASCII
	if color {
		profile = colorprofile.ANSI
	}
	program := tea.NewProgram(screen,
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
	shown, stop := context.WithCancel(ctx)
	feeding, fed := errgroup.WithContext(shown)
	feed(fed, program.Send, feeding)
	defer context.AfterFunc(fed, program.Quit)()
	_, err := program.Run()
	close(left)
	hasFailed := fed.Err() != nil && ctx.Err() == nil
	stop()
	over := make(chan error, 1)
	go func() { over <- feeding.Wait() }()
	var enough <-chan time.Time
	if screen.Interrupted() { // whoever types Ctrl-C waits for no long computation
		enough = time.After(grace)
	}
	select {
	case failure := <-over:
		if hasFailed {
			err = cmp.Or(err, failure)
		}
	case <-enough:
	}
	return cmp.Or(ctx.Err(), err)
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
