package claims_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// What is exact is what the pods of the ledger held, from their node to their end.
func TestUsageIsThatOfTheLedger(t *testing.T) {
	exact := 0
	eachMoment(t, func(t *testing.T, r *recording.Recording, m recording.Moment, seen *evidence.Job) {
		usage := replay.Explain(seen, seen.ObservedAt).Usage
		if usage == nil || !usage.Exact {
			return
		}
		exact++
		want, pods := claims.HeldByLedger(&r.Ledger, seen.ObservedAt, m.ObservedAt.Time)
		// Where no container tells, the ledger has when the watch saw the end.
		if off := math.Abs(usage.PodSeconds.Total - want); off > float64(pods) {
			t.Errorf("%g pod-seconds are exact, the ledger has %g of %d pods", usage.PodSeconds.Total, want, pods)
		}
	})
	if exact < 40 {
		t.Errorf("%d moments with exact usage are too few", exact)
	}
}

// What is forgotten makes no part more, and what is left is not exact.
func TestForgettingAPodRaisesNoPart(t *testing.T) {
	cleared := 0
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, whole *evidence.Job) {
		before := replay.Explain(whole, whole.ObservedAt).Usage
		for _, loss := range claims.Losses {
			seen := loss.From(whole, true, 1)
			if len(seen.Attempts) == len(whole.Attempts) {
				continue
			}
			after := replay.Explain(seen, seen.ObservedAt).Usage
			if after == nil {
				continue
			}
			if after.Exact {
				t.Errorf("without %s: exact, of %d pods %d are left", loss.Name, len(whole.Attempts), len(seen.Attempts))
			}
			if before.Exact {
				cleared++
			}
			if more := raised(before, after); more != "" {
				t.Errorf("without %s: %s", loss.Name, more)
			}
		}
	})
	if cleared < 100 {
		t.Errorf("%d losses of what was exact are too few", cleared)
	}
}

func raised(before, after *v1alpha1.Usage) (more string) {
	was := map[string][]float64{}
	claims.EachParts(before, func(name string, p v1alpha1.UsageParts) { was[name] = claims.PartsOf(p) })
	claims.EachParts(after, func(name string, p v1alpha1.UsageParts) {
		for i, part := range claims.PartsOf(p) {
			if i >= len(was[name]) || part > was[name][i] {
				more = fmt.Sprintf("%s: %v became %v", name, was[name], claims.PartsOf(p))
			}
		}
	})
	return more
}
