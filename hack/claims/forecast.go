package claims

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// precedence is the order in which a sync asks for the reasons to decide a Job
// (syncJob in job_controller.go, v1.37.2).
var precedence = []string{
	batchv1.JobReasonPodFailurePolicy, batchv1.JobReasonBackoffLimitExceeded, batchv1.JobReasonDeadlineExceeded,
	batchv1.JobReasonMaxFailedIndexesExceeded, batchv1.JobReasonFailedIndexes, batchv1.JobReasonSuccessPolicy, batchv1.JobReasonCompletionsReached,
}

// predicted: what a sync right then would have decided came to pass, or else a
// reason that goes before it, of what happened in the meantime.
func (c *check) predicted() {
	predicted := c.e.Conclusion.Predicted
	if predicted == nil || c.changedAfter() || c.ledger.Job.DeletionTimestamp != nil {
		return
	}
	if at := c.decided(); !at.IsZero() && !at.After(c.at) {
		return // by a sync that began before the reading
	}
	reason := decisionOf(&c.ledger.Job)
	if reason == "" {
		return // the recording ends too early, or the version records no reason
	}
	if predicted.Reason == batchv1.JobReasonBackoffLimitExceeded && c.e.Spec.RestartPolicy == corev1.RestartPolicyOnFailure {
		return // restarts count for as long as their pods run: one that ends in time takes its own along
	}
	c.claim(slices.Index(precedence, reason) <= slices.Index(precedence, predicted.Reason),
		"a sync would decide %s, it decided %s", predicted.Reason, reason)
}

// decisionOf is the reason of the condition that decided the Job, or nothing.
func decisionOf(job *batchv1.Job) string {
	for _, kind := range []batchv1.JobConditionType{batchv1.JobFailureTarget, batchv1.JobSuccessCriteriaMet, batchv1.JobFailed, batchv1.JobComplete} {
		for _, condition := range job.Status.Conditions {
			if condition.Type == kind && condition.Status == corev1.ConditionTrue {
				return condition.Reason
			}
		}
	}
	return ""
}

// retry: no replacement came before the earliest instant that is told.
func (c *check) retry(name string, record *v1alpha1.IndexFate) {
	if record.RetryTime == nil || c.e.Spec.BackoffLimitPerIndex == nil {
		return
	}
	earliest := record.RetryTime.Add(-time.Second) // kept to the second, as are creations
	for i := range c.ledger.Pods {
		pod := &c.ledger.Pods[i]
		if pod.Index == nil || *pod.Index != record.Index || count(pod.FailureCount)+count(pod.IgnoredFailureCount) == 0 {
			continue // of another index, or of a chain that began anew
		}
		if before, known := precedes(pod.CreationVersion, c.moment.PodsVersion); known && before || !pod.CreationTime.After(c.at) {
			continue
		}
		c.claim(!pod.CreationTime.Time.Before(earliest), "%s: its retry was to come at %v at the earliest, %s came at %v", name, record.RetryTime, pod.Name, pod.CreationTime)
		return
	}
}

// changedAfter: somebody changed the spec after the reading, or just before it.
func (c *check) changedAfter() bool {
	return slices.ContainsFunc(c.specChanges(), func(t time.Time) bool { return t.After(c.at.Add(-2 * time.Second)) })
}

// inferred: an attempt that only a later pod's counts tell of lived, and its
// end did to the counts what is told.
func (c *check) inferred(name string, a *v1alpha1.Attempt, pods []*recording.Pod) {
	if a.Source != v1alpha1.SourceAnnotation || a.Decision == "" || a.Before == nil {
		return
	}
	c.claim(slices.ContainsFunc(pods, func(p *recording.Pod) bool {
		if count(p.FailureCount) != a.Before.Counted || count(p.IgnoredFailureCount) != a.Before.Ignored {
			return false
		}
		return (matchOf(c.e, p) == v1alpha1.DecisionIgnore) == (a.Decision == v1alpha1.DecisionIgnore)
	}), "%s: no pod was born with %v and then %s", name, *a.Before, a.Decision)
}

// atLeast: what is told of an index's failures is never more than there were.
func (c *check) atLeast(name string, record *v1alpha1.IndexFate, pods []*recording.Pod) {
	if c.e.Spec.BackoffLimitPerIndex == nil {
		return
	}
	var counted, ignored int32
	for _, pod := range pods {
		counted = max(counted, count(pod.FailureCount)+1)
		ignored = max(ignored, count(pod.IgnoredFailureCount)+1)
	}
	c.claim(record.Failures.Counted <= counted && record.Failures.Ignored <= ignored, "%s: %d counted and %d ignored failures, more than there were", name, record.Failures.Counted, record.Failures.Ignored)
}
