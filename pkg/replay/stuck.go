package replay

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// How long a pod may take before it is called stuck, and a runner before it is
// called slow against the median of those that succeeded.
const (
	stuckAfter    = time.Minute
	slowTimes     = 5
	slowSuccesses = 5
	idleAfter     = 2 * time.Minute
)

// neverFails are waiting reasons that no limit and no rule of the Job ends: the
// pod never reaches phase Failed by itself.
var neverFails = map[string]bool{
	"ImagePullBackOff": true, "ErrImagePull": true, "InvalidImageName": true, "ErrImageNeverPull": true,
	"CreateContainerConfigError": true, "CreateContainerError": true,
}

// findStuck tells what does not move, and why it will not by itself.
func (f *facts) findStuck(e *v1alpha1.Explanation) []v1alpha1.Finding {
	var found []v1alpha1.Finding
	if !f.verdict.isDecided() {
		found = append(found, f.findPending()...)
		found = append(found, f.findRefused(e)...)
		found = append(found, f.findSlow()...)
		found = append(found, f.findIdle(e)...)
		found = append(found, f.findRestarts()...)
	}
	return append(found, f.findTerminating()...)
}

// findPending groups pods that wait by what they wait for.
func (f *facts) findPending() []v1alpha1.Finding {
	type wait struct {
		members []int32
		since   time.Time
		detail  string
	}
	waits := map[string]*wait{}
	for _, pod := range f.pods {
		if !pod.isActive {
			continue
		}
		reason := waitingReason(pod.Attempt)
		if reason == "" || !pod.hasValidIndex || f.now.Sub(pod.CreationTime.Time()) < stuckAfter && !neverFails[reason] {
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
		message := fmt.Sprintf("%s: %d pending, %s", inWords(f.now.Sub(w.since)), len(w.members), reason)
		// The cluster's own words come last: they are long, and lines are cut.
		if neverFails[reason] {
			message += ", which never fails by itself"
			if f.job.Spec.ActiveDeadlineSeconds == nil {
				message += " and has no deadline"
			}
		}
		if w.detail != "" {
			message += ": " + w.detail
		}
		found = append(found, finding("StuckPending", w.members, "%s", message)...)
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

func (f *facts) findRefused(e *v1alpha1.Explanation) []v1alpha1.Finding {
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
		Kind: "StuckCreate", Indexes: indexes.FromIntervals(waiting).String(),
		Message: fmt.Sprintf("pods are refused since %s: %s", f.events.failedCreate.First.UTC().Format(time.TimeOnly)+"Z", refusal(f.events.failedCreate.Message)),
	}}
}

// refusal is the message of a FailedCreate event without the name of the pod,
// which is another each time: lines are cut, and what was refused stands last.
func refusal(message string) string {
	why := strings.TrimPrefix(message, "Error creating: ")
	if pod, rest, found := strings.Cut(why, "\" is "); found && strings.HasPrefix(pod, "pods \"") {
		return rest
	}
	return why
}

// findSlow: a runner far above the median duration of those that succeeded.
func (f *facts) findSlow() []v1alpha1.Finding {
	var durations []time.Duration
	for _, pod := range f.pods {
		if pod.hasSucceeded && !pod.StartTime.IsZero() {
			durations = append(durations, pod.finished.Sub(pod.StartTime.Time()))
		}
	}
	if len(durations) < slowSuccesses {
		return nil
	}
	slices.Sort(durations)
	median := durations[len(durations)/2]
	var slow []int32
	var longest time.Duration
	for _, pod := range f.pods {
		if !pod.isActive || !pod.hasValidIndex || pod.Phase != corev1.PodRunning || pod.StartTime.IsZero() {
			continue
		}
		if ran := f.now.Sub(pod.StartTime.Time()); ran > slowTimes*median && ran > median+stuckAfter {
			slow = append(slow, pod.Index)
			longest = max(longest, ran)
		}
	}
	if len(slow) == 0 {
		return nil
	}
	upTo, typical := "runs for", inWords(median)
	if len(slow) > 1 {
		upTo = fmt.Sprintf("%d run for up to", len(slow))
	}
	if median < time.Second {
		typical = "under 1s" // times are kept to the second
	}
	return finding("SlowRunner", slow, "%s %s, the median of the %d that succeeded is %s", upTo, inWords(longest), len(durations), typical)
}

// findIdle: a sync would do something, and for minutes none has.
func (f *facts) findIdle(e *v1alpha1.Explanation) []v1alpha1.Finding {
	due := f.queue.toCreate
	if f.sync.predicted == nil && (due.Empty() || f.events.failedCreate != nil) {
		return nil
	}
	if !f.seen.PodsRead || !f.accounts.missing.Empty() && f.sync.predicted == nil {
		return nil
	}
	last := f.lastChange
	for i := range f.seen.Events {
		last = later(last, f.seen.Events[i].Last)
	}
	if idle := f.now.Sub(last); idle > idleAfter {
		return []v1alpha1.Finding{{
			Kind: "StuckController", Indexes: due.String(),
			Message: fmt.Sprintf("no pod and no event for %s, though there is something to do: the Job controller has not acted", inWords(idle)),
		}}
	}
	return nil
}

// findRestarts: containers that restart within the pod.
func (f *facts) findRestarts() []v1alpha1.Finding {
	var members []int32
	for _, pod := range f.pods {
		if pod.hasValidIndex && !pod.isTerminal() && pod.restarts > 0 {
			members = append(members, pod.Index)
		}
	}
	if len(members) == 0 {
		return nil
	}
	n := f.restarts()
	if f.job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure {
		return finding("RestartsInPlace", members, "%d restart%s within pods: the kubelet's doing, no retries by the Job", n, s(n))
	}
	if f.perIndex() && orZero(f.job.Spec.BackoffLimit) == 1<<31-1 {
		return finding("RestartsInPlace", members, "%d restart%s within pods: under OnFailure they never count against backoffLimitPerIndex", n, s(n))
	}
	return finding("RestartsCounted", members, "%d restart%s within pods count%s against backoffLimit %d, which ends the Job when reached", n, s(n), verbS(n), orZero(f.job.Spec.BackoffLimit))
}

// findTerminating: pods whose grace period is over and that are still there.
func (f *facts) findTerminating() []v1alpha1.Finding {
	var members []int32
	var since time.Time
	var nodes []string
	for _, pod := range f.pods {
		if pod.isTerminating && pod.hasValidIndex && f.now.Sub(pod.DeletionTime.Time()) > stuckAfter {
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
	return finding("StuckTerminating", members, "%s past its grace: %d terminating%s; %s", inWords(f.now.Sub(since)), len(members), perhapsLost(nodes), f.costOfTerminating(len(members)))
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
func (f *facts) costOfTerminating(pods int) string {
	words := []string{"the Job ends when it is gone", "it holds its index and a slot", "it is replaced meanwhile"}
	if pods > 1 {
		words = []string{"the Job ends when they are gone", "each holds its index and a slot", "they are replaced meanwhile"}
	}
	switch {
	case f.verdict.isDecided():
		return words[0]
	case OnlyReplaceFailedPods(f.job):
		return words[1]
	}
	return words[2]
}
