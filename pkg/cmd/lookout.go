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

// lastReading is how long the reading at the end may take.
const lastReading = 30 * time.Second

// leisure is how many times the time that an explanation took is left to the
// rest of the machine.
const leisure = 4

// lookout explains a Job anew whenever it has changed.
type lookout struct {
	follower *cluster.Follower
	now      func() time.Time
	took     time.Duration
}

// look is what a lookout sees at one instant. The explanation is nil while
// not everything has been read.
type look struct {
	explanation *v1alpha1.Explanation
	gone        bool
	trouble     error
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

// next waits for news, or for a breath. Status and pods come by different
// ways: where they contradict each other, the next look may tell otherwise.
func (l *lookout) next(ctx context.Context) (look, error) {
	for first := true; ; first = false {
		if !pause(ctx, leisure*l.took) {
			return look{}, ctx.Err()
		}
		sighting, err := l.follower.Next(ctx, breath)
		if err != nil {
			return look{}, err
		}
		seen := look{gone: sighting.Gone, trouble: sighting.Trouble}
		if sighting.Seen != nil {
			seen.explanation = l.explain(sighting.Seen)
			if first && !seen.gone && seen.explanation.Agreement.Result == v1alpha1.Disagrees {
				continue
			}
		}
		return seen, nil
	}
}

// last is the final word: everything is read once more in the order that makes
// evidence sound, beside what was seen of pods that are gone.
func (l *lookout) last(ctx context.Context) (*evidence.Job, *v1alpha1.Explanation, error) {
	ctx, cancel := context.WithTimeout(ctx, lastReading)
	defer cancel()
	for first := true; ; first = false {
		seen, err := l.follower.Read(ctx)
		if err != nil {
			return nil, nil, err
		}
		explanation := l.explain(seen)
		if !first || explanation.Agreement.Result != v1alpha1.Disagrees {
			return seen, explanation, nil
		}
	}
}

func (l *lookout) explain(seen *evidence.Job) *v1alpha1.Explanation {
	begin := l.now()
	explanation := replay.Explain(seen, seen.ObservedAt)
	l.took = l.now().Sub(begin)
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
