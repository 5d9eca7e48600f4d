package replay

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// restartsOf a container; that it was lost is none, though a kubelet counts it
// (convertToAPIContainerStatuses in kubelet_pods.go, v1.37.2).
func restartsOf(c *evidence.Container) int32 {
	if c.LastTerminated != nil && c.LastTerminated.Reason == reasonStatusUnknown {
		return max(0, c.Restarts-1)
	}
	return c.Restarts
}

// mostRestarted is the container of a pod that restarted most often, nil where none
// did.
func mostRestarted(pod *podFacts) *evidence.Container {
	var most *evidence.Container
	for i := range pod.Containers {
		if c := &pod.Containers[i]; restartsOf(c) > 0 && (most == nil || restartsOf(c) > restartsOf(most)) {
			most = c
		}
	}
	return most
}

// lastExit is how the container ended last, nil where that is not known. That it
// exited 0 at last is no reason for a restart.
func lastExit(c *evidence.Container) *evidence.Terminated {
	if c.Terminated != nil && c.Terminated.ExitCode != 0 {
		return c.Terminated
	}
	return c.LastTerminated
}

// lastExitInWords: ", last exited 137 (OOMKilled)".
func lastExitInWords(c *evidence.Container) string {
	last := lastExit(c)
	switch {
	case last == nil:
		return ""
	case last.Reason != "" && last.Reason != "Error" && last.Reason != "Completed":
		return fmt.Sprintf(", last exited %d (%s)", last.ExitCode, last.Reason)
	}
	return fmt.Sprintf(", last exited %d", last.ExitCode)
}

func restartsInWords(c *evidence.Container) string {
	return c.Name + " restarted " + howOften(int64(restartsOf(c))) + " in its pod" + lastExitInWords(c)
}

// isToStartAgain: a container of a pod that runs has ended, and its kubelet starts it
// anew, later each time.
func (t *podTable) isToStartAgain(c *evidence.Container) bool {
	restarts := c.Type == evidence.Sidecar || t.job.Spec.Template.Spec.RestartPolicy == corev1.RestartPolicyOnFailure
	return c.Waiting == reasonCrashLoop || restarts && restartsOf(c) > 0 && c.Terminated != nil && c.Terminated.ExitCode != 0
}

const reasonCrashLoop = "CrashLoopBackOff"

// findRestarting: containers that fail and are started again, ever more slowly.
func (t *totals) findRestarting() []v1alpha1.Finding {
	type loop struct {
		members  []int32
		since    time.Time
		restarts int64
	}
	loops := map[string]*loop{}
	for _, pod := range t.pods {
		c := mostRestarted(pod)
		if !pod.Active || !pod.ValidIndex || c == nil || !t.isToStartAgain(c) {
			continue
		}
		what := c.Name + " keeps failing" + lastExitInWords(c)
		if c.Waiting == reasonCrashLoop {
			what += " (" + reasonCrashLoop + ")"
		}
		l := loops[what]
		if l == nil {
			l = &loop{since: pod.created.Time()}
			loops[what] = l
		}
		l.members, l.restarts = append(l.members, pod.Index), l.restarts+int64(restartsOf(c))
		if created := pod.created.Time(); created.Before(l.since) {
			l.since = created
		}
	}
	var found []v1alpha1.Finding
	for _, what := range slices.Sorted(maps.Keys(loops)) {
		l := loops[what]
		found = append(found, finding(v1alpha1.StuckRestarting, l.members, "%s: %s; %d restart%s so far",
			v1alpha1.Duration(t.now.Sub(l.since)), what, l.restarts, s(l.restarts))...)
	}
	return found
}

// findRestarts: containers that restarted within their pods, also in such as ended.
func (t *totals) findRestarts() []v1alpha1.Finding {
	var members []int32
	var n int64
	var most *evidence.Container
	for _, pod := range t.pods {
		if !pod.ValidIndex || pod.restarts == 0 {
			continue
		}
		members, n = append(members, pod.Index), n+int64(pod.restarts)
		if c := mostRestarted(pod); most == nil || restartsOf(c) > restartsOf(most) {
			most = c
		}
	}
	if most == nil {
		return nil
	}
	words := fmt.Sprintf("%d restart%s within pods", n, s(n))
	if last := lastExit(most); last != nil {
		words += fmt.Sprintf(" (%s last exited %d)", most.Name, last.ExitCode)
	}
	if t.job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure {
		return finding(v1alpha1.RestartsInPlace, members, "%s: the kubelet's doing, no retries by the Job", words)
	}
	if t.perIndex() && orZero(t.job.Spec.BackoffLimit) == 1<<31-1 {
		return finding(v1alpha1.RestartsInPlace, members, "%s: under OnFailure they never count against backoffLimitPerIndex", words)
	}
	return finding(v1alpha1.RestartsCounted, members, "%s: those of running pods count against backoffLimit %d, now %d, and end the Job when they reach it",
		words, orZero(t.job.Spec.BackoffLimit), controller.Restarts(t.present()))
}
