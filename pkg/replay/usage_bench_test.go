package replay

import (
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/bench"
)

// BenchmarkUsage tells how much usage, durations and the timeline of a large Job take
// on top of explaining it, each Job explained and reckoned again in one run.
func BenchmarkUsage(b *testing.B) {
	seen := bench.Evidence(100_000, 3)
	var explained, reckoned, drawn time.Duration
	for b.Loop() {
		start := b.Elapsed()
		e := explain(seen, seen.ObservedAt, (*totals).fates)
		explained += b.Elapsed() - start

		start = b.Elapsed()
		TimelineOf(e)
		drawn += b.Elapsed() - start

		b.StopTimer()
		totals := total(foresee(readPods(readJob(seen, seen.ObservedAt))))
		b.StartTimer()
		start = b.Elapsed()
		totals.usage()
		totals.durations().told()
		reckoned += b.Elapsed() - start
	}
	b.ReportMetric(float64(reckoned.Microseconds())/1e3/float64(b.N), "usage-ms")
	b.ReportMetric(float64(drawn.Microseconds())/1e3/float64(b.N), "timeline-ms")
	b.ReportMetric(100*(reckoned+drawn).Seconds()/(explained-reckoned).Seconds(), "%-more")
}
