package replay

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// judgeOpen is for an index of a Job that is not decided.
func (f *facts) judgeOpen(record *v1alpha1.IndexFate, h history, newest *podFacts) {
	if pod := activePod(h.pods); pod != nil {
		f.judgeActive(record, h, pod)
		return
	}
	if pod := terminatingPod(h.pods); pod != nil && f.mayBeAlone(pod, h, newest) {
		record.Fate = v1alpha1.Terminating
		record.Failures.Exact = pod == newest && f.isChainExact(pod) && (f.neverReplacedDeleted() || f.isStillLast(pod))
		record.Message = "its pod was deleted and is on its way out"
		if !OnlyReplaceFailedPods(f.job) {
			record.Message += ", which counts as a failure"
		}
		return
	}
	switch {
	case newest != nil && f.succeededOfLate(newest):
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonDeciding
		record.Message = "its pod succeeded, but the spec has changed: whether that is on its way to the status or forgotten is not known"
	case f.hasPodGone(record.Index, h, newest):
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonPodGone
		record.Message = "an event names its pod, which is not there"
	case f.mayBeCreating(record.Index, newest):
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonPodMissing
		record.Message = "its pod is due; a sync that is under way may have created it"
		f.judgeRefused(record)
	case newest != nil && newest.hasFailed && (f.isStillLast(newest) || f.wasRemoved(newest)):
		f.judgeBackingOff(record, newest)
	case newest != nil && (newest.hasFailed || newest.isTerminating || !f.allActiveSeen()):
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonPodMissing
		record.Message = "its last pod seen has ended; whether another has replaced it is not known"
		if newest.isTerminating {
			record.Message = "its pod is on its way out; whether another has replaced it is not known"
		}
	case f.accounts.missing.Has(record.Index):
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonPodMissing
		record.Message = f.whyMissing()
		f.judgeRefused(record)
	default:
		f.judgeWaiting(record)
	}
}

func (f *facts) judgeActive(record *v1alpha1.IndexFate, h history, pod *podFacts) {
	record.Failures.Exact = pod == newestOf(h.pods) && len(h.newerGone) == 0 && f.isChainExact(pod)
	if f.mayBeDeleted(record, pod) {
		return
	}
	if pod.Phase != corev1.PodRunning {
		record.Fate, record.Reason = v1alpha1.Pending, waitingReason(pod.Attempt)
		record.Message = "its pod does not run yet: " + record.Reason
		return
	}
	record.Fate = v1alpha1.Running
	switch {
	case len(h.attempts) > 1 || f.perIndex() && pod.bornWith() > 0:
		record.Reason, record.Message = v1alpha1.ReasonRetry, "runs again"
	case f.isChainCertain(pod, h):
		record.Reason, record.Message = v1alpha1.ReasonFirstAttempt, "runs its first attempt"
	default:
		record.Reason, record.Message = v1alpha1.ReasonHistoryGone, "runs; what came before is not known"
	}
}

// mayBeDeleted: an event tells that the controller has deleted the active pod;
// or it has lost its finalizer, which the controller takes away before it
// deletes a pod for a suspension or as surplus (deleteJobPods in
// job_controller.go, v1.37.2), but so may anybody.
func (f *facts) mayBeDeleted(record *v1alpha1.IndexFate, pod *podFacts) bool {
	if _, told := f.events.deleted[pod.Name]; told {
		record.Fate, record.Message = v1alpha1.Terminating, "an event tells that the controller has deleted its pod"
		return true
	}
	if !pod.isUncounted && pod.Owned {
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonDeciding
		record.Message = "the controller has let go of its pod, and may be about to delete it"
		return true
	}
	return false
}

// activePod is the one the controller would keep of the index's active pods,
// so far as phases tell: running before pending.
func activePod(pods []*podFacts) *podFacts {
	var kept *podFacts
	for _, pod := range pods {
		if pod.isActive && (kept == nil || pod.Phase == corev1.PodRunning || kept.Phase != corev1.PodRunning) {
			kept = pod
		}
	}
	return kept
}

func terminatingPod(pods []*podFacts) *podFacts {
	for _, pod := range pods {
		if pod.isTerminating {
			return pod
		}
	}
	return nil
}

// mayBeAlone: nothing speaks for an active pod beside the one on its way out.
func (f *facts) mayBeAlone(terminating *podFacts, h history, newest *podFacts) bool {
	switch {
	case f.hasPodGone(terminating.index, h, newest):
		return false
	case OnlyReplaceFailedPods(f.job):
		return f.neverReplacedDeleted() || f.allActiveSeen()
	}
	// Removed for a suspension or as surplus, its index is pending again.
	wasLetGo := !terminating.isUncounted && !f.isSuspended() && f.job.DeletionTimestamp == nil
	return !wasLetGo && !f.mayBeCreating(terminating.index, newest) && (f.isStillLast(terminating) || f.allActiveSeen() && !f.passedOver(terminating))
}

// hasPodGone: an event names a pod younger than all that are seen, and none
// says that the controller removed it, which would make its index pending.
func (f *facts) hasPodGone(index int32, h history, newest *podFacts) bool {
	gone := h.newerGone
	if newest == nil {
		gone = f.goneByEvent(index)
	}
	for _, pod := range gone {
		if _, removed := f.events.deleted[pod.name]; !removed {
			return true
		}
	}
	return false
}

// mayBeCreating: the next sync creates the index's pod, and what made it due
// is so new that the sync may be under way. Evidence is read one object after
// the other, and pods that it misses may be the newest.
func (f *facts) mayBeCreating(index int32, newest *podFacts) bool {
	switch {
	case f.neverRan(f.accounts):
		return false
	case f.queue.soon.Has(index):
		return true
	case f.queue.inBackoff.Has(index):
		return !f.perIndex() && f.isResuming() // a delay by estimate
	case !f.queue.toCreate.Has(index):
		return false
	}
	due := later(f.lastChange, f.released)
	if newest != nil && f.sync.delayed[index] == newest {
		due = later(due, f.retryTime(newest))
	}
	return f.now.Sub(due) < unsettled || f.isBehind || !f.knowsLastChange()
}

// knowsLastChange: nothing can have made pods due of late that leaves no time: a
// change of the spec, or the end of a pod that is gone.
func (f *facts) knowsLastChange() bool {
	return f.isUndisturbed() && !f.donePodsGone() && f.accounts.unexplained == 0
}

// isResuming: the status has not caught up with a resumption, which may be of
// this very moment.
func (f *facts) isResuming() bool {
	return !f.isSuspended() && jobCondition(f.job, batchv1.JobSuspended) != nil
}

// unsettled is how long after a change the controller may be acting on it.
const unsettled = 10 * time.Second

// clocksDiffer is how far the clocks of the reader, the controller and the nodes
// may be from each other, and by what a delay may be over that is not.
const clocksDiffer = 2 * time.Second

// lagsBehindPods: pods ended seconds ago, and the controller has not accounted
// for them. What it created since, on an older view, may not be in the evidence.
func (f *facts) lagsBehindPods() bool {
	for _, pod := range f.pods {
		if !pod.isTerminal() || !pod.isUncounted || !pod.hasValidIndex || f.sync.delayed[pod.index] == pod {
			continue
		}
		// A failed pod is accounted for when its replacement is there.
		due := later(pod.finished, f.newest(pod.index).CreationTime.Time())
		if age := f.now.Sub(due); age >= 2*time.Second && age < patience {
			return true
		}
	}
	return false
}

// newestChange is when the Job or one of its pods last changed.
func (f *facts) newestChange() time.Time {
	last := later(f.podsChange, f.job.CreationTimestamp.Time)
	if start := f.job.Status.StartTime; start != nil {
		last = later(last, start.Time)
	}
	for i := range f.job.Status.Conditions {
		last = later(last, f.job.Status.Conditions[i].LastTransitionTime.Time)
	}
	return last
}

// isStillLast: no pod younger than the failed one can be hidden. With
// per-index limits the controller keeps its finalizer until a replacement
// runs, and creates none before the delay is over.
func (f *facts) isStillLast(failed *podFacts) bool {
	if f.passedOver(failed) {
		return false
	}
	if f.perIndex() {
		held := f.sync.delayed[failed.index] != nil
		return held && (f.now.Before(f.retryTime(failed).Add(-clocksDiffer)) ||
			f.accounts.unseenActive == 0 && !f.isResuming() && (f.tellsActive() || !failed.isBeingCounted))
	}
	// The success of a pod that nobody sees would have let the retries go.
	return f.accounts.unseenActive == 0 && f.unseenTerminating() <= 0 && (f.tellsActive() || !failed.finished.Before(f.deferred) && f.everySlotSeen())
}

// everySlotSeen: the pods that are seen fill every slot, and no open index below
// the highest that had a pod is without one.
func (f *facts) everySlotSeen() bool { return f.emptySlots() <= 0 && !f.accounts.hollow }

// allActiveSeen: no pod is active that is not there.
func (f *facts) allActiveSeen() bool { return f.accounts.unseenActive == 0 && f.tellsActive() }

// tellsActive: status.active is what its name says. Up to 1.36 a sync that
// defers creations for their backoff writes 0, whatever is active (manageJob,
// v1.36; kubernetes #139457).
func (f *facts) tellsActive() bool {
	if f.isResuming() {
		return f.job.Status.Active > 0 // it is that of the suspension
	}
	return f.seen.ServerVersion != "" && f.rules.Minor >= 37 || f.job.Status.Active > 0 ||
		f.isSuspended() || f.job.DeletionTimestamp != nil
}

// wasRemoved: the controller deleted the pod uncounted, for a suspension or as
// surplus, so that its index is pending anew.
func (f *facts) wasRemoved(failed *podFacts) bool {
	return failed.isRemoved && !failed.isUncounted && f.allActiveSeen()
}

// judgeBackingOff says what the retry of a failed index waits for.
func (f *facts) judgeBackingOff(record *v1alpha1.IndexFate, failed *podFacts) {
	record.Fate = v1alpha1.BackingOff
	record.Failures.Exact = f.isChainExact(failed)
	wait := f.remaining(failed)
	switch {
	case f.sync.predicted != nil && f.sync.success:
		record.Reason, record.Message = v1alpha1.ReasonJobSucceeding, "no retry: the next sync ends the Job with success"
	case f.sync.predicted != nil:
		record.Reason, record.Message = v1alpha1.ReasonJobFailing, "no retry: the next sync fails the Job, "+f.sync.predicted.Reason
	case f.job.DeletionTimestamp != nil:
		record.Reason, record.Message = v1alpha1.ReasonJobDeleted, "the Job is being deleted, there is no retry"
	case f.isSuspended():
		record.Reason, record.Message = v1alpha1.ReasonJobSuspended, "its retry waits until the Job is resumed"
	case wait > 0 && f.perIndex():
		record.Reason, record.Message = v1alpha1.ReasonBackoffDelay, fmt.Sprintf("its retry comes in %s at the earliest", inWords(wait))
	case wait > 0:
		record.Reason, record.Message = v1alpha1.ReasonBackoffDelay, fmt.Sprintf("the Job's backoff holds every retry, for %s more by estimate", inWords(wait))
	case f.queue.toCreate.Has(record.Index):
		record.Reason, record.Message = v1alpha1.ReasonBackoffDelay, "its delay is over, the next sync creates its pod"
		f.judgeRefused(record)
	default:
		record.Reason, record.Message = f.slotReason(record.Index)
	}
	if f.sync.delayed[record.Index] != nil && !f.isSuspended() && f.sync.predicted == nil && f.job.DeletionTimestamp == nil {
		record.RetryTime = stamp(f.retryTime(failed))
	}
}

// judgeWaiting says why an index without any pod has none.
func (f *facts) judgeWaiting(record *v1alpha1.IndexFate) {
	record.Fate = v1alpha1.Waiting
	record.Failures.Exact = len(record.Attempts) == 0
	switch {
	case f.job.DeletionTimestamp != nil:
		record.Reason, record.Message = v1alpha1.ReasonJobDeleted, "the Job is being deleted, no pod is created any more"
	case f.isSuspended():
		record.Reason, record.Message = v1alpha1.ReasonJobSuspended, "waits until the Job is resumed"
	case f.sync.predicted != nil && f.sync.success:
		record.Reason, record.Message = v1alpha1.ReasonJobSucceeding, "never starts: the next sync ends the Job with success"
	case f.sync.predicted != nil:
		record.Reason, record.Message = v1alpha1.ReasonJobFailing, "never starts: the next sync fails the Job, "+f.sync.predicted.Reason
	case f.queue.toCreate.Has(record.Index):
		record.Reason, record.Message = v1alpha1.ReasonNotYetCreated, "the next sync creates its pod"
		f.judgeRefused(record)
	default:
		record.Reason, record.Message = f.slotReason(record.Index)
	}
}

// judgeRefused: where events say that the API server refuses pods, and no
// unseen pod is active, that is what the index waits for.
func (f *facts) judgeRefused(record *v1alpha1.IndexFate) {
	refused := f.events.failedCreate
	if refused == nil || f.accounts.unseenActive > 0 || f.isSuspended() || !f.seen.PodsRead {
		return
	}
	if record.Fate == v1alpha1.Unknown && (f.events.foldedCreations || f.now.Sub(f.job.CreationTimestamp.Time) > eventsLive) {
		return // it may have had a pod that no event names any more
	}
	for _, pods := range f.events.created {
		for _, pod := range pods {
			if pod.time.After(refused.Last) {
				return // it was refused once, and pods were created since
			}
		}
	}
	if n := len(record.Attempts); record.Fate == v1alpha1.Unknown {
		record.Fate = v1alpha1.Waiting
		if n > 0 && record.Attempts[n-1].Phase == corev1.PodFailed {
			record.Fate = v1alpha1.BackingOff
		}
	}
	record.Reason, record.Message = v1alpha1.ReasonCreateFailed, "the API server refuses its pod: "+refusal(refused.Message)
}

func (f *facts) slotReason(index int32) (reason, message string) {
	lower, ok := f.queue.inBackoff.First()
	if ok && lower <= index && !f.perIndex() {
		return v1alpha1.ReasonBehindBackoff, fmt.Sprintf("the Job's backoff holds every creation, for %s more by estimate", inWords(f.delay))
	}
	if ok && lower < index {
		if others := f.queue.inBackoff.Len() - 1; others > 0 {
			return v1alpha1.ReasonBehindBackoff, fmt.Sprintf("index %d and %d more in backoff hold slots while they wait", lower, others)
		}
		return v1alpha1.ReasonBehindBackoff, fmt.Sprintf("index %d in backoff holds a slot while it waits", lower)
	}
	return v1alpha1.ReasonParallelismLimit, fmt.Sprintf("%d pod%s at once, every slot is held", f.parallelism(), s(f.parallelism()))
}

// whyMissing says why a pod may be missing.
func (f *facts) whyMissing() string {
	switch {
	case !f.seen.PodsRead:
		return "no pods were read"
	case f.isSuspended():
		return "the Job is suspended; whether a pod of this index is left is not known"
	case f.accounts.unseenActive > 0 && int64(f.job.Status.Active) > f.sync.active:
		return fmt.Sprintf("the status counts %d active pod%s, %d %s there", f.job.Status.Active, s(int64(f.job.Status.Active)), f.sync.active, isOrAre(f.sync.active))
	case f.accounts.unseenActive > 0:
		return "active pods that are there may have come after the status was written, and one that it counts may be gone"
	case !f.isUndisturbed():
		return "the spec has changed: there may have been more slots, and a pod that is gone"
	}
	return "a slot is free that the controller would have filled: its pod may be gone"
}
