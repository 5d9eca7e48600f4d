package replay

import (
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/bench"
)

// BenchmarkUsage tells how much of explaining a large Job usage, durations and what
// is found by them take, each Job explained and reckoned again in one run.
func BenchmarkUsage(b *testing.B) {
	seen := bench.Evidence(100_000, 3)
	var explained, reckoned time.Duration
	for b.Loop() {
		start := b.Elapsed()
		explain(seen, seen.ObservedAt, (*totals).fates)
		explained += b.Elapsed() - start

		b.StopTimer()
		totals := total(foresee(readPods(readJob(seen, seen.ObservedAt))))
		b.StartTimer()
		start = b.Elapsed()
		totals.usage()
		totals.durations().told()
		reckoned += b.Elapsed() - start
	}
	b.ReportMetric(float64(reckoned.Microseconds())/1e3/float64(b.N), "usage-ms")
	b.ReportMetric(100*reckoned.Seconds()/(explained-reckoned).Seconds(), "%-more")
}
