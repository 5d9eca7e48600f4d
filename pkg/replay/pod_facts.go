package replay

import (
	"cmp"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// podFacts is a pod and what every rule asks of it, reckoned once. A large Job
// is walked dozens of times: what is asked each time stands here, beside that of
// the next pod, and not in the pod.
type podFacts struct {
	*evidence.Attempt
	// ending is how it failed or, where the controller deleted it at the Job's
	// decision, how it would have; nil for all others. failure is that with the
	// pod's own message.
	ending  *ending
	failure *v1alpha1.Failure
	// created and finished are its creation and its FinishedTime.
	created, finished time.Time
	index             int32
	born              v1alpha1.Tally
	restarts          int32

	// hasSucceeded and hasFailed are phases, isFailed is the controller's IsPodFailed.
	hasSucceeded, hasFailed, isFailed     bool
	isActive, isTerminating, isDeleted    bool
	hasValidIndex                         bool
	isUncounted, isBeingCounted           bool
	failsIndex                            bool
	wasOOMKilled                          bool
	isAtDecision, isRemoved, isOwnFailure bool
}

func (p *podFacts) isTerminal() bool { return p.hasSucceeded || p.hasFailed }

// bornWith is how many failures, counted and ignored, came before the pod.
func (p *podFacts) bornWith() int32 { return p.born.Counted + p.born.Ignored }

// leaves is what a replacement of the failed pod is born with.
func (p *podFacts) leaves() v1alpha1.Tally {
	if p.ending.match.Counted() {
		return v1alpha1.Tally{Counted: p.born.Counted + 1, Ignored: p.born.Ignored}
	}
	return v1alpha1.Tally{Counted: p.born.Counted, Ignored: p.born.Ignored + 1}
}

// reckoner reckons the facts of pods that follow from the Job and its policy.
type reckoner struct {
	job          *batchv1.Job
	rules        Rules
	completions  int32
	beingCounted map[types.UID]bool
	endings      *endings
}

func newReckoner(job *batchv1.Job, rules Rules) *reckoner {
	r := &reckoner{job: job, rules: rules, completions: completions(job), endings: newEndings(job.Spec.PodFailurePolicy)}
	if uncounted := job.Status.UncountedTerminatedPods; uncounted != nil && len(uncounted.Failed) > 0 {
		r.beingCounted = map[types.UID]bool{}
		for _, uid := range uncounted.Failed {
			r.beingCounted[uid] = true
		}
	}
	return r
}

func (r *reckoner) reckon(pod *evidence.Attempt) podFacts {
	facts := podFacts{
		Attempt: pod, index: pod.Index, created: pod.CreationTime, finished: r.rules.FinishedTime(pod), restarts: restartsOf(pod),
		born:         v1alpha1.Tally{Counted: pod.FailureCount, Ignored: pod.IgnoredFailureCount},
		hasSucceeded: pod.Phase == corev1.PodSucceeded, hasFailed: pod.Phase == corev1.PodFailed, isFailed: IsPodFailed(r.job, pod),
		isActive: IsPodActive(pod), isTerminating: IsPodTerminating(pod), isDeleted: isDeleted(pod),
		hasValidIndex: pod.Index != evidence.UnknownIndex && pod.Index < r.completions,
		isUncounted:   isUncounted(pod), isBeingCounted: r.beingCounted[pod.UID],
		wasOOMKilled: wasOOMKilled(pod),
	}
	if facts.isFailed {
		facts.ending = r.endings.of(pod)
		facts.failure = r.endings.failureOf(pod, facts.ending)
		facts.failsIndex = failsIndex(r.job, pod, facts.ending.match)
	}
	return facts
}

// pods are the facts of each, in the order given.
func (r *reckoner) pods(attempts []*evidence.Attempt) []*podFacts {
	pods := make([]*podFacts, len(attempts))
	for i, attempt := range attempts {
		facts := r.reckon(attempt)
		pods[i] = &facts
	}
	return pods
}

// inOrder sorts pods by index, then oldest first. The count breaks ties of the
// second that timestamps are kept to.
func inOrder(pods []podFacts) []podFacts {
	// Numbers are sorted in place of the facts, which are large and, of each index, few.
	order := make([]uint64, len(pods))
	for i := range pods {
		order[i] = uint64(int64(pods[i].index)+1)<<32 | uint64(i) // no index is -1
	}
	slices.Sort(order)
	sorted := make([]podFacts, len(pods))
	for i, at := range order {
		sorted[i] = pods[uint32(at)]
	}
	for from := 0; from < len(sorted); {
		to := endOfIndex(sorted, from)
		slices.SortFunc(sorted[from:to], older)
		from = to
	}
	return sorted
}

func older(a, b podFacts) int {
	if c := a.created.Compare(b.created); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.bornWith(), b.bornWith()), strings.Compare(a.Name, b.Name))
}

// endOfIndex is the position behind the last pod of the index that begins there.
func endOfIndex(pods []podFacts, from int) int {
	to := from
	for to < len(pods) && pods[to].index == pods[from].index {
		to++
	}
	return to
}
