package claims

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Check holds every claim of an explanation against what in truth happened,
// and returns the claims that are wrong, one sentence each. The evidence that
// was explained may be whole or thinned: what it does not claim is not wrong.
// The moment is when it was read.
func Check(e *v1alpha1.Explanation, ledger *recording.Ledger, moment recording.Moment) []string {
	c := &check{e: e, ledger: ledger, moment: moment, at: moment.ObservedAt.Time, byIndex: map[int32][]*recording.Pod{}, byName: map[string]*recording.Pod{}}
	for i := range ledger.Pods {
		pod := &ledger.Pods[i]
		c.byName[pod.Name] = pod
		if pod.Index != nil && (wasThere(pod, moment) || c.isSeen(pod)) {
			c.byIndex[*pod.Index] = append(c.byIndex[*pod.Index], pod)
		}
	}
	for _, pods := range c.byIndex {
		sort.SliceStable(pods, func(i, j int) bool { return pods[i].CreationTime.Before(&pods[j].CreationTime) })
	}
	c.sums()
	for i := range e.Fates {
		c.fate(&e.Fates[i])
	}
	c.conclusion()
	c.usage()
	return c.wrong
}

// isSeen: the evidence shows the pod, so it was there: a watch that is late may
// have told of its creation at a later version.
func (c *check) isSeen(pod *recording.Pod) bool {
	for i := range c.e.Fates {
		for j := range c.e.Fates[i].Attempts {
			if a := &c.e.Fates[i].Attempts[j]; a.Source == v1alpha1.SourcePod && a.Pod == pod.Name {
				return true
			}
		}
	}
	return false
}

// wasThere: the pod had been created when the pods were listed. Where versions
// do not tell, the clock does, to the second.
func wasThere(pod *recording.Pod, moment recording.Moment) bool {
	if before, known := precedes(pod.CreationVersion, moment.PodsVersion); known {
		return before
	}
	return !pod.CreationTime.After(moment.ObservedAt.Time)
}

// precedes orders two resource versions of one server.
func precedes(a, b string) (before, known bool) {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	return x <= y, errX == nil && errY == nil
}

type check struct {
	e       *v1alpha1.Explanation
	ledger  *recording.Ledger
	moment  recording.Moment
	at      time.Time
	byIndex map[int32][]*recording.Pod
	byName  map[string]*recording.Pod
	wrong   []string
}

func (c *check) claim(holds bool, format string, args ...any) {
	if !holds {
		c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
	}
}

// sums: every index has exactly one fate, and the counts say so.
func (c *check) sums() {
	next := int64(0)
	for i := range c.e.Fates {
		record := &c.e.Fates[i]
		c.claim(int64(record.Index) == next, "index %d follows %d", record.Index, next-1)
		next = int64(record.Last()) + 1
	}
	var completions int64
	if c.e.Spec.Completions != nil {
		completions = int64(*c.e.Spec.Completions)
	}
	c.claim(next == completions, "the fates end at %d of %d", next, completions)
	var sum int64
	for _, n := range c.e.Counts {
		sum += n
	}
	c.claim(sum == completions, "the counts add up to %d of %d", sum, completions)
}

func (c *check) fate(record *v1alpha1.IndexFate) {
	for ix := int64(record.Index); ix <= int64(record.Last()); ix++ {
		c.fateOf(int32(ix), record)
		if ix-int64(record.Index) > 1000 {
			break // a run of two thousand million is wrong at its beginning too
		}
	}
	c.attempts(record)
}

func (c *check) fateOf(ix int32, record *v1alpha1.IndexFate) {
	name := fmt.Sprintf("index %d %s/%s", ix, record.Fate, record.Reason)
	pods := c.byIndex[ix]
	var last *recording.Pod
	if len(pods) > 0 {
		last = pods[len(pods)-1]
	}
	switch record.Fate {
	case v1alpha1.Succeeded:
		c.claim(c.isListed(ix, record, completedOf) || !*record.Recorded && slices.ContainsFunc(pods, hasSucceeded), "%s: never in completedIndexes", name)
		c.succeeded(name, ix, record)
	case v1alpha1.Failed:
		c.claim(c.isListed(ix, record, failedOf) || !*record.Recorded && slices.ContainsFunc(pods, c.failsIndex), "%s: never in failedIndexes", name)
		c.failed(name, record, c.podsEver(ix)) // the Job may tell of pods that came after the list
	case v1alpha1.Running, v1alpha1.Pending:
		listed := slices.ContainsFunc(record.Attempts, isListedActive)
		c.claim(listed || slices.ContainsFunc(pods, c.isActive), "%s: no active pod", name)
		if record.Reason == v1alpha1.ReasonFirstAttempt {
			c.claim(len(pods) == 1, "%s: it had %d pods", name, len(pods))
		}
		if record.Reason == v1alpha1.ReasonRetry {
			c.claim(len(pods) > 1, "%s: it had one pod", name)
		}
	case v1alpha1.Terminating:
		c.claim(!slices.ContainsFunc(unseen(pods, record), func(p *recording.Pod) bool { return c.isSurelyActive(p) && !c.cameByChange(p) }), "%s: a pod is active", name)
		c.claim(slices.ContainsFunc(pods, func(p *recording.Pod) bool { return p.DeletionSeenTime != nil }), "%s: no pod was deleted", name)
	case v1alpha1.Stopped:
		c.claim(last != nil, "%s: it never had a pod", name)
		c.claim(!c.inFinal(ix), "%s: it is in a list", name)
		if last != nil {
			c.stopped(name, record, last)
		}
	case v1alpha1.NeverStarted:
		c.claim(last == nil, "%s: it had a pod", name)
		c.claim(!c.inFinal(ix), "%s: it is in a list", name)
	case v1alpha1.BackingOff:
		if last != nil && c.cameByChange(last) {
			return
		}
		c.claim(last != nil && !slices.ContainsFunc(unseen(pods, record), c.isSurelyActive), "%s: a pod is active", name)
		if last != nil && len(unseen([]*recording.Pod{last}, record)) == 0 {
			c.claim(last.Status.Phase == corev1.PodFailed || last.DeletionSeenTime != nil, "%s: its last pod is %s", name, last.Status.Phase)
		}
	case v1alpha1.Waiting:
		// It is as of the list: what came after that, or ended before, is nothing.
		c.claim(!slices.ContainsFunc(unseen(pods, record), func(p *recording.Pod) bool { return c.isSurelyActive(p) && !c.cameByChange(p) }), "%s: a pod is active", name)
	}
	switch {
	case !record.Failures.Exact || last == nil:
	case c.e.Spec.BackoffLimitPerIndex != nil:
		c.failures(name, record, last)
	default:
		c.failuresSeen(name, record, pods)
	}
	c.atLeast(name, record, pods)
	c.retry(name, record)
}

// cameByChange: somebody changed the spec after the Job was read and before its
// pods were, and the pod was created after that. Where the evidence has lost it,
// what it says is of the Job's reading.
func (c *check) cameByChange(pod *recording.Pod) bool {
	came := false
	for _, change := range slices.Backward(c.ledger.History) {
		spec, read := change.Spec, &c.e.Spec
		if spec == nil || change.Time.After(c.at.Add(2*time.Second)) { // a watch tells late
			continue
		}
		if ptr.Equal(spec.Suspend, read.Suspend) && ptr.Equal(spec.Parallelism, read.Parallelism) && ptr.Equal(spec.Completions, read.Completions) {
			break
		}
		came = !pod.CreationTime.Time.Before(change.Time.Add(-4 * time.Second))
	}
	return came
}

func (c *check) succeeded(name string, ix int32, record *v1alpha1.IndexFate) {
	var before []*recording.Pod
	var last *recording.Pod
	if pods := c.byIndex[ix]; len(pods) > 0 {
		last = pods[len(pods)-1]
	}
	for _, pod := range c.byIndex[ix] {
		// One that was removed while its end was on its way to the controller, or
		// replaced, has not completed its index.
		outlived := pod != last && (pod.DeletedBy == recording.DeletedByController || c.countsDeleted() && cutShort(pod))
		if pod.Status.Phase == corev1.PodSucceeded && !endedUnaccounted(pod) && !outlived {
			break
		}
		before = append(before, pod)
	}
	ignored := 0
	for _, pod := range before {
		if c.isIgnored(ix, pod) {
			ignored++
		}
	}
	switch record.Reason {
	case v1alpha1.ReasonFirstAttempt:
		c.claim(len(before) == 0, "%s: %d pods came before", name, len(before))
	case v1alpha1.ReasonAfterIgnored:
		c.claim(len(before) > 0 && ignored == len(before), "%s: of %d pods before, %d were ignored", name, len(before), ignored)
	case v1alpha1.ReasonAfterRetries:
		c.claim(len(before) > ignored, "%s: of %d pods before, %d were ignored", name, len(before), ignored)
	case v1alpha1.ReasonAfterRestart:
		c.claim(len(before) > 0, "%s: no pod came before", name)
	}
}

// endedUnaccounted: the controller had let go of the pod before it ended, as a
// suspension does; its end counts for nothing.
func endedUnaccounted(pod *recording.Pod) bool {
	return pod.AccountedTime != nil && pod.FinishTime != nil && pod.AccountedTime.Before(pod.FinishTime)
}

// isIgnored: the pod that came after was born with one ignored failure more.
// Without per-index counts: the policy matched by what the pod says, which the
// recording's script names.
func (c *check) isIgnored(ix int32, pod *recording.Pod) bool {
	if c.e.Spec.BackoffLimitPerIndex == nil {
		return matchOf(c.e, pod) == v1alpha1.DecisionIgnore
	}
	pods := c.byIndex[ix]
	n := slices.Index(pods, pod)
	return n+1 < len(pods) && count(pods[n+1].IgnoredFailureCount) > count(pod.IgnoredFailureCount)
}

func (c *check) failed(name string, record *v1alpha1.IndexFate, pods []*recording.Pod) {
	switch record.Reason {
	case v1alpha1.ReasonFailIndexRule:
		c.claim(slices.ContainsFunc(pods, func(p *recording.Pod) bool { return matchOf(c.e, p) == v1alpha1.DecisionFailIndex }), "%s: no pod matches FailIndex", name)
	case v1alpha1.ReasonBackoffExceeded:
		limit := *c.e.Spec.BackoffLimitPerIndex
		c.claim(slices.ContainsFunc(pods, func(p *recording.Pod) bool {
			return count(p.FailureCount) >= limit && (p.Status.Phase == corev1.PodFailed || p.DeletionSeenTime != nil)
		}), "%s: no pod was born with %d failures and failed", name, limit)
	}
}

func (c *check) stopped(name string, record *v1alpha1.IndexFate, last *recording.Pod) {
	decided := c.decided()
	switch record.Reason {
	case v1alpha1.ReasonWhileRunning:
		c.claim(ranBy(last, decided), "%s: its last pod %s never ran before the decision", name, last.Name)
		c.claim(c.isKilled(last) || last.FinishTime == nil || last.FinishTime.After(decided.Add(-2*time.Second)), "%s: its last pod %s had ended", name, last.Name)
	case v1alpha1.ReasonWhilePending:
		isToldLater := last.RunningTime != nil && last.RunningTime.After(decided) // by a kubelet that is busy
		c.claim(isToldLater || !ranBy(last, decided.Add(-2*time.Second)), "%s: its last pod %s ran", name, last.Name)
	case v1alpha1.ReasonAfterFailure:
		c.claim(!c.isKilled(last) || hadEndedWhenDeleted(last), "%s: its last pod %s was killed by the decision", name, last.Name)
		c.claim(last.Status.Phase == corev1.PodFailed || last.DeletionSeenTime != nil, "%s: its last pod %s is %s", name, last.Name, last.Status.Phase)
	case v1alpha1.ReasonFailJobRule:
		c.claim(slices.ContainsFunc(c.byIndex[record.Index], func(p *recording.Pod) bool { return matchOf(c.e, p) == v1alpha1.DecisionFailJob }), "%s: no pod matches FailJob", name)
	}
}

// failures that are exact are those of the last pod's chain.
func (c *check) failures(name string, record *v1alpha1.IndexFate, last *recording.Pod) {
	counted, ignored := count(last.FailureCount), count(last.IgnoredFailureCount)
	got := record.Failures.Counted + record.Failures.Ignored
	low, high := counted+ignored, counted+ignored+1
	switch {
	case record.Fate == v1alpha1.Waiting || record.Fate == v1alpha1.NeverStarted:
		low, high = 0, 0
	case last.Status.Phase == corev1.PodSucceeded && record.Fate == v1alpha1.Succeeded:
		high = low
	}
	if record.Fate == v1alpha1.Succeeded && last.Status.Phase != corev1.PodSucceeded {
		return // a duplicate came after
	}
	c.claim(got >= low && got <= high, "%s: %d failures said to be exact, %s was born with %d", name, got, last.Name, low)
}

// failuresSeen that are exact, of a Job whose pods bear no counts, are all of its
// pods that have failed, whether or not those that did not count; a reading is
// seconds off.
func (c *check) failuresSeen(name string, record *v1alpha1.IndexFate, pods []*recording.Pod) {
	var low, high int32
	for _, pod := range pods {
		if pod.Status.Phase != corev1.PodFailed {
			continue
		}
		high++
		counted := pod.DeletedBy != recording.DeletedByController && !endedUnaccounted(pod)
		if counted && pod.FinishTime != nil && pod.FinishTime.Time.Before(c.at.Add(-4*time.Second)) {
			low++
		}
	}
	got := record.Failures.Counted + record.Failures.Ignored
	c.claim(got >= low && got <= high, "%s: %d failures said to be exact, it had %d to %d", name, got, low, high)
}

// attempts: every pod named is one of the index, and none is made up.
func (c *check) attempts(record *v1alpha1.IndexFate) {
	pods := c.byIndex[record.Index]
	for i := range record.Attempts {
		a := &record.Attempts[i]
		name := fmt.Sprintf("index %d attempt %d (%s %s)", record.Index, a.Number, a.Source, a.Pod)
		c.claim(i == 0 || a.Number == record.Attempts[i-1].Number+1, "%s follows number %d", name, i)
		c.inferred(name, a, pods)
		if a.Pod == "" {
			continue
		}
		pod := c.byName[a.Pod]
		if pod == nil || pod.Index == nil || *pod.Index != record.Index {
			c.claim(false, "%s: the index never had that pod", name)
			continue
		}
		if a.Source == v1alpha1.SourceEvent && a.Decision == "" {
			continue
		}
		c.told(name, a, pod)
		if a.Before != nil && c.e.Spec.BackoffLimitPerIndex != nil {
			c.claim(a.Before.Counted == count(pod.FailureCount) && a.Before.Ignored == count(pod.IgnoredFailureCount), "%s: born with %v", name, *a.Before)
		}
		if a.Decision == v1alpha1.DecisionRemoved {
			c.claim(c.wasRemoved(pod), "%s: said to be removed, %s deleted it", name, pod.DeletedBy)
		} else if a.Decision != "" && a.Source == v1alpha1.SourcePod && a.Phase == pod.Status.Phase && a.Phase == corev1.PodFailed {
			c.claim(a.Decision == matchOf(c.e, pod), "%s: decision %s", name, a.Decision)
		}
	}
	had := len(c.podsEver(record.Index)) // an event may name one that came after the list
	c.claim(len(record.Attempts) <= had || record.LastIndex != nil, "index %d has %d attempts, it had %d pods", record.Index, len(record.Attempts), had)
}

// podsEver are all pods that the index had, also after the reading.
func (c *check) podsEver(index int32) []*recording.Pod {
	var pods []*recording.Pod
	for i := range c.ledger.Pods {
		if pod := &c.ledger.Pods[i]; pod.Index != nil && *pod.Index == index {
			pods = append(pods, pod)
		}
	}
	return pods
}

// told: what an attempt says of its pod is what the pod said.
func (c *check) told(name string, a *v1alpha1.Attempt, pod *recording.Pod) {
	if a.Source != v1alpha1.SourcePod {
		return
	}
	c.claim(a.CreationTime != nil && a.CreationTime.Equal(&pod.CreationTime), "%s: created at %v, it was %v", name, a.CreationTime, pod.CreationTime)
	if a.Terminating != nil && *a.Terminating || a.Deletion != nil {
		c.claim(pod.DeletionSeenTime != nil, "%s: it was never deleted", name)
	}
	// A watch that breaks off may miss the end of a pod that is gone by its return.
	if pod.FinishTime != nil && (a.Phase == corev1.PodSucceeded || a.Phase == corev1.PodFailed) {
		c.claim(a.Phase == pod.Status.Phase, "%s: phase %s, it ended %s", name, a.Phase, pod.Status.Phase)
	}
}

func (c *check) conclusion() {
	conclusion := &c.e.Conclusion
	final := c.finalState()
	if conclusion.CanOnlyEnd == v1alpha1.StateFailed && !c.completionsChanged() {
		c.claim(final != v1alpha1.StateComplete, "can only end Failed, but completed")
	}
	c.predicted()
	if conclusion.FirstFailure != nil {
		c.firstFailure(conclusion.FirstFailure)
	}
	if !conclusion.State.Decided() {
		return
	}
	if effect := conclusion.Effect; effect != nil {
		cut := effect.Stopped + effect.BackingOff + effect.NeverStarted + effect.Unfinished
		unfinished := c.e.Counts[v1alpha1.Stopped] + c.e.Counts[v1alpha1.NeverStarted] + c.e.Counts[v1alpha1.Unfinished]
		c.claim(cut == unfinished, "the effect is on %d indexes", cut)
	}
	if conclusion.Trigger != nil {
		c.trigger(conclusion.Trigger)
	}
}
