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

// TracePodFailurePolicy says of every rule, up to the one that decides,
// whether it matched and why.
func TracePodFailurePolicy(policy *batchv1.PodFailurePolicy, pod *evidence.Attempt) []v1alpha1.RuleTrace {
	if policy == nil {
		return nil
	}
	var trace []v1alpha1.RuleTrace
	for i := range policy.Rules {
		step := traceRule(&policy.Rules[i], pod)
		step.Rule = int32(i)
		trace = append(trace, step)
		if step.Matched {
			break
		}
	}
	return trace
}

func traceRule(rule *batchv1.PodFailurePolicyRule, pod *evidence.Attempt) v1alpha1.RuleTrace {
	container, condition := controller.MatchRule(rule, pod)
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
	codes := make([]string, len(want.Values))
	for i, code := range want.Values {
		codes[i] = strconv.Itoa(int(code))
	}
	list := strings.Join(codes, ",")
	if want.Operator == batchv1.PodFailurePolicyOnExitCodesOpNotIn {
		return "wants any but " + list
	}
	return "wants " + list
}

func whyNoExitCode(want *batchv1.PodFailurePolicyOnExitCodesRequirement, pod *evidence.Attempt) string {
	var ended []string
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if c.Terminated == nil || want.ContainerName != nil && *want.ContainerName != c.Name {
			continue
		}
		ended = append(ended, exitedInWords(c))
	}
	if len(ended) > 0 {
		return strings.Join(ended, ", ") + ", " + wanted(want)
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
	for _, pattern := range patterns {
		if c := condition(pod, pattern.Type); c != nil {
			reasons = append(reasons, "condition "+string(c.Type)+" is "+string(c.Status)+", wants "+string(pattern.Status))
		} else {
			reasons = append(reasons, "no condition "+string(pattern.Type))
		}
	}
	if len(reasons) == 0 {
		return "the rule has no requirement"
	}
	return strings.Join(reasons, ", ")
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
