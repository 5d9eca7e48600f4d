package replay

import (
	"fmt"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// What an API server takes: 20 rules, 255 codes, 20 patterns. A file may hold any
// number, of which no more are told, nor of a pod's containers.
const mostRules, mostCodes, mostOfOthers = 20, 255, 20

// TracePodFailurePolicy says of every rule, up to the one that decides,
// whether it matched and why.
func TracePodFailurePolicy(policy controller.PodFailurePolicy, pod *evidence.Attempt) []v1alpha1.RuleTrace {
	var trace []v1alpha1.RuleTrace
	for i := range policy {
		container, condition := policy[i].Match(pod)
		isMatch := container != nil || condition != nil
		if i >= mostRules && !isMatch {
			continue
		}
		step := traceRule(policy[i].PodFailurePolicyRule, pod, container, condition)
		step.Rule = int32(i)
		trace = append(trace, step)
		if step.Matched {
			break
		}
	}
	return trace
}

func traceRule(rule *batchv1.PodFailurePolicyRule, pod *evidence.Attempt, container *evidence.Container, condition *evidence.Condition) v1alpha1.RuleTrace {
	switch {
	case !controller.IsKnownAction(rule.Action):
		return v1alpha1.RuleTrace{Because: fmt.Sprintf("the controller does not know action %q and skips the rule", rule.Action)}
	case container != nil:
		return v1alpha1.RuleTrace{Matched: true, Because: exitedInWords(container) + ", " + wanted(rule.OnExitCodes)}
	case condition != nil:
		because := fmt.Sprintf("condition %s is %s", condition.Type, condition.Status)
		if condition.Reason != "" {
			because += " (" + condition.Reason + ")"
		}
		return v1alpha1.RuleTrace{Matched: true, Because: because}
	case rule.OnExitCodes != nil:
		return v1alpha1.RuleTrace{Because: whyNoExitCode(rule.OnExitCodes, pod)}
	}
	return v1alpha1.RuleTrace{Because: whyNoCondition(rule.OnPodConditions, pod)}
}

// wanted puts the requirement into words: "wants 42", "wants any but 0,1".
func wanted(want *batchv1.PodFailurePolicyOnExitCodesRequirement) string {
	codes := make([]string, 0, min(len(want.Values), mostCodes))
	for _, code := range want.Values[:cap(codes)] {
		codes = append(codes, strconv.Itoa(int(code)))
	}
	list := strings.Join(codes, ",") + more(len(want.Values)-len(codes))
	if want.Operator == batchv1.PodFailurePolicyOnExitCodesOpNotIn {
		return "wants any but " + list
	}
	return "wants " + list
}

func whyNoExitCode(want *batchv1.PodFailurePolicyOnExitCodesRequirement, pod *evidence.Attempt) string {
	var ended []string
	n := 0
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if c.Terminated == nil || want.ContainerName != nil && *want.ContainerName != c.Name {
			continue
		}
		if n++; n <= mostOfOthers {
			ended = append(ended, exitedInWords(c))
		}
	}
	if n > 0 {
		return strings.Join(ended, ", ") + more(n-len(ended)) + ", " + wanted(want)
	}
	if want.ContainerName != nil {
		return fmt.Sprintf("container %q has not ended, %s", *want.ContainerName, wanted(want))
	}
	return "no container has ended, " + wanted(want)
}

// exitedInWords does without fmt: a large Job has a million of these.
func exitedInWords(c *evidence.Container) string {
	return typeWord(c.Type) + " " + strconv.Quote(c.Name) + " exited " + strconv.Itoa(int(c.Terminated.ExitCode))
}

func whyNoCondition(patterns []batchv1.PodFailurePolicyOnPodConditionsPattern, pod *evidence.Attempt) string {
	var reasons []string
	for _, pattern := range patterns[:min(len(patterns), mostOfOthers)] {
		if c := condition(pod, pattern.Type); c != nil {
			reasons = append(reasons, "condition "+string(c.Type)+" is "+string(c.Status)+", wants "+string(pattern.Status))
		} else {
			reasons = append(reasons, "no condition "+string(pattern.Type))
		}
	}
	if len(reasons) == 0 {
		return "the rule has no requirement"
	}
	return strings.Join(reasons, ", ") + more(len(patterns)-len(reasons))
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

func typeWord(kind evidence.ContainerType) string {
	switch kind {
	case evidence.Init:
		return "init container"
	case evidence.Sidecar:
		return "sidecar"
	}
	return "container"
}
