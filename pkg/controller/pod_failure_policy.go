package controller

import (
	"cmp"
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

// PodFailurePolicy is a policy made ready for many pods.
type PodFailurePolicy []Rule

// Rule is one of a policy, with sets of what it wants: an API server takes 255
// codes or 20 patterns, but a file may hold any number.
type Rule struct {
	*batchv1.PodFailurePolicyRule
	codes    []int32
	patterns []batchv1.PodFailurePolicyOnPodConditionsPattern
}

// NewPodFailurePolicy makes a policy ready; nil has no rules.
func NewPodFailurePolicy(policy *batchv1.PodFailurePolicy) PodFailurePolicy {
	if policy == nil {
		return nil
	}
	rules := make(PodFailurePolicy, len(policy.Rules))
	for i := range policy.Rules {
		rule := &policy.Rules[i]
		rules[i] = Rule{PodFailurePolicyRule: rule, patterns: slices.SortedFunc(slices.Values(rule.OnPodConditions), comparePatterns)}
		if rule.OnExitCodes != nil {
			rules[i].codes = slices.Sorted(slices.Values(rule.OnExitCodes.Values))
		}
	}
	return rules
}

func comparePatterns(a, b batchv1.PodFailurePolicyOnPodConditionsPattern) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Status, b.Status))
}

// MatchPodFailurePolicy finds the first rule that matches and whose action is
// known (matchPodFailurePolicy, v1.37.2). It does not ask whether the pod is
// failed.
func MatchPodFailurePolicy(policy *batchv1.PodFailurePolicy, pod *evidence.Attempt) Match {
	return NewPodFailurePolicy(policy).Match(pod)
}

// Match is MatchPodFailurePolicy.
func (p PodFailurePolicy) Match(pod *evidence.Attempt) Match {
	for i := range p {
		if !IsKnownAction(p[i].Action) {
			continue
		}
		if container, condition := p[i].Match(pod); container != nil || condition != nil {
			return Match{p[i].Action, int32(i), container, condition}
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

// Match is the container or the condition on which the rule matches, nil where it
// does not. It looks at onExitCodes alone where a rule has both requirements.
func (r *Rule) Match(pod *evidence.Attempt) (*evidence.Container, *evidence.Condition) {
	if r.OnExitCodes != nil {
		return r.matchOnExitCodes(pod), nil
	}
	return nil, r.matchOnPodConditions(pod)
}

// matchOnExitCodes finds the first container, app before init, that ended with
// a non-zero code which the requirement wants (getMatchingContainerFromList,
// v1.37.2).
func (r *Rule) matchOnExitCodes(pod *evidence.Attempt) *evidence.Container {
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if c.Terminated == nil || c.Terminated.ExitCode == 0 {
			continue
		}
		if name := r.OnExitCodes.ContainerName; name != nil && *name != c.Name {
			continue
		}
		if r.wantsCode(c.Terminated.ExitCode) {
			return c
		}
	}
	return nil
}

func (r *Rule) wantsCode(code int32) bool {
	_, listed := slices.BinarySearch(r.codes, code)
	switch r.OnExitCodes.Operator {
	case batchv1.PodFailurePolicyOnExitCodesOpIn:
		return listed
	case batchv1.PodFailurePolicyOnExitCodesOpNotIn:
		return !listed
	}
	return false
}

// matchOnPodConditions finds the first condition, in the pod's order, that any
// pattern names with its very status.
func (r *Rule) matchOnPodConditions(pod *evidence.Attempt) *evidence.Condition {
	for i := range pod.Conditions {
		c := &pod.Conditions[i]
		if _, named := slices.BinarySearchFunc(r.patterns, batchv1.PodFailurePolicyOnPodConditionsPattern{Type: c.Type, Status: c.Status}, comparePatterns); named {
			return c
		}
	}
	return nil
}
