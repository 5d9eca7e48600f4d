package controller

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Delay before the attempt that follows the given number of failures in a row:
// ten seconds, doubled with each further one up to ten minutes
// (getRemainingTimeForFailuresCount, v1.37.2). A sum of hand-written counts that
// overflowed is below zero and, as upstream, gives the first delay.
func Delay(failures int32) time.Duration {
	if failures == 0 {
		return 0
	}
	delay := FirstDelay
	for i := int32(1); i < failures; i++ {
		if delay *= 2; delay >= MaxDelay {
			return MaxDelay
		}
	}
	return delay
}

// RetryTime is the earliest instant at which the failed pod is replaced, with
// backoffLimitPerIndex. Ignored failures lengthen the delay as counted ones do
// (getRemainingTimePerIndex, v1.37.2).
func (p *Pod) RetryTime() time.Time { return p.Finished.Time().Add(Delay(p.BornWith() + 1)) }

// FinishedTime is when the pod ended by the controller's reckoning: the first
// there is of its containers' end, Ready turned False, the call that deleted
// it, its creation (getFinishedTime, v1.37.2).
func (r Rules) FinishedTime(pod *evidence.Attempt) evidence.Instant {
	if t := r.ContainersFinished(pod); !t.IsZero() {
		return t
	}
	for i := range pod.Conditions {
		if c := &pod.Conditions[i]; c.Type == corev1.PodReady {
			if c.Status == corev1.ConditionFalse && !c.LastTransitionTime.IsZero() {
				return c.LastTransitionTime
			}
			break
		}
	}
	if t := DeletionRequested(pod); !t.IsZero() {
		return t
	}
	return pod.CreationTime
}

// ContainersFinished is the latest end of the app containers, or zero where one
// has none; from 1.31 on the sidecars count too, and then theirs alone may stand
// where the app containers' is missing (getFinishTimeFromContainers, v1.37.2).
func (r Rules) ContainersFinished(pod *evidence.Attempt) evidence.Instant {
	finish := latestFinish(0, pod, evidence.App)
	if r.countsSidecars() {
		finish = latestFinish(finish, pod, evidence.Sidecar)
	}
	return finish
}

// latestFinish is zero as soon as one container of the kind has not finished.
func latestFinish(latest evidence.Instant, pod *evidence.Attempt, kind evidence.ContainerType) evidence.Instant {
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if c.Type != kind {
			continue
		}
		if c.FinishedAt.IsZero() {
			return 0
		}
		latest = max(latest, c.FinishedAt)
	}
	return latest
}

// BackoffRecord is what the controller keeps in memory of a Job, for want of
// backoffLimitPerIndex: the failures since the last success, counted or ignored,
// and when the last of them came (backoffRecord, v1.37.2). It is lost when the
// controller restarts.
type BackoffRecord struct {
	Failures    int32
	LastFailure evidence.Instant
}

// Until is when the record lets go of the creations it holds, zero where it
// holds none (getRemainingTime, v1.37.2).
func (r BackoffRecord) Until() time.Time {
	if r.Failures == 0 {
		return time.Time{}
	}
	return r.LastFailure.Time().Add(Delay(r.Failures))
}

// EstimateBackoff is what the record of a controller that never restarted holds
// of the pods which it has accounted for, so far as they are there.
func EstimateBackoff(pods []*Pod) BackoffRecord {
	isKnown := func(p *Pod, counted bool) bool { return !p.Uncounted || counted }
	return BackoffRecord{}.after(pods, isKnown)
}

// After is the record once a sync has seen the pods that it is to account for
// (newBackoffRecord, v1.37.2).
func (r BackoffRecord) After(pods []*Pod) BackoffRecord {
	return r.after(pods, func(p *Pod, counted bool) bool { return p.isNew() && !counted })
}

// after: a success wipes out what failed before it, or at the same instant. The
// last failure is the last of the new ones, even where one before came later.
func (r BackoffRecord) after(pods []*Pod, isNew func(p *Pod, counted bool) bool) BackoffRecord {
	var lastSuccess evidence.Instant
	succeeded, failed := false, false
	for _, pod := range pods {
		if !pod.ValidIndex {
			continue
		}
		if pod.Succeeded() && isNew(pod, pod.CountedSucceeded) {
			succeeded, lastSuccess = true, max(lastSuccess, pod.Finished)
		}
		failed = failed || pod.Failed && isNew(pod, pod.Counted)
	}
	if succeeded {
		r = BackoffRecord{}
	}
	if !failed {
		return r
	}
	failures, lastFailure := int32(0), evidence.Instant(0)
	for _, pod := range pods {
		if pod.Failed && pod.ValidIndex && isNew(pod, pod.Counted) && (!succeeded || pod.Finished > lastSuccess) {
			failures, lastFailure = failures+1, max(lastFailure, pod.Finished)
		}
	}
	if failures == 0 {
		return r
	}
	return BackoffRecord{r.Failures + failures, lastFailure}
}
