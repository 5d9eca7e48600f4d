package replay

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// OnlyReplaceFailedPods reports whether a pod on its way out keeps its index
// and its slot until its phase is terminal. From 1.34 on only
// podReplacementPolicy is consulted (onlyReplaceFailedPods, v1.37.2), and a
// podFailurePolicy forces it to Failed; asking for both holds from 1.28 on.
func OnlyReplaceFailedPods(job *batchv1.Job) bool {
	return job.Spec.PodFailurePolicy != nil ||
		job.Spec.PodReplacementPolicy != nil && *job.Spec.PodReplacementPolicy == batchv1.Failed
}

// IsPodFailed is the controller's isPodFailed (job_controller.go, v1.37.2): a
// pod that is being deleted counts as failed, unless only terminal ones do. How
// one ended that went while nobody watched is not known.
func IsPodFailed(job *batchv1.Job, pod *evidence.Attempt) bool {
	if pod.Phase == corev1.PodFailed {
		return true
	}
	return !OnlyReplaceFailedPods(job) && !pod.DeletionTime.IsZero() && pod.Phase != corev1.PodSucceeded
}

// IsPodActive is the controller's IsPodActive (controller_utils.go, v1.37.2).
// A pod in phase Unknown is active.
func IsPodActive(pod *evidence.Attempt) bool {
	return !isTerminal(pod) && !isDeleted(pod)
}

// IsPodTerminating is the controller's IsPodTerminating (likewise).
func IsPodTerminating(pod *evidence.Attempt) bool {
	return !isTerminal(pod) && isDeleted(pod) && pod.Vanished.IsZero()
}

func isTerminal(pod *evidence.Attempt) bool {
	return pod.Phase == corev1.PodSucceeded || pod.Phase == corev1.PodFailed
}

func isDeleted(pod *evidence.Attempt) bool {
	return !pod.DeletionTime.IsZero() || !pod.Vanished.IsZero()
}

// wentUnseen: nobody saw the pod end, nor that it was deleted.
func wentUnseen(pod *evidence.Attempt) bool {
	return !pod.Vanished.IsZero() && !isTerminal(pod) && pod.DeletionTime.IsZero()
}

func condition(pod *evidence.Attempt, kind corev1.PodConditionType) *evidence.Condition {
	for i := range pod.Conditions {
		if pod.Conditions[i].Type == kind {
			return &pod.Conditions[i]
		}
	}
	return nil
}

// disruption is the pod's DisruptionTarget condition where it is True.
func disruption(pod *evidence.Attempt) *evidence.Condition {
	if c := condition(pod, corev1.DisruptionTarget); c != nil && c.Status == corev1.ConditionTrue {
		return c
	}
	return nil
}
