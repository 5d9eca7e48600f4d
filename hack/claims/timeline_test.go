package claims_test

import (
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// No bucket has more pods than the Job may have had at once, and marks are in order.
func TestATimelineKeepsToParallelism(t *testing.T) {
	busy := 0
	eachMoment(t, func(t *testing.T, r *recording.Recording, _ recording.Moment, seen *evidence.Job) {
		timeline := replay.TimelineOf(replay.Explain(seen, seen.ObservedAt))
		if timeline == nil {
			return
		}
		most := mostParallelism(&r.Ledger)
		if n := len(timeline.Buckets); n == 0 || n > 200 || timeline.BucketSeconds < 1 {
			t.Errorf("%d buckets of %d s", n, timeline.BucketSeconds)
		}
		for i, b := range timeline.Buckets {
			if b.Running < 0 || b.Pending < 0 || b.BackingOff < 0 || b.Terminating < 0 {
				t.Errorf("bucket %d is %+v", i, b)
			}
			if b.Running+b.Pending > most+b.Terminating {
				t.Errorf("bucket %d is %+v, parallelism at most %d", i, b, most)
			}
			if b.Running > 0 {
				busy++
			}
		}
		for i, mark := range timeline.Marks {
			if i > 0 && mark.Time.Before(&timeline.Marks[i-1].Time) || mark.Time.Before(&timeline.From) || timeline.To.Before(&mark.Time) {
				t.Errorf("mark %d is %+v, from %v to %v", i, mark, timeline.From, timeline.To)
			}
		}
	})
	if busy < 100 {
		t.Errorf("%d buckets in which something ran are too few", busy)
	}
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
