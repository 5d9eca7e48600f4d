package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// runningNotes say of a pod that runs what the phase does not: that it goes on
// though its main container has ended, that a container restarts, that nobody
// hears of it.
func (t *podTable) runningNotes(pod *podFacts) string {
	var notes []string
	if kept := t.keptRunning(pod); kept != nil {
		notes = append(notes, containerEnd(kept.ended)+"; "+strings.Join(kept.by, ", ")+" keeps its pod running")
	}
	if c := restarting(pod); c != nil {
		notes = append(notes, restartsInWords(c))
	}
	if since := t.nodeLostSince(pod); !since.IsZero() {
		notes = append(notes, fmt.Sprintf("its node %s has not been ready since %s", pod.Node, clock(since.Time())))
	}
	return strings.Join(notes, "; ")
}

// keptRunning is a pod whose main container has ended, and which goes on for others.
type keptRunning struct {
	ended *evidence.Container
	by    []string
	// byApp: one of those is an app container, which no kubelet stops.
	byApp bool
}

// keptRunning tells of such a pod, nil of any other. A container that the template
// does not know was put there by somebody else, and is not the main one.
func (t *podTable) keptRunning(pod *podFacts) *keptRunning {
	template := &t.job.Spec.Template
	main := evidence.MainContainer(template.Annotations, template.Spec.Containers)
	var kept keptRunning
	for i := range pod.Containers {
		switch c := &pod.Containers[i]; {
		case c.Type == evidence.App && c.Name == main:
			kept.ended = c
		case c.Running && c.Type != evidence.Init:
			kept.by, kept.byApp = append(kept.by, c.Name), kept.byApp || c.Type == evidence.App
		}
	}
	if !pod.Active || kept.ended == nil || kept.ended.Terminated == nil || len(kept.by) == 0 || kept.ended.FinishedAt.IsZero() || t.restarts(kept.ended) {
		return nil
	}
	return &kept
}

// restarts: the kubelet starts the container anew.
func (t *podTable) restarts(c *evidence.Container) bool {
	return t.job.Spec.Template.Spec.RestartPolicy == "OnFailure" && c.Terminated.ExitCode != 0
}

// restarting is the container of a pod that restarted most often, nil where none did.
func restarting(pod *podFacts) *evidence.Container {
	var most *evidence.Container
	for i := range pod.Containers {
		if c := &pod.Containers[i]; restartsOf(c) > 0 && (most == nil || c.Restarts > most.Restarts) {
			most = c
		}
	}
	return most
}

func restartsInWords(c *evidence.Container) string {
	n := int64(restartsOf(c))
	words := fmt.Sprintf("%s restarted %d time%s within its pod", c.Name, n, s(n))
	last := c.Terminated
	if last == nil {
		last = c.LastTerminated
	}
	if last != nil {
		words += fmt.Sprintf(", last exited %d", last.ExitCode)
		if last.Reason != "" && last.Reason != "Error" && last.Reason != "Completed" {
			words += " (" + last.Reason + ")"
		}
	}
	if isCrashLooping(c) {
		words += ", and waits to start again (CrashLoopBackOff)"
	}
	return words
}

// isCrashLooping: the kubelet waits ever longer before it starts the container anew.
// It says so only some time after the container has ended.
func isCrashLooping(c *evidence.Container) bool {
	return c.Waiting == "CrashLoopBackOff" || c.Terminated != nil && c.Terminated.ExitCode != 0 && c.Restarts > 0
}

// containerEnd: "main exited 0 at 10:00:15Z".
func containerEnd(c *evidence.Container) string {
	return fmt.Sprintf("%s exited %d at %s", c.Name, c.Terminated.ExitCode, clock(c.FinishedAt.Time()))
}

// nodeLostSince is when the node of a pod that has not ended was taken for lost, by
// the node controller's mark on the pod or its event; zero where it was not, or
// where the kubelet has spoken since.
func (t *podTable) nodeLostSince(pod *podFacts) evidence.Instant {
	since := pod.NodeNotReady
	if pod.Terminal || pod.Node == "" {
		return 0
	}
	events := t.podEvents.of(pod.Attempt)
	if lost := lastOf(events, func(e *evidence.Event) bool { return e.Reason == "NodeNotReady" }); lost != nil && since.IsZero() {
		since = evidence.InstantOf(lost.Last)
	}
	if c := condition(pod.Attempt, "Ready"); since.IsZero() && pod.Reason == "NodeLost" && c != nil {
		since = c.LastTransitionTime
	}
	if heard := lastHeard(events); heard != nil && evidence.InstantOf(heard.Last) > since {
		return 0
	}
	return since
}

// lastHeard is the newest event of the pod's kubelet.
func lastHeard(events []*evidence.Event) *evidence.Event {
	return lastOf(events, func(e *evidence.Event) bool { return e.Source == "kubelet" })
}

// afterProbe tells of a failure that came after a probe of the pod had failed, by
// which a kubelet may have killed it.
func (t *podTable) afterProbe(pod *podFacts) string {
	failed := lastOf(t.podEvents.of(pod.Attempt), func(e *evidence.Event) bool {
		return e.Reason == "Unhealthy" && (strings.HasPrefix(e.Message, "Liveness") || strings.HasPrefix(e.Message, "Startup"))
	})
	if failed == nil || pod.ending == nil || pod.ending.container < 0 || pod.ending.failure.FromPod {
		return ""
	}
	if code := *pod.ending.failure.ExitCode; code != 137 && code != 143 {
		return "" // it ended by itself
	}
	return fmt.Sprintf(" after %q", strings.TrimSuffix(strings.TrimSpace(failed.Message), ":"))
}

// lastWordOf an index is what events say of its last pod, which is gone.
func (t *podTable) lastWordOf(h *history) string {
	if len(h.attempts) == 0 {
		return ""
	}
	last := &h.attempts[len(h.attempts)-1]
	if last.Source == v1alpha1.SourcePod || last.Pod == "" {
		return ""
	}
	events := t.podEvents[last.Pod]
	for _, e := range slices.Backward(events) {
		if e.Reason == evidence.EventPreempted || e.Reason == evidence.EventTaintManager || e.Reason == "Evicted" {
			return strings.TrimSpace(e.Message) + " (" + e.Reason + ")"
		}
	}
	return t.neverRan(events)
}
