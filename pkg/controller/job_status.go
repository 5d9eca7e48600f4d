package controller

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// StatusWrite is a write to the Job's status, with its conditions but for their
// messages.
type StatusWrite struct {
	Active, Ready, Succeeded, Failed int32
	// Terminating is not written before 1.29.
	Terminating *int32
	// CompletedIndexes and FailedIndexes are the lists; without
	// backoffLimitPerIndex failedIndexes is nil.
	CompletedIndexes, FailedIndexes indexes.Set
	// UncountedFailed and UncountedSucceeded are uncountedTerminatedPods.
	UncountedFailed, UncountedSucceeded []types.UID
	StartTime, CompletionTime           *metav1.Time
	Conditions                          []batchv1.JobCondition
	// Refused: the API server does not take it, and the sync ends here.
	Refused bool
}

// statusWrite is what both writes say alike.
func (s *sync) statusWrite() *StatusWrite {
	w := &StatusWrite{
		Active: int32(s.active), Ready: int32(s.ready), Failed: s.Job.Status.Failed,
		Succeeded: int32(s.Succeeded.Len()), CompletedIndexes: s.Succeeded, FailedIndexes: s.Failed,
		StartTime: s.StartTime, CompletionTime: s.Job.Status.CompletionTime,
		Conditions: slices.Clone(s.Job.Status.Conditions),
	}
	if s.Rules.writesTerminating() {
		terminating := int32(s.terminating)
		w.Terminating = &terminating
	}
	for i := range w.Conditions {
		w.Conditions[i].Message = ""
	}
	switch s.Suspended {
	case corev1.ConditionTrue:
		w.set(s.condition(batchv1.JobSuspended, corev1.ConditionTrue, "JobSuspended"))
	case corev1.ConditionFalse:
		w.set(s.condition(batchv1.JobSuspended, corev1.ConditionFalse, "JobResumed"))
	}
	return w
}

// isChanged: the status is not what it was, but for what is uncounted and how
// the Job ends. A count of successes that differs from its list is none.
func (s *sync) isChanged(w *StatusWrite) bool {
	was := &s.Job.Status
	return s.Suspended != "" || w.Active != was.Active ||
		was.Ready == nil || w.Ready != *was.Ready ||
		w.Terminating != nil && (was.Terminating == nil || *w.Terminating != *was.Terminating) ||
		s.changesLists()
}

// changesLists compares the text, of which there is more than one for a list.
func (s *sync) changesLists() bool {
	was := &s.Job.Status
	if s.Succeeded.String() != was.CompletedIndexes {
		return true
	}
	if s.Job.Spec.BackoffLimitPerIndex == nil {
		return was.FailedIndexes != nil
	}
	return was.FailedIndexes == nil || s.Failed.String() != *was.FailedIndexes
}

func uncountedSucceeded(job *batchv1.Job) int {
	if job.Status.UncountedTerminatedPods == nil {
		return 0
	}
	return len(job.Status.UncountedTerminatedPods.Succeeded)
}

// interimCondition is how the Job will end, once its pods have.
func (s *sync) interimCondition() *batchv1.JobCondition {
	if !s.interim {
		return nil
	}
	kind := batchv1.JobFailureTarget
	if s.finishing.Success {
		kind = batchv1.JobSuccessCriteriaMet
	}
	if !s.Rules.RecordsDecision() && s.finishing.Reason != batchv1.JobReasonPodFailurePolicy && s.finishing.Reason != batchv1.JobReasonSuccessPolicy {
		return nil
	}
	return s.condition(kind, corev1.ConditionTrue, s.finishing.Reason)
}

// terminalCondition is how it ended.
func (s *sync) terminalCondition() *batchv1.JobCondition {
	kind, reason := batchv1.JobFailed, s.finishing.Reason
	if s.finishing.Success {
		kind = batchv1.JobComplete
		if reason == batchv1.JobReasonCompletionsReached && !s.Rules.RecordsDecision() {
			reason = ""
		}
	}
	return s.condition(kind, corev1.ConditionTrue, reason)
}

func (s *sync) condition(kind batchv1.JobConditionType, status corev1.ConditionStatus, reason string) *batchv1.JobCondition {
	now := metav1.Time{Time: s.Now}
	return &batchv1.JobCondition{Type: kind, Status: status, Reason: reason, LastProbeTime: now, LastTransitionTime: now}
}

// add appends the condition, whatever there is of its type.
func (w *StatusWrite) add(condition *batchv1.JobCondition) {
	if condition != nil {
		w.Conditions = append(w.Conditions, *condition)
	}
}

// set puts the condition in the place of the one of its type, if there is one
// (ensureJobConditionStatus, v1.37.2).
func (w *StatusWrite) set(condition *batchv1.JobCondition) {
	for i := range w.Conditions {
		if w.Conditions[i].Type == condition.Type {
			w.Conditions[i] = *condition
			return
		}
	}
	w.add(condition)
}
