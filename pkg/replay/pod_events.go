package replay

import (
	"slices"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// podEvents are what events tell of pods, by the pod's name, oldest first.
type podEvents map[string][]*evidence.Event

func readPodEvents(seen *evidence.Job) podEvents {
	told := podEvents{}
	for i := range seen.Events {
		if e := &seen.Events[i]; e.Kind == "Pod" {
			told[e.Name] = append(told[e.Name], e)
		}
	}
	for _, events := range told {
		slices.SortStableFunc(events, func(a, b *evidence.Event) int { return a.Last.Compare(b.Last) })
	}
	return told
}

// of the pod itself: another may have had its name.
func (told podEvents) of(pod *evidence.Attempt) []*evidence.Event {
	if len(told) == 0 {
		return nil
	}
	events := told[pod.Name]
	if slices.ContainsFunc(events, func(e *evidence.Event) bool { return isOfAnother(e, pod) }) {
		events = slices.DeleteFunc(slices.Clone(events), func(e *evidence.Event) bool { return isOfAnother(e, pod) })
	}
	return events
}

func isOfAnother(e *evidence.Event, pod *evidence.Attempt) bool {
	return e.UID != "" && pod.UID != "" && e.UID != pod.UID
}

// lastOf the events for which it holds, nil where it holds for none.
func lastOf(events []*evidence.Event, is func(*evidence.Event) bool) *evidence.Event {
	for _, e := range slices.Backward(events) {
		if is(e) {
			return e
		}
	}
	return nil
}

func has(events []*evidence.Event, reason string) bool {
	return lastOf(events, func(e *evidence.Event) bool { return e.Reason == reason }) != nil
}

func isWarning(e *evidence.Event) bool { return e.Type != "Normal" }

// tellsWhyNotStarted: the event says what keeps a pod from starting. That a
// kubelet waits before it tries again, or the bare name of an error, says nothing.
func tellsWhyNotStarted(e *evidence.Event) bool {
	switch e.Reason {
	case "BackOff", "Unhealthy", "NodeNotReady", "Evicted":
		return false
	}
	name, isError := strings.CutPrefix(e.Message, "Error: ")
	return isWarning(e) && e.Message != "" && !(isError && !strings.Contains(name, " "))
}
