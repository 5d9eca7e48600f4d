package replay_test

import (
	"fmt"
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/bench"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// BenchmarkLarge: what is not linear shows between 10,000 and 100,000 indexes.
func BenchmarkLarge(b *testing.B) {
	for _, job := range []struct{ indexes, attempts int32 }{{10_000, 3}, {100_000, 1}, {100_000, 3}, {100_000, 10}} {
		b.Run(fmt.Sprintf("indexes=%d/attempts=%d", job.indexes, job.attempts), func(b *testing.B) {
			seen := bench.Evidence(job.indexes, job.attempts)
			b.ReportAllocs()
			for b.Loop() {
				replay.Explain(seen, seen.ObservedAt)
			}
		})
	}
}

// BenchmarkBusy: a Job amid its run, as it is followed.
func BenchmarkBusy(b *testing.B) {
	for _, pods := range []int32{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("pods=%d", pods), func(b *testing.B) {
			seen := bench.BusyEvidence(pods)
			b.ReportAllocs()
			for b.Loop() {
				replay.Explain(seen, seen.ObservedAt)
			}
		})
	}
}
