package controller_test

import (
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// What a policy makes of a pod; hack/oracle holds the same against
// upstream's own functions.
func TestWhatAPolicyMakesOfAPod(t *testing.T) {
	const (
		count, ignore     = batchv1.PodFailurePolicyActionCount, batchv1.PodFailurePolicyActionIgnore
		failIndex, failJb = batchv1.PodFailurePolicyActionFailIndex, batchv1.PodFailurePolicyActionFailJob
		in, notIn         = batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpNotIn
	)
	ofContainer := func(rule batchv1.PodFailurePolicyRule, container string) batchv1.PodFailurePolicyRule {
		rule.OnExitCodes.ContainerName = ptr.To(container)
		return rule
	}
	both := onCodes(ignore, in, 7)
	both.OnPodConditions = ignoreDisruption.OnPodConditions
	for _, c := range []struct {
		name  string
		rules []batchv1.PodFailurePolicyRule
		pod   *evidence.Attempt
		want  string // action and rule
	}{
		{"no rules count", nil, aPod(0, 0, exited(1, 5)), "Count -1"},
		{"no rule that matches counts", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 5)}, aPod(0, 0, exited(1, 5)), "Count -1"},
		{"the first rule that matches decides", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 5), onCodes(failIndex, in, 1, 2), onCodes(failJb, in, 1)}, aPod(0, 0, exited(1, 5)), "FailIndex 1"},
		{"an unknown action is skipped", []batchv1.PodFailurePolicyRule{onCodes("FailNode", in, 1), onCodes(ignore, in, 1)}, aPod(0, 0, exited(1, 5)), "Ignore 1"},
		{"an unknown operator matches nothing", []batchv1.PodFailurePolicyRule{onCodes(ignore, "Near", 1)}, aPod(0, 0, exited(1, 5)), "Count -1"},
		{"a sidecar's exit code matches a rule that names no container", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 143), onCodes(failJb, in, 42)}, aPod(0, 0, exited(42, 5), withContainer(evidence.Sidecar, "proxy", 143, 6)), "Ignore 0"},
		{"not one that names another", []batchv1.PodFailurePolicyRule{ofContainer(onCodes(ignore, in, 143), "main"), onCodes(failJb, in, 42)}, aPod(0, 0, exited(42, 5), withContainer(evidence.Sidecar, "proxy", 143, 6)), "FailJob 1"},
		{"app containers come before init containers", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 9)}, aPod(0, 0, exited(1, 5), withContainer(evidence.Init, "init", 2, 1)), "Ignore 0"},
		{"an init container's exit code matches", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 2)}, aPod(0, 0, exited(1, 5), withContainer(evidence.Init, "init", 2, 1)), "Ignore 0"},
		{"code 0 is never wanted, by In", []batchv1.PodFailurePolicyRule{onCodes(ignore, in, 0)}, aPod(0, 0, exited(0, 5)), "Count -1"},
		{"nor by NotIn", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 1)}, aPod(0, 0, exited(0, 5)), "Count -1"},
		{"NotIn 0 is any code but 0", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 0)}, aPod(0, 0, exited(7, 5)), "Ignore 0"},
		{"one container outside of NotIn is enough", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 3)}, aPod(0, 0, exited(3, 5), withContainer(evidence.App, "second", 4, 5)), "Ignore 0"},
		{"no container that ended matches no code", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 3), ofContainer(onCodes(ignore, in, 3), "main")}, aPod(0, 0, rejected), "Count -1"},
		{"a condition with its status", []batchv1.PodFailurePolicyRule{ignoreDisruption}, aPod(0, 0, exited(1, 5), disrupted(4)), "Ignore 0"},
		{"not with another status", []batchv1.PodFailurePolicyRule{ignoreDisruption}, aPod(0, 0, exited(1, 5), has(corev1.DisruptionTarget, corev1.ConditionFalse, 4)), "Count -1"},
		{"status Unknown may be wanted", []batchv1.PodFailurePolicyRule{onCondition(failJb, "Ready", corev1.ConditionUnknown)}, aPod(0, 0, exited(1, 5), has("Ready", corev1.ConditionUnknown, 4)), "FailJob 0"},
		{"an absent condition never matches", []batchv1.PodFailurePolicyRule{onCondition(ignore, "ConfigIssue", corev1.ConditionFalse)}, aPod(0, 0, exited(1, 5)), "Count -1"},
		{"any of the patterns", []batchv1.PodFailurePolicyRule{{Action: count, OnPodConditions: append(onCondition(count, "ConfigIssue", corev1.ConditionTrue).OnPodConditions, ignoreDisruption.OnPodConditions...)}}, aPod(0, 0, exited(1, 5), disrupted(4)), "Count 0"},
		{"exit codes alone where a rule has both", []batchv1.PodFailurePolicyRule{both}, aPod(0, 0, exited(1, 5), disrupted(4)), "Count -1"},
		{"a rule that wants nothing", []batchv1.PodFailurePolicyRule{{Action: ignore}}, aPod(0, 0, exited(1, 5)), "Count -1"},
		{"a container that runs is skipped", []batchv1.PodFailurePolicyRule{onCodes(ignore, notIn, 0)}, aPod(0, 0), "Count -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			match := controller.MatchPodFailurePolicy(&batchv1.PodFailurePolicy{Rules: c.rules}, c.pod)
			if got := fmt.Sprint(match.Action, " ", match.Rule); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A file may hold a rule of any size, and a pod of any number of conditions and
// containers: twice as many of each take twice as long, not four times.
func TestMatchingIsNotQuadratic(t *testing.T) {
	const n = 100_000 // of which codes alone took 9 s one by one
	rules := []batchv1.PodFailurePolicyRule{onCodes("Count", batchv1.PodFailurePolicyOnExitCodesOpIn), onCondition("Count", "last", corev1.ConditionTrue)}
	pod := aPod(0, 0)
	for i := range n {
		rules[0].OnExitCodes.Values = append(rules[0].OnExitCodes.Values, int32(i+n+1))
		rules[1].OnPodConditions = append(rules[1].OnPodConditions, batchv1.PodFailurePolicyOnPodConditionsPattern{Type: corev1.PodConditionType(fmt.Sprint("x", i)), Status: corev1.ConditionTrue})
		pod.Conditions = append(pod.Conditions, evidence.Condition{Type: corev1.PodConditionType(fmt.Sprint("y", i)), Status: corev1.ConditionTrue})
		pod.Containers = append(pod.Containers, evidence.Container{Terminated: &evidence.Terminated{ExitCode: int32(i + 1)}})
	}
	pod.Conditions = append(pod.Conditions, evidence.Condition{Type: "last", Status: corev1.ConditionTrue})
	begin := time.Now()
	match := controller.MatchPodFailurePolicy(&batchv1.PodFailurePolicy{Rules: rules}, pod)
	if match.Rule != 1 || match.Condition != &pod.Conditions[n] {
		t.Errorf("the match is %+v", match)
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("it took %s", took)
	}
}
