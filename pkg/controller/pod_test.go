package controller_test

import (
	"math"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// What each state of a pod is to the controller; hack/oracle holds the same
// against its own functions.
func TestStatesOfAPod(t *testing.T) {
	type state struct{ failed, failedIfOnlyFailedAreReplaced, active, terminating, succeeded bool }
	unknown := func(pod *evidence.Attempt) { pod.Phase = corev1.PodUnknown }
	for _, test := range []struct {
		name string
		pod  *evidence.Attempt
		want state
	}{
		{"waits", aPod(0, 0, waits), state{active: true}},
		{"runs", aPod(0, 0), state{active: true}},
		{"in phase Unknown", aPod(0, 0, unknown), state{active: true}},
		{"succeeded", aPod(0, 0, succeeded(5)), state{succeeded: true}},
		{"failed", aPod(0, 0, exited(1, 5)), state{failed: true, failedIfOnlyFailedAreReplaced: true}},
		{"on its way out", aPod(0, 0, deleted(5)), state{failed: true, terminating: true}},
		{"succeeded on its way out", aPod(0, 0, succeeded(9), deleted(5)), state{succeeded: true}},
		{"failed on its way out", aPod(0, 0, exited(143, 9), deleted(5)), state{failed: true, failedIfOnlyFailedAreReplaced: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			pod := aState(aJob(1), test.pod).Pods[0]
			got := state{
				failed: pod.Failed, failedIfOnlyFailedAreReplaced: controller.IsPodFailed(aJob(1, onlyReplaceFailed), test.pod),
				active: pod.Active, terminating: pod.Terminating, succeeded: pod.Succeeded(),
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAPodFailurePolicyReplacesFailedPodsOnly(t *testing.T) {
	job := aJob(1)
	if job.Spec.PodReplacementPolicy = ptr.To(batchv1.TerminatingOrFailed); controller.OnlyReplaceFailedPods(job) {
		t.Error("pods on their way out are replaced")
	}
	// Where the field is switched off, the policy alone says so.
	job.Spec.PodReplacementPolicy, job.Spec.PodFailurePolicy = nil, &batchv1.PodFailurePolicy{}
	if !controller.OnlyReplaceFailedPods(job) {
		t.Error("a podFailurePolicy waits for the phase")
	}
}

// TestSum: counts in a file may be any, and none becomes another by being added.
func TestSum(t *testing.T) {
	for _, test := range []struct{ a, b, want int32 }{
		{1, 2, 3}, {math.MaxInt32, 1, math.MaxInt32}, {math.MaxInt32, math.MaxInt32, math.MaxInt32}, {math.MinInt32, -1, math.MinInt32},
	} {
		if got := controller.Sum(test.a, test.b); got != test.want {
			t.Errorf("%d and %d are %d", test.a, test.b, got)
		}
	}
	attempt := evidence.Attempt{}
	attempt.Containers = []evidence.Container{{Restarts: math.MaxInt32}, {Restarts: math.MaxInt32}}
	var pod controller.Pod
	controller.NewReckoner(&batchv1.Job{}, controller.Rules{}).Reckon(&attempt, &pod)
	if pod.Restarts != math.MaxInt32 {
		t.Errorf("%d restarts", pod.Restarts)
	}
}
