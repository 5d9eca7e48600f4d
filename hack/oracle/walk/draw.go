package walk

import (
	"fmt"
	"math/rand/v2"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// draw is a walk from a seed and its number.
func draw(seed, number uint64) *Walk {
	d := &drawer{rand.New(rand.NewPCG(seed, number))}
	w := &Walk{Spec: d.spec(), Seen: Seen{Folded: d.chance(30), Watched: d.chance(20), NodesOff: oneOf(d, -1, 0, 0, 0, 1), Minor: oneOf(d, 0, 0, 0, 29, 31)}}
	if w.Seen.Minor == 29 {
		w.Spec.SuccessPolicy = nil // it knows none
	}
	for range 10 + d.IntN(50) {
		w.Actions = append(w.Actions, d.action())
	}
	return w
}

type drawer struct{ *rand.Rand }

func (d *drawer) chance(percent int) bool { return d.IntN(100) < percent }

func oneOf[T any](d *drawer, values ...T) T { return values[d.IntN(len(values))] }

func maybe[T any](d *drawer, percent int, value T) *T {
	if d.chance(percent) {
		return &value
	}
	return nil
}

func (d *drawer) spec() batchv1.JobSpec {
	completions := int32(1 + d.IntN(7))
	if d.chance(10) {
		completions += d.Int32N(20)
	}
	spec := batchv1.JobSpec{
		CompletionMode:        ptr.To(batchv1.IndexedCompletion),
		Completions:           &completions,
		Parallelism:           ptr.To(1 + d.Int32N(completions+1)),
		BackoffLimit:          maybe(d, 40, d.Int32N(5)),
		ActiveDeadlineSeconds: maybe(d, 10, int64(5+d.IntN(120))),
		Suspend:               maybe(d, 5, true),
	}
	spec.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	spec.Template.Spec.Containers = []corev1.Container{{Name: "main", Image: "main"}}
	if d.chance(25) {
		spec.Template.Spec.InitContainers = []corev1.Container{{Name: "proxy", Image: "proxy", RestartPolicy: ptr.To(corev1.ContainerRestartPolicyAlways)}}
	}
	if d.chance(10) {
		spec.Template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
	}
	if d.chance(75) {
		spec.BackoffLimitPerIndex = ptr.To(d.Int32N(4))
		spec.MaxFailedIndexes = maybe(d, 60, d.Int32N(min(completions, 3)+1))
	}
	if d.chance(60) && spec.Template.Spec.RestartPolicy == corev1.RestartPolicyNever {
		spec.PodFailurePolicy = d.podFailurePolicy(spec.BackoffLimitPerIndex != nil)
	} else {
		spec.PodReplacementPolicy = maybe(d, 50, oneOf(d, batchv1.Failed, batchv1.TerminatingOrFailed))
	}
	if d.chance(20) {
		spec.SuccessPolicy = d.successPolicy(completions)
	}
	return spec
}

func (d *drawer) podFailurePolicy(perIndex bool) *batchv1.PodFailurePolicy {
	actions := []batchv1.PodFailurePolicyAction{batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionCount, batchv1.PodFailurePolicyActionFailJob}
	if perIndex {
		actions = append(actions, batchv1.PodFailurePolicyActionFailIndex, batchv1.PodFailurePolicyActionFailIndex)
	}
	policy := &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{}}
	for range d.IntN(4) {
		rule := batchv1.PodFailurePolicyRule{Action: oneOf(d, actions...)}
		if d.chance(40) {
			rule.OnPodConditions = []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}}
		} else {
			rule.OnExitCodes = &batchv1.PodFailurePolicyOnExitCodesRequirement{
				ContainerName: maybe(d, 50, "main"),
				Operator:      oneOf(d, batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpNotIn),
				Values:        oneOf(d, []int32{42}, []int32{43}, []int32{42, 143}, []int32{1}, []int32{143}),
			}
		}
		policy.Rules = append(policy.Rules, rule)
	}
	return policy
}

func (d *drawer) successPolicy(completions int32) *batchv1.SuccessPolicy {
	var listed []string
	for index := range completions {
		if d.chance(50) {
			listed = append(listed, fmt.Sprint(index))
		}
	}
	rule := batchv1.SuccessPolicyRule{}
	if len(listed) > 0 {
		rule.SucceededIndexes = ptr.To(strings.Join(listed, ","))
		rule.SucceededCount = maybe(d, 50, 1+d.Int32N(int32(len(listed))))
	} else {
		rule.SucceededCount = ptr.To(1 + d.Int32N(completions))
	}
	policy := &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{rule}}
	if d.chance(30) {
		policy.Rules = append(policy.Rules, batchv1.SuccessPolicyRule{SucceededCount: ptr.To(1 + d.Int32N(completions))})
	}
	return policy
}

func (d *drawer) action() Action {
	a := Action{On: d.IntN(100)}
	switch n := d.IntN(130); {
	case n < 30:
		a.Do, a.By = "exit", oneOf[int32](d, 0, 0, 0, 1, 1, 42, 43)
	case n < 42:
		a.Do = "run"
	case n < 50:
		a.Do = "run one"
	case n < 70:
		a.Do, a.By = "wait", oneOf[int32](d, 1, 2, 5, 10, 10, 20, 40)
	case n < 74:
		a.Do, a.By = "moment", oneOf[int32](d, 200, 500, 900)
	case n < 82:
		a.Do, a.By = "terminate", oneOf[int32](d, 143, 143, 0, 1)
	case n < 85:
		a.Do = "delete"
	case n < 91:
		a.Do = oneOf(d, "preempt", "drain", "evict", "lose", "force", "reject")
	case n < 93:
		a.Do = "bind"
	case n < 95:
		a.Do = "suspend"
	case n < 98:
		a.Do = "resume"
	case n < 99:
		a.Do, a.By = "resume at", d.Int32N(6)
	case n < 102:
		a.Do, a.By = "parallelism", d.Int32N(6)
	case n < 103:
		a.Do, a.By = "backoffLimit", d.Int32N(6)
	case n < 104:
		a.Do, a.By = "maxFailedIndexes", d.Int32N(4)
	case n < 105:
		a.Do, a.By = "deadline", 5+d.Int32N(120)
	case n < 106:
		a.Do, a.By = "replacement", d.Int32N(2)
	case n < 107:
		a.Do, a.By = "scale", 1+d.Int32N(8)
	case n < 109:
		a.Do = "restart"
	case n < 112:
		a.Do = "lag"
	case n < 116:
		a.Do = "blind"
	case n < 120:
		a.Do, a.By = "refuse", d.Int32N(3)
	case n < 123:
		a.Do = "collect"
	case n < 124:
		a.Do = oneOf(d, "delete job", "run", "run", "run")
	default:
		a.Do = "fail within"
	}
	return a
}
