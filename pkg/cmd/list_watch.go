package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// listWatchOptions is what is needed to list Jobs live.
type listWatchOptions struct {
	listOptions
	terminal terminal.Terminal
	live     bool // there is somebody at a screen
}

func (f *listFlags) toWatch(t terminal.Terminal) (*listWatchOptions, error) {
	quiet := t
	if t.OutIsTTY { // a warning would be written across the live screen
		quiet.Err = io.Discard
	}
	list, err := f.toOptions(quiet)
	switch {
	case err != nil:
		return nil, err
	case list.print != nil:
		return nil, errors.New("--watch and -o are mutually exclusive, but for -o wide\nhint: leave out --watch: what -o prints is of one instant")
	}
	list.err = t.Err
	return &listWatchOptions{listOptions: *list, terminal: t, live: t.OutIsTTY && !t.IsDumb()}, nil
}

// run keeps the table up to date until somebody quits, or for ever.
func (o *listWatchOptions) run(ctx context.Context) error {
	follower, err := o.client.FollowJobs(ctx, o.namespace, o.selector)
	if err != nil {
		return err
	}
	defer follower.Stop()
	w := &jobsWatcher{follower: follower, order: o.order, now: o.terminal.Now}
	if o.live {
		return o.play(ctx, w)
	}
	return o.tell(ctx, w)
}

// tell writes the table, and then a row for each that has changed.
func (o *listWatchOptions) tell(ctx context.Context, w *jobsWatcher) error {
	rows := view.NewJobRows(o.columns, o.selector != "", o.screen)
	for troubled, isFirst := false, true; ; isFirst = false {
		seen, err := w.next(ctx)
		if err != nil {
			return err
		}
		if words := turn(seen.trouble, &troubled); words != "" {
			fmt.Fprintln(o.err, terminal.SanitizeLine(words))
		}
		if isFirst && len(seen.list.Items) == 0 {
			if err := o.nothing(seen.others); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(o.out, rows.Lines(seen.list)); err != nil {
			return err
		}
	}
}

// play repaints the table, and leaves the last one behind.
func (o *listWatchOptions) play(ctx context.Context, w *jobsWatcher) error {
	table := &liveTable{live: live{now: o.terminal.Now}, options: o.listOptions}
	err := play(ctx, o.terminal, o.screen.Color, table, telling(func(ctx context.Context) (tea.Msg, error) { return w.next(ctx) }))
	if err != nil {
		return err
	}
	if table.interrupted {
		err = verdict(exitInterrupted)
	}
	_, failed := io.WriteString(o.out, table.text())
	return errors.Join(failed, err)
}

// jobsLook is a list of Jobs at one instant.
type jobsLook struct {
	list *v1alpha1.JobSummaryList
	// others is how many Jobs are not Indexed.
	others  int
	trouble error
	// sureAt is until when no news is missing.
	sureAt time.Time
}

// jobsWatcher summarises Jobs anew whenever one has changed.
type jobsWatcher struct {
	follower  *cluster.JobsFollower
	summaries replay.Summaries
	order     replay.Order
	now       func() time.Time
	took      time.Duration
}

// next waits for news, or for a breath: ages go on, and deadlines pass by
// themselves.
func (w *jobsWatcher) next(ctx context.Context) (jobsLook, error) {
	if !pause(ctx, leisure*w.took) {
		return jobsLook{}, ctx.Err()
	}
	sighting, err := w.follower.Next(ctx, breath)
	if err != nil {
		return jobsLook{}, err
	}
	begin := w.now()
	list := w.summaries.Of(sighting.Listing.Indexed, sighting.Listing.ObservedAt)
	replay.Sort(list, w.order)
	w.took = w.now().Sub(begin)
	return jobsLook{list: list, others: sighting.Listing.Others, trouble: sighting.Trouble, sureAt: sighting.SureAt}, nil
}
