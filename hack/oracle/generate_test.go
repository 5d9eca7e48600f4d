package oracle

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// generator draws from one case's own source of chance. The values are few, so
// that rules, codes, names and times meet often.
type generator struct{ *rand.Rand }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, values ...T) T { return values[g.IntN(len(values))] }

func maybe[T any](g *generator, percent int, value T) *T {
	if g.chance(percent) {
		return &value
	}
	return nil
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// instant is within the half hour that delays span, or one of few.
func (g *generator) instant() metav1.Time {
	seconds := g.IntN(1800)
	if g.chance(50) {
		seconds = g.IntN(4) * 10
	}
	return metav1.NewTime(epoch.Add(time.Duration(seconds) * time.Second))
}

// podFailurePolicy also breaks what the API server would refuse: unknown
// actions and operators, empty rules, both requirements in one rule.
func (g *generator) podFailurePolicy() *batchv1.PodFailurePolicy {
	policy := &batchv1.PodFailurePolicy{}
	for range g.IntN(5) {
		policy.Rules = append(policy.Rules, g.podFailurePolicyRule())
	}
	return policy
}

func (g *generator) podFailurePolicyRule() batchv1.PodFailurePolicyRule {
	rule := batchv1.PodFailurePolicyRule{Action: pick(g,
		batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionCount,
		batchv1.PodFailurePolicyActionFailIndex, batchv1.PodFailurePolicyActionFailJob,
		batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionFailIndex,
		"Pause", "")}
	form := g.IntN(100)
	if form < 60 {
		rule.OnExitCodes = g.onExitCodes()
	}
	if form >= 55 && form < 95 {
		rule.OnPodConditions = []batchv1.PodFailurePolicyOnPodConditionsPattern{}
		for range g.IntN(3) {
			rule.OnPodConditions = append(rule.OnPodConditions, batchv1.PodFailurePolicyOnPodConditionsPattern{
				Type: g.conditionType(), Status: g.conditionStatus(),
			})
		}
	}
	return rule
}

func (g *generator) onExitCodes() *batchv1.PodFailurePolicyOnExitCodesRequirement {
	want := &batchv1.PodFailurePolicyOnExitCodesRequirement{
		ContainerName: maybe(g, 40, g.containerName()),
		Operator: pick(g,
			batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpIn,
			batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpNotIn,
			batchv1.PodFailurePolicyOnExitCodesOpNotIn, "Between"),
	}
	for range g.IntN(4) {
		want.Values = append(want.Values, g.exitCode())
	}
	return want
}

func (g *generator) exitCode() int32 { return pick[int32](g, 0, 0, 1, 42, 137, 143, 255, -1) }

func (g *generator) containerName() string {
	return pick(g, "main", "main", "second", "setup", "proxy", "nobody")
}

func (g *generator) conditionType() corev1.PodConditionType {
	return pick(g, corev1.DisruptionTarget, corev1.DisruptionTarget, "ConfigIssue", corev1.PodReady)
}

func (g *generator) conditionStatus() corev1.ConditionStatus {
	return pick(g, corev1.ConditionTrue, corev1.ConditionTrue, corev1.ConditionFalse, corev1.ConditionUnknown, "")
}

// pod of a Job with the given completions. Conditions and container statuses
// may repeat, and statuses may name containers that the spec has not.
func (g *generator) pod(number int, completions int32) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace:         "default",
		Name:              fmt.Sprintf("job-%d", number),
		UID:               types.UID(fmt.Sprintf("uid-%d", number)),
		CreationTimestamp: g.instant(),
		Annotations:       map[string]string{},
	}}
	if index, found := g.indexAnnotation(completions); found {
		pod.Annotations[batchv1.JobCompletionIndexAnnotation] = index
	}
	if count, found := g.countAnnotation(); found {
		pod.Annotations[batchv1.JobIndexFailureCountAnnotation] = count
	}
	if count, found := g.countAnnotation(); found && g.chance(60) {
		pod.Annotations[batchv1.JobIndexIgnoredFailureCountAnnotation] = count
	}
	if g.chance(80) {
		pod.Finalizers = append(pod.Finalizers, batchv1.JobTrackingFinalizer)
	}
	if g.chance(10) {
		pod.Finalizers = append(pod.Finalizers, "example.com/keep")
	}
	if g.chance(30) {
		deleted := g.instant()
		pod.DeletionTimestamp = &deleted
		pod.DeletionGracePeriodSeconds = maybe(g, 70, pick[int64](g, 0, 1, 30))
	}
	// A deleted orphan is left out: the controller does not claim it, and the
	// evidence has only pods of the Job.
	if pod.DeletionTimestamp != nil || g.chance(95) {
		controls := true
		pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "job", UID: "job-uid", Controller: &controls}}
	}
	g.status(pod)
	return pod
}

func (g *generator) indexAnnotation(completions int32) (string, bool) {
	switch {
	case g.chance(5):
		return "", false
	case g.chance(15):
		return pick(g, "", "x", " 1", "1.0", "-1", "+1", "01", "99999999999", "99999999999999999999",
			fmt.Sprint(completions), fmt.Sprint(int64(completions)+3)), true
	}
	return fmt.Sprint(g.Int32N(max(1, min(completions, 6)))), true
}

func (g *generator) countAnnotation() (string, bool) {
	switch {
	case g.chance(15):
		return "", false
	case g.chance(20):
		return pick(g, "", "x", "-7", "+3", "03", " 3", "3.0", "1048576", "2147483646", "2147483647", "2147483648", "99999999999999999999"), true
	}
	return fmt.Sprint(g.IntN(9)), true
}

func (g *generator) status(pod *corev1.Pod) {
	pod.Status.Phase = pick(g, corev1.PodFailed, corev1.PodFailed, corev1.PodFailed, corev1.PodSucceeded,
		corev1.PodRunning, corev1.PodPending, corev1.PodUnknown, "")
	for range g.IntN(3) {
		c := corev1.PodCondition{Type: g.conditionType(), Status: g.conditionStatus(), Reason: pick(g, "", "Why")}
		if g.chance(80) {
			c.LastTransitionTime = g.instant()
		}
		pod.Status.Conditions = append(pod.Status.Conditions, c)
	}
	always := corev1.ContainerRestartPolicyAlways
	if g.chance(40) {
		pod.Spec.InitContainers = append(pod.Spec.InitContainers, corev1.Container{Name: "setup"})
	}
	if g.chance(40) {
		pod.Spec.InitContainers = append(pod.Spec.InitContainers, corev1.Container{Name: "proxy", RestartPolicy: &always})
	}
	for _, name := range []string{"main", "second"} {
		if g.chance(70) {
			pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, g.containerStatus(name))
		}
	}
	for _, name := range []string{"setup", "proxy"} {
		if g.chance(40) {
			pod.Status.InitContainerStatuses = append(pod.Status.InitContainerStatuses, g.containerStatus(name))
		}
	}
}

func (g *generator) containerStatus(name string) corev1.ContainerStatus {
	status := corev1.ContainerStatus{Name: name}
	if g.chance(20) {
		status.RestartCount = g.Int32N(3)
	}
	switch {
	case g.chance(75):
		status.State.Terminated = &corev1.ContainerStateTerminated{ExitCode: g.exitCode()}
		if g.chance(90) {
			status.State.Terminated.FinishedAt = g.instant()
		}
	case g.chance(50):
		status.State.Running = &corev1.ContainerStateRunning{}
	case g.chance(50):
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "PodInitializing"}
	}
	if g.chance(10) {
		status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: g.exitCode()}
	}
	return status
}

// indexList is ascending, as the controller writes it and the API server
// requires it, but for fragments that are no intervals.
func (g *generator) indexList(completions int32) string {
	var fragments []string
	next := int64(g.IntN(3))
	for range g.IntN(6) {
		last := next + int64(pick(g, 0, 0, 1, 2, 5))
		switch {
		case g.chance(12):
			fragments = append(fragments, pick(g, "", "x", "-", "-3", "3-", "3-x", " 1", "1.5", "0x1", "1_0", "99999999999999999999"))
			continue
		case last == next && g.chance(90):
			fragments = append(fragments, fmt.Sprint(pick(g, "", "", "", "+", "0"), next))
		default:
			fragments = append(fragments, fmt.Sprint(next, "-", last)+pick(g, "", "", "", "", "-9"))
		}
		next = last + int64(pick(g, 1, 1, 2, 3))
	}
	if completions == math.MaxInt32 && g.chance(50) {
		fragments = append(fragments, "2147483000-2147483646")
	}
	if g.chance(10) {
		fragments = append(fragments, fmt.Sprint(completions), "99999999999")
	}
	return strings.Join(fragments, ",")
}

// disorderedList is a list that no controller writes.
func (g *generator) disorderedList() string {
	var fragments []string
	for range g.IntN(5) {
		fragments = append(fragments, fmt.Sprint(g.IntN(9)), fmt.Sprint(g.IntN(9), "-", g.IntN(9)))
	}
	return strings.Join(fragments, ",")
}

func (g *generator) completions() int32 {
	if g.chance(5) {
		return pick[int32](g, 0, 1, math.MaxInt32)
	}
	return 1 + g.Int32N(14)
}

func (g *generator) successPolicy(completions int32) *batchv1.SuccessPolicy {
	policy := &batchv1.SuccessPolicy{}
	for range g.IntN(4) {
		policy.Rules = append(policy.Rules, batchv1.SuccessPolicyRule{
			SucceededIndexes: maybe(g, 60, g.indexList(completions)),
			SucceededCount:   maybe(g, 50, g.Int32N(6)),
		})
	}
	return policy
}

// job is Indexed. podFailurePolicy forces podReplacementPolicy to Failed, as
// defaulting and validation do; upstream no longer asks for both.
func (g *generator) job() *batchv1.Job {
	indexed := batchv1.IndexedCompletion
	completions, parallelism, backoffLimit := g.completions(), g.Int32N(8), pick[int32](g, 0, 1, 2, 6, math.MaxInt32)
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "job", UID: "job-uid"},
		Spec: batchv1.JobSpec{
			CompletionMode:       &indexed,
			Completions:          &completions,
			Parallelism:          &parallelism,
			BackoffLimit:         &backoffLimit,
			BackoffLimitPerIndex: maybe(g, 80, pick[int32](g, 0, 1, 2, 3, 8, math.MaxInt32)),
			PodReplacementPolicy: maybe(g, 70, pick(g, batchv1.Failed, batchv1.TerminatingOrFailed)),
		},
	}
	job.Spec.Template.Spec.RestartPolicy = pick(g, corev1.RestartPolicyNever, corev1.RestartPolicyNever, corev1.RestartPolicyOnFailure)
	if g.chance(60) {
		job.Spec.PodFailurePolicy = g.podFailurePolicy()
		failed := batchv1.Failed
		job.Spec.PodReplacementPolicy = &failed
	}
	if g.chance(60) {
		job.Status.CompletedIndexes = g.indexList(completions)
	}
	job.Status.FailedIndexes = maybe(g, 50, g.indexList(completions))
	g.limits(job)
	return job
}

// limits are what a sync decides by, beside the indexes. The generation says
// that the spec has changed: what a changed spec explains is not taken for a
// status that lags.
func (g *generator) limits(job *batchv1.Job) {
	job.Generation = 2
	job.Spec.MaxFailedIndexes = maybe(g, 40, g.Int32N(6))
	job.Spec.ActiveDeadlineSeconds = maybe(g, 20, g.Int64N(2400))
	job.Spec.Suspend = maybe(g, 20, g.chance(50))
	if g.chance(30) {
		job.Spec.SuccessPolicy = g.successPolicy(*job.Spec.Completions)
	}
	job.Status.Failed = g.Int32N(3)
	if start := g.instant(); g.chance(80) {
		job.Status.StartTime = &start
	}
}

func newSource(seed, number uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, number)) }

// snapshot is a Job with its pods, as one sync sees them.
func (g *generator) snapshot() *Case {
	c := &Case{Job: g.job(), Now: epoch.Add(time.Duration(g.IntN(2400)) * time.Second)}
	for i := range g.IntN(9) {
		c.Pods = append(c.Pods, g.pod(i, *c.Job.Spec.Completions))
	}
	if g.chance(30) {
		c.Job.Status.UncountedTerminatedPods = &batchv1.UncountedTerminatedPods{}
		for _, pod := range c.Pods {
			if g.chance(20) {
				uncounted := &c.Job.Status.UncountedTerminatedPods.Failed
				*uncounted = append(*uncounted, pod.UID)
			}
		}
	}
	return c
}
