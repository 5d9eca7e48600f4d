package scenarios

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

const (
	count     = batchv1.PodFailurePolicyActionCount
	failIndex = batchv1.PodFailurePolicyActionFailIndex
	failJob   = batchv1.PodFailurePolicyActionFailJob
	ignore    = batchv1.PodFailurePolicyActionIgnore

	in    = batchv1.PodFailurePolicyOnExitCodesOpIn
	notIn = batchv1.PodFailurePolicyOnExitCodesOpNotIn
)

// Policies are Jobs whose fate a podFailurePolicy or a successPolicy decides.
func Policies() []Scenario {
	ok, fails := nodes.Outcome{}, nodes.ExitCode(1)
	ignoreDisruptions := onCondition(ignore, corev1.DisruptionTarget)
	return []Scenario{
		{
			Name:  "disruptions",
			Shows: "what is a disruption and what is none: node pressure and a drain are ignored; eviction over the pod's own storage limit, an OOM kill and a refusal at admission count",
			Job: newJob("disruptions", 5, 5, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.PodFailurePolicy = ptr[int32](0), policy(ignoreDisruptions)
			}),
			Script: nodes.Plan{
				0: {{End: nodes.NodePressure}, ok},
				1: {{End: nodes.Drain}, ok},
				2: {{End: nodes.EphemeralStorage}},
				3: {{OOMKilled: "main"}},
				4: {{End: nodes.Refuse}},
			}.Script,
			Moments: []time.Duration{5 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,1", Failed: ptr("2-4")},
		},
		{
			Name:  "ignored-and-counted",
			Shows: "index 0 exits 5, 1 and 5 of which Ignore matches 5: both kinds lengthen its backoff, one counts",
			Job: newJob("ignored-and-counted", 1, 1, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.PodFailurePolicy = ptr[int32](1), policy(onExitCodes(ignore, "", in, 5))
			}),
			Script:  nodes.Plan{0: {nodes.ExitCode(5), fails, ok}}.Script,
			Moments: []time.Duration{4 * time.Second, 20 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0", Failed: ptr("")},
		},
		{
			Name:  "count-before-fail-job",
			Shows: "Count on a disruption stands before FailJob on any exit code, so that a preempted pod does not end the Job; then exit code 7 does",
			Job: newJob("count-before-fail-job", 3, 3, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](1)
				s.PodFailurePolicy = policy(onCondition(count, corev1.DisruptionTarget), onExitCodes(failJob, "", notIn, 0))
			}),
			Script: nodes.Plan{0: {{End: nodes.Preempt}, ok}, 1: {after(6*time.Second, nodes.ExitCode(7))}, 2: {long}}.Script,
			Want:   Want{Reason: batchv1.JobReasonPodFailurePolicy, Failed: ptr("")},
		},
		{
			Name:  "fail-job-by-condition",
			Shows: "a custom condition matches FailJob; with backoffLimitPerIndex 0 the index is in failedIndexes as well",
			Job: newJob("fail-job-by-condition", 3, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.PodFailurePolicy = ptr[int32](0), policy(ignoreDisruptions, onCondition(failJob, configIssue))
			}),
			Script: nodes.Plan{1: {{
				Runs: 2 * time.Second, Exits: map[string]int32{"main": 1},
				Conditions: []corev1.PodCondition{{Type: configIssue, Status: corev1.ConditionTrue, Reason: "NoSuchFile"}},
			}}, 2: {long}}.Script,
			Want: Want{Reason: batchv1.JobReasonPodFailurePolicy, Completed: "0", Failed: ptr("1")},
		},
		{
			Name:  "sidecar-exit-codes",
			Shows: "main exits 42 and its sidecar 143: the rule without containerName, Ignore on 143, matches the sidecar before FailIndex gets to see main; exit code 43 of main is matched by name",
			Job: newJob("sidecar-exit-codes", 3, 3, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](1)
				s.PodFailurePolicy = policy(
					onExitCodes(failIndex, "main", in, 43),
					onExitCodes(ignore, "", in, 143),
					onExitCodes(failIndex, "", in, 42))
				s.Template.Spec.InitContainers = []corev1.Container{{
					Name: "proxy", Image: "example.com/proxy:1", RestartPolicy: ptr(corev1.ContainerRestartPolicyAlways),
				}}
			}),
			Script: nodes.Plan{
				0: {{Exits: map[string]int32{"main": 42, "proxy": 143}}, ok},
				1: {{Exits: map[string]int32{"main": 43, "proxy": 143}}},
				2: {{Exits: map[string]int32{"proxy": 137}}},
			}.Script,
			Want: Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,2", Failed: ptr("1")},
		},
		{
			Name:  "init-container-fails",
			Shows: "an init container fails the pod before main ever runs",
			Job: newJob("init-container-fails", 2, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.PodFailurePolicy = ptr[int32](1), policy(onExitCodes(failIndex, "fetch", in, 9))
				s.Template.Spec.InitContainers = []corev1.Container{{Name: "fetch", Image: "example.com/fetch:1"}}
			}),
			Script: nodes.Plan{1: {{Exits: map[string]int32{"fetch": 9}}}}.Script,
			Want:   Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0", Failed: ptr("1")},
		},
		{
			Name:    "success-policy",
			Since:   31, // successPolicy is on by default
			Differs: true,
			Shows:   "successPolicy: two of indexes 0-2 are enough; 2 has failed, 3 still runs, 4 never started",
			Job: newJob("success-policy", 5, 4, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](0)
				s.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{
					{SucceededIndexes: ptr("3,4")},
					{SucceededIndexes: ptr("0-2"), SucceededCount: ptr[int32](2)},
				}}
			}),
			Script: nodes.Plan{
				0: {after(3*time.Second, ok)}, 1: {after(3*time.Second, ok)},
				2: {after(3*time.Second, fails)}, 3: {long},
			}.Script,
			Want: Want{Reason: batchv1.JobReasonSuccessPolicy, Completed: "0,1", Failed: ptr("2")},
		},
		{
			Name:  "succeeding",
			Since: 31, // successPolicy is on by default
			Shows: "the success policy is met while index 1 runs, whose pod takes long to terminate: Succeeding until it is gone",
			Job: newJob("succeeding", 3, 2, func(s *batchv1.JobSpec) {
				s.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededCount: ptr[int32](1)}}}
			}),
			Script:  nodes.Plan{1: {{End: nodes.Hang, Termination: 8 * time.Second}}}.Script,
			Moments: []time.Duration{4 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonSuccessPolicy, Completed: "0"},
		},
		{
			Name:    "failing",
			Differs: true,
			Shows:   "FailJob is decided while index 1 runs, whose pod takes long to terminate and then exits 0: Failing until it is gone, and index 1 is not completed",
			Job: newJob("failing", 4, 3, func(s *batchv1.JobSpec) {
				s.PodFailurePolicy = policy(onExitCodes(failJob, "main", in, 42))
			}),
			Script: nodes.Plan{
				1: {{End: nodes.Hang, Termination: 8 * time.Second, OnTerminate: nodes.ExitZero}},
				2: {after(2*time.Second, nodes.ExitCode(42))},
				3: {long},
			}.Script,
			Moments: []time.Duration{6 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonPodFailurePolicy, Completed: "0"},
		},
		{
			Name:  "events-fold",
			Shows: "sixteen of twenty indexes run at once when one ends the Job: the events fold after ten, and the killed pods are gone",
			Job: newJob("events-fold", 20, 16, func(s *batchv1.JobSpec) {
				s.PodFailurePolicy = policy(onExitCodes(failJob, "main", in, 42))
			}),
			Script: func(index, _ int) nodes.Outcome {
				if index == 3 {
					return after(4*time.Second, nodes.ExitCode(42))
				}
				return long
			},
			Want: Want{Reason: batchv1.JobReasonPodFailurePolicy},
		},
	}
}
