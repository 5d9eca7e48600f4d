package cluster

import (
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// confirmPause is how long after one reading of the Job the next may come: the
// pods of a busy Job change all the time.
const confirmPause = time.Second

// confirmJob reads the Job once more after its pods have changed: two watches
// have no order between them, and a Job that was read after its pods is no older
// than they are. The pods are those of an instant before, since a watch tells of
// changes in the order in which they came.
func (f *Follower) confirmJob(ctx context.Context) {
	for f.awaitConfirm(ctx) {
		f.mu.Lock()
		changes, begin := f.podChanges, f.client.now()
		f.mu.Unlock()
		var job *batchv1.Job
		err := ask(ctx, func(err error) { f.setTrouble(readStream, err) }, func(ctx context.Context) (err error) {
			job, err = f.client.jobs(f.first.Namespace).get(ctx, f.first.Name)
			return err
		})
		switch {
		case err == nil:
			if f.isNews(job) {
				f.setJob(job)
			}
			f.change(func() { f.confirmed = changes })
			f.beSure(begin)
		case !apierrors.IsNotFound(err):
			f.askToConfirm() // what is wrong the Job's own watch tells
		}
		if !idle(ctx, confirmPause) {
			return
		}
	}
}

func (f *Follower) awaitConfirm(ctx context.Context) bool {
	silent := time.NewTimer(silence)
	defer silent.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-f.confirm:
	case <-silent.C:
	}
	return true
}

// beSure: until then no news is missing, unless a watch is in trouble.
func (f *Follower) beSure(until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.troubles) == 0 {
		f.sureAt = until
	}
}

// isNews: the Job is not older than the one that is known. What the watch tells
// and what was read come apart by a moment, either way.
func (f *Follower) isNews(job *batchv1.Job) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return job.UID != f.job.UID || evidence.Version(job.ResourceVersion) >= evidence.Version(f.job.ResourceVersion)
}

func (f *Follower) askToConfirm() { f.confirm.leave() }

// changePods changes what is known of the pods.
func (f *Follower) changePods(what func() error) {
	f.change(func() { f.fits(what()); f.podChanges++ })
	f.askToConfirm()
}

// fits ends the following where something does not fit into memory. The caller
// holds the lock.
func (f *Follower) fits(err error) {
	if f.tooMuch == nil {
		f.tooMuch = err
	}
}

// order is that of the Job and its pods. The caller holds the lock.
func (f *Follower) order() evidence.Order {
	if f.podChanges > 0 && f.confirmed == f.podChanges {
		return evidence.JobAfterPods
	}
	return evidence.OrderUnknown
}
