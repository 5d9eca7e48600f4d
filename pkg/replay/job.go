package replay

import (
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func specOf(job *batchv1.Job) v1alpha1.Spec {
	s := &job.Spec
	return v1alpha1.Spec{
		Parallelism: s.Parallelism, Completions: s.Completions, CompletionMode: s.CompletionMode,
		ActiveDeadlineSeconds: s.ActiveDeadlineSeconds, BackoffLimit: s.BackoffLimit,
		BackoffLimitPerIndex: s.BackoffLimitPerIndex, MaxFailedIndexes: s.MaxFailedIndexes,
		PodFailurePolicy: s.PodFailurePolicy, SuccessPolicy: s.SuccessPolicy,
		PodReplacementPolicy: s.PodReplacementPolicy, Suspend: s.Suspend, ManagedBy: s.ManagedBy,
		RestartPolicy: s.Template.Spec.RestartPolicy,
	}
}

func statusOf(job *batchv1.Job) v1alpha1.Status {
	s := &job.Status
	status := v1alpha1.Status{
		Active: s.Active, Ready: s.Ready, Terminating: s.Terminating, Succeeded: s.Succeeded, Failed: s.Failed,
		CompletedIndexes: s.CompletedIndexes, FailedIndexes: s.FailedIndexes, Conditions: []v1alpha1.Condition{},
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		status.Conditions = append(status.Conditions, v1alpha1.Condition{
			Type: c.Type, Status: c.Status, Reason: c.Reason, Message: c.Message, LastTransitionTime: stamp(c.LastTransitionTime.Time),
		})
	}
	return status
}

// Labels that tell of a queue which holds a Job: Kueue's, and JobSet's own
// name for what a Job belongs to.
const (
	kueueQueueLabel = "kueue.x-k8s.io/queue-name"
	jobSetLabel     = "jobset.sigs.k8s.io/jobset-name"
)

func ownerOf(job *batchv1.Job) *v1alpha1.Owner {
	owner := v1alpha1.Owner{Queue: job.Labels[kueueQueueLabel]}
	if ref := metav1.GetControllerOf(job); ref != nil {
		owner.Kind, owner.Name = ref.Kind, ref.Name
	} else if set := job.Labels[jobSetLabel]; set != "" {
		owner.Kind, owner.Name = "JobSet", set
	}
	if owner == (v1alpha1.Owner{}) {
		return nil
	}
	return &owner
}
