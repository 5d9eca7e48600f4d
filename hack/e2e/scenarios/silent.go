package scenarios

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// What a Silent Job counts on: the controller stands still in between.
const (
	SilentFrom = 5 * time.Second
	SilentTo   = 12 * time.Second
)

// Silent are Jobs whose controller is stopped for a while, in which the pods go
// on: what the next sync will do is certain, and nobody does it.
func Silent(minor int) []Scenario {
	fails, later := nodes.ExitCode(1), nodes.Outcome{Runs: 7 * time.Second}
	moments := []time.Duration{10 * time.Second}
	return runnable([]Scenario{
		{
			Name:    "silent",
			Shows:   "the controller stands still: index 0 has succeeded and left a slot free, which nobody fills",
			Job:     newJob("silent", 3, 2, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) }),
			Script:  nodes.Plan{0: {later}, 1: {after(18*time.Second, nodes.Outcome{})}}.Script,
			Moments: moments,
			Want:    Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0-2", Failed: ptr("")},
		},
		{
			Name:  "silent-before-success",
			Since: 31, // successPolicy is on by default
			Shows: "the controller stands still: the success policy is met, while index 1 waits for its retry and 2 for a slot",
			Job: newJob("silent-before-success", 3, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](1)
				s.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededIndexes: ptr("0")}}}
			}),
			Script:  nodes.Plan{0: {later}, 1: {after(4*time.Second, fails)}}.Script,
			Moments: moments,
			Want:    Want{Reason: batchv1.JobReasonSuccessPolicy, Completed: "0", Failed: ptr("")},
		},
		{
			Name:  "silent-before-failure",
			Shows: "the controller stands still: index 0 has exited 42, which a rule fails the Job for, while index 1 waits for its retry and 2 for a slot",
			Job: newJob("silent-before-failure", 3, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](1)
				s.PodFailurePolicy = policy(onExitCodes(failJob, "main", in, 42))
			}),
			Script:  nodes.Plan{0: {after(7*time.Second, nodes.ExitCode(42))}, 1: {after(4*time.Second, fails)}}.Script,
			Moments: moments,
			Want:    Want{Reason: batchv1.JobReasonPodFailurePolicy, Failed: ptr("")},
		},
	}, minor)
}
