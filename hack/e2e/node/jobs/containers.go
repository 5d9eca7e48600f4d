//go:build linux

package jobs

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// containers are pods with more than main, and what the kubelet does with
// containers: probes and hooks.
func containers() []Scenario {
	return []Scenario{
		{
			Scenario: scenarios.Scenario{
				Name:  "slow-init",
				Shows: "an init container runs 15 s and exits 7: main never runs",
				Job:   newJob("slow-init", 1, "exit 0", initContainer("lock", `sleep 15; echo "no lock" >&2; exit 7`)),
				Want:  ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  exited(0, "lock", 7, "Error"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "sidecar-fails",
				Shows: "a native sidecar fails and is restarted while main runs, which exits 0: the pod succeeds",
				Job:   newJob("sidecar-fails", 1, "sleep 6; exit 0", sidecar("proxy", "sleep 1; exit 5")),
				Want:  ends(batchv1.JobReasonCompletionsReached, "0", ""),
			},
			Fates: Fates{0: "Succeeded/FirstAttempt"},
			Pods:  somePod("has a sidecar that restarted", 0, func(p *recording.Pod) bool { return p.Status.InitContainerStatuses[0].RestartCount > 0 }),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "sidecar-outlives",
				Shows: "main has ended, and a native sidecar does not obey: it keeps the pod for the grace period",
				Job: newJob("sidecar-outlives", 1, "sleep 1; exit 3", sidecar("proxy", `trap "" TERM; while :; do sleep 1; done`),
					onPod(func(p *corev1.PodSpec) { p.TerminationGracePeriodSeconds = ptr[int64](6) })),
				Want: ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Do: func(r *Run) error {
				if _, err := r.pods("main has ended", 1, func(pod *corev1.Pod) bool {
					return len(pod.Status.ContainerStatuses) > 0 && pod.Status.ContainerStatuses[0].State.Terminated != nil && pod.Status.Phase == corev1.PodRunning
				}); err != nil {
					return err
				}
				return r.Take("outlived")
			},
			Fates: Fates{0: limitExceeded},
			Pods:  all(exited(0, "main", 3, "Error"), exited(0, "proxy", 137, "")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "sidecar-wins-rule",
				Shows: "main exits 42, for which FailJob stands; the sidecar ends with 143, which is ignored and comes first",
				Job: newJob("sidecar-wins-rule", 2, index+`sleep 1; [ "$i$IGNORED" = 1 ] && exit 42; exit 0`, counts,
					sidecar("proxy", `trap "exit 143" TERM; while :; do sleep 1; done`),
					rules(onCodes(batchv1.PodFailurePolicyActionIgnore, 143), onCodes(batchv1.PodFailurePolicyActionFailJob, 42))),
				Want: ends(batchv1.JobReasonCompletionsReached, "0,1", ""),
			},
			Fates: Fates{0: "Succeeded/FirstAttempt", 1: "Succeeded/AfterIgnored"},
			Pods:  all(exited(1, "main", 42, "Error"), exited(1, "proxy", 143, "Error")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "liveness-probe",
				Shows: "the liveness probe fails: the kubelet kills the container",
				Job:   newJob("liveness-probe", 1, "sleep 300", onMain(func(c *corev1.Container) { c.LivenessProbe = failingProbe() })),
				Want:  ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  all(exited(0, "main", 137, "Error"), told("Unhealthy", "Liveness probe failed"), told("Killing", "")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "startup-probe",
				Shows: "the startup probe fails: the kubelet kills the container",
				Job:   newJob("startup-probe", 1, "sleep 300", onMain(func(c *corev1.Container) { c.StartupProbe = failingProbe() })),
				Want:  ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  all(exited(0, "main", 137, "Error"), told("Unhealthy", "Startup probe failed"), told("Killing", "")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "post-start-hook",
				Shows: "the postStart hook fails: the kubelet kills the container",
				Job: newJob("post-start-hook", 1, "sleep 300", onMain(func(c *corev1.Container) {
					c.Lifecycle = &corev1.Lifecycle{PostStart: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"false"}}}}
				})),
				Want: ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  all(exited(0, "main", 137, ""), told("FailedPostStartHook", "")),
		},
	}
}

func initContainer(name, script string) func(*batchv1.JobSpec) {
	return onPod(func(p *corev1.PodSpec) { p.InitContainers = append(p.InitContainers, container(name, script)) })
}

// sidecar is an init container that is restarted, and goes on beside main.
func sidecar(name, script string) func(*batchv1.JobSpec) {
	return onPod(func(p *corev1.PodSpec) {
		p.InitContainers = append(p.InitContainers, container(name, script, func(c *corev1.Container) {
			c.RestartPolicy = ptr(corev1.ContainerRestartPolicyAlways)
		}))
	})
}

func failingProbe() *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"false"}}},
		PeriodSeconds: 1, FailureThreshold: 2,
	}
}
