package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
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
	w := &watcher{follower: follower, explain: replay.Outline, now: o.now}
	if o.result.index != "" || o.result.cause != "" || o.result.timeline {
		w.explain = replay.Explain
	}
	last := &liveScreen{live: live{now: o.now}, result: *o.result, isOver: o.isOver}
	err = play(ctx, o.terminal, o.result.screen.Color, last, telling(func(ctx context.Context) (tea.Msg, error) { return w.next(ctx) }))
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
	if last.gone {
		fmt.Fprintln(o.terminal.Err, gone)
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

// liveScreen is the model of the live screen.
type liveScreen struct {
	live
	result explainOptions
	isOver func(*v1alpha1.Explanation) bool
	look
	over bool
}

// Init asks for nothing: looks come by themselves.
func (s *liveScreen) Init() tea.Cmd { return nil }

// Update takes what is seen of the Job, the size of the screen, and keys.
func (s *liveScreen) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	seen, ok := message.(look)
	if !ok {
		return s, s.take(message)
	}
	if seen.explanation == nil {
		seen.explanation = s.explanation
	}
	s.look = seen
	s.over = s.gone || s.explanation != nil && s.isOver(s.explanation)
	if s.over {
		return s, tea.Quit
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
	return s.frame(text, s.footer(s.explanation != nil, s.trouble, s.sureAt))
}
