package soak

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
)

// configIssue is a condition that rules may ask for and pods may have.
const configIssue corev1.PodConditionType = "ConfigIssue"

// exitCodes are few, so that rules meet them.
var exitCodes = []int32{1, 2, 3, 42, 137, 143}

// Generate makes the Job of a seed. The same seed makes the same Job, the same
// outcomes and the same user; only the timing is the machine's.
func Generate(seed uint64) scenarios.Scenario {
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	job := g.job(fmt.Sprintf("soak-%d", seed))
	return scenarios.Scenario{
		Name:    job.Name,
		Shows:   fmt.Sprintf("the random Job of seed %d", seed),
		Job:     job,
		Script:  outcomes(seed, job),
		Prepare: createNamespace,
		Act:     g.user(job),
		Moments: g.moments(),
	}
}

func createNamespace(r *scenarios.Run) error {
	_, err := r.Client.CoreV1().Namespaces().Create(r.Ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: r.Job.Namespace}}, metav1.CreateOptions{})
	return err
}

// generator draws the parts of a Job.
type generator struct{ *rand.Rand }

// chance is true with that probability in percent.
func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) int32(from, to int32) *int32 { return ptr(from + g.Int32N(to-from+1)) }

func (g generator) seconds(from, to float64) time.Duration {
	return time.Duration((from + g.Float64()*(to-from)) * float64(time.Second))
}

func ptr[T any](v T) *T { return &v }

func pick[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

func (g generator) job(name string) *batchv1.Job {
	completions := *g.int32(1, 8)
	if g.chance(8) {
		completions = *g.int32(9, 16) // more than the events of one kind that are not folded
	}
	spec := batchv1.JobSpec{
		Completions:    &completions,
		Parallelism:    g.int32(1, completions+1),
		CompletionMode: ptr(batchv1.IndexedCompletion),
		Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever,
			Containers:    []corev1.Container{{Name: "main", Image: "example.com/worker:1"}},
		}},
	}
	g.containers(&spec.Template.Spec)
	if g.chance(12) {
		spec.Template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
	}
	g.limits(&spec)
	if spec.Template.Spec.RestartPolicy == corev1.RestartPolicyNever && g.chance(60) {
		spec.PodFailurePolicy = g.failurePolicy(&spec)
	} else if g.chance(60) {
		spec.PodReplacementPolicy = ptr(pick(g, batchv1.Failed, batchv1.TerminatingOrFailed))
	}
	if g.chance(25) {
		spec.SuccessPolicy = g.successPolicy(completions)
	}
	spec.Suspend = ptr(g.chance(5))
	return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: name}, Spec: spec}
}

func (g generator) containers(spec *corev1.PodSpec) {
	if g.chance(10) {
		spec.InitContainers = append(spec.InitContainers, corev1.Container{Name: "fetch", Image: "example.com/fetch:1"})
	}
	if g.chance(15) {
		spec.InitContainers = append(spec.InitContainers, corev1.Container{
			Name: "proxy", Image: "example.com/proxy:1", RestartPolicy: ptr(corev1.ContainerRestartPolicyAlways),
		})
	}
	if g.chance(10) {
		spec.Containers = append(spec.Containers, corev1.Container{Name: "second", Image: "example.com/second:1"})
	}
}

func (g generator) limits(spec *batchv1.JobSpec) {
	if g.chance(60) {
		spec.BackoffLimitPerIndex = g.int32(0, 2)
		if g.chance(40) {
			spec.MaxFailedIndexes = g.int32(0, *spec.Completions)
		}
	}
	if perIndex := spec.BackoffLimitPerIndex != nil; g.chance(60) && !perIndex || g.chance(25) && perIndex {
		spec.BackoffLimit = g.int32(0, 4)
	}
	if g.chance(15) {
		spec.ActiveDeadlineSeconds = ptr(int64(*g.int32(2, 20)))
	}
}

func (g generator) failurePolicy(spec *batchv1.JobSpec) *batchv1.PodFailurePolicy {
	p := &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{}}
	for range g.IntN(5) {
		p.Rules = append(p.Rules, g.rule(spec))
	}
	if g.chance(50) {
		spec.PodReplacementPolicy = ptr(batchv1.Failed)
	}
	return p
}

func (g generator) rule(spec *batchv1.JobSpec) batchv1.PodFailurePolicyRule {
	rule := batchv1.PodFailurePolicyRule{Action: pick(g,
		batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionIgnore,
		batchv1.PodFailurePolicyActionCount, batchv1.PodFailurePolicyActionFailJob)}
	if spec.BackoffLimitPerIndex != nil && g.chance(30) {
		rule.Action = batchv1.PodFailurePolicyActionFailIndex
	}
	if g.chance(45) {
		for range 1 + g.IntN(2) {
			rule.OnPodConditions = append(rule.OnPodConditions, batchv1.PodFailurePolicyOnPodConditionsPattern{
				Type:   pick(g, corev1.DisruptionTarget, corev1.DisruptionTarget, configIssue, corev1.PodReady),
				Status: pick(g, corev1.ConditionTrue, corev1.ConditionTrue, corev1.ConditionTrue, corev1.ConditionUnknown),
			})
		}
		return rule
	}
	codes := slices.Clone(exitCodes)
	g.Shuffle(len(codes), func(i, j int) { codes[i], codes[j] = codes[j], codes[i] })
	codes = codes[:1+g.IntN(3)]
	rule.OnExitCodes = &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: batchv1.PodFailurePolicyOnExitCodesOpIn}
	if g.chance(30) {
		rule.OnExitCodes.Operator = batchv1.PodFailurePolicyOnExitCodesOpNotIn
		if g.chance(30) {
			codes = append(codes, 0)
		}
	}
	slices.Sort(codes)
	rule.OnExitCodes.Values = codes
	if g.chance(40) {
		container := pick(g, slices.Concat(spec.Template.Spec.InitContainers, spec.Template.Spec.Containers)...)
		rule.OnExitCodes.ContainerName = &container.Name
	}
	return rule
}

func (g generator) successPolicy(completions int32) *batchv1.SuccessPolicy {
	p := &batchv1.SuccessPolicy{}
	for range 1 + g.IntN(2) {
		var rule batchv1.SuccessPolicyRule
		listed := completions
		if g.chance(60) {
			first := g.Int32N(completions)
			last := first + g.Int32N(completions-first)
			listed = last - first + 1
			rule.SucceededIndexes = ptr(fmt.Sprintf("%d-%d", first, last))
			if first == last {
				rule.SucceededIndexes = ptr(fmt.Sprint(first))
			}
		}
		if rule.SucceededIndexes == nil || g.chance(50) {
			rule.SucceededCount = g.int32(1, listed)
		}
		p.Rules = append(p.Rules, rule)
	}
	return p
}

// moments are more at the beginning, where more happens.
func (g generator) moments() []time.Duration {
	var moments []time.Duration
	for range 2 + g.IntN(3) {
		moments = append(moments, g.seconds(0.3, pick(g, 4.0, 12.0, 40.0)))
	}
	slices.Sort(moments)
	return moments
}
