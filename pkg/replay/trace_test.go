package replay

import (
	"fmt"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// What a policy makes of a pod, and what its trace says of each rule up to the
// one that decides.
func TestWhatAPolicyMakesOfAPod(t *testing.T) {
	const (
		count, ignore     = batchv1.PodFailurePolicyActionCount, batchv1.PodFailurePolicyActionIgnore
		failIndex, failJb = batchv1.PodFailurePolicyActionFailIndex, batchv1.PodFailurePolicyActionFailJob
		in, notIn         = batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpNotIn
	)
	named := func(rule batchv1.PodFailurePolicyRule, container string) batchv1.PodFailurePolicyRule {
		rule.OnExitCodes.ContainerName = ptr.To(container)
		return rule
	}
	both := onCodes(ignore, in, 7)
	both.OnPodConditions = ignoreDisruption.OnPodConditions
	rejected := func(pod *evidence.Attempt) { pod.Phase, pod.Containers = corev1.PodFailed, nil }
	for _, c := range []struct {
		name  string
		rules []batchv1.PodFailurePolicyRule
		pod   evidence.Attempt
		want  string // action and rule
		says  []string
	}{
		{"no rules count", nil, aPod(0, 0, exited(1, 5)), "Count -1", nil},
		{"no rule that matches counts", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 5)}, aPod(0, 0, exited(1, 5)), "Count -1", []string{`container "main" exited 1, wants 5`}},
		{"the first rule that matches decides", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 5), onCodes(failIndex, in, 1, 2), onCodes(failJb, in, 1)}, aPod(0, 0, exited(1, 5)), "FailIndex 1", []string{`container "main" exited 1, wants 5`, `container "main" exited 1, wants 1,2`}},
		{"an unknown action is skipped", []batchv1.PodFailurePolicyRule{onCodes("FailNode", in, 1), onCodes(ignore, in, 1)}, aPod(0, 0, exited(1, 5)), "Ignore 1", []string{`the controller does not know action "FailNode" and skips the rule`, `container "main" exited 1, wants 1`}},
		{"an unknown operator matches nothing", []batchv1.PodFailurePolicyRule{onCodes(ignore, "Near", 1)}, aPod(0, 0, exited(1, 5)), "Count -1", []string{"exited 1"}},
		{"a sidecar's exit code matches a rule that names no container", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 143), onCodes(failJb, in, 42)}, aPod(0, 0, exited(42, 5), withContainer(evidence.Sidecar, "proxy", 143, 6)), "Ignore 0", []string{`sidecar "proxy" exited 143, wants 143`}},
		{"not one that names another", []batchv1.PodFailurePolicyRule{named(onCodes(ignore, in, 143), "main"), onCodes(failJb, in, 42)}, aPod(0, 0, exited(42, 5), withContainer(evidence.Sidecar, "proxy", 143, 6)), "FailJob 1", []string{`container "main" exited 42, wants 143`, `container "main" exited 42, wants 42`}},
		{"app containers come before init containers", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 9)}, aPod(0, 0, exited(1, 5), withContainer(evidence.Init, "init", 2, 1)), "Ignore 0", []string{`container "main" exited 1, wants any but 9`}},
		{"an init container's exit code matches", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 2)}, aPod(0, 0, exited(1, 5), withContainer(evidence.Init, "init", 2, 1)), "Ignore 0", []string{`init container "init" exited 2, wants 2`}},
		{"code 0 is never wanted, by In", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 0)}, aPod(0, 0, exited(0, 5)), "Count -1", []string{`container "main" exited 0, wants 0`}},
		{"nor by NotIn", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 1)}, aPod(0, 0, exited(0, 5)), "Count -1", []string{`container "main" exited 0, wants any but 1`}},
		{"NotIn 0 is any code but 0", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 0)}, aPod(0, 0, exited(7, 5)), "Ignore 0", []string{"wants any but 0"}},
		{"one container outside of NotIn is enough", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 3)}, aPod(0, 0, exited(3, 5), withContainer(evidence.App, "second", 4, 5)), "Ignore 0", []string{`container "second" exited 4`}},
		{"no container that ended matches no code", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 3), named(onCodes(ignore, in, 3), "main")}, aPod(0, 0, rejected), "Count -1", []string{"no container has ended, wants any but 3", `container "main" has not ended, wants 3`}},
		{"a condition with its status", []batchv1.PodFailurePolicyRule{ignoreDisruption}, aPod(0, 0, exited(1, 5), disrupted(4)), "Ignore 0", []string{"condition DisruptionTarget is True (EvictionByEvictionAPI)"}},
		{"not with another status", []batchv1.PodFailurePolicyRule{ignoreDisruption}, aPod(0, 0, exited(1, 5), hasCondition(corev1.DisruptionTarget, corev1.ConditionFalse, "", 4)), "Count -1", []string{"condition DisruptionTarget is False, wants True"}},
		{"status Unknown may be wanted", []batchv1.PodFailurePolicyRule{onCondition(failJb, "Ready", corev1.ConditionUnknown)}, aPod(0, 0, exited(1, 5), hasCondition("Ready", corev1.ConditionUnknown, "", 4)), "FailJob 0", []string{"condition Ready is Unknown"}},
		{"an absent condition never matches", []batchv1.PodFailurePolicyRule{onCondition(ignore, "ConfigIssue", corev1.ConditionFalse)}, aPod(0, 0, exited(1, 5)), "Count -1", []string{"no condition ConfigIssue"}},
		{"any of the patterns", []batchv1.PodFailurePolicyRule{{Action: count, OnPodConditions: append(onCondition(count, "ConfigIssue", corev1.ConditionTrue).OnPodConditions, ignoreDisruption.OnPodConditions...)}}, aPod(0, 0, exited(1, 5), disrupted(4)), "Count 0", []string{"condition DisruptionTarget is True"}},
		{"exit codes alone where a rule has both", []batchv1.PodFailurePolicyRule{both}, aPod(0, 0, exited(1, 5), disrupted(4)), "Count -1", []string{"exited 1, wants 7"}},
		{"a rule that wants nothing", []batchv1.PodFailurePolicyRule{{Action: ignore}}, aPod(0, 0, exited(1, 5)), "Count -1", []string{"the rule has no requirement"}},
		{"a container that runs is skipped", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 0)}, aPod(0, 0), "Count -1", []string{"no container has ended"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := &batchv1.PodFailurePolicy{Rules: c.rules}
			match := controller.MatchPodFailurePolicy(rules, &c.pod)
			if got := fmt.Sprint(match.Action, " ", match.Rule); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			trace := TracePodFailurePolicy(controller.NewPodFailurePolicy(rules), &c.pod)
			if len(trace) != len(c.says) {
				t.Fatalf("the trace is %v", trace)
			}
			for i, step := range trace {
				if !strings.Contains(step.Because, c.says[i]) {
					t.Errorf("rule %d: got %q, want %q", i, step.Because, c.says[i])
				}
				if decides := int32(i) == match.Rule; step.Matched != decides || step.Rule != int32(i) {
					t.Errorf("rule %d: got %+v", i, step)
				}
			}
		})
	}
	if trace := TracePodFailurePolicy(nil, ptr.To(aPod(0, 0, exited(1, 5)))); trace != nil {
		t.Errorf("without a policy: %v", trace)
	}
}

// TestATraceIsBounded: of what no API server takes no more is told than it takes,
// and which rule decides all the same.
func TestATraceIsBounded(t *testing.T) {
	const n = 1000
	wide := onCodes(batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyOnExitCodesOpIn)
	patterns := batchv1.PodFailurePolicyRule{Action: batchv1.PodFailurePolicyActionIgnore}
	pod := aPod(0, 0)
	for i := range int32(n) {
		wide.OnExitCodes.Values = append(wide.OnExitCodes.Values, -1-i)
		patterns.OnPodConditions = append(patterns.OnPodConditions, batchv1.PodFailurePolicyOnPodConditionsPattern{Type: corev1.PodConditionType(fmt.Sprint(i))})
		pod.Containers = append(pod.Containers, evidence.Container{Name: fmt.Sprint(i), Terminated: &evidence.Terminated{ExitCode: 1}})
	}
	var rules []batchv1.PodFailurePolicyRule
	for range n {
		rules = append(rules, wide, patterns)
	}
	rules = append(rules, onCodes(batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyOnExitCodesOpIn, 1))
	trace := TracePodFailurePolicy(controller.NewPodFailurePolicy(&batchv1.PodFailurePolicy{Rules: rules}), &pod)
	if last := trace[len(trace)-1]; !last.Matched || last.Rule != 2*n || len(trace) != mostRules+1 {
		t.Errorf("the last of %d rules is %+v", len(trace), last)
	}
	for i := range trace {
		if words := trace[i].Because; len(words) > 3000 || i < 2 && !strings.Contains(words, " more") {
			t.Errorf("rule %d is told in %d bytes: %s", trace[i].Rule, len(words), words)
		}
	}
}
