package controller

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"

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

// Counts reports whether the failure counts against the limits.
func (m Match) Counts() bool { return m.Action != batchv1.PodFailurePolicyActionIgnore }

// MatchPodFailurePolicy finds the first rule that matches and whose action is
// known (matchPodFailurePolicy, v1.37.2). It does not ask whether the pod is
// failed.
func MatchPodFailurePolicy(policy *batchv1.PodFailurePolicy, pod *evidence.Attempt) Match {
	if policy != nil {
		for i := range policy.Rules {
			rule := &policy.Rules[i]
			if !IsKnownAction(rule.Action) {
				continue
			}
			if container, condition := MatchRule(rule, pod); container != nil || condition != nil {
				return Match{rule.Action, int32(i), container, condition}
			}
		}
	}
	return Match{Action: batchv1.PodFailurePolicyActionCount, Rule: -1}
}

// IsKnownAction: the controller skips a rule whose action it does not know.
func IsKnownAction(action batchv1.PodFailurePolicyAction) bool {
	switch action {
	case batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionCount,
		batchv1.PodFailurePolicyActionFailIndex, batchv1.PodFailurePolicyActionFailJob:
		return true
	}
	return false
}

// MatchRule is the container or the condition on which the rule matches, nil
// where it does not. It looks at onExitCodes alone where a rule has both
// requirements.
func MatchRule(rule *batchv1.PodFailurePolicyRule, pod *evidence.Attempt) (*evidence.Container, *evidence.Condition) {
	if rule.OnExitCodes != nil {
		return matchOnExitCodes(rule.OnExitCodes, pod), nil
	}
	return nil, matchOnPodConditions(rule.OnPodConditions, pod)
}

// matchOnExitCodes finds the first container, app before init, that ended with
// a non-zero code which the requirement wants (getMatchingContainerFromList,
// v1.37.2).
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
