package replay

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// series is what an attempt does or, where it backs off, its index.
type series uint8

const (
	seriesRunning series = iota
	seriesPending
	seriesBackingOff
	seriesTerminating
	allSeries
)

// eachStretch hands over what each attempt does, from one second until another at which
// it is no more: it is pending, runs and terminates; from the end of one to the next the
// index backs off, where a failure came before.
func eachStretch(e *v1alpha1.Explanation, do func(what series, from, to int64)) {
	between := func(what series, from, to *metav1.Time) {
		if from != nil && to != nil && from.Unix() < to.Unix() {
			do(what, from.Unix(), to.Unix())
		}
	}
	for i := range e.Fates {
		record := &e.Fates[i]
		failedAt := eachOfAttempts(record.Attempts, &e.ObservedAt, between)
		switch {
		case record.Fate == v1alpha1.BackingOff:
			between(seriesBackingOff, failedAt, &e.ObservedAt)
		case record.Fate == v1alpha1.Stopped && e.Conclusion.DecidedTime != nil:
			between(seriesBackingOff, failedAt, e.Conclusion.DecidedTime)
		}
	}
}

// eachOfAttempts of one index. failedAt is when the last one failed, nil if it did not.
func eachOfAttempts(attempts []v1alpha1.Attempt, now *metav1.Time, between func(what series, from, to *metav1.Time)) (failedAt *metav1.Time) {
	for i := range attempts {
		a := &attempts[i]
		between(seriesBackingOff, failedAt, a.CreationTime)
		if failedAt = nil; a.CreationTime == nil {
			continue
		}
		end := lastedUntil(a, now)
		leaving := end
		if a.Deletion != nil {
			leaving = earlier(a.Deletion.Requested, end)
		}
		started := leaving
		if a.StartTime != nil {
			started = earlier(a.StartTime, leaving)
		}
		between(seriesPending, a.CreationTime, started)
		between(seriesRunning, started, leaving)
		between(seriesTerminating, leaving, end)
		if a.Decision == v1alpha1.DecisionCount || a.Decision == v1alpha1.DecisionIgnore {
			failedAt = leaving
		}
	}
	return failedAt
}

// lastedUntil is the end of an attempt, which of one that has not ended is now, and of
// one that is gone when it was created: nothing tells more.
func lastedUntil(a *v1alpha1.Attempt, now *metav1.Time) *metav1.Time {
	isTerminal := a.Phase == corev1.PodSucceeded || a.Phase == corev1.PodFailed
	switch {
	case a.Source != v1alpha1.SourcePod:
		return a.CreationTime
	case !isTerminal:
		return now
	case a.FinishTime != nil:
		return earlier(a.FinishTime, now)
	case a.BackoffFrom != nil:
		return earlier(a.BackoffFrom, now)
	}
	return a.CreationTime
}

func earlier(a, b *metav1.Time) *metav1.Time {
	if a == nil || b.Before(a) {
		return b
	}
	return a
}
