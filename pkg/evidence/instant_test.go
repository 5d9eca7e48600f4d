package evidence_test

import (
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestInstantsAreTimesToTheMicrosecond(t *testing.T) {
	for _, year := range []int{0, 1, 1969, 1970, 2026, 9999} {
		exact := time.Date(year, 2, 3, 4, 5, 6, 789_012_000, time.UTC)
		if got := evidence.InstantOf(exact.In(time.FixedZone("", 3600)).Add(999)).Time(); got != exact {
			t.Errorf("%v came back as %v", exact, got)
		}
	}
	if !evidence.InstantOf(time.Time{}).IsZero() || evidence.Instant(0).Time() != (time.Time{}) {
		t.Error("no time is not no instant")
	}
	if evidence.InstantOf(time.Unix(0, 0)).IsZero() {
		t.Error("the Unix epoch is no instant")
	}
}
