package cluster

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// contradiction holds the pods of a file against the Job's status, which counts
// those that are active, and makes the coverage partial where pods must be
// missing. That is proved in one order only, Bracketed.
//
// There the status was the same before the pods were read and after. Each pod
// that it counts as active was in the cluster when it was written, since the
// controller creates pods before it writes. And each still was when the pods
// were read: its finalizer kept it there, which the controller takes only after
// a status that counts the pod no longer. So it is in the list: active,
// terminating, or ended with its finalizer. Without asking a status first, the
// controller takes finalizers of pods that are too many alone (deleteJobPods, for
// a suspension as well), so that no more than the Job wants are held to be there;
// and of a Job that is being deleted, which proves nothing.
//
// In the other orders a pod too few is honest evidence. With the Job before its
// pods, one may have been deleted, accounted for and gone in between; with the
// Job after them, one may have been created, and even be ready. That is said and
// changes nothing.
func contradiction(seen *evidence.Job) (gap evidence.Gap, ok bool) {
	job := seen.Job
	if seen.Coverage.Pods != evidence.Whole || isDecided(job) || !job.DeletionTimestamp.IsZero() ||
		*job.Spec.Suspend || isForeign(job) {
		return gap, false
	}
	field, counted := activeOf(&job.Status)
	var there int32
	for i := range seen.Attempts {
		a := &seen.Attempts[i]
		hasEnded := a.Phase == corev1.PodSucceeded || a.Phase == corev1.PodFailed
		// Accounted for since, unless the status was still the same.
		if !hasEnded || a.Finalizer || seen.Order == evidence.JobBeforePods {
			there++
		}
	}
	numbers := fmt.Sprintf("%s is %d, and of the pods in the file no more than %d can be among them", field, counted, there)
	switch seen.Order {
	case evidence.Bracketed:
		if min(counted, wanted(job)) > there {
			seen.Coverage.Pods = evidence.Partial
			return evidence.Gap{Kind: evidence.GapPartial, Message: "pods are missing from the file: " + numbers}, true
		}
	case evidence.JobAfterPods:
		if n := int(counted - there); n > 0 {
			return evidence.Gap{Kind: evidence.GapMoved, Message: count(n, "pod was", "pods were") + " created after the pods were read: " + numbers}, true
		}
	case evidence.JobBeforePods:
		if n := int(counted - there); n > 0 {
			return evidence.Gap{Kind: evidence.GapMoved, Message: count(n, "pod has", "pods have") + " gone since the Job was read, or the file does not hold all pods (then say --partial): " + numbers}, true
		}
	}
	return gap, false
}

// activeOf is how many pods a status counts as active, and the field that says
// so. Up to Kubernetes 1.36 active may be 0 while a creation waits for its
// backoff, whatever runs (manageJob in pkg/controller/job/job_controller.go);
// ready was right even then.
func activeOf(status *batchv1.JobStatus) (field string, n int32) {
	if ready := status.Ready; ready != nil && *ready > status.Active {
		return "status.ready", *ready
	}
	return "status.active", status.Active
}

// wanted is how many active pods the controller leaves alone.
func wanted(job *batchv1.Job) int32 {
	return max(0, min(*job.Spec.Parallelism, *job.Spec.Completions-job.Status.Succeeded))
}

// isForeign: another controller writes the status, by rules of its own.
func isForeign(job *batchv1.Job) bool {
	return job.Spec.ManagedBy != nil && *job.Spec.ManagedBy != batchv1.JobControllerName
}
