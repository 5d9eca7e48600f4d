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
	// finished is its FinishedTime, created its CreationTime.
	finished time.Time
	created  evidence.Instant
	index    int32
	restarts int32
	born     v1alpha1.Tally

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

// lastChange is when the pod was created, deleted or ended, whichever came last.
func (p *podFacts) lastChange() time.Time {
	last := later(p.CreationTime.Time(), deleteCallTime(p.Attempt))
	if p.isTerminal() {
		last = later(last, p.finished)
	}
	return last
}

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

func (r *reckoner) reckon(pod *evidence.Attempt, facts *podFacts) {
	*facts = podFacts{
		Attempt: pod, index: pod.Index, created: pod.CreationTime, finished: r.rules.FinishedTime(pod), restarts: restartsOf(pod),
		born:         v1alpha1.Tally{Counted: pod.FailureCount, Ignored: pod.IgnoredFailureCount},
		hasSucceeded: pod.Phase == corev1.PodSucceeded, hasFailed: pod.Phase == corev1.PodFailed, isFailed: IsPodFailed(r.job, pod),
		isActive: IsPodActive(pod), isTerminating: IsPodTerminating(pod), isDeleted: isDeleted(pod),
		hasValidIndex: pod.Index != evidence.UnknownIndex && pod.Index < r.completions,
		isUncounted:   isUncounted(pod), isBeingCounted: r.beingCounted[pod.UID],
		wasOOMKilled: wasOOMKilled(pod),
	}
}

// judge says how the failed pod ended.
func (r *reckoner) judge(pod *podFacts, ended *ending) {
	pod.ending = ended
	pod.failsIndex = failsIndex(r.job, pod.Attempt, ended.match)
}

// pods are the facts of each, in the order given, without the words for how
// they ended.
func (r *reckoner) pods(attempts []*evidence.Attempt) []*podFacts {
	pods := make([]*podFacts, len(attempts))
	for i, attempt := range attempts {
		pods[i] = new(podFacts)
		r.reckon(attempt, pods[i])
		if pods[i].isFailed {
			r.judge(pods[i], &ending{match: MatchPodFailurePolicy(r.job.Spec.PodFailurePolicy, attempt)})
		}
	}
	return pods
}

// placesByIndex says of each attempt where it stands among those that are the
// Job's, by index; -1 of the others. n is how many are.
func placesByIndex(attempts []evidence.Attempt, isOurs func(*evidence.Attempt) bool) (places []int32, n int) {
	order := make([]uint64, 0, len(attempts))
	places = make([]int32, len(attempts))
	for i := range attempts {
		places[i] = -1
		if isOurs(&attempts[i]) {
			order = append(order, uint64(int64(attempts[i].Index)-evidence.UnknownIndex)<<32|uint64(i))
		}
	}
	slices.Sort(order)
	for place, of := range order {
		places[uint32(of)] = int32(place)
	}
	return places, len(order)
}

// older orders the pods of one index. The count breaks ties of the second that
// timestamps are kept to.
func older(a, b *podFacts) int {
	if a.created != b.created {
		return cmp.Compare(a.created, b.created)
	}
	return cmp.Or(cmp.Compare(a.bornWith(), b.bornWith()), strings.Compare(a.Name, b.Name))
}
