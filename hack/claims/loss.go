package claims

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Loss is a way in which evidence goes missing.
type Loss struct {
	Name string
	// Lose takes from a copy of the evidence.
	Lose func(seen *evidence.Job, random *rand.Rand)
}

// Losses are what a cluster forgets and a reader may not read: the pods of one
// kind, by chance or to a rule, and the events of one kind or up to an age.
var Losses = []Loss{
	{"nothing else", byChance(0)},
	{"0.1 of the pods", byChance(0.1)},
	{"0.3 of the pods", byChance(0.3)},
	{"0.7 of the pods", byChance(0.7)},
	{"all pods", byChance(1)},
	{"pods accounted for", pods(func(pod *evidence.Attempt) bool { return !pod.Finalizer })},
	{"pods deleted", pods(func(pod *evidence.Attempt) bool { return !pod.DeletionTime.IsZero() })},
	{"pods pending", inPhase(corev1.PodPending)},
	{"pods running", inPhase(corev1.PodRunning)},
	{"pods failed", inPhase(corev1.PodFailed)},
	{"pods succeeded", inPhase(corev1.PodSucceeded)},
	{"pods but the newest of each index", func(seen *evidence.Job, _ *rand.Rand) { keepYoungest(seen, 1) }},
	{"the newest pod of each index", func(seen *evidence.Job, _ *rand.Rand) { keepYoungest(seen, -1) }},
	{"pods of low indexes", func(seen *evidence.Job, random *rand.Rand) {
		low := random.Int32N(*seen.Job.Spec.Completions + 1)
		seen.Attempts = slices.DeleteFunc(seen.Attempts, func(pod evidence.Attempt) bool { return pod.Index < low })
	}},
	{"pods of high indexes", func(seen *evidence.Job, random *rand.Rand) {
		high := random.Int32N(*seen.Job.Spec.Completions + 1)
		seen.Attempts = slices.DeleteFunc(seen.Attempts, func(pod evidence.Attempt) bool { return pod.Index >= high })
	}},
	{"the right to pods", func(seen *evidence.Job, _ *rand.Rand) { seen.Attempts, seen.PodsRead = nil, false }},
	{"the version", func(seen *evidence.Job, _ *rand.Rand) { seen.ServerVersion = "" }},
	{"old events", func(seen *evidence.Job, random *rand.Rand) {
		// Those of one time share a lease, and expire together.
		since := seen.ObservedAt.Add(-time.Duration(random.IntN(120)) * time.Second)
		seen.Events = slices.DeleteFunc(seen.Events, func(event evidence.Event) bool { return event.Last.Before(since) })
	}},
	{"events of creations", events("SuccessfulCreate")},
	{"events of deletions", events("SuccessfulDelete")},
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
		seen.Events, seen.EventsRead = nil, false
	}
	return &seen
}
