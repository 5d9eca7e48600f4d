package claims_test

import (
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// Forgetting pods, marked as partial, makes claims lesser and never others.
func TestForgettingPodsOnlyEverWeakens(t *testing.T) {
	weakened := 0
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, whole *evidence.Job) {
		before := replay.Explain(whole, whole.ObservedAt)
		for _, loss := range claims.Losses {
			if !loss.Marked {
				continue
			}
			for seed := range uint64(3) {
				seen := loss.From(whole, true, seed)
				after := replay.Explain(seen, seen.ObservedAt)
				for i := range after.Fates {
					record := &after.Fates[i]
					was := fateOf(before, record.Index)
					if !isLesser(was, record) {
						t.Errorf("without %s, seed %d: index %d was %s (%v) and is %s (%v): %s", loss.Name, seed, record.Index, claimOf(was), was.Failures, claimOf(record), record.Failures, record.Message)
					}
					if claimOf(was) != claimOf(record) {
						weakened++
					}
				}
			}
		}
	})
	if weakened < 1000 {
		t.Errorf("%d claims that became lesser are too few", weakened)
	}
}

// isLesser: the claim is the same or says less, and so do its failures.
func isLesser(was, is *v1alpha1.IndexFate) bool {
	if is.Failures.Exact && (!was.Failures.Exact || is.Failures != was.Failures) {
		return false
	}
	switch {
	case claimOf(was) == claimOf(is):
		return true
	case is.Fate == v1alpha1.Unknown:
		return is.Reason == v1alpha1.ReasonPodMissing
	case is.Fate == v1alpha1.Unfinished:
		return was.Fate == v1alpha1.Stopped || was.Fate == v1alpha1.NeverStarted || was.Recorded != nil && !*was.Recorded
	case is.Fate != was.Fate:
		return false
	}
	switch is.Reason {
	case v1alpha1.ReasonHistoryGone, v1alpha1.ReasonPodGone:
		return true
	case v1alpha1.ReasonAfterRetries: // so it did, and then began anew
		return was.Reason == v1alpha1.ReasonAfterRestart
	case v1alpha1.ReasonBackoffDelay: // the forecast is withheld, and the delay is as it was
		return was.Reason == v1alpha1.ReasonJobFailing || was.Reason == v1alpha1.ReasonJobSucceeding
	}
	return false
}

func fateOf(e *v1alpha1.Explanation, index int32) *v1alpha1.IndexFate {
	for i := range e.Fates {
		if e.Fates[i].Index <= index && index <= e.Fates[i].Last() {
			return &e.Fates[i]
		}
	}
	return nil
}
