package replay

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// verdict is what the Job's conditions say of it.
type verdict struct {
	state v1alpha1.State
	// condition that decided, terminal before interim; nil while undecided.
	condition *batchv1.JobCondition
	// decided and finished are when; zero while not.
	decided, finished time.Time
	success           bool
	// isOfEnd: no interim condition tells when the Job was decided, as up to 1.30; the
	// time is that of its end.
	isOfEnd bool
}

func verdictOf(job *batchv1.Job, isStatusMissing bool) verdict {
	failed, complete := controller.Condition(job, batchv1.JobFailed), controller.Condition(job, batchv1.JobComplete)
	target, criteria := controller.Condition(job, batchv1.JobFailureTarget), controller.Condition(job, batchv1.JobSuccessCriteriaMet)
	var v verdict
	switch {
	case failed != nil:
		v = verdict{state: v1alpha1.StateFailed, condition: failed, decided: failed.LastTransitionTime.Time, finished: failed.LastTransitionTime.Time}
	case complete != nil:
		v = verdict{state: v1alpha1.StateComplete, condition: complete, decided: complete.LastTransitionTime.Time, finished: complete.LastTransitionTime.Time, success: true}
	case target != nil:
		v = verdict{state: v1alpha1.StateFailing, condition: target}
	case criteria != nil:
		v = verdict{state: v1alpha1.StateSucceeding, condition: criteria, success: true}
	case isManifest(job):
		return verdict{state: v1alpha1.StateManifest}
	case isStatusMissing:
		return verdict{state: v1alpha1.StateNoStatus}
	case controller.Suspended(job):
		return verdict{state: v1alpha1.StateSuspended}
	default:
		return verdict{state: v1alpha1.StateRunning}
	}
	switch {
	case target != nil && !v.success:
		v.decided = target.LastTransitionTime.Time
	case criteria != nil && v.success:
		v.decided = criteria.LastTransitionTime.Time
	default:
		v.isOfEnd = true
	}
	return v
}

// isManifest: no API server has seen the Job.
func isManifest(job *batchv1.Job) bool {
	return job.UID == "" && job.CreationTimestamp.IsZero() && isEmpty(&job.Status)
}

// lacksStatus: whoever wrote the file left the status out, of the pods as well, each
// of which has a phase from the beginning. That of a Job is empty until its first
// pods are created.
func lacksStatus(seen *evidence.Job) bool {
	return isEmpty(&seen.Job.Status) && slices.ContainsFunc(seen.Attempts, func(a evidence.Attempt) bool { return a.Phase == "" })
}

// isEmpty: a status that no sync has written. The first one sets startTime, unless
// the Job is suspended, and then a condition.
func isEmpty(s *batchv1.JobStatus) bool {
	return s.StartTime == nil && len(s.Conditions) == 0 && s.Active == 0 && s.Succeeded == 0 && s.Failed == 0 &&
		s.CompletedIndexes == "" && s.FailedIndexes == nil && s.UncountedTerminatedPods == nil && s.Ready == nil && s.Terminating == nil
}

func (v verdict) isDecided() bool { return v.condition != nil }
func (v verdict) isFinished() bool {
	return v.state == v1alpha1.StateFailed || v.state == v1alpha1.StateComplete
}

// is reports whether the Job was decided for that reason.
func (v verdict) is(reason string) bool { return v.isDecided() && v.reason() == reason }

// reason of the deciding condition, "" while undecided.
func (v verdict) reason() string {
	if v.condition == nil {
		return ""
	}
	return v1alpha1.KnownReason(v.condition.Reason)
}
