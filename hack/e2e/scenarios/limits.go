package scenarios

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// Limits are Jobs that a limit ends.
func Limits() []Scenario {
	return []Scenario{
		{
			Name:  "deadline",
			Shows: "activeDeadlineSeconds 6 passes while index 0 runs, 1 waits for its retry, 2 has failed and 3 has succeeded",
			Job: newJob("deadline", 4, 4, func(s *batchv1.JobSpec) {
				s.ActiveDeadlineSeconds, s.BackoffLimitPerIndex = ptr[int64](6), ptr[int32](1)
				s.PodFailurePolicy = policy(onExitCodes(batchv1.PodFailurePolicyActionFailIndex, "main", batchv1.PodFailurePolicyOnExitCodesOpIn, 42))
			}),
			Script:  nodes.Plan{0: {long}, 1: {nodes.ExitCode(1)}, 2: {nodes.ExitCode(42)}}.Script,
			Moments: []time.Duration{3 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonDeadlineExceeded, Completed: "3", Failed: ptr("2")},
		},
		{
			Name:  "deadline-cuts-all",
			Shows: "the deadline finds index 0 running, 1 without its image, 2 deleted by somebody and on its way out, 3 in backoff and 4 without a slot",
			Job: newJob("deadline-cuts-all", 5, 4, func(s *batchv1.JobSpec) {
				s.ActiveDeadlineSeconds, s.BackoffLimitPerIndex = ptr[int64](6), ptr[int32](1)
				s.PodReplacementPolicy = ptr(batchv1.Failed)
			}),
			Script: nodes.Plan{
				0: {{End: nodes.Hang, Termination: 8 * time.Second}},
				1: {{ImagePullBackOff: nodes.Forever, Termination: 8 * time.Second}},
				2: {{Runs: 3 * time.Second, End: nodes.Delete, Termination: 11 * time.Second}},
				3: {nodes.ExitCode(1)},
			}.Script,
			Moments: []time.Duration{9 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonDeadlineExceeded, Failed: ptr("")},
		},
		{
			Name:    "max-failed-indexes-zero",
			Differs: true,
			Shows:   "maxFailedIndexes 0: the first failed index ends the Job, although its limit is a single attempt's",
			Job: newJob("max-failed-indexes-zero", 3, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.MaxFailedIndexes = ptr[int32](0), ptr[int32](0)
			}),
			Script: nodes.Plan{0: {nodes.ExitCode(3)}, 1: {long}}.Script,
			Want:   Want{Reason: batchv1.JobReasonMaxFailedIndexesExceeded, Failed: ptr("0")},
		},
		{
			Name:  "max-failed-indexes-lowered",
			Shows: "one index has failed, two are allowed; somebody lowers maxFailedIndexes to 0, which ends the Job without a new failure",
			Job: newJob("max-failed-indexes-lowered", 3, 3, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.MaxFailedIndexes = ptr[int32](0), ptr[int32](2)
			}),
			Script: nodes.Plan{1: {nodes.ExitCode(1)}, 2: {long}}.Script,
			Act: func(r *Run) error {
				if err := r.Wait("an index has failed", hasFailedIndexes); err != nil {
					return err
				}
				return r.Change(map[string]any{"maxFailedIndexes": 0})
			},
			Want: Want{Reason: batchv1.JobReasonMaxFailedIndexesExceeded, Completed: "0", Failed: ptr("1")},
		},
		{
			Name:  "backoff-limit-beside-per-index",
			Shows: "backoffLimit 1 counts the failures of all indexes, also with backoffLimitPerIndex 5: no index has failed when it ends the Job",
			Job: newJob("backoff-limit-beside-per-index", 4, 3, func(s *batchv1.JobSpec) {
				s.BackoffLimit, s.BackoffLimitPerIndex = ptr[int32](1), ptr[int32](5)
			}),
			Script: nodes.Plan{0: {nodes.ExitCode(1)}, 1: {after(3*time.Second, nodes.ExitCode(1))}, 2: {long}}.Script,
			Want:   Want{Reason: batchv1.JobReasonBackoffLimitExceeded, Failed: ptr("")},
		},
		{
			Name:  "on-failure-restarts",
			Shows: "restartPolicy OnFailure: restarts inside the pods of all indexes count towards backoffLimit 3, no pod ever fails by itself",
			Job: newJob("on-failure-restarts", 3, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimit = ptr[int32](3)
				s.Template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
			}),
			Script:  nodes.Plan{0: {{Restarts: 1, Runs: 5 * time.Second}}, 1: {after(3*time.Second, nodes.ExitCode(2))}}.Script,
			Moments: []time.Duration{4 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonBackoffLimitExceeded},
		},
		{
			Name:  "on-failure-per-index",
			Shows: "restartPolicy OnFailure with backoffLimitPerIndex 1: restarts in place cost nothing, evictions of the pod do",
			Job: newJob("on-failure-per-index", 2, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex = ptr[int32](1)
				s.Template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
			}),
			Script: nodes.Plan{
				0: {{Restarts: 3}},
				1: {{Restarts: 1, End: nodes.EphemeralStorage}},
			}.Script,
			Want: Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0", Failed: ptr("1")},
		},
		{
			Name:    "all-succeed",
			Differs: true,
			Shows:   "nothing fails",
			Job:     newJob("all-succeed", 3, 2, nil),
			Want:    Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0-2"},
		},
		{
			Name:  "no-completions",
			Shows: "completions 0: complete at once",
			Job:   newJob("no-completions", 0, 1, nil),
			Want:  Want{Reason: batchv1.JobReasonCompletionsReached},
		},
	}
}

// long outlives its Job.
var long = nodes.Outcome{Runs: time.Hour}

func hasFailedIndexes(job *batchv1.Job, _ []*corev1.Pod) bool {
	return job.Status.FailedIndexes != nil && *job.Status.FailedIndexes != ""
}
