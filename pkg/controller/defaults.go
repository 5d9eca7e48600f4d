package controller

import batchv1 "k8s.io/api/batch/v1"

// What the API server fills in (SetDefaults_Job in pkg/apis/batch/v1/defaults.go,
// v1.37.2), for Jobs that did not pass through one.

// Completions is spec.completions, 0 where it is missing or below.
func Completions(job *batchv1.Job) int32 {
	if job.Spec.Completions == nil {
		return 0
	}
	return max(0, *job.Spec.Completions)
}

// Parallelism is spec.parallelism, as the API server defaults it.
func Parallelism(job *batchv1.Job) int64 {
	if job.Spec.Parallelism == nil {
		return 1
	}
	return int64(*job.Spec.Parallelism)
}

// BackoffLimit is spec.backoffLimit, as the API server defaults it.
func BackoffLimit(job *batchv1.Job) int64 {
	switch {
	case job.Spec.BackoffLimit != nil:
		return int64(*job.Spec.BackoffLimit)
	case job.Spec.BackoffLimitPerIndex != nil:
		return 1<<31 - 1
	}
	return 6
}

// Suspended is spec.suspend.
func Suspended(job *batchv1.Job) bool { return job.Spec.Suspend != nil && *job.Spec.Suspend }
