package scenarios

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// Scenario is one Job of the corpus.
type Scenario struct {
	// Name is the recording's; the Job is called as the Name goes on after the
	// letter of a document's Job.
	Name string
	// Shows says in a line what there is to see.
	Shows  string
	Job    *batchv1.Job
	Script nodes.Script
	// Prepare makes what has to be there before the Job.
	Prepare func(*Run) error
	// Act is what a user does once the Job is there.
	Act func(*Run) error
	// Moments are read so long after the Job's creation.
	Moments []time.Duration
	// Until is when the final moment of a Job is read that does not end.
	Until time.Duration
	Want  Want

	// Since is the first minor version, 31 for 1.31, that has what the Job needs.
	Since int
	// Differs marks what versions decide or tell differently: it is recorded on
	// each of them.
	Differs bool
}

// Want is how the Job has to end.
type Want struct {
	// Reason of the condition that decided; empty for a Job that does not end.
	Reason    string
	Completed string
	// Failed is failedIndexes, which are absent without backoffLimitPerIndex.
	Failed *string
}

// newJob is an Indexed Job as plain as can be: pods are most of a recording.
func newJob(name string, completions, parallelism int32, change func(*batchv1.JobSpec)) *batchv1.Job {
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: metav1.NamespaceDefault},
		Spec: batchv1.JobSpec{
			Completions:    &completions,
			Parallelism:    &parallelism,
			CompletionMode: ptr(batchv1.IndexedCompletion),
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				RestartPolicy: corev1.RestartPolicyNever,
				Containers:    []corev1.Container{{Name: "main", Image: "example.com/worker:1"}},
			}},
		},
	}
	if change != nil {
		change(&job.Spec)
	}
	return job
}

func onCondition(action batchv1.PodFailurePolicyAction, kind corev1.PodConditionType) batchv1.PodFailurePolicyRule {
	return batchv1.PodFailurePolicyRule{Action: action, OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{
		{Type: kind, Status: corev1.ConditionTrue},
	}}
}

func onExitCodes(action batchv1.PodFailurePolicyAction, container string, operator batchv1.PodFailurePolicyOnExitCodesOperator, codes ...int32) batchv1.PodFailurePolicyRule {
	rule := batchv1.PodFailurePolicyRule{Action: action, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{
		Operator: operator, Values: codes,
	}}
	if container != "" {
		rule.OnExitCodes.ContainerName = &container
	}
	return rule
}

func policy(rules ...batchv1.PodFailurePolicyRule) *batchv1.PodFailurePolicy {
	return &batchv1.PodFailurePolicy{Rules: rules}
}

func ptr[T any](v T) *T { return &v }

func after(run time.Duration, outcome nodes.Outcome) nodes.Outcome {
	outcome.Runs = run
	return outcome
}

// Corpus are all but the Documents that a minor version can run.
func Corpus(minor int) []Scenario {
	all := slices.Concat(Limits(), Policies(), Users(), Waiting(), Retries(), Stuck())
	return runnable(all, minor)
}

// runnable are those that a minor version can run.
func runnable(all []Scenario, minor int) []Scenario {
	return slices.DeleteFunc(all, func(s Scenario) bool { return minor < s.Since })
}
