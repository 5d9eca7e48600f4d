package replay

import (
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// claim is a fate and its reason; no reason stands for every reason.
type claim struct {
	fate   v1alpha1.Fate
	reason string
}

// doubt is something that may have happened and left no trace, and what it
// leaves of a claim. Doubts concern the past: what came before in an index's
// history, what a decided Job stopped and what never began. Of an undecided Job
// that was read whole there is nothing to doubt.
type doubt struct {
	name      string
	unsettles []claim
	holds     func(*totals, *v1alpha1.IndexFate, *history) bool
	left      claim
	said      string
	// keepsCount: what is told of the failures stays as exact as it is.
	keepsCount bool
}

// doubts in order: the first that holds leaves less of the claim.
var doubts = []doubt{
	{
		name:      "a pod of the index may be missing from the evidence",
		unsettles: []claim{{v1alpha1.BackingOff, ""}, {v1alpha1.Waiting, ""}, {v1alpha1.Terminating, ""}},
		holds:     (*totals).mayBeMissing,
		left:      claim{v1alpha1.Unknown, v1alpha1.ReasonPodMissing},
		said:      "its pod may be missing from the evidence, which is partial",
	},
	{
		name:      "the controller may have removed the pod since the Job was read",
		unsettles: []claim{{v1alpha1.Succeeded, ""}, {v1alpha1.Failed, ""}},
		holds:     (*totals).mayBeRemovedSince,
		left:      claim{v1alpha1.Unknown, v1alpha1.ReasonEventsUnread},
		said:      "its pod was deleted and has ended; only the Job's events tell whether that counts",
	},
	{
		name:      "a decision may have counted the pod, which was on its way out, before it ended",
		unsettles: []claim{{v1alpha1.Succeeded, ""}, {v1alpha1.Failed, ""}},
		holds:     (*totals).mayBeCountedByDecision,
		left:      claim{v1alpha1.Unknown, v1alpha1.ReasonDecisionDue},
		said:      "its pod was deleted and has ended since the Job was read; the Job may have been decided before that",
	},
	{
		name:      "the Job may list the index in the end",
		unsettles: []claim{{v1alpha1.Stopped, ""}, {v1alpha1.NeverStarted, ""}},
		holds:     (*totals).mayBeListedYet,
		left:      claim{v1alpha1.Unfinished, ""},
		said:      "unfinished when the Job was decided; it may still succeed or fail until the Job ends",
	},
	{
		name:      "the index may have got a pod after the pods were read",
		unsettles: []claim{{v1alpha1.NeverStarted, ""}},
		holds:     (*totals).wasReadBeforeDecision,
		left:      claim{v1alpha1.Unfinished, ""},
		said:      "stopped or never started: the pods were read before the Job was decided",
	},
	{
		name:      "the pod may have gone on after the pods were read",
		unsettles: []claim{{v1alpha1.Stopped, ""}},
		holds:     (*totals).wasReadBeforeDecision,
		left:      claim{v1alpha1.Stopped, v1alpha1.ReasonPodGone},
		said:      "was unfinished when the Job was decided; the pods were read before that",
	},
	{
		name:      "the index may have had a pod",
		unsettles: []claim{{v1alpha1.NeverStarted, ""}},
		holds:     (*totals).mayHaveStarted,
		left:      claim{v1alpha1.Unfinished, ""},
		said:      "stopped or never started: no pod of it was found",
	},
	{
		name:      "the pod that the decision seems to have killed may have failed long before, and been replaced",
		unsettles: []claim{{v1alpha1.Stopped, v1alpha1.ReasonWhileRunning}, {v1alpha1.Stopped, v1alpha1.ReasonWhilePending}},
		holds:     (*totals).mayHaveBeenReplaced,
		left:      claim{v1alpha1.Stopped, v1alpha1.ReasonPodGone},
		said:      "its last known pod was deleted; whether another took its place before the Job was decided is not known",
	},
	{
		name:      "the pod of which a watch lost sight may have ended before the decision",
		unsettles: []claim{{v1alpha1.Stopped, ""}},
		holds:     (*totals).mayHaveEndedUnseen,
		left:      claim{v1alpha1.Stopped, v1alpha1.ReasonPodGone},
		said:      "its last known pod is gone; whether it ended before the Job was decided is not known",
	},
	{
		name:      "a sync that decided may have deleted the pod",
		unsettles: []claim{{v1alpha1.Stopped, v1alpha1.ReasonAfterFailure}, {v1alpha1.Stopped, v1alpha1.ReasonWhileTerminating}},
		holds:     (*totals).mayHaveBeenKilled,
		left:      claim{v1alpha1.Stopped, v1alpha1.ReasonPodGone},
		said:      "its pod was deleted when the Job was decided or just before; by whom is not known",
	},
	{
		name:      "a retry may have been running when the Job was decided",
		unsettles: []claim{{v1alpha1.Stopped, v1alpha1.ReasonAfterFailure}, {v1alpha1.Stopped, v1alpha1.ReasonWhileTerminating}},
		holds:     (*totals).mayHaveRetried,
		left:      claim{v1alpha1.Stopped, v1alpha1.ReasonPodGone},
		said:      "its last known pod had failed; whether a retry was running when the Job was decided is not known",
	},
	{
		name:       "attempts may have come before the one that runs",
		unsettles:  []claim{{v1alpha1.Running, v1alpha1.ReasonFirstAttempt}},
		holds:      (*totals).mayHaveHadEarlier,
		left:       claim{v1alpha1.Running, v1alpha1.ReasonHistoryGone},
		said:       "running; earlier attempts are unknown",
		keepsCount: true,
	},
	{
		name:       "attempts may have come before those that are known",
		unsettles:  []claim{{v1alpha1.Succeeded, v1alpha1.ReasonFirstAttempt}, {v1alpha1.Succeeded, v1alpha1.ReasonAfterIgnored}},
		holds:      (*totals).mayHaveHadEarlier,
		left:       claim{v1alpha1.Succeeded, v1alpha1.ReasonHistoryGone},
		said:       "succeeded; earlier attempts are unknown",
		keepsCount: true,
	},
}

// weaken leaves of the claim what no doubt unsettles.
func (t *totals) weaken(record *v1alpha1.IndexFate, h *history) {
	for i := range doubts {
		d := &doubts[i]
		if !d.concerns(record) || !d.holds(t, record, h) {
			continue
		}
		record.Fate, record.Reason, record.Message = d.left.fate, d.left.reason, d.said
		record.Failures.Exact = record.Failures.Exact && d.keepsCount
		if record.Fate == v1alpha1.Unknown {
			record.RetryTime, record.RetryTimeEstimated, record.Recorded = nil, nil, nil
		}
		return
	}
}

func (d *doubt) concerns(record *v1alpha1.IndexFate) bool {
	return slices.ContainsFunc(d.unsettles, func(c claim) bool {
		return c.fate == record.Fate && (c.reason == "" || c.reason == record.Reason)
	})
}

// mayBeMissing: of partial evidence no pod proves nothing. With
// backoffLimitPerIndex no pod can follow a failed one that waits for its delay
// with its finalizer on.
func (t *totals) mayBeMissing(record *v1alpha1.IndexFate, h *history) bool {
	if t.isWhole() {
		return false
	}
	failed := t.replaced(h)
	return failed == nil || !t.perIndex() || !failed.Uncounted || !t.now.Before(failed.RetryTime())
}

// mayBeRemovedSince: no event could say that the controller removed the pod for a
// suspension or as surplus, which costs and completes nothing.
func (t *totals) mayBeRemovedSince(record *v1alpha1.IndexFate, h *history) bool {
	return t.seen.Coverage.Events != evidence.Whole && wasLetGoSince(record, h)
}

// mayBeCountedByDecision: a decision is due, and what it finds on its way out it
// counts as failed, however that ends.
func (t *totals) mayBeCountedByDecision(record *v1alpha1.IndexFate, h *history) bool {
	return t.predicted != nil && wasLetGoSince(record, h)
}

// wasLetGoSince: the index stands in no list, and its pod was deleted and has lost
// its finalizer since the Job was read.
func wasLetGoSince(record *v1alpha1.IndexFate, h *history) bool {
	newest := h.newest()
	isUnrecorded := record.Recorded != nil && !*record.Recorded
	return isUnrecorded && newest != nil && newest.standing == listedSince && newest.Deleted
}

// mayBeListedYet: the Job has not ended, and the pod may end with its finalizer on;
// or the Job is older than its pods or some are missing: one that is gone, or of
// which the controller has removed the finalizer since, may have ended in time.
func (t *totals) mayBeListedYet(_ *v1alpha1.IndexFate, h *history) bool {
	newest := h.newest()
	switch {
	case t.mayEndUncounted(newest):
		return true
	case t.isSettled():
		return false
	case !t.isWhole(), newest == nil, h.lastIsGone():
		return true
	}
	return !newest.Uncounted && !newest.isKilled && (newest.Succeeded() || newest.FailsIndex) && !t.isOlderThanJob(newest)
}

// mayEndUncounted: a pod that keeps its finalizer beyond the deciding sync is
// accounted for by its end, also one that has ended since. A decision of success
// waits for that where only terminal pods count as failed; one of failure was
// interrupted, or is under way.
func (t *totals) mayEndUncounted(newest *podFacts) bool {
	if t.verdict.isFinished() || newest == nil || !newest.Uncounted {
		return false
	}
	isForecast := !newest.isKilled && !newest.Counted // what the next sync makes of it
	if newest.Terminal && (isForecast || !newest.Succeeded() && !newest.FailsIndex) {
		return false
	}
	return !t.verdict.success || controller.OnlyReplaceFailedPods(t.job)
}

// wasReadBeforeDecision: the Job was read later than the pods, and one is active
// that its decision would have deleted. The pod that a FailJob rule names is
// known from the decision itself.
func (t *totals) wasReadBeforeDecision(record *v1alpha1.IndexFate, _ *history) bool {
	return t.hasActive && t.seen.Order != evidence.Bracketed && t.seen.Order != evidence.JobBeforePods && record.Reason != v1alpha1.ReasonFailJobRule
}

// mayHaveStarted: nothing proves that the index had no pod.
func (t *totals) mayHaveStarted(record *v1alpha1.IndexFate, _ *history) bool {
	return !t.bounded || record.Index <= t.started
}

// mayHaveBeenReplaced: somebody may have deleted the pod before the decision,
// whose time is not kept before 1.31, and where pods on their way out are
// replaced its index then had another. Or it had failed long before, as one that
// no kubelet ran does without a time, and was deleted since.
func (t *totals) mayHaveBeenReplaced(_ *v1alpha1.IndexFate, h *history) bool {
	pod := h.newest()
	return pod != nil && pod.isKilled && !t.isKilledByEvent(pod.Name) && t.isEndUnknown(pod)
}

func (t *totals) mayHaveBeenKilled(_ *v1alpha1.IndexFate, h *history) bool {
	return h.newest() != nil && t.mayBeKilled(h.newest())
}

// mayHaveEndedUnseen: nobody saw the pod end, nor that it was deleted.
func (t *totals) mayHaveEndedUnseen(_ *v1alpha1.IndexFate, h *history) bool {
	return h.newest() != nil && h.newest().wentUnseen()
}

// mayHaveHadEarlier: attempts that left no count and no event may have come
// first.
func (t *totals) mayHaveHadEarlier(_ *v1alpha1.IndexFate, h *history) bool {
	return !t.isChainCertain(h)
}

// isEndUnknown: the pod failed and no container says when.
func (t *podTable) isEndUnknown(pod *podFacts) bool {
	return pod.hasFailed() && t.rules.ContainersFinished(pod.Attempt).IsZero()
}

// mayHaveRetried: a replacement of the failed pod may have been created before
// the decision, and be gone. None can have been where the delay was not over,
// where the pod is the one that the decision is about, where no failure is
// unexplained (a failing Job counts every pod that it kills), or where the events
// name every pod.
func (t *totals) mayHaveRetried(_ *v1alpha1.IndexFate, h *history) bool {
	pod := h.newest()
	switch {
	case pod == nil, !pod.Failed && (!pod.Terminating || t.neverReplacedDeleted()), t.creationsTold, t.isCutOffBy(pod), pod == t.tipped():
		return false
	case t.perIndex() && t.verdict.decided.Before(pod.RetryTime()) && (!pod.Deleted || t.isUndisturbed()):
		return false
	case t.isUndisturbed() && t.countsKilled() && t.unexplained == 0:
		return false
	}
	return true
}

// isCutOffBy: the decision left no time for a retry. Of one second that is so where
// any failure delays one: without per-index limits a success before it forgets all
// that failed (newBackoffRecord in backoff_utils.go, v1.37.2).
func (t *totals) isCutOffBy(pod *podFacts) bool {
	down := t.cameDown(pod).Time()
	if t.verdict.decided.Equal(down) {
		return t.perIndex() || t.completed.Empty()
	}
	return t.verdict.decided.Before(down)
}

// tipped is the attempt that decided the Job, where it is the only one that can
// have.
func (t *totals) tipped() *podFacts {
	if len(t.tippedBy) == 1 {
		return t.tippedBy[0]
	}
	return nil
}

// failedTotal is what the status counts.
func (t *totals) failedTotal() int64 { return controller.FailedTotal(t.job) }
