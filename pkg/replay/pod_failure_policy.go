package replay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Match is what a podFailurePolicy makes of a failed pod.
type Match struct {
	// Action of the rule that matched, Count where none did.
	Action batchv1.PodFailurePolicyAction
	// Rule is the matching entry of rules, -1 where none did.
	Rule int32
	// Container or Condition is what the rule matched on.
	Container *evidence.Container
	Condition *evidence.Condition
}

// Counted reports whether the failure counts against the limits.
func (m Match) Counted() bool { return m.Action != batchv1.PodFailurePolicyActionIgnore }

// MatchPodFailurePolicy finds the first rule that matches and whose action is
// known (matchPodFailurePolicy in pod_failure_policy.go, v1.37.2). It does not
// ask whether the pod is failed.
func MatchPodFailurePolicy(policy *batchv1.PodFailurePolicy, pod *evidence.Attempt) Match {
	if policy != nil {
		for i := range policy.Rules {
			if !isKnownAction(policy.Rules[i].Action) {
				continue
			}
			if container, condition, matched := matchRule(&policy.Rules[i], pod); matched {
				return Match{policy.Rules[i].Action, int32(i), container, condition}
			}
		}
	}
	return Match{Action: batchv1.PodFailurePolicyActionCount, Rule: -1}
}

// TracePodFailurePolicy says of every rule, up to the one that decides,
// whether it matched and why.
func TracePodFailurePolicy(policy *batchv1.PodFailurePolicy, pod *evidence.Attempt) []v1alpha1.RuleTrace {
	if policy == nil {
		return nil
	}
	var trace []v1alpha1.RuleTrace
	for i := range policy.Rules {
		rule := &policy.Rules[i]
		container, condition, matched := matchRule(rule, pod)
		step := v1alpha1.RuleTrace{Rule: int32(i), Matched: matched}
		switch {
		case !isKnownAction(rule.Action):
			step.Matched = false
			step.Because = fmt.Sprintf("its action %q is unknown to the controller, which skips it", rule.Action)
		case container != nil:
			step.Because = exitedInWords(container) + ", " + wanted(rule.OnExitCodes)
		case condition != nil:
			step.Because = fmt.Sprintf("condition %s is %s", condition.Type, condition.Status)
			if condition.Reason != "" {
				step.Because += " (" + condition.Reason + ")"
			}
		case rule.OnExitCodes != nil:
			step.Because = whyNoExitCode(rule.OnExitCodes, pod)
		default:
			step.Because = whyNoCondition(rule.OnPodConditions, pod)
		}
		trace = append(trace, step)
		if step.Matched {
			break
		}
	}
	return trace
}

func isKnownAction(action batchv1.PodFailurePolicyAction) bool {
	switch action {
	case batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionCount,
		batchv1.PodFailurePolicyActionFailIndex, batchv1.PodFailurePolicyActionFailJob:
		return true
	}
	return false
}

// matchRule looks at onExitCodes alone where a rule has both requirements.
func matchRule(rule *batchv1.PodFailurePolicyRule, pod *evidence.Attempt) (*evidence.Container, *evidence.Condition, bool) {
	if rule.OnExitCodes != nil {
		container := matchOnExitCodes(rule.OnExitCodes, pod)
		return container, nil, container != nil
	}
	condition := matchOnPodConditions(rule.OnPodConditions, pod)
	return nil, condition, condition != nil
}

// matchOnExitCodes finds the first container, app before init, that ended with
// a non-zero code which the requirement wants.
func matchOnExitCodes(want *batchv1.PodFailurePolicyOnExitCodesRequirement, pod *evidence.Attempt) *evidence.Container {
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if c.Terminated == nil || c.Terminated.ExitCode == 0 {
			continue
		}
		if want.ContainerName != nil && *want.ContainerName != c.Name {
			continue
		}
		if wantsCode(want, c.Terminated.ExitCode) {
			return c
		}
	}
	return nil
}

func wantsCode(want *batchv1.PodFailurePolicyOnExitCodesRequirement, code int32) bool {
	switch want.Operator {
	case batchv1.PodFailurePolicyOnExitCodesOpIn:
		return slices.Contains(want.Values, code)
	case batchv1.PodFailurePolicyOnExitCodesOpNotIn:
		return !slices.Contains(want.Values, code)
	}
	return false
}

// matchOnPodConditions finds the first condition, in the pod's order, that any
// pattern names with its very status.
func matchOnPodConditions(patterns []batchv1.PodFailurePolicyOnPodConditionsPattern, pod *evidence.Attempt) *evidence.Condition {
	for i := range pod.Conditions {
		for _, pattern := range patterns {
			if pod.Conditions[i].Type == pattern.Type && pod.Conditions[i].Status == pattern.Status {
				return &pod.Conditions[i]
			}
		}
	}
	return nil
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
		return "the rule wants nothing"
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
