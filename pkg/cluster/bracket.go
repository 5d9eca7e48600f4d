package cluster

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// bracket sets the order of evidence whose Job was read before its pods, and
// read again after them. The later Job is the one that facts are told by.
func bracket(seen *evidence.Job, again *batchv1.Job) {
	before, after := seen.Job, again.DeepCopy()
	setDefaults(after)
	seen.Job, seen.Order = after, evidence.Bracketed
	if hasMoved(before, after) {
		seen.Before, seen.Order = before, evidence.JobAfterPods
	}
}

// hasMoved: something that decides has changed. Labels and annotations do not.
func hasMoved(before, after *batchv1.Job) bool {
	if before.ResourceVersion == after.ResourceVersion && after.ResourceVersion != "" {
		return false
	}
	return before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero() ||
		!equality.Semantic.DeepEqual(before.Spec, after.Spec) ||
		!equality.Semantic.DeepEqual(before.Status, after.Status)
}

// isOvertaken: the pods that were listed are not those to explain. Another Job
// has its own. And a Job that was decided meanwhile has deleted pods, or let
// them go: which ones the decision found shows only in a list taken after it. A
// Job is decided once, so that this costs one list; that a status moved costs
// none.
func isOvertaken(before, after *batchv1.Job) bool {
	return isRecreated(before, after) || isDecided(after) && !isDecided(before)
}

func isRecreated(before, after *batchv1.Job) bool {
	return after.UID != "" && before.UID != after.UID
}

// isDecided: the controller has said how the Job ends, if not yet that it has.
func isDecided(job *batchv1.Job) bool {
	for i := range job.Status.Conditions {
		c := &job.Status.Conditions[i]
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case batchv1.JobFailureTarget, batchv1.JobSuccessCriteriaMet, batchv1.JobFailed, batchv1.JobComplete:
			return true
		}
	}
	return false
}

// unconfirmedGap: the Job was not read again after its pods.
func unconfirmedGap(err error) evidence.Gap {
	if apierrors.IsNotFound(err) {
		return evidence.Gap{Kind: evidence.GapMoved, Message: "the Job was deleted while its pods were read"}
	}
	return gap(evidence.GapMoved, "the Job could not be read again after its pods", err)
}
