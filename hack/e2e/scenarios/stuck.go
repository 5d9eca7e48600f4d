package scenarios

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// Stuck are Jobs that do not move by themselves, or hardly. They are read while
// they have just come to it; who draws them lets the time pass.
func Stuck() []Scenario {
	ok := nodes.Outcome{}
	return []Scenario{
		{
			Name:  "node-lost",
			Shows: "the node of index 0 is lost: its pod is marked and deleted for the taint, nobody ends it, and podFailurePolicy has it not replaced before",
			Job: newJob("node-lost", 3, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](1)
				s.PodFailurePolicy = policy(onCondition(ignore, corev1.DisruptionTarget))
			}),
			Script: nodes.Plan{0: {{Runs: 2 * time.Second, End: nodes.Lose}}, 1: {long}}.Script,
			Until:  6 * time.Second,
			Want:   Want{Failed: ptr("")},
		},
		{
			Name:   "slow-runner",
			Shows:  "seven of eight indexes take a moment, index 5 goes on and on",
			Job:    newJob("slow-runner", 8, 8, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) }),
			Script: nodes.Plan{5: {long}}.Script,
			Until:  6 * time.Second,
			Want:   Want{Completed: "0-4,6,7", Failed: ptr("")},
		},
		{
			Name:  "restarts-in-place",
			Shows: "restartPolicy OnFailure with backoffLimitPerIndex and without backoffLimit: index 1 crashes over and over within its pod, which no limit ends",
			Job: newJob("restarts-in-place", 2, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](1)
				s.Template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
			}),
			Script: nodes.Plan{1: {after(time.Second, nodes.ExitCode(3))}}.Script,
			Until:  6 * time.Second,
			Want:   Want{Completed: "0", Failed: ptr("")},
		},
		{
			Name:  "disruptions-count",
			Shows: "no podFailurePolicy: evictions under node pressure count as any failure",
			Job:   newJob("disruptions-count", 3, 3, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) }),
			Script: nodes.Plan{
				0: {{End: nodes.NodePressure}, ok},
				1: {{End: nodes.NodePressure}, {End: nodes.NodePressure}},
			}.Script,
			Want: Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,2", Failed: ptr("1")},
		},
	}
}
