package controller

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// syncJob is upstream's in its order (syncJob, v1.37.2).
func (s *sync) syncJob() {
	s.claimPods()
	s.countPods()
	s.Remembered = s.State.Backoff
	if s.Skipped = isSkipped(s.Job); s.Skipped {
		if !isManagedByAnother(s.Job) {
			s.Remembered = BackoffRecord{}
		}
		s.Succeeded, s.StartTime = RecordedSucceeded(s.Job), s.Job.Status.StartTime
		if s.Job.Spec.BackoffLimitPerIndex != nil {
			s.Failed = RecordedFailed(s.Job)
		}
		return
	}
	s.StartTime = s.Job.Status.StartTime
	if s.StartTime == nil && !Suspended(s.Job) {
		s.StartTime = &metav1.Time{Time: s.Now}
	}
	s.Succeeded = SucceededIndexes(s.Job, s.live)
	s.Failed = FailedIndexes(s.Job, s.live)
	s.FailedNow = s.failedNow()
	s.Outcome.Backoff = s.State.Backoff.After(s.live)
	if s.Job.Spec.BackoffLimitPerIndex != nil {
		s.Delayed = s.delayedPods()
	}
	s.Refused = s.refusedIndexes()
	s.decide()
	if s.finishing != nil {
		s.deleteActivePods()
	} else {
		s.reconcile()
	}
	s.trackJobStatus()
}

// isSkipped: a finished Job is never looked at again, and one that another
// controller manages never.
func isSkipped(job *batchv1.Job) bool { return isManagedByAnother(job) || IsFinished(job) }

// isManagedByAnother is managedByExternalController (v1.37.2).
func isManagedByAnother(job *batchv1.Job) bool {
	by := job.Spec.ManagedBy
	return by != nil && *by != batchv1.JobControllerName
}

// decide is how the Job ends, and when the deadline is looked at again: also
// where a criterion that stands below it holds.
func (s *sync) decide() {
	switch success, failure := findCondition(s.Job, batchv1.JobSuccessCriteriaMet), findCondition(s.Job, batchv1.JobFailureTarget); {
	case isTrue(success):
		s.finishing = &Criterion{Reason: success.Reason, Success: true}
	case isTrue(failure):
		s.finishing = &Criterion{Reason: failure.Reason}
	}
	var met []Criterion
	if s.finishing == nil && !IsDecided(s.Job) {
		met = s.criteria()
	}
	s.manage()
	if s.Refused.Empty() {
		s.Criteria = met
	}
	if s.finishing == nil && (len(met) == 0 || !comesBeforeDeadline(met[0].Reason)) && s.Job.Spec.ActiveDeadlineSeconds != nil && !Suspended(s.Job) {
		// As upstream reckons it, which overflows before the deadline does.
		s.DeadlineSync = s.Now.Add(time.Duration(*s.Job.Spec.ActiveDeadlineSeconds)*time.Second - s.Now.Sub(s.StartTime.Time))
	}
	// CompletionsReached does not delete what is active, but waits for it.
	if len(met) > 0 && met[0].Reason != batchv1.JobReasonCompletionsReached {
		s.finishing, s.interim = &met[0], true
	}
}

func comesBeforeDeadline(reason string) bool {
	switch reason {
	case batchv1.JobReasonPodFailurePolicy, batchv1.JobReasonBackoffLimitExceeded, batchv1.JobReasonDeadlineExceeded:
		return true
	}
	return false
}

// criteria are evaluated as syncJob has them, one after the other.
func (s *sync) criteria() []Criterion {
	spec := &s.Job.Spec
	completions := int64(Completions(s.Job))
	var met []Criterion
	if pods := s.failJobPods(); len(pods) > 0 {
		met = append(met, Criterion{Reason: batchv1.JobReasonPodFailurePolicy, Pods: pods})
	}
	if s.FailedNow > BackoffLimit(s.Job) || s.pastBackoffLimitOnFailure() {
		met = append(met, Criterion{Reason: batchv1.JobReasonBackoffLimitExceeded})
	}
	if deadline := deadline(s.Job, s.StartTime); !deadline.IsZero() && !s.Now.Before(deadline) {
		met = append(met, Criterion{Reason: batchv1.JobReasonDeadlineExceeded})
	}
	if spec.BackoffLimitPerIndex != nil {
		if spec.MaxFailedIndexes != nil && s.Failed.Len() > int64(*spec.MaxFailedIndexes) {
			met = append(met, Criterion{Reason: batchv1.JobReasonMaxFailedIndexesExceeded})
		}
		if !s.Failed.Empty() && s.Failed.Len()+s.Succeeded.Len() >= completions {
			met = append(met, Criterion{Reason: batchv1.JobReasonFailedIndexes})
		}
	}
	if rule, ok := MatchSuccessPolicy(spec.SuccessPolicy, Completions(s.Job), s.Succeeded); ok {
		met = append(met, Criterion{Reason: batchv1.JobReasonSuccessPolicy, Success: true, Rule: rule})
	}
	if s.Succeeded.Len() >= completions && s.Active <= s.removable() {
		met = append(met, Criterion{Reason: batchv1.JobReasonCompletionsReached, Success: true})
	}
	return met
}

// removable is how many active pods the sync may delete as surplus before it
// asks whether none is left.
func (s *sync) removable() int64 {
	switch {
	case s.Unobserved || s.Job.DeletionTimestamp != nil:
		return 0
	case Suspended(s.Job):
		return s.Active
	}
	return MaxPodCreateDeletePerSync
}

// deleteActivePods: the pods keep their finalizer, and are accounted for as long
// as they run still. Where the controller does not know all its pods yet, it
// deletes these and puts the decision off (v1.37.2).
func (s *sync) deleteActivePods() {
	s.Deleted = s.activePods
	s.countDeleted()
	if s.Unobserved {
		s.finishing, s.interim = nil, false
	}
}

// reconcile creates or deletes pods, sees whether the Job is complete, and says
// else whether it is suspended.
func (s *sync) reconcile() {
	managed := !s.Unobserved && s.Job.DeletionTimestamp == nil
	if managed {
		s.manageJob()
	}
	if s.Succeeded.Len() >= int64(Completions(s.Job)) && s.active == 0 {
		s.finishing, s.interim = &Criterion{Reason: batchv1.JobReasonCompletionsReached, Success: true}, true
	} else if managed {
		s.noteSuspension()
	}
}

// noteSuspension: the clock of activeDeadlineSeconds begins anew with every
// resumption.
func (s *sync) noteSuspension() {
	condition := findCondition(s.Job, batchv1.JobSuspended)
	if Suspended(s.Job) {
		if !isThe(condition, corev1.ConditionTrue, "JobSuspended", "Job suspended") {
			s.Suspended = corev1.ConditionTrue
			if s.Rules.clearsStartTime() {
				s.StartTime = nil
			}
		}
		return
	}
	if condition != nil && !isThe(condition, corev1.ConditionFalse, "JobResumed", "Job resumed") {
		s.Suspended = corev1.ConditionFalse
		s.StartTime = &metav1.Time{Time: s.Now}
	}
}

// failedNow are the failures that the status counts and those that it will,
// also of pods whose failure waits for their replacement
// (nonIgnoredFailedPodsCount, v1.37.2).
func (s *sync) failedNow() int64 {
	n := FailedTotal(s.Job)
	for _, pod := range s.live {
		if pod.Failed && pod.isNew() && !pod.Counted && pod.ValidIndex && pod.Match.Counts() {
			n++
		}
	}
	return n
}

// FailedTotal is status.failed and what is on its way there.
func FailedTotal(job *batchv1.Job) int64 {
	total := int64(job.Status.Failed)
	if uncounted := job.Status.UncountedTerminatedPods; uncounted != nil {
		total += int64(len(uncounted.Failed))
	}
	return total
}

// failJobPods looks at every failed pod, accounted for or not, whatever its
// index (getFailJobMessage, v1.37.2).
func (s *sync) failJobPods() []*Pod {
	var matching []*Pod
	if s.Job.Spec.PodFailurePolicy == nil {
		return nil
	}
	for _, pod := range s.Pods {
		if pod.Failed && pod.Match.Action == batchv1.PodFailurePolicyActionFailJob && s.isClaimed(pod) {
			matching = append(matching, pod)
		}
	}
	slices.SortStableFunc(matching, byIndex)
	return matching
}

// pastBackoffLimitOnFailure sums the restarts within the pods of a Job whose
// containers restart in place (v1.37.2). Limits 0 and 1 behave alike.
func (s *sync) pastBackoffLimitOnFailure() bool {
	if s.Job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure {
		return false
	}
	return Restarts(s.live) >= max(1, BackoffLimit(s.Job))
}

// Restarts are those of pods that are neither Succeeded nor Failed.
func Restarts(pods []*Pod) int64 {
	var n int64
	for _, pod := range pods {
		if pod.Phase == corev1.PodRunning || pod.Phase == corev1.PodPending {
			n += int64(pod.Restarts)
		}
	}
	return n
}

// Deadline is the instant at which activeDeadlineSeconds ends the Job, zero
// where none is set, or the Job has not started or is suspended
// (pastActiveDeadline, v1.37.2).
func Deadline(job *batchv1.Job) time.Time { return deadline(job, job.Status.StartTime) }

// deadline overflows for more than 292 years, as upstream's does: such a Job
// ends at once.
func deadline(job *batchv1.Job, start *metav1.Time) time.Time {
	seconds := job.Spec.ActiveDeadlineSeconds
	if seconds == nil || start == nil || Suspended(job) {
		return time.Time{}
	}
	return start.Add(time.Duration(*seconds) * time.Second)
}
