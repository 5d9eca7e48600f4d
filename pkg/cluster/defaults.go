package cluster

import (
	"fmt"
	"math"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// setDefaults fills in what the API server does (SetDefaults_Job in
// pkg/apis/batch/v1/defaults.go, v1.37.2), so that the rules read a Job from
// a hand-written file as they read one from a cluster. podReplacementPolicy
// stays as it is: its default depends on the server's version.
func setDefaults(job *batchv1.Job) {
	job.TypeMeta = metav1.TypeMeta{}
	spec := &job.Spec
	if spec.Completions == nil && spec.Parallelism == nil {
		spec.Completions = new(int32(1))
	}
	setDefault(&spec.Parallelism, 1)
	setDefault(&spec.CompletionMode, batchv1.NonIndexedCompletion)
	setDefault(&spec.Suspend, false)
	setDefault(&spec.ManualSelector, false)
	if spec.BackoffLimitPerIndex != nil {
		setDefault(&spec.BackoffLimit, math.MaxInt32)
	}
	setDefault(&spec.BackoffLimit, 6)
	if spec.PodFailurePolicy != nil {
		for i := range spec.PodFailurePolicy.Rules {
			patterns := spec.PodFailurePolicy.Rules[i].OnPodConditions
			for j := range patterns {
				if patterns[j].Status == "" {
					patterns[j].Status = corev1.ConditionTrue
				}
			}
		}
	}
	if spec.Selector == nil && job.UID != "" && len(validation.IsValidLabelValue(string(job.UID))) == 0 {
		spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.ControllerUidLabel: string(job.UID)}}
	}
}

func setDefault[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

// maxRules is five times what API servers take, all of which are held against each
// container of each pod.
const maxRules = 100

// checkJob refuses a Job that has no indexes.
func checkJob(job *batchv1.Job) error {
	what := "job " + qualified(job.Namespace, job.Name)
	mode := batchv1.NonIndexedCompletion
	if job.Spec.CompletionMode != nil {
		mode = *job.Spec.CompletionMode
	}
	describe := "kubectl describe job " + job.Name + inNamespace(job.Namespace)
	switch {
	case mode != batchv1.IndexedCompletion:
		return fmt.Errorf("%s is not Indexed: its completionMode is %s, so that it has no indexes to explain\nhint: %s", what, mode, describe)
	case job.Spec.Completions == nil:
		return fmt.Errorf("%s is Indexed but has no completions, which no API server accepts\nhint: set spec.completions", what)
	case job.Spec.PodFailurePolicy != nil && len(job.Spec.PodFailurePolicy.Rules) > maxRules:
		return fmt.Errorf("%s has %d rules in its podFailurePolicy, more than any API server accepts\nhint: %s", what, len(job.Spec.PodFailurePolicy.Rules), describe)
	}
	for _, of := range numbersOf(job) {
		if of.n != nil && *of.n < 0 {
			return fmt.Errorf("%s has %s %d, which no API server accepts\nhint: %[2]s is 0 or more", what, of.name, *of.n)
		}
	}
	return nil
}

// number is a limit or a count of a Job.
type number struct {
	name string
	n    *int32
}

// numbersOf are those that are never negative.
func numbersOf(job *batchv1.Job) []number {
	spec, status := &job.Spec, &job.Status
	return []number{
		{"spec.completions", spec.Completions},
		{"spec.parallelism", spec.Parallelism},
		{"spec.backoffLimit", spec.BackoffLimit},
		{"spec.backoffLimitPerIndex", spec.BackoffLimitPerIndex},
		{"spec.maxFailedIndexes", spec.MaxFailedIndexes},
		{"status.active", &status.Active},
		{"status.ready", status.Ready},
		{"status.terminating", status.Terminating},
		{"status.succeeded", &status.Succeeded},
		{"status.failed", &status.Failed},
	}
}
