package controller

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// IsDecided: a condition says how the Job ends, which no sync reconsiders.
func IsDecided(job *batchv1.Job) bool {
	for _, kind := range []batchv1.JobConditionType{batchv1.JobFailed, batchv1.JobComplete, batchv1.JobFailureTarget, batchv1.JobSuccessCriteriaMet} {
		if Condition(job, kind) != nil {
			return true
		}
	}
	return false
}

// IsFinished: the Job has its terminal condition, after which nothing comes.
func IsFinished(job *batchv1.Job) bool {
	return Condition(job, batchv1.JobComplete) != nil || Condition(job, batchv1.JobFailed) != nil
}

// Condition is the Job's condition of that type where it is True, else nil.
func Condition(job *batchv1.Job, kind batchv1.JobConditionType) *batchv1.JobCondition {
	for i := range job.Status.Conditions {
		if c := &job.Status.Conditions[i]; c.Type == kind && c.Status == corev1.ConditionTrue {
			return c
		}
	}
	return nil
}

// findCondition is the Job's first condition of that type, whatever its status
// (findConditionByType, v1.37.2).
func findCondition(job *batchv1.Job, kind batchv1.JobConditionType) *batchv1.JobCondition {
	for i := range job.Status.Conditions {
		if job.Status.Conditions[i].Type == kind {
			return &job.Status.Conditions[i]
		}
	}
	return nil
}

func isTrue(condition *batchv1.JobCondition) bool {
	return condition != nil && condition.Status == corev1.ConditionTrue
}

// isThe reports whether there is nothing to write.
func isThe(condition *batchv1.JobCondition, status corev1.ConditionStatus, reason, message string) bool {
	return condition != nil && condition.Status == status && condition.Reason == reason && condition.Message == message
}
