package replay

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// judgeCutOff is for an index in neither list of a Job that is decided: it was
// stopped, never started, or the evidence does not say which.
func (f *facts) judgeCutOff(record *v1alpha1.IndexFate, h history, newest *podFacts) {
	if f.isNamedByFailJob(record.Index) {
		record.Fate, record.Reason = v1alpha1.Stopped, v1alpha1.ReasonFailJobRule
		record.Message = "its pod ended the Job: " + f.failJob.words()
		record.Failures.Exact = newest != nil && newest.Name == f.failJob.pod && f.isChainExact(newest)
		return
	}
	switch {
	case h.lastIsGone() && f.mayBeListed():
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonUnfinished
		record.Message = "only an event tells of its last pod; until the Job has ended it may still be listed"
	case h.lastIsGone():
		record.Fate, record.Reason = v1alpha1.Stopped, v1alpha1.ReasonPodGone
		record.Message = "unfinished when the Job was decided; only an event tells of its last pod"
	case newest != nil:
		record.Fate = v1alpha1.Stopped
		record.Reason, record.Message = f.howCutOff(newest)
		record.Failures.Exact = record.Reason != v1alpha1.ReasonLastAttemptGone && f.isChainExact(newest)
	case f.accounts.bounded && record.Index > f.accounts.started:
		record.Fate, record.Reason = v1alpha1.NeverStarted, v1alpha1.ReasonDecided
		record.Message = f.whyNeverStarted()
		record.Failures.Exact = true
	default:
		record.Fate, record.Reason = v1alpha1.Unknown, v1alpha1.ReasonUnfinished
		record.Message = "not finished: stopped or never started"
		if record.Index < f.accounts.highest {
			record.Message = fmt.Sprintf("not finished: its pod is gone if it had one, as index %d had", f.accounts.highest)
		}
	}
}

// mayBeListed: a pod that is gone may have ended in time where not all were let
// go by the sync that decided; the next one lists its index.
func (f *facts) mayBeListed() bool {
	return !f.verdict.isFinished() && f.now.Sub(f.verdict.decided) < unsettled
}

// whyNeverStarted gives the proof.
func (f *facts) whyNeverStarted() string {
	switch {
	case f.accounts.creationsTold:
		return "never started: the events name every pod that was created, none is of this index"
	case f.accounts.unexplained == 0 && f.accounts.started == f.accounts.highest && !f.verdict.success && !f.ignores():
		return fmt.Sprintf("never started: every failure in status.failed (%d) is accounted for by other indexes, and killed pods are counted there", f.failedTotal())
	}
	return fmt.Sprintf("never started: pods are created for the lowest open index first, at most %d at once, and none above index %d can have been", f.parallelism(), f.accounts.started)
}

// howCutOff tells a pod that the decision killed from one that had failed.
func (f *facts) howCutOff(pod *podFacts) (reason, message string) {
	switch {
	case pod.isAtDecision && f.wasPerhapsReplaced(pod):
		return v1alpha1.ReasonLastAttemptGone, "its last pod seen was deleted; whether another took its place before the Job was decided is not known"
	case pod.isAtDecision || pod.isActive:
		switch {
		case f.ranAtDecision(pod) && pod.hasSucceeded:
			return v1alpha1.ReasonWhileRunning, "its pod succeeded too late: the Job was decided"
		case f.ranAtDecision(pod):
			return v1alpha1.ReasonWhileRunning, "stopped while it ran, by the Job's decision"
		}
		return v1alpha1.ReasonWhilePending, "its pod did not run yet when the Job was decided"
	case wentUnseen(pod.Attempt):
		return v1alpha1.ReasonLastAttemptGone, "its last pod seen is gone; whether it ended before the Job was decided is not known"
	case pod.hasSucceeded && !f.isUndisturbed() && (f.endedBeforeDecision(pod) || pod.isDeleted && deleteCallTime(pod.Attempt).Before(f.verdict.decided)):
		return v1alpha1.ReasonNotCounted, "its pod succeeded while it did not count: suspended, surplus or scaled away"
	case pod.hasSucceeded && !f.isUndisturbed():
		return v1alpha1.ReasonNotCounted, "its pod succeeded and does not count: suspended, surplus, scaled away or too late"
	case pod.hasSucceeded:
		return v1alpha1.ReasonWhileRunning, "its pod succeeded too late: the Job was decided"
	case !pod.isFailed:
		return v1alpha1.ReasonWhileTerminating, "its pod was on its way out when the Job was decided"
	case !f.noNewerCanHaveRun(pod):
		return v1alpha1.ReasonLastAttemptGone, "its last pod seen had failed; whether a retry ran when the Job was decided is not known"
	}
	return v1alpha1.ReasonAfterFailure, pod.ending.words + "; the Job was decided before a retry"
}

// wasPerhapsReplaced: somebody may have deleted the pod seconds before the
// decision, whose time is not kept before 1.31, and where pods on their way out
// are replaced, its index then had another. Or it had failed long before, as one
// that no kubelet ran does without a time, and was deleted since.
func (f *facts) wasPerhapsReplaced(pod *podFacts) bool {
	if pod.isRemoved {
		return false
	}
	return f.isEndUnknown(pod) || !f.neverReplacedDeleted() && deleteCallTime(pod.Attempt).Before(f.verdict.decided)
}

// isEndUnknown: the pod failed and no container says when.
func (f *facts) isEndUnknown(pod *podFacts) bool {
	return pod.hasFailed && f.rules.finishTimeOfContainers(pod.Attempt).IsZero()
}

// ranAtDecision: an app container had started by then. A pod without any
// container status ran if the kubelet had acknowledged it.
func (f *facts) ranAtDecision(pod *podFacts) bool {
	if pod.Phase == corev1.PodPending {
		return false
	}
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if c.Type != evidence.App {
			continue
		}
		if c.Restarts > 0 || !c.StartedAt.IsZero() && !c.StartedAt.Time().After(f.verdict.decided) {
			return true
		}
	}
	return len(pod.Containers) == 0 && (pod.Phase == corev1.PodRunning || !pod.StartTime.IsZero())
}

// noNewerCanHaveRun: no replacement of the failed pod can have been created
// before the decision. Its delay was not over; or no failure is unexplained,
// and a failing Job counts every pod it kills; or the events name every pod.
func (f *facts) noNewerCanHaveRun(pod *podFacts) bool {
	if f.perIndex() && f.verdict.decided.Before(f.retryTime(pod)) && (pod.DeletionTime.IsZero() || f.isUndisturbed()) {
		return true
	}
	if !f.verdict.decided.After(pod.finished) {
		return true // within the second for which changes are gathered
	}
	if f.accounts.creationsTold {
		return true
	}
	return f.isUndisturbed() && !f.verdict.success && !f.ignores() && f.accounts.unexplained == 0 &&
		(f.verdict.isFinished() || f.completions <= 500)
}

func (f *facts) isNamedByFailJob(index int32) bool {
	return f.failJob.named && f.failJob.index == index
}

// effectOf counts the unfinished indexes by how the decision cut them off. They
// add up to all that are in neither list, the one whose pod tipped the Job too.
func effectOf(fates []v1alpha1.IndexFate) *v1alpha1.Effect {
	var effect v1alpha1.Effect
	for i := range fates {
		record := &fates[i]
		n := int64(record.Last()) - int64(record.Index) + 1
		switch record.Fate {
		case v1alpha1.Stopped:
			if record.Reason == v1alpha1.ReasonAfterFailure {
				effect.BackingOff += n
			} else {
				effect.Stopped += n
			}
		case v1alpha1.NeverStarted:
			effect.NeverStarted += n
		case v1alpha1.Unknown:
			effect.Unknown += n
		}
	}
	return &effect
}

// isFailJobDecision: the Job failed by a FailJob rule.
func (v verdict) isFailJobDecision() bool {
	return v.isDecided() && v.condition.Reason == batchv1.JobReasonPodFailurePolicy
}
