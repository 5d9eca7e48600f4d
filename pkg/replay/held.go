package replay

import (
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// perSecond is how many microseconds are: a second is what times are kept to, so that a part of one is nobody's.
const perSecond = 1_000_000

// readHeld reckons how long the pod held what it requests, while it is at hand: from
// when it got its node to the end of its last container, or to now.
func (t *podTable) readHeld(pod *podFacts) {
	pod.requests, pod.started = pod.Requests, pod.began()
	from := pod.Scheduled
	if from.IsZero() {
		from = pod.StartTime // written by who leaves conditions out
	}
	if from.IsZero() {
		pod.isHeldKnown = pod.Node == ""
		return
	}
	to, isKnown := t.heldUntil(pod)
	pod.held, pod.isHeldKnown = max(0, secondsBetween(from, to)), isKnown
}

// heldUntil is when the pod ended, at the earliest where nothing says so.
func (t *podTable) heldUntil(pod *podFacts) (at evidence.Instant, isKnown bool) {
	switch {
	case pod.Terminal && pod.finish != 0 && !pod.hasUnfinished:
		return pod.finish, true
	case pod.isGone:
		return pod.Vanished, true
	case !pod.Terminal:
		return evidence.InstantOf(t.now), true
	}
	// Whoever ends a pod in the place of its kubelet says so, and when.
	at = max(pod.finish, pod.Finished)
	if c := disruption(pod.Attempt); c != nil {
		at = max(at, c.LastTransitionTime)
	}
	if pod.isKilled { // and so was active until then
		at = max(at, controller.DeletionRequested(pod.Attempt))
	}
	return at, false
}

func secondsBetween(from, to evidence.Instant) int64 {
	return int64(to)/perSecond - int64(from)/perSecond
}

// began is v1alpha1.Attempt.Began of a pod that succeeded or runs.
func (p *podFacts) began() evidence.Instant {
	if p.ranFrom.IsZero() || p.restarts > 0 {
		return p.StartTime
	}
	return p.ranFrom
}
