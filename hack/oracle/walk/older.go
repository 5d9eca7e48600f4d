package walk

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/simulation"
)

// older writes the status as the controller of an older version leaves it, where
// the newest decides the same and tells it otherwise.
type older struct {
	minor int
	// deferred: the last sync left creations to the backoff.
	deferred bool
	// started is the last startTime: a suspension takes it away since 1.36 only.
	started *metav1.Time
	// ended is the status that decided the Job; before 1.31 there is none after it.
	ended *batchv1.JobStatus
}

func (o *older) version() string { return fmt.Sprintf("v1.%d.2", o.minor) }

// synced takes note of what a sync left, which created so many pods.
func (o *older) synced(s *simulation.Simulation, created int) {
	o.deferred = created == 0 && leavesCreations(s)
}

// leavesCreations: a slot is free and an index without a pod.
func leavesCreations(s *simulation.Simulation) bool {
	job := s.Job()
	if ptr.Deref(job.Spec.Suspend, false) || job.DeletionTimestamp != nil || endOf(job) != "" {
		return false
	}
	completed, failed := listsOf(job)
	onlyFailed := ptr.Deref(job.Spec.PodReplacementPolicy, "") == batchv1.Failed
	held, slots := map[string]bool{}, min(int64(*job.Spec.Parallelism), int64(*job.Spec.Completions)-completed.Len())
	for _, pod := range s.Pods() {
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		if !ended && (pod.DeletionTimestamp == nil || onlyFailed) {
			held[pod.Annotations[batchv1.JobCompletionIndexAnnotation]] = true
			slots--
		}
	}
	for index := range *job.Spec.Completions {
		if slots > 0 && !completed.Has(index) && !failed.Has(index) && !held[fmt.Sprint(index)] {
			return true
		}
	}
	return false
}

// write changes the Job that was read.
func (o *older) write(job *batchv1.Job) {
	status := &job.Status
	if status.StartTime != nil {
		o.started = status.StartTime
	} else {
		status.StartTime = o.started
	}
	if o.deferred {
		status.Active = 0
	}
	if o.minor >= 31 {
		return
	}
	if o.ended == nil && endOf(job) != "" {
		o.ended = withoutInterim(status)
	}
	if o.ended != nil {
		job.Status = *o.ended.DeepCopy()
	}
}

// withoutInterim is the status whose first conditions are the last ones. FailJob
// alone had one before it.
func withoutInterim(status *batchv1.JobStatus) *batchv1.JobStatus {
	ended := status.DeepCopy()
	ended.Conditions, ended.UncountedTerminatedPods = nil, nil
	for _, c := range status.Conditions {
		switch c.Type {
		case batchv1.JobFailureTarget:
			if c.Reason == batchv1.JobReasonPodFailurePolicy {
				ended.Conditions = append(ended.Conditions, c)
			}
			c.Type = batchv1.JobFailed
		case batchv1.JobSuccessCriteriaMet:
			c.Type = batchv1.JobComplete
			if c.Reason == batchv1.JobReasonCompletionsReached {
				c.Reason, c.Message = "", ""
			}
			ended.CompletionTime = &c.LastTransitionTime
		case batchv1.JobFailed, batchv1.JobComplete:
			continue
		}
		ended.Conditions = append(ended.Conditions, c)
	}
	return ended
}
