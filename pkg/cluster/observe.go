package cluster

import (
	"context"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// maxRereads is how often everything is read again because the Job moved on.
const maxRereads = 2

// Observe reads one Job and all that belongs to it.
//
// The order of the reads is what makes the evidence sound: the Job, then its
// events, then its pods, then the Job once more. Facts are of the later Job;
// what follows is reckoned over the earlier one, whose counts cannot hold a pod
// that is still to be counted. And an event that names a pod is older than the
// list of pods, so that a pod which the list does not have is gone, not merely
// new.
func (c *Client) Observe(ctx context.Context, namespace, name string) (*evidence.Job, error) {
	job, err := c.Job(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	for rereads := 0; ; rereads++ {
		seen, err := c.observe(ctx, job)
		if err != nil {
			return nil, err
		}
		again, err := c.jobs(namespace).get(ctx, name)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			seen.Gaps = append(seen.Gaps, unconfirmedGap(err))
			return c.complete(ctx, seen)
		case rereads == maxRereads && isRecreated(job, again):
			return nil, fmt.Errorf("reading job %s/%s: it was recreated again and again meanwhile\nhint: try again when it is at rest", namespace, name)
		case rereads == maxRereads, !isOvertaken(job, again):
			bracket(seen, again)
			return c.complete(ctx, seen)
		}
		if err := checkJob(again); err != nil {
			return nil, err
		}
		job = again
	}
}

// Job reads a Job and makes sure that there is something to explain.
func (c *Client) Job(ctx context.Context, namespace, name string) (*batchv1.Job, error) {
	job, err := c.jobs(namespace).get(ctx, name)
	if err != nil {
		return nil, c.explainGet(ctx, namespace, name, err)
	}
	return job, checkJob(job)
}

// observe reads the events and the pods of a Job that was just read.
func (c *Client) observe(ctx context.Context, job *batchv1.Job) (*evidence.Job, error) {
	seen := &evidence.Job{
		Job:      job.DeepCopy(),
		Coverage: evidence.Coverage{Pods: evidence.Whole, Events: evidence.Whole},
		Order:    evidence.JobBeforePods, EventsOrder: evidence.EventsBeforePods,
	}
	setDefaults(seen.Job)

	events, err := c.jobEvents(ctx, job)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		seen.Coverage.Events = evidence.None
		seen.Gaps = append(seen.Gaps, eventsGap(job.Namespace, err))
	}
	seen.Events = events

	pods, err := c.attempts(ctx, job)
	seen.Attempts = pods.attempts
	switch {
	case apierrors.IsForbidden(err):
		seen.Coverage.Pods = evidence.None
		seen.Gaps = append(seen.Gaps, podsGap(job.Namespace))
	case err != nil:
		return nil, explain(fmt.Sprintf("listing the pods of job %s/%s", job.Namespace, job.Name), err)
	}
	return seen, nil
}

// complete adds what has no order to keep, and nothing of which decides: first
// the instant, before that takes its time.
func (c *Client) complete(ctx context.Context, seen *evidence.Job) (*evidence.Job, error) {
	c.stamp(seen)
	seen.PodEvents = evidence.None
	if seen.Coverage.Events == evidence.Whole && tellsOfPods(seen) {
		events, err := c.podEvents(ctx, seen)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			seen.Gaps = append(seen.Gaps, eventsGap(seen.Job.Namespace, err))
		}
		seen.Events, seen.PodEvents = append(seen.Events, events...), evidence.Partial
	}
	var err error
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
