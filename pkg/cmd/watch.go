package cmd

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// watchOptions is what is needed to explain one Job live.
type watchOptions struct {
	waitOptions
	live bool // there is somebody at a screen
}

func (f *explainFlags) toWatch(args []string, t terminal.Terminal) (*watchOptions, error) {
	result, err := f.toOptions(args, t)
	if err != nil {
		return nil, err
	}
	if err := result.validate(); err != nil {
		return nil, err
	}
	switch {
	case !result.live:
		return nil, errors.New("--watch and -f are mutually exclusive\nhint: files do not change; leave out --watch")
	case result.print != nil:
		return nil, errors.New("--watch and -o are mutually exclusive\nhint: kubectl indexjob wait -o json prints what came of the Job")
	}
	quiet := t
	if t.OutIsTTY { // a warning would be written across the live screen
		quiet.Err = io.Discard
	}
	follow, err := f.toFollow(args, 0, quiet)
	if err != nil {
		return nil, err
	}
	wait := waitOptions{follow: follow, finished: true, now: t.Now, result: result, terminal: t}
	return &watchOptions{waitOptions: wait, live: t.OutIsTTY && !t.IsDumb()}, nil
}

// run draws until the Job is finished or somebody quits. Off a screen the Job
// is told as wait does.
func (o *watchOptions) run(ctx context.Context) error {
	if !o.live {
		err := o.waitOptions.run(ctx)
		if told := verdict(0); errors.As(err, &told) && !o.result.exitStatus {
			return nil
		}
		return err
	}
	follower, err := o.follow(ctx)
	if err != nil {
		return err
	}
	defer follower.Stop()
	w := &watcher{follower: follower, now: o.now}
	last, err := o.play(ctx, w)
	var final look
	switch {
	case err != nil:
		return err
	case last.interrupted:
		err = verdict(exitInterrupted)
	case last.over || len(o.result.reports.files) > 0:
		if read, failed := w.last(ctx); failed == nil {
			final, last.explanation = read, read.explanation
		}
	}
	if last.explanation == nil {
		return err
	}
	if last.height > 0 { // it may have changed
		o.result.screen.Width, o.result.screen.Height = last.width, abovePrompt(last.height)
	}
	show := func() error {
		chosen, err := o.result.chosen(last.explanation)
		if err != nil {
			return err
		}
		return o.result.show(last.explanation, chosen, nil)
	}
	if final.seen != nil {
		show = func() error { return o.result.deliver(ctx, final) }
	}
	if failed := show(); failed != nil || err != nil {
		return errors.Join(failed, err)
	}
	if o.result.exitStatus {
		return verdictOn(last.explanation.Conclusion.State)
	}
	return nil
}

// play shows the live screen and returns how it was left.
func (o *watchOptions) play(ctx context.Context, w *watcher) (*liveScreen, error) {
	screen := &liveScreen{result: *o.result, isOver: o.isOver, now: o.now}
	err := runLive(ctx, o.terminal, o.result.screen.Color, screen, func(ctx context.Context, send func(tea.Msg), feeding *sync.WaitGroup) {
		feeding.Go(func() {
			for {
				seen, err := w.next(ctx)
				if err != nil {
					return
				}
				send(seen)
			}
		})
	})
	return screen, err
}

// liveScreen is the model of the live screen.
type liveScreen struct {
	result        explainOptions
	isOver        func(*v1alpha1.Explanation) bool
	now           func() time.Time
	width, height int
	look
	// newsAt is when the last look came of which nothing may be missing.
	newsAt            time.Time
	over, interrupted bool
}

// Interrupted reports whether Ctrl-C was typed.
func (s *liveScreen) Interrupted() bool { return s.interrupted }

// Init asks for nothing: looks come by themselves.
func (s *liveScreen) Init() tea.Cmd { return nil }

// Update takes what is seen of the Job, the size of the screen, and keys.
func (s *liveScreen) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = message.Width, message.Height
	case tea.KeyPressMsg:
		switch message.String() {
		case "q", "esc":
			return s, tea.Quit
		case "ctrl+c":
			s.interrupted = true
			return s, tea.Quit
		}
	case look:
		if message.explanation == nil {
			message.explanation = s.explanation
		}
		s.look = message
		if s.trouble == nil {
			s.newsAt = s.now()
		}
		s.over = s.gone || s.explanation != nil && s.isOver(s.explanation)
		if s.over {
			return s, tea.Quit
		}
	}
	return s, nil
}

// View draws the screen and a line below it.
func (s *liveScreen) View() tea.View {
	text := ""
	if s.explanation != nil && s.height > 0 {
		result := s.result
		result.screen.Width, result.screen.Height = s.width, abovePrompt(s.height)
		if chosen, err := result.chosen(s.explanation); err != nil {
			text = err.Error()
		} else {
			text = result.draw(s.explanation, chosen, nil)
		}
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	lines = append(lines[:min(len(lines), abovePrompt(s.height))], s.footer())
	lines = lines[:min(len(lines), max(1, s.height))]
	drawn := tea.NewView(strings.Join(lines, "\n"))
	drawn.AltScreen = true
	return drawn
}

// footer is what is to be said beside the Job.
func (s *liveScreen) footer() string {
	words := "q quits"
	switch {
	case s.trouble != nil && s.explanation != nil:
		words = "as of " + v1alpha1.Duration(s.now().Sub(s.newsAt)) + " ago; the server cannot be read, trying again: " + terminal.Sanitize(inShort(s.trouble))
	case s.trouble != nil:
		words = "The server cannot be read, trying again: " + terminal.Sanitize(inShort(s.trouble))
	case s.explanation == nil:
		words = "reading ..."
	}
	runes := []rune(words)
	return string(runes[:min(len(runes), max(0, s.width))])
}
