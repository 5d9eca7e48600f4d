package cmd

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sync/errgroup"

	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// live is what every live screen has: a size, keys that leave it, and a last line.
type live struct {
	now           func() time.Time
	width, height int
	interrupted   bool
}

// Interrupted reports whether Ctrl-C was typed.
func (l *live) Interrupted() bool { return l.interrupted }

// telling feeds a live screen with what comes next, until that fails.
func telling(next func(context.Context) (tea.Msg, error)) feed {
	return func(ctx context.Context, send func(tea.Msg), feeding *errgroup.Group) {
		feeding.Go(func() error {
			for {
				seen, err := next(ctx)
				if err != nil {
					return err
				}
				send(seen)
			}
		})
	}
}

// take takes the size of the screen, and the keys that leave it.
func (l *live) take(message tea.Msg) tea.Cmd {
	switch message := message.(type) {
	case tea.WindowSizeMsg:
		l.width, l.height = message.Width, message.Height
	case tea.KeyPressMsg:
		switch message.String() {
		case "q", "esc":
			return tea.Quit
		case "ctrl+c":
			l.interrupted = true
			return tea.Quit
		}
	}
	return nil
}

// frame is a text, which may be cut, and a line below it.
func (l *live) frame(text, footer string) tea.View {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	lines = append(lines[:min(len(lines), abovePrompt(l.height))], footer)
	lines = lines[:min(len(lines), max(1, l.height))]
	drawn := tea.NewView(strings.Join(lines, "\n"))
	drawn.AltScreen = true
	return drawn
}

// footer is the line below what is shown. In trouble, that is as of sureAt.
func (l *live) footer(isShown bool, trouble error, sureAt time.Time) string {
	words := "q quits"
	switch {
	case trouble != nil:
		words = view.Trouble(inShort(trouble), isShown, l.now().Sub(sureAt))
	case !isShown:
		words = "reading ..."
	}
	return l.fit(words)
}

// fit cuts words to the width of the screen.
func (l *live) fit(words string) string {
	runes := []rune(words)
	return string(runes[:min(len(runes), max(0, l.width))])
}
