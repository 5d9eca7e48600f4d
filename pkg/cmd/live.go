package cmd

import (
	"cmp"
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// mostFrames is how often in a second a live screen is drawn at most.
const mostFrames = 10

// live is what every live screen has: a size, keys that leave it, and a last line.
type live struct {
	now           func() time.Time
	width, height int
	// newsAt is when the last look came of which nothing may be missing.
	newsAt      time.Time
	interrupted bool
}

// liveModel is a live screen.
type liveModel interface {
	tea.Model
	isInterrupted() bool
}

func (l *live) isInterrupted() bool { return l.interrupted }

// play shows a live screen until somebody leaves it, and tells it what comes next.
func play(ctx context.Context, t terminal.Terminal, color bool, screen liveModel, next func(context.Context) (tea.Msg, error)) error {
	profile := colorprofile.ASCII
	if color {
		profile = colorprofile.ANSI
	}
	program := tea.NewProgram(screen, tea.WithInput(t.In), tea.WithOutput(t.Out),
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
	looking, stop := context.WithCancel(ctx)
	looked := make(chan error, 1)
	go func() {
		failed := tell(looking, program, next)
		if looking.Err() != nil {
			failed = nil // nobody looks any more
		}
		looked <- failed
		program.Quit()
	}()
	_, err := program.Run()
	close(left)
	stop()
	var enough <-chan time.Time
	if screen.isInterrupted() { // whoever types Ctrl-C waits for no long computation
		enough = time.After(grace)
	}
	select {
	case failed := <-looked:
		err = cmp.Or(err, failed)
	case <-enough:
	}
	return cmp.Or(ctx.Err(), err)
}

// tell tells a program what comes, until that fails.
func tell(ctx context.Context, program *tea.Program, next func(context.Context) (tea.Msg, error)) error {
	for {
		seen, err := next(ctx)
		if err != nil {
			return err
		}
		program.Send(seen)
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

// looked remembers when nothing was missing.
func (l *live) looked(trouble error) {
	if trouble == nil {
		l.newsAt = l.now()
	}
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

// footer is what is to be said beside what is shown, if anything is.
func (l *live) footer(isShown bool, trouble error) string {
	words := "q quits"
	switch {
	case trouble != nil && isShown:
		words = "as of " + v1alpha1.Duration(l.now().Sub(l.newsAt)) + " ago; the server cannot be read, trying again: " + terminal.Sanitize(inShort(trouble))
	case trouble != nil:
		words = "The server cannot be read, trying again: " + terminal.Sanitize(inShort(trouble))
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
