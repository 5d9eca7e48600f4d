package replay

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// podFacts is a pod, what the rules make of it, and what became of it.
type podFacts struct {
	controller.Pod
	// ending is how it failed or, where the decision killed it, how it would have;
	// nil for all others. failure is that with the pod's own message.
	ending  *ending
	failure *v1alpha1.Failure
	created evidence.Instant
	// From when until when the container ran that decided the attempt; finish is when
	// the last one ended. Zero where the containers do not say.
	ranFrom, ranTo, finish evidence.Instant
	isOOMKilled            bool
	// isDisrupted: its DisruptionTarget condition is True.
	isDisrupted bool
	// hasUnfinished: a container that ran does not say when it ended.
	hasUnfinished bool
	// held is for how many seconds it held what it requests, on a node; isHeldKnown:
	// that is all.
	held        int64
	isHeldKnown bool
	requests    *evidence.Requests
	started     evidence.Instant
	// restarts are those that a container really made.
	restarts int32
	// isKilled: the controller deleted it when it decided the Job.
	isKilled bool
	// isGone: a watch saw it go.
	isGone   bool
	standing standing
}

func (p *podFacts) hasFailed() bool { return p.Terminal && !p.Succeeded() }

func (p *podFacts) succeeded() bool  { return p.Succeeded() }
func (p *podFacts) failsIndex() bool { return p.FailsIndex }

func (p *podFacts) isDeleted() bool { return p.Deleted || p.isGone }

func (p *podFacts) finished() time.Time { return p.Finished.Time() }

// isOwnFailure: it failed, and the controller had no hand in it.
func (p *podFacts) isOwnFailure() bool {
	return p.Failed && !p.isKilled && p.standing != removed
}

// isJudged: the rules were held against its failure, or will be.
func (p *podFacts) isJudged() bool { return p.isOwnFailure() && !p.costsNothing() }

// counts reports whether its failure counts against the limits.
func (p *podFacts) counts() bool { return p.isJudged() && p.Match.Counts() }

// costsNothing: the pod was removed, or never accounted for: nothing is counted,
// nothing delayed, no rule asked.
func (p *podFacts) costsNothing() bool {
	return p.standing == removed || p.standing == notCounted || p.standing == markedLater
}

// wentUnseen: nobody saw the pod end, nor that it was deleted.
func (p *podFacts) wentUnseen() bool {
	return p.isGone && !p.Terminal && !p.Deleted
}

// mostFailures leaves room for the attempts that are numbered after as many of both
// kinds: no index fails as often, but in an annotation.
const mostFailures = math.MaxInt32/2 - 1

func (p *podFacts) born() v1alpha1.Tally {
	return v1alpha1.Tally{Counted: min(p.FailureCount, mostFailures), Ignored: min(p.IgnoredFailureCount, mostFailures)}
}

// leaves is what a replacement of the failed pod is born with.
func (p *podFacts) leaves() v1alpha1.Tally {
	born := p.born()
	return v1alpha1.Tally(controller.NewIndexFailureCounts(&controller.Pod{Match: p.Match, FailureCount: born.Counted, IgnoredFailureCount: born.Ignored}))
}

// podTable is the second stage: the Job's pods by index and age, and the events
// that tell of pods.
type podTable struct {
	*jobFacts
	events    jobEvents
	podEvents podEvents
	pods      []*podFacts
	groups    []podRange
	// withPods are the valid indexes that have a pod.
	withPods indexes.Set
	// hasActive: one of the Job's own pods is active; lastCreated is the youngest.
	hasActive   bool
	lastCreated evidence.Instant
	// oldestKilled is when the first of the pods was created that the decision
	// killed and of which it is known when, and firstKilled when the first was deleted;
	// zero for none.
	oldestKilled, firstKilled evidence.Instant
	// othersCounted are the counted failures of pods that nobody deleted; -1 where
	// nobody has asked.
	othersCounted int64
}

// podRange is where the pods of a valid index stand.
type podRange struct{ index, from, to int32 }

// readPods reckons the pods in the order of the evidence, which is how they lie
// in memory, and puts each where it belongs.
func readPods(job *jobFacts) *podTable {
	t := &podTable{jobFacts: job, events: readEvents(job), podEvents: readPodEvents(job.seen), othersCounted: -1}
	attempts := job.seen.Attempts
	places, n := placesByIndex(attempts, func(a *evidence.Attempt) bool { return a.Owned || job.adopts() })
	reckoned := make([]podFacts, n)
	t.pods = make([]*podFacts, n)
	reckoner := controller.NewReckoner(job.seen.Forecast(), job.rules)
	endings := newEndings(job.job.Spec.PodFailurePolicy)
	for i, place := range places {
		if place >= 0 {
			t.pods[place] = &reckoned[place]
			t.reckon(&attempts[i], t.pods[place], reckoner, endings)
		}
	}
	t.group()
	t.settle()
	return t
}

func (t *podTable) reckon(attempt *evidence.Attempt, pod *podFacts, reckoner *controller.Reckoner, endings *endings) {
	reckoner.Reckon(attempt, &pod.Pod)
	pod.created, pod.isDisrupted = attempt.CreationTime, disruption(attempt) != nil
	if pod.isGone = !attempt.Vanished.IsZero(); pod.isGone {
		pod.Active, pod.Terminating, pod.Uncounted = false, false, false
	}
	t.hasActive = t.hasActive || pod.Active && pod.Owned
	t.lastCreated = max(t.lastCreated, pod.created)
	pod.isKilled = t.wasKilled(pod)
	if pod.Failed || pod.isKilled {
		pod.ending = endings.of(pod)
	}
	if pod.Failed {
		pod.failure = endings.failureOf(attempt, pod.ending)
	}
	pod.readContainers()
	t.readHeld(pod)
}

// group parts the pods, which are in order of index, and puts those of each in
// order of age.
func (t *podTable) group() {
	var with indexes.Builder
	t.groups = make([]podRange, 0, len(t.pods))
	for from := 0; from < len(t.pods); {
		to := from + 1
		for to < len(t.pods) && t.pods[to].Index == t.pods[from].Index {
			to++
		}
		slices.SortFunc(t.pods[from:to], older)
		if t.pods[from].ValidIndex {
			t.groups = append(t.groups, podRange{t.pods[from].Index, int32(from), int32(to)})
			with.Add(t.pods[from].Index)
		}
		from = to
	}
	t.withPods = with.Set()
}

// older orders the pods of one index. The count breaks ties of the second that
// timestamps are kept to.
func older(a, b *podFacts) int {
	if a.created != b.created {
		return cmp.Compare(a.created, b.created)
	}
	return cmp.Or(cmp.Compare(a.BornWith(), b.BornWith()), strings.Compare(a.Name, b.Name))
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

// podsOf are the pods of an index, oldest first.
func (t *podTable) podsOf(index int32) []*podFacts {
	// Where every index has a pod, the first guess is right.
	n := min(int(index), len(t.groups)-1)
	if n < 0 {
		return nil
	}
	if t.groups[n].index != index {
		found := false
		if n, found = slices.BinarySearchFunc(t.groups[:n+1], index, func(g podRange, index int32) int { return cmp.Compare(g.index, index) }); !found {
			return nil
		}
	}
	return t.podsIn(t.groups[n])
}

func (t *podTable) podsIn(group podRange) []*podFacts { return t.pods[group.from:group.to:group.to] }

func (t *podTable) podNamed(index int32, name string) *podFacts {
	for _, pod := range t.podsOf(index) {
		if pod.Name == name {
			return pod
		}
	}
	return nil
}

// present are the pods that are there, as a sync finds them.
func (t *podTable) present() []*controller.Pod {
	pods := make([]*controller.Pod, 0, len(t.pods))
	for _, pod := range t.pods {
		if !pod.isGone {
			pods = append(pods, &pod.Pod)
		}
	}
	return pods
}

func newestOf(pods []*podFacts) *podFacts {
	if len(pods) == 0 {
		return nil
	}
	return pods[len(pods)-1]
}
