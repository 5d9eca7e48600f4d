package claims

import (
	"slices"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// CheckTimeline: no moment has more pods than the Job may have at once, and marks are in
// order. It holds where the clocks of nodes and server agree.
func CheckTimeline(e *v1alpha1.Explanation, ledger *recording.Ledger) []string {
	timeline := replay.TimelineOf(e)
	if timeline == nil {
		return nil
	}
	c := &check{}
	most := mostParallelism(ledger)
	n := len(timeline.Buckets)
	c.claim(n > 0 && n <= 200 && timeline.BucketSeconds >= 1, "timeline: %d buckets of %d s", n, timeline.BucketSeconds)
	for i, b := range timeline.Buckets {
		c.claim(min(b.Running, b.Pending, b.BackingOff, b.Terminating) >= 0, "timeline: bucket %d is %+v", i, b)
		c.claim(b.Running+b.Pending <= most+b.Terminating, "timeline: bucket %d is %+v, parallelism at most %d", i, b, most)
	}
	isSorted := slices.IsSortedFunc(timeline.Marks, func(a, b v1alpha1.Mark) int { return a.Time.Compare(b.Time.Time) })
	c.claim(isSorted, "timeline: marks are out of order: %v", timeline.Marks)
	for _, mark := range timeline.Marks {
		c.claim(!mark.Time.Before(&timeline.From) && !timeline.To.Before(&mark.Time), "timeline: %+v is not from %v to %v", mark, timeline.From, timeline.To)
	}
	return c.wrong
}

// mostParallelism is the highest that the spec ever had.
func mostParallelism(ledger *recording.Ledger) int64 {
	most := int64(0)
	for i := range ledger.History {
		if spec := ledger.History[i].Spec; spec != nil && spec.Parallelism != nil {
			most = max(most, int64(*spec.Parallelism))
		}
	}
	return most
}
