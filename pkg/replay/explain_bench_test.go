package replay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// BenchmarkExplain explains a finished Job whose indexes had three attempts
// each: two failed, on nodes that differ, and one succeeded.
func BenchmarkExplain(b *testing.B) {
	for _, n := range []int32{10000, 100000} {
		s := largeJob(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.explain()
			}
		})
	}
}

func largeJob(n int32) seen {
	pods := make([]evidence.Attempt, 0, 3*n)
	for ix := range n {
		node := onNode(fmt.Sprint("node-", ix%100))
		pods = append(pods,
			aPod(ix, 0, node, exited(137, 5), accounted),
			aPod(ix, 15, node, born(1, 0), exited(1, 20), says(fmt.Sprintf("cannot reach 10.0.0.%d", ix%250)), accounted),
			aPod(ix, 40, node, born(2, 0), succeeded(60), accounted))
	}
	return see(aJob(n, perIndex(3), policy(ignoreDisruption, failIndexOn42), failures(2*n),
		completed(fmt.Sprintf("0-%d", n-1), n), completeJob(61, "CompletionsReached")), pods...)
}

// BenchmarkManyCauses explains a Job of which each failure is a cause of its own.
func BenchmarkManyCauses(b *testing.B) {
	s := largeJob(100_000)
	for i := range s.Attempts {
		for _, c := range s.Attempts[i].Containers {
			if c.Terminated != nil && c.Terminated.ExitCode != 0 {
				c.Terminated.Message = "took 17 ms: no item " + strings.NewReplacer("0", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i", "9", "j").Replace(fmt.Sprint(i))
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.explain()
	}
}
