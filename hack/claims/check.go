package claims

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
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
	return c.wrong
}

// isSeen: the evidence shows or names the pod, so it was there: a watch that is late may
// have told of its creation at a later version.
func (c *check) isSeen(pod *recording.Pod) bool {
	for i := range c.e.Fates {
		for j := range c.e.Fates[i].Attempts {
			if c.e.Fates[i].Attempts[j].Pod == pod.Name {
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
		c.claim(c.everListed(ix, completedOf) || c.changedMeanwhile(), "%s: never in completedIndexes", name)
		c.succeeded(name, ix, record)
	case v1alpha1.Failed:
		c.claim(c.everListed(ix, failedOf) || c.changedMeanwhile(), "%s: never in failedIndexes", name)
		c.failed(name, ix, record, pods)
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
		if last != nil {
			c.claim(last.Status.Phase == corev1.PodFailed || last.DeletionSeenTime != nil, "%s: its last pod is %s", name, last.Status.Phase)
		}
	case v1alpha1.Waiting:
		if last != nil && !c.cameByChange(last) {
			removed := last.DeletedBy == recording.DeletedByController || last.AccountedTime != nil && last.Status.Phase != corev1.PodFailed
			c.claim(removed || !last.CreationTime.Before(c.second()), "%s: it had pod %s", name, last.Name)
		}
	}
	if record.Failures.Exact && last != nil && c.e.Spec.BackoffLimitPerIndex != nil {
		c.failures(name, record, last)
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

// second is the instant of reading less the second that it may be off.
func (c *check) second() *metav1.Time {
	return &metav1.Time{Time: c.at.Add(-time.Second)}
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

func (c *check) failed(name string, ix int32, record *v1alpha1.IndexFate, pods []*recording.Pod) {
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
		c.claim(!ranBy(last, decided.Add(-2*time.Second)), "%s: its last pod %s ran", name, last.Name)
	case v1alpha1.ReasonAfterFailure:
		c.claim(!c.isKilled(last), "%s: its last pod %s was killed by the decision", name, last.Name)
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

// attempts: every pod named is one of the index, and none is made up.
func (c *check) attempts(record *v1alpha1.IndexFate) {
	pods := c.byIndex[record.Index]
	for i := range record.Attempts {
		a := &record.Attempts[i]
		name := fmt.Sprintf("index %d attempt %d (%s %s)", record.Index, a.Number, a.Source, a.Pod)
		c.claim(int(a.Number) == i+1, "%s is number %d", name, i+1)
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
		if a.Before != nil && c.e.Spec.BackoffLimitPerIndex != nil {
			c.claim(a.Before.Counted == count(pod.FailureCount) && a.Before.Ignored == count(pod.IgnoredFailureCount), "%s: born with %v", name, *a.Before)
		}
		if a.Decision != "" && a.Source == v1alpha1.SourcePod && a.Phase == pod.Status.Phase && a.Phase == corev1.PodFailed {
			c.claim(a.Decision == matchOf(c.e, pod), "%s: decision %s", name, a.Decision)
		}
	}
	c.claim(len(record.Attempts) <= len(pods) || record.LastIndex != nil, "index %d has %d attempts, it had %d pods", record.Index, len(record.Attempts), len(pods))
}

func (c *check) conclusion() {
	conclusion := &c.e.Conclusion
	final := c.finalState()
	if conclusion.CanOnlyEnd == v1alpha1.StateFailed && !c.completionsChanged() {
		c.claim(final != v1alpha1.StateComplete, "can only end Failed, but completed")
	}
	c.predicted()
	if !conclusion.State.Decided() {
		return
	}
	if effect := conclusion.Effect; effect != nil {
		cut := effect.Stopped + effect.BackingOff + effect.NeverStarted + effect.Unknown
		unfinished := c.e.Counts[v1alpha1.Stopped] + c.e.Counts[v1alpha1.NeverStarted] + c.e.Counts[v1alpha1.Unknown]
		c.claim(cut == unfinished, "the effect is on %d indexes", cut)
	}
	if conclusion.Trigger != nil {
		c.trigger(conclusion.Trigger)
	}
}

// trigger: the pod named lived, and its end tipped the Job.
func (c *check) trigger(trigger *v1alpha1.Trigger) {
	pod := c.byName[trigger.Pod]
	if pod == nil {
		c.claim(false, "trigger %s: never lived", trigger.Pod)
		return
	}
	// A FailJob rule matches a pod that the controller removed as surplus too.
	c.claim(!c.isKilled(pod) || c.e.Conclusion.Reason == batchv1.JobReasonPodFailurePolicy, "trigger %s: killed by the decision", trigger.Pod)
	decided := c.decided()
	c.claim(!pod.CreationTime.After(decided), "trigger %s: created after the decision", trigger.Pod)
	if trigger.Time == nil || c.specChanged() {
		return
	}
	switch c.e.Conclusion.Reason {
	case batchv1.JobReasonMaxFailedIndexesExceeded, batchv1.JobReasonFailedIndexes:
		c.failedIndexesTrigger(trigger)
	case batchv1.JobReasonBackoffLimitExceeded:
		c.backoffLimitTrigger(trigger)
	}
}

// endOf is when the pod ended by its own word, as the controller reads it.
func endOf(pod *recording.Pod) time.Time {
	attempt := evidence.Reduce(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: pod.CreationTime}, Status: pod.Status})
	return replay.Rules{Minor: replay.Newest}.FinishedTime(&attempt)
}

// decided is when the Job was decided, from its last conditions.
func (c *check) decided() time.Time {
	var decided time.Time
	for _, cond := range c.ledger.Job.Status.Conditions {
		if cond.Status != corev1.ConditionTrue {
			continue
		}
		switch cond.Type {
		case batchv1.JobFailureTarget, batchv1.JobSuccessCriteriaMet, batchv1.JobFailed, batchv1.JobComplete:
			if decided.IsZero() || cond.LastTransitionTime.Time.Before(decided) {
				decided = cond.LastTransitionTime.Time
			}
		}
	}
	return decided
}

// isKilled: the controller deleted the pod when it decided the Job.
func (c *check) isKilled(pod *recording.Pod) bool {
	decided := c.decided()
	return !decided.IsZero() && pod.DeletedBy == recording.DeletedByController && pod.DeletionSeenTime != nil && !pod.DeletionSeenTime.Time.Before(decided.Add(-2*time.Second))
}

// isListedActive: the list of pods that was read has it so. The ledger does not
// keep the version of a deletion.
func isListedActive(a v1alpha1.Attempt) bool {
	return a.Source == v1alpha1.SourcePod && a.Terminating != nil && !*a.Terminating && a.Phase != corev1.PodSucceeded && a.Phase != corev1.PodFailed
}

// isActive at the instant of reading, or so near to it that it may have been.
func (c *check) isActive(pod *recording.Pod) bool {
	if ended, known := precedes(pod.FinishVersion, c.moment.PodsVersion); known {
		return !ended
	}
	ended := pod.FinishTime != nil && pod.FinishTime.Time.Before(c.at.Add(-time.Second)) ||
		pod.DeletionSeenTime != nil && pod.DeletionSeenTime.Time.Before(c.at.Add(-time.Second))
	return !ended
}

// unseen are the pods that the explanation does not know: of those that it does
// it has the status from the evidence itself.
func unseen(pods []*recording.Pod, record *v1alpha1.IndexFate) []*recording.Pod {
	return slices.DeleteFunc(slices.Clone(pods), func(pod *recording.Pod) bool {
		return slices.ContainsFunc(record.Attempts, func(a v1alpha1.Attempt) bool { return a.Source == v1alpha1.SourcePod && a.Pod == pod.Name })
	})
}

// ranBy: a container of the pod had started, by its own word. A watch tells
// late under load.
func ranBy(pod *recording.Pod, t time.Time) bool {
	for _, status := range pod.Status.ContainerStatuses {
		if status.RestartCount > 0 {
			return true
		}
		if running := status.State.Running; running != nil && !running.StartedAt.After(t) {
			return true
		}
		if ended := status.State.Terminated; ended != nil && !ended.StartedAt.IsZero() && !ended.StartedAt.After(t) {
			return true
		}
	}
	return false
}

// isSurelyActive: more than a second before and after it too.
func (c *check) isSurelyActive(pod *recording.Pod) bool {
	if ended, known := precedes(pod.FinishVersion, c.moment.PodsVersion); known && ended {
		return false
	}
	later := c.at.Add(time.Second)
	return pod.CreationTime.Add(2*time.Second).Before(c.at) && // it is kept to the second
		(pod.FinishTime == nil || pod.FinishTime.Time.After(later)) &&
		(pod.DeletionSeenTime == nil || pod.DeletionSeenTime.Time.After(later))
}

func (c *check) finalState() v1alpha1.State {
	for _, cond := range c.ledger.Job.Status.Conditions {
		if cond.Status == corev1.ConditionTrue && cond.Type == batchv1.JobComplete {
			return v1alpha1.StateComplete
		}
		if cond.Status == corev1.ConditionTrue && cond.Type == batchv1.JobFailed {
			return v1alpha1.StateFailed
		}
	}
	return v1alpha1.StateRunning
}

func (c *check) specChanged() bool {
	changes := 0
	for i := range c.ledger.History {
		if c.ledger.History[i].Spec != nil {
			changes++
		}
	}
	return changes > 1
}

func (c *check) completionsChanged() bool {
	for i := range c.ledger.History {
		if spec := c.ledger.History[i].Spec; spec != nil && c.e.Spec.Completions != nil && *spec.Completions != *c.e.Spec.Completions {
			return true
		}
	}
	return false
}

// changedMeanwhile: somebody changed the spec at the very moment of reading, so
// that the next sync was by another than was read.
func (c *check) changedMeanwhile() bool {
	for i := 1; i < len(c.ledger.History); i++ {
		change := &c.ledger.History[i]
		if change.Spec != nil && change.Time.Sub(c.at).Abs() < 2*time.Second {
			return true
		}
	}
	return false
}

// everListed: the index stands in the list that was read, or later.
func (c *check) everListed(ix int32, list func(*batchv1.JobStatus) string) bool {
	completions := *c.e.Spec.Completions
	read := &batchv1.JobStatus{CompletedIndexes: c.e.Status.CompletedIndexes, FailedIndexes: c.e.Status.FailedIndexes}
	if set, _ := indexes.ParseStatus(list(read), completions); set.Has(ix) {
		return true
	}
	for i := range c.ledger.History {
		set, _ := indexes.ParseStatus(list(&c.ledger.History[i].Status), completions)
		if set.Has(ix) && (i+1 == len(c.ledger.History) || !c.ledger.History[i+1].Time.Time.Before(c.at.Add(-time.Second))) {
			return true
		}
	}
	return false
}

func (c *check) inFinal(ix int32) bool {
	status := &c.ledger.Job.Status
	for _, list := range []string{completedOf(status), failedOf(status)} {
		if set, _ := indexes.ParseStatus(list, *c.e.Spec.Completions); set.Has(ix) {
			return true
		}
	}
	return false
}

func completedOf(status *batchv1.JobStatus) string { return status.CompletedIndexes }

func failedOf(status *batchv1.JobStatus) string {
	if status.FailedIndexes == nil {
		return ""
	}
	return *status.FailedIndexes
}

func count(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}
