package scenarios

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// configIssue is the condition of the documents' own example.
const configIssue corev1.PodConditionType = "ConfigIssue"

// Documents are the Jobs that Kubernetes' own documents describe, (a) to (d),
// and the two outcomes that they only tell of, (e) and (f).
func Documents() []Scenario {
	ok, fails, long := nodes.Outcome{}, nodes.ExitCode(1), nodes.Outcome{Runs: time.Minute}
	return []Scenario{
		{
			Name:  "a-two-indexes-fail",
			Shows: "backoffLimitPerIndex 1: indexes 1 and 2 exit 1 at every attempt and fail, the others go on and succeed",
			Job: newJob("two-indexes-fail", 10, 3, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.MaxFailedIndexes = ptr[int32](1), ptr[int32](5)
			}),
			Script:  nodes.Plan{1: {fails}, 2: {fails}}.Script,
			Moments: []time.Duration{6 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,3-9", Failed: ptr("1,2")},
		},
		{
			Name:  "b-fail-index-rule",
			Shows: "FailIndex on exit code 42: index 2 fails at its first attempt, index 1 exits 1 until its limit",
			Job: newJob("fail-index-rule", 10, 3, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.MaxFailedIndexes = ptr[int32](1), ptr[int32](5)
				s.PodFailurePolicy = policy(
					onCondition(batchv1.PodFailurePolicyActionIgnore, corev1.DisruptionTarget),
					onExitCodes(batchv1.PodFailurePolicyActionFailIndex, "", batchv1.PodFailurePolicyOnExitCodesOpIn, 42))
			}),
			Script:  nodes.Plan{1: {fails}, 2: {nodes.ExitCode(42)}}.Script,
			Moments: []time.Duration{6 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,3-9", Failed: ptr("1,2")},
		},
		{
			Name:  "c-preempted-failed-retried",
			Shows: "ten at once: index 7 is preempted and then fine, 2 exits 42, 6 fails once, 1 fails twice",
			Job:   newJob("preempted-failed-retried", 10, 10, perIndexWithPolicy),
			Script: nodes.Plan{
				1: {fails},
				2: {nodes.ExitCode(42)},
				6: {fails, ok},
				7: {{End: nodes.Preempt}, ok},
			}.Script,
			Moments: []time.Duration{6 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,3-9", Failed: ptr("1,2")},
		},
		{
			Name:  "d-fail-job-rule",
			Shows: "FailJob on exit code 42 of container main: index 4 ends the Job while others run; index 1 was preempted before, which is ignored",
			Job: newJob("fail-job-rule", 10, 4, func(s *batchv1.JobSpec) {
				s.BackoffLimit = ptr[int32](3)
				s.PodFailurePolicy = policy(
					onCondition(batchv1.PodFailurePolicyActionIgnore, corev1.DisruptionTarget),
					onCondition(batchv1.PodFailurePolicyActionFailJob, configIssue),
					onExitCodes(batchv1.PodFailurePolicyActionFailJob, "main", batchv1.PodFailurePolicyOnExitCodesOpIn, 42))
			}),
			Script: nodes.Plan{
				// After the first successes, so that its failure delays all creations.
				1: {after(2*time.Second, nodes.Outcome{End: nodes.Preempt}), ok},
				3: {long},
				4: {after(14*time.Second, nodes.ExitCode(42))},
				5: {long}, 6: {long},
			}.Script,
			Moments: []time.Duration{6 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonPodFailurePolicy, Completed: "0-2"},
		},
		{
			Name:  "e-backoff-limit-exceeded",
			Shows: "as (a) without backoffLimitPerIndex: the third failure of all ends the Job, and indexes from 4 on are never started",
			Job:   newJob("backoff-limit-exceeded", 10, 3, func(s *batchv1.JobSpec) { s.BackoffLimit = ptr[int32](2) }),
			// The two failures after the last success delay all creations by 20 s.
			Script:  nodes.Plan{1: {after(2*time.Second, fails), fails}, 2: {after(2*time.Second, fails), long}, 3: {long}}.Script,
			Moments: []time.Duration{6 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonBackoffLimitExceeded, Completed: "0"},
		},
		{
			Name:  "f-max-failed-indexes-exceeded",
			Shows: "as (c) with six of ten indexes failing: the sixth ends the Job while 8 and 9 run and 7 waits for its retry",
			Job:   newJob("max-failed-indexes-exceeded", 10, 10, perIndexWithPolicy),
			Script: nodes.Plan{
				1: {nodes.ExitCode(42)}, 2: {nodes.ExitCode(42)}, 3: {nodes.ExitCode(42)},
				4: {fails}, 5: {fails},
				6: {after(17*time.Second, nodes.ExitCode(42))},
				7: {after(10*time.Second, fails), ok},
				8: {long}, 9: {long},
			}.Script,
			Moments: []time.Duration{14 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonMaxFailedIndexesExceeded, Completed: "0", Failed: ptr("1-6")},
		},
	}
}

func perIndexWithPolicy(s *batchv1.JobSpec) {
	s.BackoffLimitPerIndex, s.MaxFailedIndexes = ptr[int32](1), ptr[int32](5)
	s.PodFailurePolicy = policy(
		onCondition(batchv1.PodFailurePolicyActionIgnore, corev1.DisruptionTarget),
		onExitCodes(batchv1.PodFailurePolicyActionFailIndex, "", batchv1.PodFailurePolicyOnExitCodesOpIn, 42))
}
