package replay

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// ranOn are attempts of these seconds at the indexes from first on, all on one node.
func ranOn(node string, first int32, seconds ...int) (pods []evidence.Attempt) {
	for i, n := range seconds {
		pods = append(pods, aPod(first+int32(i), 0, succeeded(n), onNode(node), accounted))
	}
	return pods
}

// startsAfter: the pod is scheduled when it was created, and its container starts later.
func startsAfter(seconds int) podOption {
	return func(pod *evidence.Attempt) {
		pod.Scheduled = pod.CreationTime
		pod.Containers[0].StartedAt += evidence.Instant(seconds * perSecond)
	}
}

func startedOn(node string, first int32, seconds ...int) (pods []evidence.Attempt) {
	for i, n := range seconds {
		pods = append(pods, aPod(first+int32(i), 0, succeeded(500), startsAfter(n), onNode(node), accounted))
	}
	return pods
}

func failedOn(node string, first int32, seconds ...int) (pods []evidence.Attempt) {
	for i, n := range seconds {
		pods = append(pods, aPod(first+int32(i), 0, exited(1, 500), startsAfter(n), onNode(node)))
	}
	return pods
}

func TestSlowNodes(t *testing.T) {
	all := func(of ...[]evidence.Attempt) seen {
		var pods []evidence.Attempt
		for _, some := range of {
			pods = append(pods, some...)
		}
		return see(aJob(99), pods...).at(900)
	}
	for _, c := range []struct {
		name    string
		seen    seen
		kind    v1alpha1.FindingKind
		indexes string
		says    string
	}{
		{"attempts take longer on one node", all(ranOn("a", 0, 20, 20, 20, 20, 20, 22), ranOn("b", 20, 50, 55, 60, 65, 41)), "SlowOnNode", "20-24", "attempts on node b take 55s, those elsewhere 20s (medians of 5 and 6 that succeeded)"},
		{"those that are not slow are not named", all(ranOn("a", 0, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20), ranOn("b", 20, 5, 50, 55, 60, 65, 70)), "SlowOnNode", "21-25", "attempts on node b take 55s"},
		{"not twice as long", all(ranOn("a", 0, 20, 20, 20, 20, 20), ranOn("b", 20, 40, 40, 40, 40, 40)), "SlowOnNode", "none", ""},
		{"no node is known", all(ranOn("", 0, 20, 60)), "SlowOnNode", "none", ""},
		{"not by four attempts", all(ranOn("a", 0, 20, 20, 20, 20, 20), ranOn("b", 20, 60, 60, 60, 60)), "SlowOnNode", "none", ""},
		{"not against four others", all(ranOn("a", 0, 20, 20, 20, 20), ranOn("b", 20, 60, 60, 60, 60, 60)), "SlowOnNode", "none", ""},
		{"not by seconds", all(ranOn("a", 0, 1, 1, 1, 1, 1), ranOn("b", 20, 9, 9, 9, 9, 9)), "SlowOnNode", "none", ""},
		{"not by chance", all(ranOn("a", 0, 10, 10, 12, 20, 25, 40, 60, 80, 15, 11, 10, 90), ranOn("b", 20, 10, 12, 60, 70, 80)), "SlowOnNode", "none", ""},
		{"not by attempts that failed", all(ranOn("a", 0, 20, 20, 20, 20, 20), failedOn("b", 20, 0, 0, 0, 0, 0)), "SlowOnNode", "none", ""},
		{"not where there is but one node", all(ranOn("a", 0, 20, 20, 20, 20, 20, 60, 60, 60, 60, 60)), "SlowOnNode", "none", ""},
		{"the slowest of two", all(ranOn("a", 0, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20), ranOn("b", 20, 90, 90, 90, 90, 90), ranOn("c", 30, 60, 60, 60, 60, 60)), "SlowOnNode", "20-24", "attempts on node b take 1m30s, those elsewhere 20s (medians of 5 and 21 that succeeded); 1 more node is slow, too"},
		{"pods start later on one node", all(startedOn("a", 0, 3, 3, 3, 3, 3, 4), startedOn("b", 20, 60, 70, 80, 90, 99)), "SlowStartOnNode", "20-24", "pods on node b start within 1m20s of being scheduled, those elsewhere within 3s (medians of 5 and 6 that succeeded)"},
		{"not by pods that failed", all(startedOn("a", 0, 3, 3, 3, 3, 3, 4), failedOn("b", 20, 60, 70, 80, 90, 99)), "SlowStartOnNode", "none", ""},
		{"not twice as late", all(startedOn("a", 0, 20, 20, 20, 20, 20), startedOn("b", 20, 40, 40, 40, 40, 40)), "SlowStartOnNode", "none", ""},
		{"not by seconds", all(startedOn("a", 0, 1, 1, 1, 1, 1), startedOn("b", 20, 8, 8, 8, 8, 8)), "SlowStartOnNode", "none", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 1))
			for range 5 {
				wantFinding(t, c.seen.explain(), c.kind, c.indexes, c.says)
				random.Shuffle(len(c.seen.Attempts), func(i, j int) {
					c.seen.Attempts[i], c.seen.Attempts[j] = c.seen.Attempts[j], c.seen.Attempts[i]
				})
			}
		})
	}
}

// A container that was restarted tells no more of its first start, and one that never
// started nothing.
func TestOnlyFirstStartsAreMeasured(t *testing.T) {
	var pods []evidence.Attempt
	for ix := range int32(6) {
		pods = append(pods,
			aPod(ix, 0, succeeded(500), startsAfter(3), onNode("a")),
			aPod(10+ix, 0, restarted(1), succeeded(500), startsAfter(300), onNode("b")),
			aPod(20+ix, 0, waits("ContainerCreating"), onNode("b")))
	}
	wantFinding(t, see(aJob(99), pods...).at(900).explain(), "SlowStartOnNode", "none", "")
}

func TestMedianWithout(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for range 500 {
		some, others := drawn(random), drawn(random)
		all := slices.Concat(some, others)
		slices.Sort(all)
		if got, want := medianWithout(all, some), percentile(others, 50); got != want {
			t.Fatalf("%d, want %d: %v beside %v", got, want, others, some)
		}
	}
}

func drawn(random *rand.Rand) []int64 {
	seconds := make([]int64, 1+random.IntN(20))
	for i := range seconds {
		seconds[i] = random.Int64N(8)
	}
	slices.Sort(seconds)
	return seconds
}
