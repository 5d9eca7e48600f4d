package cmd

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/browse"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// browser answers what the interactive screen asks for: it follows the Job that is
// open, and the log that is read.
type browser struct {
	*browse.Model
	options *browseOptions
	// first is the look at the files, or the follower of the Job that was named.
	first    *browse.Look
	follower *cluster.Follower

	send func(tea.Msg)
	job  task
	log  task

	mu     sync.Mutex
	latest browse.Look
}

// task is one thing done at a time in the background.
type task struct {
	ctx     context.Context
	feeding *errgroup.Group
	stop    context.CancelFunc
}

// begin stops what is done, and does something else.
func (t *task) begin(what func(context.Context) error) {
	t.end()
	var ctx context.Context
	ctx, t.stop = context.WithCancel(t.ctx)
	t.feeding.Go(func() error { return what(ctx) })
}

func (t *task) end() {
	if t.stop != nil {
		t.stop()
	}
}

// begin reads what is to be there before there is a screen: an error about it is told
// as by any other command.
func (b *browser) begin(ctx context.Context) error {
	o := b.options
	switch {
	case o.observe != nil:
		seen, err := o.observe(ctx)
		if err != nil {
			return err
		}
		e := replay.Explain(seen, seen.ObservedAt)
		o.screen.Job = browse.JobKey{Namespace: e.Metadata.Namespace, Name: e.Metadata.Name}
		b.first = &browse.Look{Of: o.screen.Job, At: o.terminal.Now(), Explanation: e}
	case !o.isTable:
		name, err := o.client.Find(ctx, o.namespace, o.reference)
		if err != nil {
			return err
		}
		o.screen.Job = browse.JobKey{Namespace: o.namespace, Name: name}
		b.follower, err = o.client.Follow(ctx, o.namespace, name)
		return err
	}
	return nil
}

// feed begins to tell the screen what there is.
func (b *browser) feed(ctx context.Context, send func(tea.Msg), feeding *errgroup.Group) {
	b.send = send
	b.job, b.log = task{ctx: ctx, feeding: feeding}, task{ctx: ctx, feeding: feeding}
	if b.first != nil {
		feeding.Go(func() error {
			send(*b.first)
			return nil
		})
		return
	}
	feeding.Go(func() error {
		for {
			send(browse.Tick(b.options.terminal.Now()))
			if !pause(ctx, time.Second) {
				return nil
			}
		}
	})
	if b.follower != nil {
		b.job.begin(func(ctx context.Context) error { return b.look(ctx, b.options.screen.Job, b.follower) })
		return
	}
	feeding.Go(func() error { return b.list(ctx) })
}

// list tells the screen the table of Jobs until ctx ends.
func (b *browser) list(ctx context.Context) error {
	o := b.options
	follower, err := o.client.FollowJobs(ctx, o.namespace, o.selector)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	defer follower.Stop()
	w := &jobsWatcher{follower: follower, order: replay.ByState, now: b.options.terminal.Now}
	for {
		seen, err := w.next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		b.send(browse.Jobs{At: b.options.terminal.Now(), List: seen.list, Trouble: trouble(seen.trouble), SureAt: seen.sureAt})
	}
}

func trouble(err error) string {
	if err == nil {
		return ""
	}
	return inShort(err)
}

// Update does what the screen asks for, and hands on all else.
func (b *browser) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case browse.OpenJob:
		b.job.begin(func(ctx context.Context) error { return b.open(ctx, message.Job) })
		return b, nil
	case browse.CloseJob:
		b.log.end()
		b.job.end()
		return b, nil
	case browse.FollowLog:
		b.log.begin(func(ctx context.Context) error {
			b.readLog(ctx, message)
			return nil
		})
		return b, nil
	case browse.CloseLog:
		b.log.end()
		return b, nil
	}
	_, command := b.Model.Update(message)
	return b, command
}

// open follows a Job that was chosen from the table.
func (b *browser) open(ctx context.Context, job browse.JobKey) error {
	for {
		follower, err := b.options.client.Follow(ctx, job.Namespace, job.Name)
		if err == nil {
			return b.look(ctx, job, follower)
		}
		isGone := apierrors.IsNotFound(err)
		b.see(browse.Look{Of: job, At: b.options.terminal.Now(), Gone: isGone, Trouble: trouble(err)})
		if isGone || !pause(ctx, breath) {
			return nil
		}
	}
}

// look tells the screen every look at a Job until ctx ends.
func (b *browser) look(ctx context.Context, job browse.JobKey, follower *cluster.Follower) error {
	defer follower.Stop()
	w := &watcher{follower: follower, explain: replay.Explain, now: b.options.terminal.Now}
	for {
		now, err := w.next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		look := browse.Look{Of: job, At: b.options.terminal.Now(), Explanation: now.explanation, Gone: now.gone, Trouble: trouble(now.trouble), SureAt: now.sureAt}
		b.see(look)
	}
}

// see keeps the latest look for whoever reads a log.
func (b *browser) see(look browse.Look) {
	b.mu.Lock()
	kept := b.latest
	b.latest = look
	if look.Explanation == nil && kept.Of == look.Of {
		b.latest.Explanation = kept.Explanation
	}
	b.mu.Unlock()
	b.send(look)
}

// seen is the latest look at the Job that is open.
func (b *browser) seen() (look browse.Look, e *v1alpha1.Explanation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.latest, b.latest.Explanation
}
