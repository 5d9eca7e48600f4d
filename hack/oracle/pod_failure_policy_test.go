package oracle

import (
	"fmt"
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestPodFailurePolicy(t *testing.T) {
	comparison{
		cases: 500_000,
		generate: func(g *generator) *Case {
			job := &batchv1.Job{}
			if g.chance(98) {
				job.Spec.PodFailurePolicy = g.podFailurePolicy()
			}
			return &Case{Job: job, Pods: []*corev1.Pod{g.pod(0, 5)}, Now: epoch}
		},
		compare: comparePodFailurePolicy,
		branches: map[string]int{
			"no policy":                                   5_000,
			"no rule":                                     50_000,
			"no rule matches":                             50_000,
			"exit code: Ignore":                           10_000,
			"exit code: Count":                            10_000,
			"exit code: FailIndex":                        10_000,
			"exit code: FailJob":                          10_000,
			"condition: Ignore":                           5_000,
			"condition: Count":                            2_000,
			"condition: FailIndex":                        5_000,
			"condition: FailJob":                          2_000,
			"by In":                                       10_000,
			"by NotIn":                                    10_000,
			"by a named container":                        10_000,
			"by any container":                            10_000,
			"by an app container":                         10_000,
			"by an init container":                        5_000,
			"by a sidecar":                                2_000,
			"by the second app container":                 5_000,
			"by a condition that is True":                 10_000,
			"by a condition that is False":                1_000,
			"by a condition that is Unknown":              1_000,
			"not by the first rule":                       10_000,
			"past a rule with an unknown action":          10_000,
			"past an exit code of 0 that is listed":       10_000,
			"both requirements, exit codes decide":        1_000,
			"both requirements, conditions are not asked": 1_000,
			"an empty rule":                               10_000,
			"an unknown operator":                         10_000,
		},
	}.run(t)
}

func comparePodFailurePolicy(c *Case, saw func(string)) string {
	if len(c.Pods) == 0 {
		return "" // made too small
	}
	policy, pod := c.Job.Spec.PodFailurePolicy, c.Pods[0]
	attempt := evidence.Reduce(pod)
	message, counted, action := upstream.MatchPodFailurePolicy(policy, pod)
	ours := controller.MatchPodFailurePolicy(policy, &attempt)

	// Upstream answers no action where no rule matches.
	theirAction := batchv1.PodFailurePolicyActionCount
	if action != nil {
		theirAction = *action
	}
	if theirAction != ours.Action || counted != ours.Counts() || (action != nil) != (ours.Rule >= 0) {
		return differ("matchPodFailurePolicy", fmt.Sprint(theirAction, " counted ", counted, " matched ", action != nil), ours)
	}
	if theirs := text(message); theirs != failJobMessage(pod, ours) {
		return differ("the message of FailJob", theirs, failJobMessage(pod, ours))
	}
	sawPolicy(policy, &attempt, ours, saw)
	return ""
}

func text(message *string) string {
	if message == nil {
		return ""
	}
	return *message
}

// failJobMessage puts our match as upstream words its own.
func failJobMessage(pod *corev1.Pod, match controller.Match) string {
	name := pod.Namespace + "/" + pod.Name
	switch {
	case match.Action != batchv1.PodFailurePolicyActionFailJob:
		return ""
	case match.Container != nil:
		return fmt.Sprintf("Container %s for pod %s failed with exit code %d matching FailJob rule at index %d",
			match.Container.Name, name, match.Container.Terminated.ExitCode, match.Rule)
	}
	return fmt.Sprintf("Pod %s has condition %s matching FailJob rule at index %d", name, match.Condition.Type, match.Rule)
}

func sawPolicy(policy *batchv1.PodFailurePolicy, attempt *evidence.Attempt, match controller.Match, saw func(string)) {
	if policy == nil {
		saw("no policy")
		return
	}
	if len(policy.Rules) == 0 {
		saw("no rule")
	}
	for i, rule := range policy.Rules {
		if match.Rule >= 0 && i >= int(match.Rule) {
			break
		}
		sawRulePassed(&rule, attempt, saw)
	}
	if match.Rule < 0 {
		saw("no rule matches")
		return
	}
	if match.Rule > 0 {
		saw("not by the first rule")
	}
	rule := &policy.Rules[match.Rule]
	if match.Container != nil {
		sawContainer(rule, match.Container, saw)
		saw("exit code: " + string(match.Action))
	} else {
		saw("condition: " + string(match.Action))
		if match.Condition.Status != "" {
			saw("by a condition that is " + string(match.Condition.Status))
		}
	}
}

func sawRulePassed(rule *batchv1.PodFailurePolicyRule, attempt *evidence.Attempt, saw func(string)) {
	switch rule.Action {
	case "", "Pause":
		saw("past a rule with an unknown action")
		return
	}
	switch {
	case rule.OnExitCodes != nil && rule.OnPodConditions != nil:
		saw("both requirements, conditions are not asked")
	case rule.OnExitCodes == nil && rule.OnPodConditions == nil:
		saw("an empty rule")
	}
	if want := rule.OnExitCodes; want != nil {
		for _, container := range attempt.Containers {
			if container.Terminated != nil && container.Terminated.ExitCode == 0 && slices.Contains(want.Values, 0) && want.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn {
				saw("past an exit code of 0 that is listed")
				break
			}
		}
		if want.Operator == "Between" {
			saw("an unknown operator")
		}
	}
}

func sawContainer(rule *batchv1.PodFailurePolicyRule, container *evidence.Container, saw func(string)) {
	saw("by " + string(rule.OnExitCodes.Operator))
	if rule.OnExitCodes.ContainerName != nil {
		saw("by a named container")
	} else {
		saw("by any container")
	}
	switch {
	case container.Type == evidence.Init:
		saw("by an init container")
	case container.Type == evidence.Sidecar:
		saw("by a sidecar")
	case container.Name == "second":
		saw("by the second app container")
	default:
		saw("by an app container")
	}
	if rule.OnPodConditions != nil {
		saw("both requirements, exit codes decide")
	}
}
