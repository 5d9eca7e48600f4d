package replay

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// tell makes of a pod what the Explanation tells of it, in place: an attempt is
// large, and there are many.
func (t *totals) tell(attempt *v1alpha1.Attempt, pod *podFacts) {
	attempt.Source, attempt.Pod, attempt.Node, attempt.Phase = v1alpha1.SourcePod, pod.Name, pod.Node, pod.Phase
	attempt.CreationTime, attempt.StartTime = t.shared.stamp(pod.created), t.shared.stamp(pod.StartTime)
	attempt.Terminating, attempt.Deletion = t.shared.truth(pod.Terminating), t.deletionOf(pod)
	attempt.Restarts = t.shared.number(pod.restarts)
	attempt.Warnings = t.warningsOf(t.podEvents.of(pod.Attempt), waitingWarning(pod))
	if pod.Active {
		attempt.Waiting = waitingReason(&pod.Pod)
	}
	if pod.Terminal {
		attempt.FinishTime = t.shared.stamp(pod.finish)
	}
	if !pod.ranFrom.IsZero() {
		attempt.Ran = t.shared.ran(pod.ranFrom, pod.ranTo)
	}
	if pod.Terminal || pod.Failed {
		attempt.BackoffFrom = t.shared.stamp(pod.Finished)
	}
	if t.perIndex() {
		attempt.Before = t.shared.tally(pod.born())
	}
	if pod.Failed {
		t.tellFailure(attempt, pod)
	} else if pod.Succeeded() {
		attempt.After = attempt.Before
	}
}

// tellFailure says what the rules made of the pod's failure; of one that the
// controller removed or did not account for, that they made nothing of it.
func (t *totals) tellFailure(attempt *v1alpha1.Attempt, pod *podFacts) {
	if pod.costsNothing() {
		if pod.standing == removed {
			attempt.Decision = v1alpha1.DecisionRemoved
		}
		if pod.Terminal {
			attempt.Failure = pod.failure
		}
		return
	}
	attempt.Failure = pod.failure
	attempt.Decision = v1alpha1.Decision(pod.Match.Action)
	attempt.Rules = pod.ending.trace
	attempt.Rule = pod.ending.rule
	if t.perIndex() && !pod.isKilled { // whom the decision killed only status.failed counts
		attempt.After = t.shared.tally(pod.leaves())
	}
	attempt.Suspicion = suspicion(pod)
}

// readContainers keeps what is told of the pod's containers while they are at
// hand: far apart in memory, they are slow to come back to.
func (p *podFacts) readContainers() {
	if container := decidingContainer(p); container != nil {
		p.ranFrom, p.ranTo = container.StartedAt, container.FinishedAt
	}
	for i := range p.Containers {
		c := &p.Containers[i]
		p.isOOMKilled = p.isOOMKilled || isOOMKilled(c)
		p.restarts = controller.Sum(p.restarts, restartsOf(c))
		p.finish = max(p.finish, c.FinishedAt)
		p.hasUnfinished = p.hasUnfinished || c.FinishedAt.IsZero() && (c.Running || c.Terminated != nil)
	}
}

// decidingContainer is the one that ended the pod; of a pod that has not ended,
// or that succeeded, its first app container.
func decidingContainer(pod *podFacts) *evidence.Container {
	if pod.ending != nil && pod.ending.container >= 0 {
		return &pod.Containers[pod.ending.container]
	}
	for i := range pod.Containers {
		if pod.Containers[i].Type == evidence.App {
			return &pod.Containers[i]
		}
	}
	return nil
}

func (t *totals) deletionOf(pod *podFacts) *v1alpha1.Deletion {
	if !pod.Deleted {
		return nil
	}
	return &v1alpha1.Deletion{Requested: t.shared.stamp(controller.DeletionRequested(pod.Attempt)), Deadline: t.shared.stamp(pod.DeletionTime)}
}

// suspicion marks a failure that looks like a disruption and bears no
// DisruptionTarget condition. It never changes a verdict.
func suspicion(pod *podFacts) string {
	switch {
	case pod.isDisrupted || !pod.isOwnFailure():
		return ""
	case pod.ending.suspicion != "":
		return pod.ending.suspicion
	case pod.Deleted:
		return "perhaps a disruption: the pod was deleted, without a DisruptionTarget condition; who deleted it is not recorded"
	}
	return ""
}

// The first and the last instant that RFC 3339 can write: what is reckoned from
// times in a file may lie beyond.
var firstTime, lastTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

func stamp(t time.Time) *metav1.Time {
	switch t = t.UTC(); {
	case t.IsZero():
		return nil
	case t.Before(firstTime):
		t = firstTime
	case t.After(lastTime):
		t = lastTime
	}
	return &metav1.Time{Time: t.Truncate(controller.Resolution)}
}
