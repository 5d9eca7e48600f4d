package claims

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Loss is a way in which evidence goes missing.
type Loss struct {
	Name string
	// Marked: no cluster loses so, and the evidence says that it is partial.
	Marked bool
	// Lose takes from a copy of the evidence.
	Lose func(seen *evidence.Job, random *rand.Rand)
}

// Losses are what a cluster forgets and a reader may not read, of which the
// evidence says nothing: pods that are accounted for, events of one kind or up to
// an age, the right to pods. Any other is of a file that is marked as partial.
var Losses = []Loss{
	{Name: "nothing else", Lose: byChance(0)},
	{Name: "pods accounted for", Lose: ended(1)},
	{Name: "0.5 of the pods accounted for", Lose: ended(0.5)},
	{Name: "the right to pods", Lose: func(seen *evidence.Job, _ *rand.Rand) { seen.Attempts, seen.Coverage.Pods = nil, evidence.None }},
	{Name: "the version", Lose: func(seen *evidence.Job, _ *rand.Rand) { seen.ServerVersion = "" }},
	{Name: "old events", Lose: func(seen *evidence.Job, random *rand.Rand) {
		// Those of one time share a lease, and expire together.
		since := seen.ObservedAt.Add(-time.Duration(random.IntN(120)) * time.Second)
		seen.Events = slices.DeleteFunc(seen.Events, func(event evidence.Event) bool { return event.Last.Before(since) })
	}},
	{Name: "events of creations", Lose: events("SuccessfulCreate")},
	{Name: "events of deletions", Lose: func(seen *evidence.Job, random *rand.Rand) {
		// No client drops one of so few events (EventSourceObjectSpamFilter in
		// events_cache.go, v1.37.2).
		if len(seen.Events) >= controller.EventBurst {
			events("SuccessfulDelete")(seen, random)
		}
	}},
	{Name: "0.1 of the pods", Marked: true, Lose: byChance(0.1)},
	{Name: "0.3 of the pods", Marked: true, Lose: byChance(0.3)},
	{Name: "0.7 of the pods", Marked: true, Lose: byChance(0.7)},
	{Name: "all pods", Marked: true, Lose: byChance(1)},
	{Name: "pods deleted", Marked: true, Lose: pods(func(pod *evidence.Attempt) bool { return !pod.DeletionTime.IsZero() })},
	{Name: "pods pending", Marked: true, Lose: inPhase(corev1.PodPending)},
	{Name: "pods running", Marked: true, Lose: inPhase(corev1.PodRunning)},
	{Name: "pods failed", Marked: true, Lose: inPhase(corev1.PodFailed)},
	{Name: "pods succeeded", Marked: true, Lose: inPhase(corev1.PodSucceeded)},
	{Name: "pods but the newest of each index", Marked: true, Lose: func(seen *evidence.Job, _ *rand.Rand) { keepYoungest(seen, 1) }},
	{Name: "the newest pod of each index", Marked: true, Lose: func(seen *evidence.Job, _ *rand.Rand) { keepYoungest(seen, -1) }},
	{Name: "pods of low indexes", Marked: true, Lose: func(seen *evidence.Job, random *rand.Rand) {
		low := random.Int32N(*seen.Job.Spec.Completions + 1)
		seen.Attempts = slices.DeleteFunc(seen.Attempts, func(pod evidence.Attempt) bool { return pod.Index < low })
	}},
	{Name: "pods of high indexes", Marked: true, Lose: func(seen *evidence.Job, random *rand.Rand) {
		high := random.Int32N(*seen.Job.Spec.Completions + 1)
		seen.Attempts = slices.DeleteFunc(seen.Attempts, func(pod evidence.Attempt) bool { return pod.Index >= high })
	}},
}

// ended loses a share of the pods that ended and bear no finalizer, as pod garbage
// collection, a TTL and users take them.
func ended(share float64) func(*evidence.Job, *rand.Rand) {
	return func(seen *evidence.Job, random *rand.Rand) {
		seen.Attempts = slices.DeleteFunc(seen.Attempts, func(pod evidence.Attempt) bool {
			isEnded := pod.Phase == corev1.PodFailed || pod.Phase == corev1.PodSucceeded
			return isEnded && !pod.Finalizer && random.Float64() < share
		})
	}
}

func byChance(share float64) func(*evidence.Job, *rand.Rand) {
	return func(seen *evidence.Job, random *rand.Rand) {
		seen.Attempts = slices.DeleteFunc(seen.Attempts, func(evidence.Attempt) bool { return random.Float64() < share })
	}
}

func pods(lost func(*evidence.Attempt) bool) func(*evidence.Job, *rand.Rand) {
	return func(seen *evidence.Job, _ *rand.Rand) {
		seen.Attempts = slices.DeleteFunc(seen.Attempts, func(pod evidence.Attempt) bool { return lost(&pod) })
	}
}

func inPhase(phase corev1.PodPhase) func(*evidence.Job, *rand.Rand) {
	return pods(func(pod *evidence.Attempt) bool { return pod.Phase == phase })
}

func events(reason string) func(*evidence.Job, *rand.Rand) {
	return func(seen *evidence.Job, _ *rand.Rand) {
		seen.Events = slices.DeleteFunc(seen.Events, func(event evidence.Event) bool { return event.Reason == reason })
	}
}

// keepYoungest keeps the n youngest pods of each index, or loses the -n youngest.
func keepYoungest(seen *evidence.Job, n int) {
	slices.SortStableFunc(seen.Attempts, func(a, b evidence.Attempt) int { return cmp.Compare(b.CreationTime, a.CreationTime) })
	met := map[int32]int{}
	seen.Attempts = slices.DeleteFunc(seen.Attempts, func(pod evidence.Attempt) bool {
		met[pod.Index]++
		return n > 0 && met[pod.Index] > n || n < 0 && met[pod.Index] <= -n
	})
}

// From is the evidence with something lost, and with all events or none.
func (l Loss) From(whole *evidence.Job, keepEvents bool, seed uint64) *evidence.Job {
	seen := *whole
	seen.Attempts, seen.Events = slices.Clone(whole.Attempts), slices.Clone(whole.Events)
	l.Lose(&seen, rand.New(rand.NewPCG(seed, 7)))
	if !keepEvents {
		seen.Events, seen.Coverage.Events = nil, evidence.None
	}
	if l.Marked {
		seen.Coverage.Pods = evidence.Partial
	}
	return &seen
}
