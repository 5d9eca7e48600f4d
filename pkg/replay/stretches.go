package replay

import (
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
		case record.Fate == v1alpha1.Stopped && e.Conclusion.DecidedTime != nil && !e.IsLastGone(record):
			between(seriesBackingOff, failedAt, e.Conclusion.DecidedTime)
		}
	}
}

// eachOfAttempts of one index, those that nobody saw left out. failedAt is when the last
// one failed, nil if it did not or nothing tells.
func eachOfAttempts(attempts []v1alpha1.Attempt, now *metav1.Time, between func(what series, from, to *metav1.Time)) (failedAt *metav1.Time) {
	for i := range attempts {
		a := &attempts[i]
		between(seriesBackingOff, failedAt, a.CreationTime)
		failedAt = nil
		end := a.LastedUntil(now)
		if a.CreationTime == nil || end == nil {
			continue
		}
		end = earlier(end, now)
		leaving := end
		if a.Deletion != nil {
			leaving = earlier(a.Deletion.Requested, end)
		}
		began := earlier(a.Began(), leaving)
		between(seriesPending, a.CreationTime, began)
		between(seriesRunning, began, leaving)
		between(seriesTerminating, leaving, end)
		if a.Decision == v1alpha1.DecisionCount || a.Decision == v1alpha1.DecisionIgnore {
			failedAt = leaving
		}
	}
	return failedAt
}

// earlier of two instants, of which the first may not be known.
func earlier(a, b *metav1.Time) *metav1.Time {
	if a == nil || b.Before(a) {
		return b
	}
	return a
}
