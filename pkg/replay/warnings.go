package replay

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// mostWarnings of an attempt are told.
const mostWarnings = 5

// said is what makes two warnings one.
type said struct{ reason, message string }

// warningsOf are what events say of a pod, each once, those that came most often
// first; and what its container waits for, where that is more than a name.
func (t *totals) warningsOf(events []*evidence.Event, waiting *v1alpha1.Warning) []v1alpha1.Warning {
	if len(events) == 0 && waiting == nil {
		return t.shared.none
	}
	var warnings []v1alpha1.Warning
	known := map[said]int{}
	for _, e := range events {
		if !isWarning(e) && e.Reason != evidence.EventPreempted && e.Reason != evidence.EventTaintManager {
			continue
		}
		alike := said{e.Reason, strings.TrimSpace(e.Message)}
		n, isKnown := known[alike]
		if !isKnown {
			n = len(warnings)
			known[alike] = n
			warnings = append(warnings, v1alpha1.Warning{Reason: alike.reason, Message: alike.message})
		}
		if first := t.shared.stamp(evidence.InstantOf(e.First)); warnings[n].FirstTime == nil || first.Before(warnings[n].FirstTime) {
			warnings[n].FirstTime = first
		}
		warnings[n].Count = controller.Sum(warnings[n].Count, max(1, e.Count))
		warnings[n].LastTime = t.shared.stamp(evidence.InstantOf(e.Last))
	}
	if waiting != nil && !slices.ContainsFunc(warnings, func(w v1alpha1.Warning) bool { return w.Message == waiting.Message }) {
		warnings = append(warnings, *waiting)
	}
	if len(warnings) == 0 {
		return t.shared.none
	}
	slices.SortStableFunc(warnings, func(a, b v1alpha1.Warning) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Message, b.Message))
	})
	return slices.Clone(warnings[:min(len(warnings), mostWarnings)])
}

// waitingWarning is what a container of the pod waits for, or why the pod is not
// scheduled, in the words of the kubelet or the scheduler.
func waitingWarning(pod *podFacts) *v1alpha1.Warning {
	if !pod.Active {
		return nil
	}
	for i := range pod.Containers {
		if c := &pod.Containers[i]; c.Waiting != "" && c.WaitingFor != "" {
			return &v1alpha1.Warning{Reason: c.Waiting, Message: c.WaitingFor, Count: 1}
		}
	}
	if c := condition(pod.Attempt, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse && c.Message != "" {
		return &v1alpha1.Warning{Reason: c.Reason, Message: c.Message, Count: 1}
	}
	return nil
}
