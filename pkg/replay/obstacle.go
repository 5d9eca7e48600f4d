package replay

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// obstacle is what keeps a pod from starting, or kept it: a reason as the API
// spells it, and the words of whoever says so.
type obstacle struct{ reason, message string }

func (o obstacle) words() string {
	switch {
	case o.message == "":
		return o.reason
	case o.reason == "" || strings.Contains(o.message, o.reason):
		return o.message
	}
	return o.message + " (" + o.reason + ")"
}

// obstacleOf a pod that nobody deleted and that does not run: what its container
// waits for, else why it is not scheduled, else what it says of itself. Where that
// is a name alone, an event of the pod says more.
func (t *podTable) obstacleOf(pod *podFacts) obstacle {
	o := obstacle{reason: waitingReason(&pod.Pod)}
	if w := waitingWarning(pod); w != nil {
		o.message = w.Message
	}
	if o.message == "" && pod.Reason != "" {
		o = obstacle{pod.Reason, pod.Message}
	}
	if o.message == "" && o.reason == notScheduled && pod.PodGroup != "" {
		o.message = "it is scheduled together with the pods of PodGroup " + pod.PodGroup
	}
	if o.message == "" || strings.HasPrefix(o.message, "Back-off") {
		if told := lastOf(t.podEvents.of(pod.Attempt), tellsWhyNotStarted); told != nil {
			o.message = strings.TrimSpace(told.Message)
			if o.reason == "ContainerCreating" || o.reason == "PodInitializing" || o.reason == "" || o.reason == notStarted {
				o.reason = told.Reason
			}
		}
	}
	return o
}

// notStarted and notScheduled are the reasons of pods of which nobody gives one.
const (
	notStarted   = "NotStarted"
	notScheduled = "NotScheduled"
)

// waitingReason is why a pod that nobody deleted does not run yet: what a
// container waits for, else why the pod is not scheduled.
func waitingReason(pod *controller.Pod) string {
	if !pod.Active || pod.Phase == corev1.PodRunning {
		return ""
	}
	for i := range pod.Containers {
		if w := pod.Containers[i].Waiting; w != "" && w != "PodInitializing" {
			return w
		}
	}
	if c := condition(pod.Attempt, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse && c.Reason != "" {
		return c.Reason
	}
	if pod.Reason != "" {
		return pod.Reason
	}
	for i := range pod.Containers {
		if w := pod.Containers[i].Waiting; w != "" {
			return w
		}
	}
	if pod.Node == "" {
		return notScheduled
	}
	return notStarted
}
