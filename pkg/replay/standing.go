package replay

import (
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// standing is what the controller has made of a pod, so far as its finalizer
// tells.
type standing uint8

const (
	// ordinary: the rules say what the pod is worth; with its finalizer it is still
	// to be accounted for, without it has been.
	ordinary standing = iota
	// removed: the controller deleted it for a suspension or as surplus, and took
	// the finalizer first (deleteJobPods, v1.37.2). It costs nothing.
	removed
	// notCounted: it lost its finalizer without being accounted for, or what it was
	// worth is forgotten. It costs nothing either.
	notCounted
	// listedSince: the Job is older than the pod's end, which the controller has
	// accounted for since: its index stands in a list that was not read.
	listedSince
	// markedLater: it had succeeded and was accounted for as such before its kubelet,
	// started again, refused it (1.27 to 1.31). It costs nothing.
	markedLater
)

// settle tells of every pod what became of it, in the order of its index's pods.
func (t *podTable) settle() {
	t.spareTheUntold()
	for _, pod := range t.pods {
		if !pod.isKilled || pod.DeletionGracePeriod == 0 {
			continue // its kubelet, which ends a deletion, has set its time anew
		}
		requested := controller.DeletionRequested(pod.Attempt)
		if t.oldestKilled.IsZero() {
			t.oldestKilled, t.firstKilled = pod.created, requested
		}
		t.oldestKilled, t.firstKilled = min(t.oldestKilled, pod.created), min(t.firstKilled, requested)
	}
	removals := t.removals()
	for _, group := range t.groups {
		pods := t.podsIn(group)
		for i, pod := range pods {
			switch {
			case t.wasCutOff(pods, i), t.wasRemovedBefore(pod):
				pod.standing = removed
			case t.wasMarkedLater(pod, pods):
				pod.standing = markedLater
			case isCarriedOn(pods, i):
			case t.isUnaccounted(pod):
				pod.standing = t.standingOf(pod, pods, removals)
			}
		}
	}
}

// removals are when the controller removed pods, by those which show it: on their way
// out without the finalizer, where a pod that was accounted for has ended. It removes
// all that it has to in one sync, also such as end a moment later.
func (t *podTable) removals() map[evidence.Instant]bool {
	if t.verdict.isDecided() || !controller.OnlyReplaceFailedPods(t.job) || t.job.DeletionTimestamp != nil {
		return nil
	}
	at := map[evidence.Instant]bool{}
	for _, pod := range t.pods {
		if pod.Terminating && !pod.Uncounted && pod.ValidIndex && !t.mayBeDecidedSince(pod) {
			at[controller.DeletionRequested(pod.Attempt)] = true
		}
	}
	return at
}

// wasCutOff: the pod was deleted, the next one of its index was born with less
// than it would have left, and its failure is not in the counts.
func (t *podTable) wasCutOff(pods []*podFacts, i int) bool {
	pod := pods[i]
	if !t.perIndex() || !pod.Failed || !pod.Deleted || pod.isKilled || pod.Uncounted || i+1 == len(pods) {
		return false
	}
	next := pods[i+1]
	return next.HasFailureCount && next.BornWith() < max(1, pod.BornWith()) && t.isSettled() && t.countsNoDeleted()
}

// wasMarkedLater: the index succeeded, its only pod has failed with every container
// at exit code 0, and no failure was ever counted.
func (t *podTable) wasMarkedLater(pod *podFacts, pods []*podFacts) bool {
	return pod.hasFailed() && !pod.Uncounted && len(pods) == 1 && t.completed.Has(pod.Index) &&
		controller.FailedTotal(t.job) == 0 && areAllZero(pod.Attempt)
}

// isCarriedOn: a pod that is on its way out is not failed by the policy there is
// now, and the next of its index was born with a failure more: the policy was
// another when its deletion counted.
func isCarriedOn(pods []*podFacts, i int) bool {
	pod := pods[i]
	return pod.Terminating && !pod.Failed && i+1 < len(pods) && pods[i+1].BornWith() == pod.BornWith()+1
}

// wasRemovedBefore: an event says that the controller deleted the pod, and not
// for the decision.
func (t *podTable) wasRemovedBefore(pod *podFacts) bool {
	return t.verdict.isDecided() && !pod.isKilled && !pod.Uncounted && t.isDeletionTold(pod) && !t.mayBeKilled(pod)
}

// isUnaccounted: the pod has no finalizer, its index is in no list, and the Job
// is undecided.
func (t *podTable) isUnaccounted(pod *podFacts) bool {
	return !pod.Uncounted && !t.verdict.isDecided() && t.hasRules() &&
		!pod.isGone && !t.completed.Has(pod.Index) && !t.failed.Has(pod.Index)
}

// standingOf such a pod: the first that holds.
func (t *podTable) standingOf(pod *podFacts, pods []*podFacts, removals map[evidence.Instant]bool) standing {
	isRemovedWithOthers := pod.Deleted && removals[controller.DeletionRequested(pod.Attempt)]
	isListed := pod.Succeeded() || pod.FailsIndex // once it is accounted for
	switch {
	case pod.Active:
		return ordinary // about to be deleted, if the controller took its finalizer
	case t.job.DeletionTimestamp != nil && !pod.Terminal:
		return notCounted // of a Job that is being deleted every pod loses it
	case !pod.Terminal && controller.OnlyReplaceFailedPods(t.job), t.isDeletionTold(pod), isRemovedWithOthers:
		if t.mayBeDecidedSince(pod) {
			return notCounted // or counted by the decision, which nobody reads here
		}
		return removed
	case isListed && (t.isOlderThanJob(pod) || t.cannotBeListed(pod, pods)), !isListed && t.wasForgotten(pod, pods):
		if pod.Deleted {
			return removed
		}
		return notCounted
	case isListed:
		return listedSince
	}
	return ordinary
}

// isOlderThanJob: were the pod accounted for, the Job would tell. The resource
// versions say so of one etcd, the order of reading of any.
func (t *podTable) isOlderThanJob(pod *podFacts) bool {
	return t.isNewerThanPods() || pod.ResourceVersion != 0 && evidence.Version(t.job.ResourceVersion) > pod.ResourceVersion
}

// mayBeDecidedSince: the Job is older than the pod, and its decision may have taken
// the finalizer. A suspended Job has no active pod for a decision to delete; a
// decision deletes all of them first, and after it none is created and no Job
// resumed.
func (t *podTable) mayBeDecidedSince(pod *podFacts) bool {
	if t.isOlderThanJob(pod) || t.isSuspended() || t.hasActive {
		return false
	}
	requested := controller.DeletionRequested(pod.Attempt)
	return t.lastCreated <= requested && !t.resumed().After(requested.Time())
}

// cannotBeListed: a suspension took the finalizer, or a younger pod is there, which
// an index that failed never gets.
func (t *podTable) cannotBeListed(pod *podFacts, pods []*podFacts) bool {
	if t.isSuspended() || !pod.Succeeded() && pod != newestOf(pods) {
		return true
	}
	resumed, requested := t.resumed(), controller.DeletionRequested(pod.Attempt)
	return !resumed.IsZero() && !requested.IsZero() && !requested.Time().After(resumed)
}

// wasForgotten: the pod failed, and its failure delays no retry any more. With
// backoffLimitPerIndex a failed pod keeps its finalizer until its replacement is
// there, unless the Job was decided: then both may be gone since it was read.
func (t *podTable) wasForgotten(pod *podFacts, pods []*podFacts) bool {
	switch {
	case !pod.Failed || !t.isWhole():
		return false
	case t.perIndex():
		return pod == newestOf(pods) && t.isNewerThanPods()
	}
	return pod.Deleted && t.isOlderThanJob(pod) && t.countsNoDeleted()
}

// countsNoDeleted: the failures of pods that nobody deleted are all that the
// status counts.
func (t *podTable) countsNoDeleted() bool {
	if t.othersCounted < 0 {
		t.othersCounted = 0
		for _, pod := range t.pods {
			if pod.Failed && !pod.Uncounted && !pod.Deleted && pod.Match.Counts() && pod.ValidIndex {
				t.othersCounted++
			}
		}
	}
	return t.othersCounted >= controller.FailedTotal(t.job)
}
