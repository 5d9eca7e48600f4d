package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Began is when a container of the attempt began to run, nil where none has, so
// far as is known. Ran is of the last start alone where a container restarted in
// place: then, and where it was lost, the start of the pod stands for it.
func (a *Attempt) Began() *metav1.Time {
	restarted := a.Restarts != nil && *a.Restarts > 0
	switch {
	case a.Ran != nil && a.Ran.From != nil && !restarted:
		return a.Ran.From
	case a.Phase == corev1.PodPending, a.Phase == corev1.PodFailed && a.Ran == nil:
		return nil
	}
	return a.StartTime
}

// LastedUntil is when the attempt ended, now for one that has not, nil where nothing
// tells. Of one whose containers do not say when they ended that is the latest at
// which something happened to its pod.
func (a *Attempt) LastedUntil(now *metav1.Time) *metav1.Time {
	var requested *metav1.Time
	if a.Deletion != nil {
		requested = a.Deletion.Requested
	}
	switch {
	case a.FinishTime != nil:
		return a.FinishTime
	case a.Phase == corev1.PodRunning || a.Phase == corev1.PodPending:
		return now
	case a.BackoffFrom != nil && (requested == nil || requested.Before(a.BackoffFrom)):
		return a.BackoffFrom
	}
	return requested
}

// IsLastGone: the attempt that settled the fate of the index is not among those known.
func (e *Explanation) IsLastGone(record *IndexFate) bool {
	if len(record.Attempts) == 0 {
		return false
	}
	last := &record.Attempts[len(record.Attempts)-1]
	switch record.Fate {
	case Succeeded:
		return last.Source == SourcePod && last.Phase != corev1.PodSucceeded
	case Failed:
		limit := e.Spec.BackoffLimitPerIndex
		exceedsLimit := limit != nil && last.After != nil && last.After.Counted > *limit
		return last.Decision != DecisionFailIndex && !exceedsLimit
	}
	return record.Reason == ReasonPodGone
}
