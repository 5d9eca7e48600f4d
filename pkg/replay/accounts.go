package replay

import (
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// accounts holds what the status counts against what can be seen. A pod that
// failed, or that a failing Job killed, is gone from the API some time, but
// never from status.failed; and pods are created for the lowest pending index
// first. Together they bound what can have happened unseen.
type accounts struct {
	// known are the counted failures that the evidence explains, at least.
	known int64
	// unexplained is how many counted failures no evidence explains, at most.
	unexplained int64
	// highest is the highest index known to have got a pod, -1 for none.
	highest int32
	// creationsTold: the events name every pod that the Job ever had.
	creationsTold bool
	// unseenActive are pods that the status calls active and nobody sees, at
	// most and at least.
	unseenActive, surelyUnseen int64
	// hollow: the Job is undecided, and an open index below the highest that had a
	// pod shows none, though it got one first.
	hollow bool
	// missing are the indexes of an undecided Job that may have a pod which is
	// not there to be seen.
	missing indexes.Set
	// started is the highest index that can have got a pod at all.
	started int32
	// bounded: started is proven, not merely the last index there is.
	bounded bool
}

func (f *facts) settleAccounts() accounts {
	a := accounts{highest: f.highestKnown()}
	a.known = f.knownCounted()
	a.unexplained = max(0, f.failedTotal()-a.known)
	a.creationsTold = f.creationsComplete(a.unexplained)
	a.unseenActive, a.surelyUnseen = f.unseenActive(a.unexplained)
	if f.verdict.isDecided() {
		a.started, a.bounded = f.highestStarted(a)
	} else {
		a.hollow = !f.open().Minus(f.withPods).Intersect(indexes.Range(0, a.highest)).Empty()
		a.missing = f.maybeMissing(a)
	}
	return a
}

func (f *facts) highestKnown() int32 {
	highest := int32(-1)
	for _, set := range []indexes.Set{f.completed, f.failed, f.withPods} {
		if last, ok := set.Last(); ok {
			highest = max(highest, last)
		}
	}
	for index := range f.events.created {
		highest = max(highest, index)
	}
	return highest
}

// knownCounted sums, index by index, the failures that are in status.failed
// beyond doubt: what a pod was born with, and pods that ended by themselves or
// were killed when the Job was decided.
func (f *facts) knownCounted() int64 {
	var known int64
	for _, group := range f.groups {
		if f.perIndex() {
			known += f.longestChain(f.podsIn(group))
			continue
		}
		for _, pod := range f.podsIn(group) {
			if f.isSurelyCounted(pod) {
				known++
			}
		}
	}
	return known + f.knownKilled()
}

// longestChain is the most counted failures that one pod of the index was born
// with, and its own. A failure that the next pod does not carry on was perhaps
// never counted: somebody removed the finalizer.
func (f *facts) longestChain(pods []*podFacts) int64 {
	var longest int64
	for i, pod := range pods {
		chain := min(int64(pod.born.Counted), f.failedTotal())
		if f.isSurelyCounted(pod) && (i+1 == len(pods) || pods[i+1].born.Counted > pod.born.Counted) {
			chain++
		}
		longest = max(longest, chain)
	}
	return longest
}

// isSurelyCounted: the controller has accounted for the pod, and as a counted
// failure.
func (f *facts) isSurelyCounted(pod *podFacts) bool {
	if pod.isUncounted && !pod.isBeingCounted {
		return false
	}
	if pod.isAtDecision {
		return !f.verdict.success && !f.mayForgiveKilled(pod)
	}
	if pod.isDeleted && !pod.DeletionTime.IsZero() && !f.isUndisturbed() {
		return false // perhaps removed by a suspension or as surplus, uncounted
	}
	return pod.isFailed && pod.ending.match.Counted()
}

// mayForgiveKilled: a pod killed at the decision is counted unless the policy
// ignores what its status said just then; its conditions may have said so.
func (f *facts) mayForgiveKilled(pod *podFacts) bool {
	return f.ignores() && (pod.ending.isDisrupted || !pod.ending.match.Counted())
}

// knownKilled counts those that are in status.failed beyond doubt: a policy that
// ignores may have forgiven any.
func (f *facts) knownKilled() int64 {
	if f.ignores() {
		return 0
	}
	return f.killedByEvents()
}

// killedByEvents counts the pods that only events know and that the controller
// deleted when it failed the Job.
func (f *facts) killedByEvents() int64 {
	if !f.verdict.isDecided() || f.verdict.success {
		return 0
	}
	var killed int64
	for index, pods := range f.events.created {
		if f.completed.Has(index) {
			continue // deleted by a decision that was not written, it succeeded before the next
		}
		for _, pod := range pods {
			if f.podNamed(index, pod.name) == nil && f.isKilledByEvent(pod.name) {
				killed++
			}
		}
	}
	return killed
}

// isKilledByEvent: an event says that the controller deleted the pod when it
// decided the Job.
func (f *facts) isKilledByEvent(name string) bool {
	deleted, told := f.events.deleted[name]
	return told && f.verdict.isDecided() && !deleted.Before(f.verdict.decided.Add(-2*time.Second))
}

func (f *facts) podNamed(index int32, name string) *podFacts {
	for _, pod := range f.podsOf(index) {
		if pod.Name == name {
			return pod
		}
	}
	return nil
}

// highestStarted bounds the indexes that can have got a pod before the Job was
// decided. A pod is created for one of as many of the lowest open indexes as
// may be active at once, and indexes are only ever taken from the open ones: so
// whatever was ignored, refused or killed unseen, none above those is open now
// and had a pod. Where moreover every failure is accounted for, no pod is gone
// unseen: a failing Job counts each that it kills.
func (f *facts) highestStarted(a accounts) (int32, bool) {
	if a.creationsTold {
		return a.highest, true
	}
	if !f.isUndisturbed() || f.isForeign() {
		return f.completions - 1, false
	}
	started, any := f.open().Take(f.parallelism()).Last()
	if !any {
		started = a.highest
	}
	// Of a Job that is failing, one update may not hold all that is to be counted.
	counted := !f.verdict.success && !f.ignores() && (f.verdict.isFinished() || f.completions <= 500)
	if counted && a.unexplained == 0 {
		started = min(started, a.highest)
	}
	return started, true
}

func (f *facts) toldCreated() indexes.Set {
	return indexes.Of(sortedIndexes(f.events.created)...)
}

// unseenActive is how many pods the status counts as active that are not
// there, beyond those that are seen to have ended since.
func (f *facts) unseenActive(unexplained int64) (most, least int64) {
	if f.verdict.isDecided() || f.isForeign() {
		return 0, 0
	}
	ended, first := f.endedSince()
	gone := unexplained > 0 || f.donePodsGone()
	active := int64(0)
	for _, pod := range f.pods {
		// One that was created after another ended is perhaps its replacement; a
		// young one perhaps that of a pod that is gone.
		isNew := first != nil && !pod.CreationTime.Time().Before(first.finished) && pod.created > first.created ||
			gone && f.now.Sub(pod.CreationTime.Time()) < unsettled
		if pod.isActive && !isNew {
			active++
		}
	}
	unseen := int64(f.job.Status.Active) - ended - f.deletedSince()
	return max(0, unseen-active), max(0, unseen-f.sync.active)
}

// deletedSince is how many of the deleted pods that are seen the status does
// not count as terminating, at least: they were active when it was written. One
// that waits for its replacement may have ended long before.
func (f *facts) deletedSince() int64 {
	if f.job.Status.Terminating == nil {
		return 0
	}
	var deleted int64
	for _, pod := range f.pods {
		mayWait := f.perIndex() && pod.hasFailed && !pod.failsIndex
		if pod.isDeleted && pod.isUncounted && pod.hasValidIndex && !mayWait {
			deleted++
		}
	}
	return max(0, deleted-int64(*f.job.Status.Terminating))
}

// endedSince counts the pods that ended after the status was written, and gives
// the first to. One that was deleted may not have been active any more when it
// was.
func (f *facts) endedSince() (ended int64, first *podFacts) {
	for _, pod := range f.pods {
		if pod.isDeleted || !pod.hasValidIndex {
			continue
		}
		switch {
		case pod.hasSucceeded && f.sync.succeeded.Has(pod.index) && !f.completed.Has(pod.index),
			pod.hasFailed && f.perIndex() && f.sync.failed.Has(pod.index) && !f.failed.Has(pod.index) && pod.failsIndex,
			pod.hasFailed && !f.perIndex() && pod.isUncounted && !pod.isBeingCounted:
			if first == nil || pod.finished.Before(first.finished) {
				first = pod
			}
			ended++
		}
	}
	return ended, first
}

// donePodsGone: an index is in a list and shows no pod.
func (f *facts) donePodsGone() bool {
	return !f.completed.Union(f.failed).Minus(f.withPods).Empty()
}

// isThin: something that was there is missing. Where the spec has changed, its
// slots were perhaps more, and then any index may have had a pod.
func (f *facts) isThin(a accounts) bool {
	return a.unexplained > 0 || a.unseenActive > 0 || f.donePodsGone()
}

// maybeMissing are the indexes of an undecided Job that show no pod but may
// have one. A controller that has acted keeps its slots filled, lowest index
// first: each slot that no visible pod holds may be held by one that is gone
// from the evidence.
func (f *facts) maybeMissing(a accounts) indexes.Set {
	podless := f.open().Minus(f.withPods)
	if f.isForeign() || f.neverRan(a) {
		return indexes.Set{}
	}
	if !f.seen.PodsRead {
		return podless
	}
	below := podless.Intersect(indexes.Range(0, a.highest))
	unseen := max(a.unseenActive, f.unseenTerminating(), f.emptySlots())
	switch {
	case !f.isUndisturbed() && !f.creationsNamed(a.unexplained) && (f.perIndex() || f.ignores() || (unseen > 0 || f.hasYoung()) && !f.isSuspended() || f.isThin(a) || f.isBehind):
		return podless // there may once have been more slots than now
	case unseen <= 0 && !f.isBehind:
		return below // higher ones had a pod, so these had one too
	}
	// The pods may have been read syncs after the Job, which fill each slot anew.
	return below.Union(podless.Minus(below).Take(max(0, unseen) + f.parallelism()))
}

// hasYoung: a pod is so new that the status may be from before it, and count in
// its place one that is gone.
func (f *facts) hasYoung() bool {
	for _, pod := range f.pods {
		if pod.isActive && f.now.Sub(pod.CreationTime.Time()) < unsettled {
			return true
		}
	}
	return false
}

// youth is how long a new Job may be without a status though it has pods: the
// controller writes the one in the sync that creates the others.
const youth = 30 * time.Second

func (f *facts) neverRan(a accounts) bool {
	if f.job.Status.StartTime != nil || a.highest >= 0 || f.job.Status.Failed > 0 {
		return false
	}
	if f.job.Generation > 1 {
		return false // since 1.36 a suspension takes the startTime away
	}
	if f.isSuspended() {
		return true
	}
	return f.now.Sub(f.job.CreationTimestamp.Time) > youth
}

// emptySlots is how many pods the last sync would have wanted beyond those
// that are seen, by the lists that it wrote.
func (f *facts) emptySlots() int64 {
	since := f.succeededSince()
	open := f.open().Minus(since).Minus(f.failedSince())
	slots := f.parallelism()
	if !f.isSuspended() {
		slots = min(slots, open.Len(), int64(f.completions)-f.completed.Union(since).Len())
	}
	return slots - f.withPods.Intersect(open).Len()
}

// unseenTerminating is how many pods the status counts as terminating that are
// not there, beyond those that are seen to have ended since.
func (f *facts) unseenTerminating() int64 {
	if f.job.Status.Terminating == nil {
		return 0
	}
	seen := f.sync.terminating
	for _, pod := range f.pods {
		if pod.isTerminal() && pod.isDeleted {
			seen++
		}
	}
	return int64(*f.job.Status.Terminating) - seen
}
