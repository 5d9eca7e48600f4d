//go:build linux

package jobs

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// policies are Jobs that decide, or are told to stop, while pods run.
func policies() []Scenario {
	return []Scenario{
		{
			Scenario: scenarios.Scenario{
				Name:  "fail-job",
				Shows: "a FailJob rule for code 13: index 1 takes the others down",
				Job: newJob("fail-job", 3, index+`sleep 2; [ $i = 1 ] && exit 13; `+lingers, retries(1),
					rules(onCodes(batchv1.PodFailurePolicyActionFailJob, 13))),
				Want: ends(batchv1.JobReasonPodFailurePolicy, "", ""),
			},
			Fates: Fates{0: "Stopped", 1: "Stopped/FailJobRule", 2: "Stopped"},
			Pods:  exited(1, "main", 13, "Error"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "success-policy",
				Shows: "index 1 is all that successPolicy asks for: the others are stopped",
				Job: newJob("success-policy", 3, index+`sleep 2; [ $i = 1 ] && exit 0; `+lingers, func(s *batchv1.JobSpec) {
					s.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededIndexes: ptr("1")}}}
				}),
				Want: ends(batchv1.JobReasonSuccessPolicy, "1", ""),
			},
			Fates: Fates{0: "Stopped", 1: "Succeeded/FirstAttempt", 2: "Stopped"},
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "suspended",
				Shows: "suspended while its pod runs, which ends by 143 and counts for nothing; after the resume it begins anew",
				Job:   newJob("suspended", 1, `trap "exit 143" TERM; sleep 6 & wait $!`),
				Want:  ends(batchv1.JobReasonCompletionsReached, "0", ""),
			},
			Do: func(r *Run) error {
				if _, err := r.running(1); err != nil {
					return err
				}
				if err := r.Change(map[string]any{"suspend": true}); err != nil {
					return err
				}
				if err := r.Wait("no pod is left", func(_ *batchv1.Job, pods []*corev1.Pod) bool { return len(pods) == 0 }); err != nil {
					return err
				}
				if err := r.Take("suspended"); err != nil {
					return err
				}
				return r.Change(map[string]any{"suspend": false})
			},
			Fates: Fates{0: "Succeeded"},
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "drained",
				Shows: "index 0 is evicted through the API, which a rule ignores",
				Job:   newJob("drained", 2, `trap "exit 143" TERM; sleep 6 & wait $!`, rules(ignoreDisruptions)),
				Want:  ends(batchv1.JobReasonCompletionsReached, "0,1", ""),
			},
			Do: func(r *Run) error {
				pods, err := r.running(2)
				if err != nil {
					return err
				}
				return r.Evict(of(0, pods)[0])
			},
			Fates: Fates{0: "Succeeded/AfterIgnored", 1: "Succeeded/FirstAttempt"},
			Pods:  disrupted(0, "EvictionByEvictionAPI", recording.DeletedByEviction),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "deleted",
				Shows: "a user deletes the pod of index 0, which takes its time and exits 0: it counts as a failure all the same",
				Job: newJob("deleted", 2, index+`[ $i = 1 ] && exit 0; [ $FAILED = 0 ] || exit 0; trap "sleep 4; exit 0" TERM; sleep 600 & wait $!`, counts, retries(1),
					onPod(func(p *corev1.PodSpec) { p.TerminationGracePeriodSeconds = ptr[int64](20) })),
				Want: ends(batchv1.JobReasonCompletionsReached, "0,1", ""),
			},
			Do: func(r *Run) error {
				pods, err := r.pods("index 0 runs", 1, func(pod *corev1.Pod) bool {
					return pod.Status.Phase == corev1.PodRunning && len(of(0, []*corev1.Pod{pod})) == 1
				})
				if err != nil {
					return err
				}
				if err := r.Delete(pods[0]); err != nil {
					return err
				}
				if _, err := r.pods("it is on its way out", 1, func(pod *corev1.Pod) bool { return pod.DeletionTimestamp != nil }); err != nil {
					return err
				}
				return r.Take("terminating")
			},
			Fates: Fates{0: "Succeeded", 1: "Succeeded/FirstAttempt"},
		},
	}
}
