package claims_test

import (
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// Check holds each bucket against parallelism; here it is enough that much goes on.
func TestTimelinesAreBusy(t *testing.T) {
	busy := 0
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, seen *evidence.Job) {
		timeline := replay.TimelineOf(replay.Explain(seen, seen.ObservedAt))
		if timeline == nil {
			return
		}
		for i := range timeline.Buckets {
			if timeline.Buckets[i].Running > 0 {
				busy++
			}
		}
	})
	if busy < 100 {
		t.Errorf("%d buckets in which something ran are too few", busy)
	}
}
