package cmd

import (
	"context"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// breath is how long nothing may happen before the Job is explained again:
// countdowns go on, and deadlines pass by themselves.
const breath = time.Second

// lastReading is how long the reading at the end may take at most.
const lastReading = 30 * time.Second

// leisure is how many times the time that an explanation took is left to the
// rest of the machine.
const leisure = 4

// watcher explains a Job anew whenever it has changed.
type watcher struct {
	follower *cluster.Follower
	now      func() time.Time
	took     time.Duration
}

// toFollow is the way to a Job that is to be followed, once it is there or has
// been waited for so long.
func (f *evidenceFlags) toFollow(args []string, create time.Duration, t terminal.Terminal) (func(context.Context) (*cluster.Follower, error), error) {
	reference, err := f.toReference(args)
	if err != nil {
		return nil, err
	}
	client, namespace, err := connect(f.Config, t, f.ChunkSize)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*cluster.Follower, error) {
		name, err := client.Find(ctx, namespace, reference)
		if err != nil {
			return nil, err
		}
		if create > 0 {
			client.Await(ctx, namespace, name, create)
		}
		return client.Follow(ctx, namespace, name)
	}, nil
}

// next waits for news, or for a breath. What it rests on is let go: it is large.
func (w *watcher) next(ctx context.Context) (look, error) {
	now, err := w.nextSeen(ctx)
	now.seen = nil
	return now, err
}

// nextSeen is next with the evidence. Status and pods come by different ways, so
// that one may be ahead of the other.
func (w *watcher) nextSeen(ctx context.Context) (look, error) {
	return settled(func() (look, error) {
		if !pause(ctx, leisure*w.took) {
			return look{}, ctx.Err()
		}
		sighting, err := w.follower.Next(ctx, breath)
		if err != nil {
			return look{}, err
		}
		now := look{seen: sighting.Seen, gone: sighting.Gone, trouble: sighting.Trouble}
		if sighting.Seen != nil {
			now.explanation = w.explain(sighting.Seen)
		}
		return now, nil
	})
}

// last is the final word: everything is read once more in the order that makes
// evidence sound, beside what was seen of pods that are gone.
func (w *watcher) last(ctx context.Context) (look, error) {
	ctx, cancel := context.WithTimeout(ctx, lastReading)
	defer cancel()
	return settled(func() (look, error) {
		seen, err := w.follower.Read(ctx)
		if seen == nil {
			return look{}, err
		}
		return look{seen: seen, explanation: w.explain(seen), trouble: err}, nil
	})
}

func (w *watcher) explain(seen *evidence.Job) *v1alpha1.Explanation {
	begin := w.now()
	explanation := replay.Explain(seen, seen.ObservedAt)
	w.took = w.now().Sub(begin)
	return explanation
}

// pause waits, and reports whether ctx is still there.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
