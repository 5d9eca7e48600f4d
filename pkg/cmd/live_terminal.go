package cmd

import (
	"io"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// leavesLive takes back what bubbletea asks of a terminal (close in its
// cursed_renderer.go, v2.1.1).
var leavesLive = ansi.ResetModeSynchronizedOutput + ansi.ResetModifyOtherKeys + ansi.PopKittyKeyboard(1) +
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
