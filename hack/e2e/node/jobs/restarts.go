//go:build linux

package jobs

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
)

// failsOnce leaves a mark where the next run of the container finds it.
const failsOnce = `[ -f /scratch/once ] && exit 0; touch /scratch/once; exit 42`

// restarts are containers that run again in their pod.
func restarts() []Scenario {
	return []Scenario{
		{
			Scenario: scenarios.Scenario{
				Name:  "on-failure",
				Shows: "restartPolicy OnFailure: the container fails once and then succeeds, in one pod",
				Job:   newJob("on-failure", 2, failsOnce, scratch(""), onFailure(6)),
				Want:  endsWhole(batchv1.JobReasonCompletionsReached, "0,1"),
			},
			Fates: Fates{0: "Succeeded", 1: "Succeeded"},
			Pods:  exited(0, "main", 42, "Error"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "on-failure-limit",
				Shows: "restartPolicy OnFailure: index 1 fails more often than backoffLimit allows",
				Job:   newJob("on-failure-limit", 2, index+`[ $i = 1 ] && exit 3; sleep 600`, onFailure(2)),
				Want:  endsWhole(batchv1.JobReasonBackoffLimitExceeded, ""),
			},
			Do: func(r *Run) error {
				if _, err := r.pods("it has restarted", 1, restarted(1)); err != nil {
					return err
				}
				return r.Take("restarted")
			},
			Fates: Fates{0: "Stopped", 1: "Stopped"},
			Pods:  exited(1, "main", 3, "Error"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "crash-loop",
				Shows: "restartPolicy OnFailure: the container fails again and again, and the kubelet waits before it starts it anew",
				Job:   newJob("crash-loop", 1, `echo "bad config"; exit 1`, onFailure(6)),
				Until: 20 * time.Second,
				Want:  endsWhole("", ""),
			},
			Do: func(r *Run) error {
				if _, err := r.pods("it waits in CrashLoopBackOff", 1, isWaiting("CrashLoopBackOff")); err != nil {
					return err
				}
				return r.Take("waiting")
			},
			Fates: Fates{0: "Running|Pending"},
			Pods:  exited(0, "main", 1, "Error"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "restart-rules",
				Shows: "restartPolicy Never, and a rule of the container that restarts it on 42",
				Job: newJob("restart-rules", 1, failsOnce, scratch(""), onMain(func(c *corev1.Container) {
					c.RestartPolicy = ptr(corev1.ContainerRestartPolicyNever)
					c.RestartPolicyRules = []corev1.ContainerRestartRule{{
						Action:    corev1.ContainerRestartRuleActionRestart,
						ExitCodes: &corev1.ContainerRestartRuleOnExitCodes{Operator: corev1.ContainerRestartRuleOnExitCodesOpIn, Values: []int32{42}},
					}}
				})),
				Want: ends(batchv1.JobReasonCompletionsReached, "0", ""),
			},
			Fates: Fates{0: "Succeeded/FirstAttempt"},
			Pods:  exited(0, "main", 42, "Error"),
		},
	}
}
