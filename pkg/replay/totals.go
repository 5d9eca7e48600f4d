package replay

import (
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// totals is the fourth stage: what the status counts against what can be seen. A
// pod that failed, or that a failing Job killed, is gone from the API some time,
// but never from status.failed; and pods are created for the lowest pending index
// first. Together they bound what can have happened unseen.
type totals struct {
	*forecast
	shared  *shared
	failJob failJob
	// known are the counted failures that the evidence explains, at least.
	known int64
	// unexplained is how many counted failures no evidence explains, at most.
	unexplained int64
	// highest is the highest index known to have got a pod, -1 for none.
	highest int32
	// creationsTold: the events name every pod that the Job ever had.
	creationsTold bool
	// started is the highest index that can have got a pod before the Job was
	// decided; bounded: that is proven, it is not merely the last index there is.
	started int32
	bounded bool
	// tippedBy is the attempt that decided the Job, and those tied with it.
	tippedBy []*podFacts
	// lowestInBackoff holds a slot while it waits; -1 where none does.
	lowestInBackoff int32
	// inferred is how many attempts are listed for one annotation.
	inferred int64
	// passing is room for the attempts of an index whose record may do without them;
	// nil where every record keeps its own.
	passing []v1alpha1.Attempt
}

func total(f *forecast) *totals {
	t := &totals{forecast: f, shared: newShared(), failJob: f.readFailJob(), highest: f.highestKnown(), inferred: f.inferredEach(), lowestInBackoff: -1}
	t.known = f.knownCounted() + f.knownKilled()
	t.unexplained = max(0, controller.FailedTotal(f.job)-t.known)
	t.creationsTold = f.creationsComplete(t.unexplained)
	if f.verdict.isDecided() {
		t.started, t.bounded = t.highestStarted()
	}
	t.tippedBy = t.trigger()
	if lowest, ok := f.InBackoff.First(); ok {
		t.lowestInBackoff = lowest
	}
	return t
}

func (t *podTable) highestKnown() int32 {
	highest := int32(-1)
	for _, set := range []indexes.Set{t.completed, t.failed, t.withPods} {
		if last, ok := set.Last(); ok {
			highest = max(highest, last)
		}
	}
	for index := range t.events.created {
		highest = max(highest, index)
	}
	return highest
}

// knownCounted sums, index by index, the failures that are in status.failed
// beyond doubt: what a pod was born with, and pods that ended by themselves or
// were killed when the Job was decided. Those of indexes that were scaled away
// are counted too.
func (t *podTable) knownCounted() int64 {
	var known int64
	from := 0
	for from < len(t.pods) {
		to := from + 1
		for to < len(t.pods) && t.pods[to].Index == t.pods[from].Index {
			to++
		}
		if t.perIndex() {
			known += t.longestChain(t.pods[from:to])
		} else {
			for _, pod := range t.pods[from:to] {
				if t.isSurelyCounted(pod) {
					known++
				}
			}
		}
		from = to
	}
	return known
}

// longestChain is the most counted failures that one pod of the index was born
// with, and its own. A failure that the next pod does not carry on was perhaps
// never counted: somebody removed the finalizer.
func (t *podTable) longestChain(pods []*podFacts) int64 {
	var longest int64
	for i, pod := range pods {
		chain := min(int64(pod.FailureCount), controller.FailedTotal(t.job))
		if t.isSurelyCounted(pod) && (i+1 == len(pods) || pods[i+1].FailureCount > pod.FailureCount) {
			chain++
		}
		longest = max(longest, chain)
	}
	return longest
}

// isSurelyCounted: the controller has accounted for the pod, and as a counted
// failure.
func (t *podTable) isSurelyCounted(pod *podFacts) bool {
	switch {
	case pod.Uncounted && !pod.Counted, pod.standing != ordinary, !pod.ValidIndex && !t.wasScaledAway(pod):
		return false
	case pod.isKilled:
		return !t.verdict.success && !t.mayForgiveKilled(pod)
	case t.verdict.success && !t.endedBeforeDecision(pod):
		return false // what ends after a success counts for nothing
	case pod.Deleted && !t.isUndisturbed():
		return false // perhaps removed by a suspension or as surplus, uncounted
	}
	return pod.Failed && pod.Match.Counts()
}

// wasScaledAway: completions were more when the pod was accounted for.
func (t *podTable) wasScaledAway(pod *podFacts) bool {
	return pod.Index >= t.completions && t.job.Generation > 1
}

// mayForgiveKilled: a pod killed at the decision is counted unless the policy
// ignores what its status said just then. Only a disruption stays to be seen:
// another condition changes as the pod goes, and one of its containers may have
// ended before.
func (t *podTable) mayForgiveKilled(pod *podFacts) bool {
	return t.ignores() && (pod.isDisrupted || pod.Failed && !pod.Match.Counts() || !t.ignoresDisruptionsAlone())
}

// knownKilled counts those that are in status.failed beyond doubt: a policy that
// ignores may have forgiven any.
func (t *podTable) knownKilled() int64 {
	if t.ignores() {
		return 0
	}
	return t.killedByEvents()
}

// killedByEvents counts the pods that only events know and that the controller
// deleted when it failed the Job.
func (t *podTable) killedByEvents() int64 {
	if !t.verdict.isDecided() || t.verdict.success {
		return 0
	}
	var killed int64
	for index := range t.events.created {
		if t.completed.Has(index) {
			continue // deleted by a decision that was not written, it succeeded before the next
		}
		for _, pod := range t.goneByEvent(index) {
			if t.isKilledByEvent(pod.name) {
				killed++
			}
		}
	}
	return killed
}

// highestStarted bounds the indexes that can have got a pod before the Job was
// decided. A pod is created for one of as many of the lowest unfinished indexes
// as may be active at once, and indexes are only ever taken from those: so
// whatever was ignored, refused or killed unseen, none above them is unfinished
// now and had a pod. Where moreover every failure is accounted for, no pod is
// gone unseen: a failing Job counts each that it kills.
func (t *totals) highestStarted() (int32, bool) {
	if t.creationsTold {
		return t.highest, true
	}
	if !t.isUndisturbed() || !t.hasRules() {
		return t.completions - 1, false
	}
	started, any := t.unfinished().Take(controller.Parallelism(t.job)).Last()
	if !any {
		started = t.highest
	}
	if t.countsKilled() && t.unexplained == 0 {
		started = min(started, t.highest)
	}
	return started, true
}

// countsKilled: every pod that the decision killed is in status.failed. Of a Job
// that is still failing one update may not hold all of them.
func (t *totals) countsKilled() bool {
	return !t.verdict.success && !t.ignores() &&
		(t.verdict.isFinished() || int64(t.completions) <= controller.MaxUncountedPods)
}

func (t *podTable) toldCreated() indexes.Set {
	var told indexes.Builder
	for index := range t.events.created {
		told.Add(index)
	}
	return told.Set()
}
