package replay

import (
	"fmt"
	"slices"
	"sort"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// A runner is slow against the median of those that succeeded, if enough did.
const (
	slowTimes     = 5
	slowSuccesses = 5
)

// neverFails are waiting reasons that no limit and no rule of the Job ends: the
// pod never reaches phase Failed by itself.
var neverFails = map[string]bool{
	"ImagePullBackOff": true, "ErrImagePull": true, "InvalidImageName": true, "ErrImageNeverPull": true,
	"CreateContainerConfigError": true, "CreateContainerError": true,
}

// findStuck tells what does not move, and why it will not by itself.
func (t *totals) findStuck(e *v1alpha1.Explanation) []v1alpha1.Finding {
	var found []v1alpha1.Finding
	if !t.verdict.isDecided() {
		found = append(found, t.findPending()...)
		found = append(found, t.findRefused(e)...)
		found = append(found, t.findSlow()...)
		found = append(found, t.findIdle()...)
		found = append(found, t.findRestarts()...)
	}
	return append(found, t.findTerminating()...)
}

// findPending groups pods that wait by what they wait for.
func (t *totals) findPending() []v1alpha1.Finding {
	type wait struct {
		members []int32
		since   time.Time
		detail  string
	}
	waits := map[string]*wait{}
	for _, pod := range t.pods {
		if !pod.Active {
			continue
		}
		reason := waitingReason(&pod.Pod)
		if reason == "" || !pod.ValidIndex || t.now.Sub(pod.CreationTime.Time()) < v1alpha1.StuckAfter && !neverFails[reason] {
			continue
		}
		w := waits[reason]
		if w == nil {
			w = &wait{since: pod.CreationTime.Time()}
			waits[reason] = w
		}
		w.members = append(w.members, pod.Index)
		if created := pod.CreationTime.Time(); created.Before(w.since) {
			w.since = created
		}
		if w.detail == "" {
			w.detail = waitingDetail(pod.Attempt)
		}
	}
	var reasons []string
	for reason := range waits {
		reasons = append(reasons, reason)
	}
	sort.Strings(reasons)
	var found []v1alpha1.Finding
	for _, reason := range reasons {
		w := waits[reason]
		message := fmt.Sprintf("%s: %d pending, %s", v1alpha1.Duration(t.now.Sub(w.since)), len(w.members), reason)
		// The cluster's own words come last: they are long, and lines are cut.
		if neverFails[reason] {
			message += ", which never fails by itself"
			if t.job.Spec.ActiveDeadlineSeconds == nil {
				message += " and has no deadline"
			}
		}
		if w.detail != "" {
			message += ": " + w.detail
		}
		found = append(found, finding(v1alpha1.StuckPending, w.members, "%s", message)...)
	}
	return found
}

func waitingDetail(pod *evidence.Attempt) string {
	for i := range pod.Containers {
		if pod.Containers[i].Waiting != "" && pod.Containers[i].WaitingFor != "" {
			return pod.Containers[i].WaitingFor
		}
	}
	if c := condition(pod, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse {
		return c.Message
	}
	return ""
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
	return []v1alpha1.Finding{{
		Kind: v1alpha1.StuckCreate, Indexes: indexes.FromIntervals(waiting).String(),
		Message: fmt.Sprintf("pod creation has been rejected since %s: %s", clock(t.events.failedCreate.First), refusal(t.events.failedCreate.Message)),
	}}
}

// findSlow: a runner far above the median duration of those that succeeded.
func (t *totals) findSlow() []v1alpha1.Finding {
	var durations []time.Duration
	for _, pod := range t.pods {
		if pod.Succeeded() && !pod.StartTime.IsZero() {
			durations = append(durations, pod.finished().Sub(pod.StartTime.Time()))
		}
	}
	if len(durations) < slowSuccesses {
		return nil
	}
	slices.Sort(durations)
	median := durations[len(durations)/2]
	var slow []int32
	var longest time.Duration
	for _, pod := range t.pods {
		if !pod.Active || !pod.ValidIndex || pod.Phase != corev1.PodRunning || pod.StartTime.IsZero() {
			continue
		}
		if ran := t.now.Sub(pod.StartTime.Time()); ran > slowTimes*median && ran > median+v1alpha1.StuckAfter {
			slow = append(slow, pod.Index)
			longest = max(longest, ran)
		}
	}
	if len(slow) == 0 {
		return nil
	}
	upTo, typical := "runs for", v1alpha1.Duration(median)
	if len(slow) > 1 {
		upTo = fmt.Sprintf("%d run for up to", len(slow))
	}
	if median < controller.Resolution {
		typical = "under 1s" // times are kept to the second
	}
	return finding(v1alpha1.SlowRunner, slow, "%s %s, the median of the %d that succeeded is %s", upTo, v1alpha1.Duration(longest), len(durations), typical)
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

// findRestarts: containers that restart within the pod.
func (t *totals) findRestarts() []v1alpha1.Finding {
	var members []int32
	for _, pod := range t.pods {
		if pod.ValidIndex && !pod.Terminal && pod.Restarts > 0 {
			members = append(members, pod.Index)
		}
	}
	if len(members) == 0 {
		return nil
	}
	n := controller.Restarts(t.present())
	if t.job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure {
		return finding(v1alpha1.RestartsInPlace, members, "%d restart%s within pods: the kubelet's doing, no retries by the Job", n, s(n))
	}
	if t.perIndex() && orZero(t.job.Spec.BackoffLimit) == 1<<31-1 {
		return finding(v1alpha1.RestartsInPlace, members, "%d restart%s within pods: under OnFailure they never count against backoffLimitPerIndex", n, s(n))
	}
	return finding(v1alpha1.RestartsCounted, members, "%d restart%s within pods count%s against backoffLimit %d, which ends the Job when reached", n, s(n), verbS(n), orZero(t.job.Spec.BackoffLimit))
}

// findTerminating: pods whose grace period is over and that are still there.
func (t *totals) findTerminating() []v1alpha1.Finding {
	var members []int32
	var since time.Time
	var nodes []string
	for _, pod := range t.pods {
		if pod.Terminating && pod.ValidIndex && t.now.Sub(pod.DeletionTime.Time()) > v1alpha1.StuckAfter {
			members = append(members, pod.Index)
			if pod.Node != "" && !slices.Contains(nodes, pod.Node) {
				nodes = append(nodes, pod.Node)
			}
			if deleted := pod.DeletionTime.Time(); since.IsZero() || deleted.Before(since) {
				since = deleted
			}
		}
	}
	if len(members) == 0 {
		return nil
	}
	found := finding(v1alpha1.StuckTerminating, members, "%s past its grace: %d terminating%s; %s", v1alpha1.Duration(t.now.Sub(since)), len(members), perhapsLost(nodes), t.costOfTerminating(len(members)))
	if len(nodes) == 1 {
		found[0].Node = nodes[0]
	}
	return found
}

func perhapsLost(nodes []string) string {
	switch len(nodes) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" on node %s, perhaps lost", nodes[0])
	}
	return fmt.Sprintf(" on %d nodes, perhaps lost", len(nodes))
}

// costOfTerminating is what so many pods on their way out hold up.
func (t *totals) costOfTerminating(pods int) string {
	words := []string{"the Job ends when it is gone", "it holds its index and a slot", "it is replaced meanwhile"}
	if pods > 1 {
		words = []string{"the Job ends when they are gone", "each holds its index and a slot", "they are replaced meanwhile"}
	}
	switch {
	case t.verdict.isDecided():
		return words[0]
	case controller.OnlyReplaceFailedPods(t.job):
		return words[1]
	}
	return words[2]
}
