package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// findStuck tells what does not move, and why it will not by itself.
func (t *totals) findStuck(e *v1alpha1.Explanation) []v1alpha1.Finding {
	if t.isGone() {
		return nil
	}
	var found []v1alpha1.Finding
	if !t.verdict.isDecided() {
		found = append(found, t.findPending()...)
		found = append(found, t.findRefused(e)...)
		found = append(found, t.findSlow(e)...)
		found = append(found, t.findIdle()...)
		found = append(found, t.findRestarting()...)
		found = append(found, t.findKeptRunning()...)
	}
	found = append(found, t.findLostNodes()...)
	found = append(found, t.findTerminating()...)
	found = append(found, t.findFinalizer()...)
	found = append(found, t.findDeletion()...)
	return append(found, t.findRestarts()...)
}

// findPending groups pods that wait by what they wait for.
func (t *totals) findPending() []v1alpha1.Finding {
	type wait struct {
		obstacle
		members []int32
		since   time.Time
	}
	waits := map[obstacle]*wait{}
	for _, pod := range t.pods {
		if !pod.Active || pod.Phase == corev1.PodRunning || !pod.ValidIndex {
			continue
		}
		since := pod.created.Time()
		if t.now.Sub(since) < v1alpha1.StuckAfter && !v1alpha1.WaitsForever(waitingReason(&pod.Pod)) {
			continue
		}
		o := t.obstacleOf(pod)
		alike := obstacle{o.reason, normalise(o.message, pod.Name)}
		w := waits[alike]
		if w == nil {
			w = &wait{obstacle: o, since: since}
			waits[alike] = w
		}
		w.members = append(w.members, pod.Index)
		if since.Before(w.since) {
			w.since = since
		}
	}
	order := slices.SortedFunc(maps.Values(waits), func(a, b *wait) int {
		return cmp.Or(cmp.Compare(a.reason, b.reason), cmp.Compare(a.members[0], b.members[0]))
	})
	var found []v1alpha1.Finding
	for _, w := range order {
		message := fmt.Sprintf("%s: %s", v1alpha1.Duration(t.now.Sub(w.since)), w.words())
		if n := len(w.members); n > 1 {
			message += "; " + v1alpha1.Count(int64(n)) + " pods are waiting"
		}
		if v1alpha1.WaitsForever(w.reason) {
			message += "; it never fails by itself"
			if t.job.Spec.ActiveDeadlineSeconds == nil {
				message += ", and the Job has no deadline"
			}
		}
		found = append(found, finding(v1alpha1.StuckPending, w.members, "%s", message)...)
	}
	return found
}

func (t *totals) findRefused(e *v1alpha1.Explanation) []v1alpha1.Finding {
	var waiting []indexes.Interval
	for i := range e.Fates {
		if e.Fates[i].Reason == v1alpha1.ReasonCreateFailed {
			waiting = append(waiting, indexes.Interval{First: e.Fates[i].Index, Last: e.Fates[i].Last()})
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	since := t.events.rejectedSince
	if since.IsZero() {
		since = t.events.failedCreate.First
	}
	words := "pod creation has been rejected since " + clock(since) + ": " + refusal(t.events.failedCreate.Message)
	if isFailedWorkload(t.events.failedCreate) {
		words = "no pod is created until the Job has its Workload, whose creation has failed since " + clock(since) + ": " + refusal(t.events.failedCreate.Message)
	}
	return []v1alpha1.Finding{{
		Kind: v1alpha1.StuckCreate, Indexes: indexes.FromIntervals(waiting).String(),
		Message: v1alpha1.Duration(t.now.Sub(since)) + ": " + words,
	}}
}

// findIdle: a sync would do something, and for minutes none has.
func (t *totals) findIdle() []v1alpha1.Finding {
	due := t.Create
	if t.predicted == nil && (due.Empty() || t.events.failedCreate != nil) || !t.isWhole() {
		return nil
	}
	idle := t.now.Sub(t.lastSign())
	if idle <= v1alpha1.IdleAfter {
		return nil
	}
	return []v1alpha1.Finding{{
		Kind: v1alpha1.StuckController, Indexes: due.String(),
		Message: fmt.Sprintf("no pod and no event for %s, though there is something to do: the Job controller has not acted", v1alpha1.Duration(idle)),
	}}
}

// lastSign is when the Job, one of its pods or an event last changed, or a delay
// was over.
func (t *totals) lastSign() time.Time {
	last := t.job.CreationTimestamp.Time
	see := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	if start := t.job.Status.StartTime; start != nil {
		see(start.Time)
	}
	for i := range t.job.Status.Conditions {
		see(t.job.Status.Conditions[i].LastTransitionTime.Time)
	}
	for _, pod := range t.pods {
		see(max(pod.created, pod.Finished, controller.DeletionRequested(pod.Attempt)).Time())
	}
	for _, pod := range t.Delayed {
		if at := pod.RetryTime(); !at.After(t.now) {
			see(at)
		}
	}
	if !t.released.After(t.now) {
		see(t.released)
	}
	for i := range t.seen.Events {
		see(t.seen.Events[i].Last)
	}
	return last
}

// isStuck: what the findings of kind Stuck are about is all that has been active,
// started or ended for minutes.
func (t *totals) isStuck(findings []v1alpha1.Finding) bool {
	start := t.job.Status.StartTime
	if t.verdict.state != v1alpha1.StateRunning || start == nil || t.now.Sub(start.Time) < v1alpha1.IdleAfter {
		return false
	}
	var stuck indexes.Set
	isAny := false
	for i := range findings {
		if findings[i].Kind.Stuck() {
			of, _ := indexes.ParseStatus(findings[i].Indexes, t.completions)
			stuck, isAny = stuck.Union(of), true
		}
	}
	return isAny && !slices.ContainsFunc(t.pods, func(pod *podFacts) bool {
		moved := max(pod.created, pod.Finished, controller.DeletionRequested(pod.Attempt)).Time()
		isMoving := pod.Active || pod.Terminating || t.now.Sub(moved) < v1alpha1.IdleAfter
		return isMoving && !(pod.ValidIndex && stuck.Has(pod.Index))
	})
}
