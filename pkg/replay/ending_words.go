package replay

import (
	"cmp"
	"fmt"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// words: "main exited 42", "main exited 137 (OOMKilled)", "Evicted; main exited 137".
func (e *ending) inWords(pod *evidence.Attempt) string {
	failure := &e.failure
	reason := failure.Reason
	if reason == "Error" {
		reason = ""
	}
	switch {
	case wasCutShort(pod):
		return "its pod was deleted"
	case failure.Condition == "DisruptionTarget" && reason != "":
		return reason + " (DisruptionTarget)"
	case failure.Condition == "DisruptionTarget":
		return failure.Condition
	case failure.FromPod && failure.ExitCode == nil, failure.FromPod && failure.Synthesized:
		return reason
	case failure.ExitCode == nil:
		return cmp.Or(reason, "its pod failed")
	case failure.Synthesized:
		return lostInWords(&pod.Containers[e.container])
	}
	words := fmt.Sprintf("%s exited %d", failure.Container, *failure.ExitCode)
	switch {
	case *failure.ExitCode == 0:
		return words + ", yet its pod failed"
	case failure.ContainerType == v1alpha1.ContainerSidecar:
		// A rule matched it: what the app container did is not to go unsaid.
		if app := endedBy(pod, controller.Match{}); app >= 0 {
			words = fmt.Sprintf("%s exited %d; %s", pod.Containers[app].Name, pod.Containers[app].Terminated.ExitCode, words)
		}
		return words
	case failure.FromPod:
		return reason + "; " + words
	case reason != "":
		return words + " (" + reason + ")"
	}
	return words
}

// lostInWords tells of a container whose exit code was made up. One that ran is
// remembered as such (convertToAPIContainerStatuses in kubelet_pods.go, v1.37.2).
func lostInWords(c *evidence.Container) string {
	switch {
	case isLostByRuntime(c):
		return "the node's runtime lost container " + c.Name
	case c.LastTerminated == nil && c.Restarts == 0 && c.StartedAt.IsZero():
		return "container " + c.Name + " never ran"
	}
	return "the kubelet lost container " + c.Name
}

// suspicionOf a pod that nobody deleted: reasons that kubelets and node
// controllers give. A pod that took more than its own limits was not disrupted.
func suspicionOf(pod *evidence.Attempt) string {
	switch pod.Reason {
	case "Evicted":
		if evidence.IsOverOwnLimit(pod.Message) {
			return ""
		}
		fallthrough
	case "NodeLost", "NodeShutdown", "Shutdown", "Terminated", "Preempting":
		return "perhaps a disruption: the pod's reason is " + pod.Reason + ", without a DisruptionTarget condition"
	}
	for i := range pod.Containers {
		c := &pod.Containers[i]
		switch {
		case c.Terminated == nil:
		case isLostByRuntime(c):
			return "perhaps a disruption: the node's runtime lost container " + c.Name + ", as when a node crashes, so its exit code is synthetic"
		case c.Terminated.Reason == reasonStatusUnknown && pod.DeletionTime.IsZero():
			return "perhaps a disruption: the kubelet lost container " + c.Name + ", so its exit code is synthetic"
		}
	}
	return ""
}
