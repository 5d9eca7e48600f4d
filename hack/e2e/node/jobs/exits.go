//go:build linux

package jobs

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
)

const limitExceeded = "Failed/BackoffLimitPerIndexExceeded"

// exits are containers that end in some way of their own.
func exits() []Scenario {
	return []Scenario{
		{
			Scenario: scenarios.Scenario{
				Name:  "exit-codes",
				Shows: "exit codes 1, 42 and 255, and one index that succeeds",
				Job:   newJob("exit-codes", 4, index+`sleep 1; case $i in 0) exit 1;; 1) echo "cannot open shard" >&2; exit 42;; 2) exit 255;; esac`),
				Want:  ends(batchv1.JobReasonFailedIndexes, "3", "0-2"),
			},
			Fates: Fates{0: limitExceeded, 1: limitExceeded, 2: limitExceeded, 3: "Succeeded/FirstAttempt"},
			Pods:  all(exited(0, "main", 1, "Error"), exited(1, "main", 42, "Error"), exited(2, "main", 255, "Error")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "signal",
				Shows: "a process dies of a signal: its shell tells, by code 139 for SIGSEGV and 134 for SIGABRT",
				Job:   newJob("signal", 2, index+`case $i in 0) s=SEGV;; 1) s=ABRT;; esac; sh -c "kill -$s \$\$"; exit $?`),
				Want:  ends(batchv1.JobReasonFailedIndexes, "", "0,1"),
			},
			Fates: Fates{0: limitExceeded, 1: limitExceeded},
			Pods:  all(exited(0, "main", 139, ""), exited(1, "main", 134, "")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "out-of-memory",
				Shows: "index 0's main process is killed for its memory limit; of index 1 it is a child, whose shell goes on and exits 3",
				Job: newJob("out-of-memory", 2, index+`eat="dd if=/dev/zero of=/dev/null bs=200M count=1"; [ $i = 0 ] && exec $eat; $eat; exit 3`,
					limits(map[corev1.ResourceName]string{corev1.ResourceMemory: "32Mi"})),
				Want: ends(batchv1.JobReasonFailedIndexes, "", "0,1"),
			},
			Fates: Fates{0: limitExceeded, 1: limitExceeded},
			// Whether the runtime tells of a child depends on when it looks.
			Pods: all(exited(0, "main", 137, "OOMKilled"), exited(1, "main", 3, "")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "start-error",
				Shows: "a program that does not exist: the container cannot be started",
				Job:   newJob("start-error", 1, "", onMain(func(c *corev1.Container) { c.Command = []string{"/no/such/program"} })),
				Want:  ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  exited(0, "main", 128, "StartError"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "termination-message",
				Shows: "index 0 writes its last words to /dev/termination-log, those of 1 are taken from its log",
				Job: newJob("termination-message", 2, index+`[ $i = 0 ] && echo "disk is full: /data" > /dev/termination-log; echo reading; echo "panic: boom"; exit 6`,
					onMain(func(c *corev1.Container) {
						c.TerminationMessagePolicy = corev1.TerminationMessageFallbackToLogsOnError
					})),
				Want: ends(batchv1.JobReasonFailedIndexes, "", "0,1"),
			},
			Fates: Fates{0: limitExceeded, 1: limitExceeded},
			Pods:  all(lastWords(0, "disk is full: /data"), lastWords(1, "panic: boom")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "pod-deadline",
				Shows: "activeDeadlineSeconds of the pod, not of the Job: the kubelet ends it",
				Job:   newJob("pod-deadline", 1, lingers, onPod(func(p *corev1.PodSpec) { p.ActiveDeadlineSeconds = ptr[int64](3) })),
				Want:  ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  said(0, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "pod-deadline-no-image",
				Shows: "activeDeadlineSeconds of the pod passes while its image cannot be pulled: the kubelet makes up code 137 for a container that never ran",
				Job: newJob("pod-deadline-no-image", 1, "exit 0", onPod(func(p *corev1.PodSpec) {
					p.ActiveDeadlineSeconds, p.Containers[0].Image = ptr[int64](5), "e2e.local/missing:1"
				})),
				Want: ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  all(said(0, "DeadlineExceeded", ""), exited(0, "main", 137, "")),
		},
	}
}
