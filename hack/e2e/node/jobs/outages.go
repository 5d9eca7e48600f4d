//go:build linux

package jobs

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// outages are of the node itself. Each leaves it as it was.
func outages() []Scenario {
	return []Scenario{
		{
			Scenario: scenarios.Scenario{
				Name:  "kubelet-restarted",
				Shows: "the kubelet is killed and started again: index 0 has exited 3 meanwhile, 1 goes on",
				Job:   newJob("kubelet-restarted", 2, index+`[ $i = 0 ] && sleep 3 && exit 3; sleep 8`),
				Want:  ends(batchv1.JobReasonFailedIndexes, "1", "0"),
			},
			Do: func(r *Run) error {
				if _, err := r.running(2); err != nil {
					return err
				}
				r.Tape.Did("kill the kubelet")
				r.Stage.Node.KillKubelet()
				if err := r.Sleep(4 * time.Second); err != nil {
					return err
				}
				r.Tape.Did("start the kubelet")
				return r.Stage.Node.StartKubelet(r.Ctx)
			},
			Fates: Fates{0: limitExceeded, 1: "Succeeded/FirstAttempt"},
			Pods:  exited(0, "main", 3, "Error"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "unreachable",
				Shows: "the node does not report any more: its pod is marked and deleted, and ends only when it is back; a rule ignores that",
				Job:   newJob("unreachable", 1, `[ -z "$IGNORED" ] || exit 0; `+lingers, counts, rules(ignoreDisruptions)),
				Want:  ends(batchv1.JobReasonCompletionsReached, "0", ""),
			},
			Do: func(r *Run) error {
				if _, err := r.running(1); err != nil {
					return err
				}
				r.Tape.Did("kill the kubelet")
				r.Stage.Node.KillKubelet()
				if _, err := r.pods("it is deleted", 1, func(pod *corev1.Pod) bool { return pod.DeletionTimestamp != nil }); err != nil {
					return err
				}
				if err := r.Sleep(3 * time.Second); err != nil { // beyond its deadline
					return err
				}
				if err := r.Take("lost"); err != nil {
					return err
				}
				r.Tape.Did("start the kubelet")
				return r.Stage.Node.StartKubelet(r.Ctx)
			},
			Fates: Fates{0: "Succeeded/AfterIgnored"},
			Pods:  disrupted(0, "DeletionByTaintManager", recording.DeletedByTaint),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "crashed",
				Shows: "the node crashes and boots: of the container that ran nobody knows how it ended; its index is tried again",
				Job:   newJob("crashed", 1, `[ $FAILED = 0 ] || exit 0; `+lingers, counts, retries(1)),
				Want:  ends(batchv1.JobReasonCompletionsReached, "0", ""),
			},
			Do: func(r *Run) error {
				if _, err := r.running(1); err != nil {
					return err
				}
				r.Tape.Did("crash the node")
				if err := r.Stage.Node.Crash(); err != nil {
					return err
				}
				r.Tape.Did("boot the node")
				return r.Stage.Node.Boot(r.Ctx)
			},
			Fates: Fates{0: "Succeeded/AfterRetries"},
			Pods:  either(exited(0, "main", 255, ""), exited(0, "main", 137, "")),
		},
	}
}
