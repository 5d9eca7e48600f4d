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

// leisure is how many times the time that a look took passes before the next: a
// look goes through the whole Job, however little of it has changed, and following
// one is to cost a few percent of a core.
const leisure = 25

// watcher explains a Job anew whenever it has changed.
type watcher struct {
	follower *cluster.Follower
	// explain is replay.Outline where nobody looks at indexes one by one.
	explain func(*evidence.Job, time.Time) *v1alpha1.Explanation
	now     func() time.Time
	// took is how long the last look took, with what it was repeated for.
	took time.Duration
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

// next waits for news, or for a breath.
func (w *watcher) next(ctx context.Context) (look, error) {
	return w.nextOf(ctx, func(cluster.Sighting) *evidence.Job { return nil })
}

// nextSeen is next with a copy of the evidence, which is large.
func (w *watcher) nextSeen(ctx context.Context) (look, error) {
	return w.nextOf(ctx, func(s cluster.Sighting) *evidence.Job { return s.Clone().Seen })
}

// nextOf takes a look, and once more where the first has to be settled: status and
// pods come by different ways, so that one may be ahead of the other.
func (w *watcher) nextOf(ctx context.Context, keep func(cluster.Sighting) *evidence.Job) (look, error) {
	rest := leisure * w.took
	w.took = 0
	return settled(func() (look, error) {
		var now look
		err := w.follower.Next(ctx, rest, breath, func(sighting cluster.Sighting) {
			now = look{seen: keep(sighting), gone: sighting.Gone, trouble: sighting.Trouble, sureAt: sighting.SureAt}
			if sighting.Seen != nil {
				begin := w.now()
				now.explanation = w.explain(sighting.Seen, sighting.Seen.ObservedAt)
				w.took += w.now().Sub(begin)
			}
		})
		rest = 0
		return now, err
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
		return look{seen: seen, explanation: replay.Explain(seen, seen.ObservedAt), trouble: err}, nil
	})
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
