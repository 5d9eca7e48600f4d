package replay

import (
	"cmp"
	"slices"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// queue is what stands before the next sync: as many of the lowest pending
// indexes as slots are free, taken before the controller asks whose delay is
// over. Soon: of those in backoff, whose is over in a moment.
type queue struct{ inBackoff, toCreate, soon indexes.Set }

// lineUp splits them. Without per-index limits the delay is the whole Job's.
func (f *facts) lineUp() queue {
	if f.verdict.isDecided() || f.isForeign() {
		return queue{}
	}
	head := firstPendingIndexes(f.job, f.pods, f.sync.succeeded, f.sync.failed, f.freeSlots())
	if !f.perIndex() {
		if f.delay > clocksDiffer {
			return queue{inBackoff: head}
		}
		if f.delay > 0 {
			return queue{inBackoff: head, soon: head}
		}
		return queue{toCreate: head}
	}
	var waiting, soon []int32
	for _, ix := range sortedIndexes(f.sync.delayed) {
		remaining := f.remainingTime(f.sync.delayed[ix])
		if !head.Has(ix) || remaining == 0 {
			continue
		}
		waiting = append(waiting, ix)
		if remaining <= clocksDiffer {
			soon = append(soon, ix)
		}
	}
	inBackoff := indexes.Of(waiting...)
	return queue{inBackoff, head.Minus(inBackoff), indexes.Of(soon...)}
}

// passedOver: a pod of a higher index was created a moment ago, when the failed
// pod could be replaced. Pods are created for the lowest index first, so its index
// has got another, unless that was refused, and the status may be from before.
func (f *facts) passedOver(failed *podFacts) bool {
	due := failed.finished
	if f.perIndex() {
		due = f.retryTime(failed)
	}
	above, _ := slices.BinarySearchFunc(f.groups, failed.index+1, func(g podRange, index int32) int { return cmp.Compare(g.index, index) })
	if above == len(f.groups) {
		return false
	}
	last := f.createdAbove[above].Time()
	return last.After(due.Add(clocksDiffer)) && f.now.Sub(last) < unsettled
}

// lastCreations is, of each group of pods, when the last was created of its index
// or of a higher one.
func (f *facts) lastCreations() []evidence.Instant {
	last := make([]evidence.Instant, len(f.groups))
	var newest evidence.Instant
	for i := range slices.Backward(f.groups) {
		newest = max(newest, newestOf(f.podsIn(f.groups[i])).created)
		last[i] = newest
	}
	return last
}

func (f *facts) remaining(failed *podFacts) time.Duration {
	if !f.perIndex() {
		return f.delay
	}
	if f.sync.delayed[failed.index] == nil {
		return 0
	}
	return f.remainingTime(failed)
}

// globalRelease estimates when the delay of a Job without per-index limits is
// over; zero where none is known. The controller keeps it in memory: failures
// since the last success, counted or ignored, and when the last came
// (newBackoffRecord in backoff_utils.go, v1.37.2); it forgets it at a restart.
func (f *facts) globalRelease() time.Time {
	if f.perIndex() {
		return time.Time{}
	}
	var lastSuccess, lastFailure time.Time
	for _, pod := range f.pods {
		if pod.hasSucceeded {
			lastSuccess = later(lastSuccess, pod.finished)
		}
	}
	var failures int32
	for _, pod := range f.pods {
		if pod.isFailed && pod.finished.After(lastSuccess) {
			failures++
			lastFailure = later(lastFailure, pod.finished)
		}
	}
	if failures == 0 {
		return time.Time{}
	}
	return lastFailure.Add(Delay(failures, f.rules.maxDelay()))
}

// deferredSince is the end of the first of the latest failures that have
// followed each other within the shortest delay, with no success after it to let
// the retries go: since then no pod was created. It is now where that is not
// known. A controller that restarts forgets the delay; that it did so between two
// failures seconds apart, and the pod it created then is gone, is not reckoned
// with: else no Job whose pods fail together would show what is in backoff.
func (f *facts) deferredSince() time.Time {
	if f.perIndex() || !f.completed.Minus(f.withPods).Empty() {
		return f.now // a success that is gone may have come at any time
	}
	var success time.Time
	var ends []time.Time
	for _, pod := range f.pods {
		switch {
		case pod.hasSucceeded:
			success = later(success, pod.finished)
		case pod.isFailed:
			ends = append(ends, pod.finished)
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	since := f.now
	for i := len(ends) - 1; i >= 0 && ends[i].After(success); i-- {
		// Creations write what is active: only a failure that nobody sees can
		// have hidden one since the latest.
		known := i == len(ends)-1 && f.accounts.unexplained == 0 && !f.ignores()
		if since.Sub(ends[i]) >= firstDelay && !known {
			break
		}
		since = ends[i]
	}
	return since
}
