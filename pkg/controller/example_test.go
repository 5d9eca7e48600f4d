package controller_test

import (
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Index 0 failed ten seconds ago for the second time, index 1 runs, index 2
// has succeeded, and nothing of that is in the status yet.
func exampleState() controller.State {
	job := aJob(4, perIndex(1), parallelism(3), maxFailedIndexes(2), active(3))
	rules := controller.Rules{Minor: controller.Newest}
	return controller.State{
		Job: job, Now: at(100), Rules: rules,
		Pods: controller.NewReckoner(job, rules).Pods([]*evidence.Attempt{
			aPod(0, 30, named("j-0-second"), born(1, 0), exited(1, 90)),
			aPod(1, 0, named("j-1-first")),
			aPod(2, 0, named("j-2-first"), succeeded(95)),
		}),
	}
}

func ExampleSync() {
	outcome := controller.Sync(exampleState())
	fmt.Printf("completedIndexes %q, failedIndexes %q\n", outcome.Succeeded, outcome.Failed)
	for _, pod := range outcome.Created {
		fmt.Printf("creates index %d, born with %d failures\n", pod.Index, pod.Counts.Counted)
	}
	for _, pod := range outcome.Taken {
		fmt.Println("accounts for", pod.Name)
	}
	fmt.Printf("status: active %d, failed %d\n", outcome.Second.Active, outcome.Second.Failed)
	// Output:
	// completedIndexes "2", failedIndexes "0"
	// creates index 3, born with 0 failures
	// accounts for j-0-second
	// accounts for j-2-first
	// status: active 2, failed 1
}

// What if another limit were set? The pods are reckoned anew, since a limit
// decides what becomes of each.
func ExampleSync_anotherLimit() {
	state := exampleState()
	state.Job = state.Job.DeepCopy()
	state.Job.Spec.BackoffLimitPerIndex = ptr.To(int32(3))
	var attempts []*evidence.Attempt
	for _, pod := range state.Pods {
		attempts = append(attempts, pod.Attempt)
	}
	state.Pods = controller.NewReckoner(state.Job, state.Rules).Pods(attempts)

	outcome := controller.Sync(state)
	fmt.Printf("failedIndexes %q\n", outcome.Failed)
	for _, pod := range outcome.Delayed {
		fmt.Printf("index %d is retried in %s\n", pod.Index, pod.RetryTime().Sub(state.Now))
	}
	// Output:
	// failedIndexes ""
	// index 0 is retried in 10s
}

// What if a pod had not failed? Sync over the pods without it.
func ExampleSync_withoutAPod() {
	state := exampleState()
	state.Job.Spec.MaxFailedIndexes = ptr.To(int32(0))
	fmt.Println(controller.Sync(state).Criteria[0].Reason)

	state.Pods = slices.DeleteFunc(state.Pods, func(pod *controller.Pod) bool { return pod.Name == "j-0-second" })
	fmt.Println(len(controller.Sync(state).Criteria))
	// Output:
	// MaxFailedIndexesExceeded
	// 0
}

// Two pods match a FailJob rule: the message may name either.
func ExampleCriterion() {
	job := aJob(2, policy(failJobOn42))
	outcome := controller.Sync(aState(job, aPod(0, 0, named("a"), exited(42, 90)), aPod(1, 0, named("b"), exited(42, 90))))
	for _, criterion := range outcome.Criteria {
		fmt.Print(criterion.Reason, ":")
		for _, pod := range criterion.Pods {
			fmt.Print(" ", pod.Name)
		}
		fmt.Println()
	}
	fmt.Println(outcome.First.Conditions[0].Type == batchv1.JobFailureTarget)
	// Output:
	// PodFailurePolicy: a b
	// true
}
