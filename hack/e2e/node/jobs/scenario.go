//go:build linux

package jobs

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
)

// Scenario is a Job on a real node. The Script of the embedded one is not used.
type Scenario struct {
	scenarios.Scenario
	// Do is what a user does once the Job is there, to the Job or to the node.
	Do func(*Run) error
	// Fates are what the plugin has to say of an index, at the final moment.
	Fates Fates
	// Pods holds what the node wrote, so that a scenario that does not show any
	// more what it is there for is found out.
	Pods Check
}

// index is what a script begins with that does different things.
const index = `i=$JOB_COMPLETION_INDEX; `

// lingers is a program that ends at once when it is told to.
const lingers = `trap "exit 143" TERM; sleep 600 & wait $!`

// container runs a script.
func container(name, script string, change ...func(*corev1.Container)) corev1.Container {
	c := corev1.Container{Name: name, Image: node.Image, Command: []string{"sh", "-c", script}}
	for _, change := range change {
		change(&c)
	}
	return c
}

// newJob is an Indexed Job of so many indexes, all at once, whose main container
// runs the script. It has a namespace of its own.
func newJob(name string, completions int32, script string, change ...func(*batchv1.JobSpec)) *batchv1.Job {
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: name},
		Spec: batchv1.JobSpec{
			Completions: &completions, Parallelism: &completions,
			CompletionMode:       ptr(batchv1.IndexedCompletion),
			BackoffLimitPerIndex: ptr[int32](0),
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				RestartPolicy:                 corev1.RestartPolicyNever,
				TerminationGracePeriodSeconds: ptr[int64](2),
				Containers:                    []corev1.Container{container("main", script)},
			}},
		},
	}
	for _, change := range change {
		change(&job.Spec)
	}
	return job
}

// The changes of a Job that many have.

func retries(limit int32) func(*batchv1.JobSpec) {
	return func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = &limit }
}

// onFailure restarts in place, up to a limit of the whole Job.
func onFailure(limit int32) func(*batchv1.JobSpec) {
	return func(s *batchv1.JobSpec) {
		s.BackoffLimitPerIndex, s.BackoffLimit = nil, &limit
		s.Template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
	}
}

func deadline(seconds int64) func(*batchv1.JobSpec) {
	return func(s *batchv1.JobSpec) { s.ActiveDeadlineSeconds = &seconds }
}

func rules(rules ...batchv1.PodFailurePolicyRule) func(*batchv1.JobSpec) {
	return func(s *batchv1.JobSpec) { s.PodFailurePolicy = &batchv1.PodFailurePolicy{Rules: rules} }
}

func onPod(change func(*corev1.PodSpec)) func(*batchv1.JobSpec) {
	return func(s *batchv1.JobSpec) { change(&s.Template.Spec) }
}

func onMain(change func(*corev1.Container)) func(*batchv1.JobSpec) {
	return func(s *batchv1.JobSpec) { change(&s.Template.Spec.Containers[0]) }
}

// scratch is an emptyDir at /scratch.
func scratch(limit string) func(*batchv1.JobSpec) {
	return func(s *batchv1.JobSpec) {
		source := corev1.EmptyDirVolumeSource{}
		if limit != "" {
			source.SizeLimit = ptr(quantity(limit))
		}
		s.Template.Spec.Volumes = append(s.Template.Spec.Volumes, corev1.Volume{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &source}})
		main := &s.Template.Spec.Containers[0]
		main.VolumeMounts = append(main.VolumeMounts, corev1.VolumeMount{Name: "scratch", MountPath: "/scratch"})
	}
}

// limits of the main container.
func limits(list map[corev1.ResourceName]string) func(*batchv1.JobSpec) {
	return onMain(func(c *corev1.Container) { c.Resources.Limits = resources(list) })
}

// ignoreDisruptions is the rule that most clusters' users have.
var ignoreDisruptions = batchv1.PodFailurePolicyRule{
	Action:          batchv1.PodFailurePolicyActionIgnore,
	OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}},
}

func onCodes(action batchv1.PodFailurePolicyAction, codes ...int32) batchv1.PodFailurePolicyRule {
	return batchv1.PodFailurePolicyRule{Action: action, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{
		Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: codes,
	}}
}

// counts tells the script how often its index has failed: $FAILED has the failures
// that count, from 0, and $IGNORED the others, and is empty where there are none.
func counts(s *batchv1.JobSpec) {
	main := &s.Template.Spec.Containers[0]
	for name, annotation := range map[string]string{
		"FAILED": batchv1.JobIndexFailureCountAnnotation, "IGNORED": batchv1.JobIndexIgnoredFailureCountAnnotation,
	} {
		main.Env = append(main.Env, corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{
			FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.annotations['" + annotation + "']"},
		}})
	}
}

// ends is how the Job has to end, with backoffLimitPerIndex.
func ends(reason, completed, failed string) scenarios.Want {
	return scenarios.Want{Reason: reason, Completed: completed, Failed: &failed}
}

// endsWhole is ends without backoffLimitPerIndex.
func endsWhole(reason, completed string) scenarios.Want {
	return scenarios.Want{Reason: reason, Completed: completed}
}

// Together are those that leave the node as it is for others.
func Together() []Scenario {
	return slices.Concat(evictedAlone(), containers(), waiting(), restarts(), policies(), exits(), refused())
}

// OneByOne are those that do something to the node.
func OneByOne() []Scenario { return slices.Concat(evictedWithOthers(), outages()) }
