package replay

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// wasKilled reports whether the controller deleted the pod when it decided the
// Job: it decides by its clock first, and deletes what is active then. A pod that
// had ended, or was about to be disrupted, was deleted by somebody else.
func (t *podTable) wasKilled(pod *podFacts) bool {
	if !t.verdict.isDecided() || !pod.Deleted {
		return false
	}
	if t.isKilledByEvent(pod.Name) {
		return true
	}
	if controller.DeletionRequested(pod.Attempt).Time().Before(t.verdict.decided) {
		return false
	}
	end := t.rules.ContainersFinished(pod.Attempt)
	if pod.Terminal && !end.IsZero() && end.Time().Before(t.verdict.decided) {
		return false
	}
	return !t.wasDisruptedBefore(pod.Attempt)
}

// isKilledByEvent: an event says that the controller deleted the pod when it
// decided the Job. Of a Job whose spec never changed it deletes none for another
// reason, and up to 1.30 the time of the decision is that of its end, seconds later.
func (t *podTable) isKilledByEvent(name string) bool {
	deleted, told := t.events.deleted[name]
	return told && t.verdict.isDecided() && (t.verdict.isOfEnd && t.isUndisturbed() || !deleted.Before(t.verdict.decided))
}

// mayBeKilled: somebody deleted the pod, and nothing tells who. A sync that decides
// and cannot write so deletes what is active all the same; the next one decides anew,
// later. A pod is active for as long as its kubelet has not said that its containers
// ended, which takes a second and more. Whoever disrupts a pod
// says so, a pod that was created since was created by a Job without a decision,
// and in the end the events tell of all that the controller deleted.
func (t *podTable) mayBeKilled(pod *podFacts) bool {
	if !t.verdict.isDecided() || pod.isKilled || !pod.Deleted {
		return false
	}
	requested := controller.DeletionRequested(pod.Attempt)
	switch {
	case t.lastCreated > requested:
		return false
	case pod.isDisrupted:
		// Of one second nobody knows which came first.
		return disruption(pod.Attempt).LastTransitionTime.Time().Equal(t.verdict.decided) && !requested.Time().Before(t.verdict.decided)
	case t.wouldHaveKilledAnother(requested):
		return false
	case t.verdict.isOfEnd && t.isDeletionTold(pod):
		return true // when it was decided is not known, and no later pod says that it was not
	case t.seen.Coverage.Events == evidence.Whole && t.events.ended && !t.events.folded && t.events.total < controller.EventBurst:
		return false
	}
	end := t.rules.ContainersFinished(pod.Attempt)
	return !pod.Terminal || end.IsZero() || end >= requested || !requested.Time().Before(t.verdict.decided)
}

// wouldHaveKilledAnother: a sync that decided at that instant would have deleted a pod
// that was deleted later. Of two seconds in a row nobody knows: one sync deletes pods
// one after the other.
func (t *podTable) wouldHaveKilledAnother(requested evidence.Instant) bool {
	return !t.oldestKilled.IsZero() && t.oldestKilled <= requested && t.firstKilled.Time().Sub(requested.Time()) > controller.Resolution
}

// isDeletionTold: an event says that the controller deleted the pod.
func (t *podTable) isDeletionTold(pod *podFacts) bool {
	if len(t.events.deleted) == 0 {
		return false // and no pod's name is fetched, which takes long in a large Job
	}
	_, told := t.events.deleted[pod.Name]
	return told
}

// spareTheUntold: where events tell of all but one of the pods that the decision
// killed, that one was deleted by somebody else, in the second of the decision.
// Events are written in order, and that of the Job's end comes last.
func (t *podTable) spareTheUntold() {
	if !t.events.ended || t.events.folded || t.events.total >= controller.EventBurst {
		return
	}
	var untold *podFacts
	told := 0
	for _, pod := range t.pods {
		switch {
		case !pod.isKilled:
		case t.isKilledByEvent(pod.Name):
			told++
		case untold != nil:
			return
		default:
			untold = pod
		}
	}
	if untold != nil && told > 0 {
		untold.isKilled = false
	}
}

// wasDisruptedBefore: whoever disrupts a pod says so before it deletes it.
func (f *jobFacts) wasDisruptedBefore(pod *evidence.Attempt) bool {
	c := disruption(pod)
	return c != nil && !c.LastTransitionTime.IsZero() && !c.LastTransitionTime.Time().After(f.verdict.decided)
}

// endedBeforeDecision: the deciding sync can have seen its end.
func (f *jobFacts) endedBeforeDecision(pod *podFacts) bool {
	return !f.verdict.isDecided() || pod.finished().Before(f.verdict.decided)
}

// ranAt: an app container had started by that instant. A pod without any
// container status ran if the kubelet had acknowledged it, and did not reject it.
func (p *podFacts) ranAt(t time.Time) bool {
	if p.Phase == corev1.PodPending {
		return false
	}
	for i := range p.Containers {
		c := &p.Containers[i]
		if c.Type != evidence.App {
			continue
		}
		if c.Restarts > 0 || !c.StartedAt.IsZero() && !c.StartedAt.Time().After(t) {
			return true
		}
	}
	return len(p.Containers) == 0 && p.Phase != corev1.PodFailed && (p.Phase == corev1.PodRunning || !p.StartTime.IsZero())
}

// condition is the pod's condition of that type, nil where it has none.
func condition(pod *evidence.Attempt, kind corev1.PodConditionType) *evidence.Condition {
	for i := range pod.Conditions {
		if pod.Conditions[i].Type == kind {
			return &pod.Conditions[i]
		}
	}
	return nil
}

// disruption is the pod's DisruptionTarget condition where it is True.
func disruption(pod *evidence.Attempt) *evidence.Condition {
	if c := condition(pod, corev1.DisruptionTarget); c != nil && c.Status == corev1.ConditionTrue {
		return c
	}
	return nil
}
