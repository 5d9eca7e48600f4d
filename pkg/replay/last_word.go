package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

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

// neverRan says of a pod that is gone, or that never ran, how far it came, by its
// events; nothing where they do not tell. A kubelet drops events beyond a number,
// the scheduler none.
func (t *podTable) neverRan(events []*evidence.Event) string {
	told := lastOf(events, tellsWhyNotStarted)
	if told == nil {
		return ""
	}
	words := obstacle{told.Reason, strings.TrimSpace(told.Message)}.words()
	switch {
	case t.seen.PodEvents != evidence.Whole:
		return "last warning about its pod: " + words
	case has(events, evidence.EventStarted):
		return ""
	case told.Reason == "FailedScheduling" && !has(events, evidence.EventScheduled):
		return "its pod was never scheduled: " + words
	}
	return "its pod never started, so far as its events tell: " + words
}

// afterProbe tells of a failure that came after a probe of the pod had failed, by
// which a kubelet may have killed it. What memory ran out for no probe killed.
func (t *podTable) afterProbe(pod *podFacts) string {
	if pod.ending == nil || pod.ending.container < 0 {
		return ""
	}
	f := &pod.ending.failure
	if f.FromPod || f.Reason != "" && f.Reason != "Error" || *f.ExitCode != 137 && *f.ExitCode != 143 {
		return "" // it ended by itself, or something else is said to have ended it
	}
	failed := lastOf(t.podEvents.of(pod.Attempt), func(e *evidence.Event) bool {
		isFatal := strings.HasPrefix(e.Message, "Liveness") || strings.HasPrefix(e.Message, "Startup")
		return e.Reason == "Unhealthy" && isFatal && !e.Last.After(pod.finished())
	})
	if failed == nil {
		return ""
	}
	return fmt.Sprintf(" after %q", strings.TrimSuffix(strings.TrimSpace(failed.Message), ":"))
}
