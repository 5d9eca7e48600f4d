package cluster

import (
	"context"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// maxRereads is how often everything is read again because the Job moved.
const maxRereads = 2

// Observe reads one Job and all that belongs to it.
//
// The order of the reads is what makes the evidence sound: the Job, then its
// events, then its pods, then the Job once more. Where both readings of the Job
// are the same, status, events and pods are of one instant as far as the
// controller is concerned. Where they are not, the older one is kept, since
// pods that are ahead of the status are what the replay expects anyway: the
// controller itself lags by a sync. With the newer Job the status could tell of
// successes, failures and even of a decision that no pod shows. And an event
// that names a pod is older than the list of pods, so that a pod which the list
// does not have is gone, not merely new.
func (c *Client) Observe(ctx context.Context, namespace, name string) (*evidence.Job, error) {
	job, err := c.Job(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	for rereads := 0; ; rereads++ {
		begin := c.now()
		seen, err := c.observe(ctx, job)
		if err != nil {
			return nil, err
		}
		again, err := c.jobs(namespace).get(ctx, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		moved := whatMoved(job, again, err)
		// The controller writes a busy Job's status about once a second
		// (SyncJobBatchPeriod): a reading that takes longer never finds it still.
		hopeless := rereads == maxRereads || err != nil || c.now().Sub(begin) > time.Second
		if moved == "" || hopeless && !recreated(job, again) {
			if moved != "" {
				seen.Gaps = append(seen.Gaps, movedGap(moved, err))
			}
			c.stamp(seen)
			return seen, nil
		}
		if rereads == maxRereads {
			return nil, fmt.Errorf("reading job %s/%s: it was recreated again and again meanwhile\nhint: try again when it is at rest", namespace, name)
		}
		if err := checkJob(again); err != nil {
			return nil, err
		}
		job = again
	}
}

// whatMoved says what happened to the Job between two readings, or nothing. A
// change of metadata alone decides nothing.
func whatMoved(before, after *batchv1.Job, err error) string {
	switch {
	case apierrors.IsNotFound(err):
		return "the Job was deleted while its pods were read"
	case err != nil:
		return "the Job could not be read again after its pods"
	case recreated(before, after):
		return "the Job was deleted and created anew while its pods were read"
	case before.ResourceVersion == after.ResourceVersion:
		return ""
	case before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero():
		return "the Job was deleted while its pods were read"
	case !equality.Semantic.DeepEqual(before.Spec, after.Spec):
		return "the Job's spec changed while its pods were read; this is the spec before"
	case !equality.Semantic.DeepEqual(before.Status, after.Status):
		return "the Job's status changed while its pods were read; this is the status before"
	}
	return ""
}

func movedGap(moved string, err error) evidence.Gap {
	if apierrors.IsNotFound(err) {
		err = nil // which is what moved says
	}
	return gap(evidence.GapMoved, moved, err)
}

func recreated(before, after *batchv1.Job) bool {
	return after != nil && after.UID != "" && before.UID != after.UID
}

// Job reads a Job and makes sure that there is something to explain.
func (c *Client) Job(ctx context.Context, namespace, name string) (*batchv1.Job, error) {
	job, err := c.jobs(namespace).get(ctx, name)
	if err != nil {
		return nil, c.explainGet(ctx, namespace, name, err)
	}
	return job, checkJob(job)
}

// observe reads what belongs to a Job that was just read.
func (c *Client) observe(ctx context.Context, job *batchv1.Job) (*evidence.Job, error) {
	seen := &evidence.Job{Job: job.DeepCopy(), PodsRead: true, EventsRead: true}
	setDefaults(seen.Job)

	events, err := c.jobEvents(ctx, job)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		seen.EventsRead = false
		seen.Gaps = append(seen.Gaps, eventsGap(job.Namespace, err))
	}
	seen.Events = events

	seen.Attempts, err = c.attempts(ctx, job)
	switch {
	case apierrors.IsForbidden(err):
		seen.PodsRead = false
		seen.Gaps = append(seen.Gaps, podsGap(job.Namespace))
	case err != nil:
		return nil, explain(fmt.Sprintf("listing the pods of job %s/%s", job.Namespace, job.Name), err)
	}

	if waiting := wantEvents(seen.Attempts); seen.EventsRead && len(waiting) > 0 {
		events, err := c.podEvents(ctx, job.Namespace, waiting)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			seen.Gaps = append(seen.Gaps, eventsGap(job.Namespace, err))
		}
		seen.Events = append(seen.Events, events...)
	}

	if seen.ServerVersion, err = c.serverVersion(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		seen.Gaps = append(seen.Gaps, gap(evidence.GapVersion, "the server's version could not be read", err))
	}
	return seen, nil
}

// stamp records the instant of reading, on the server's clock where the local
// one is far off: retries and deadlines are told by it.
func (c *Client) stamp(seen *evidence.Job) {
	seen.ObservedAt = c.instant()
	if offset := c.date.offset(); offset != 0 {
		seen.Gaps = append(seen.Gaps, evidence.Gap{
			Kind:    evidence.GapClock,
			Message: fmt.Sprintf("the clock of this machine is %s from the server's, whose time is used instead", offset.Abs()),
		})
	}
}

// instant is now, to the second.
func (c *Client) instant() time.Time {
	return c.now().Add(c.date.offset()).UTC().Truncate(time.Second)
}
