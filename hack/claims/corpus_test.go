package claims_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// eachMoment hands over the evidence of every moment of every recording.
func eachMoment(t *testing.T, do func(t *testing.T, r *recording.Recording, m recording.Moment, seen *evidence.Job)) {
	recordings, err := recording.ReadDir("../recording/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recordings {
		for _, m := range r.Moments {
			t.Run(r.Name+"/"+m.Name, func(t *testing.T) {
				seen, err := claims.Read(r, m)
				if err != nil {
					t.Fatal(err)
				}
				if seen != nil {
					do(t, r, m, seen)
				}
			})
		}
	}
}

// What is lost makes claims lesser, never wrong.
func TestNoClaimIsWrong(t *testing.T) {
	recordings, err := recording.ReadDir("../recording/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recordings {
		t.Run(r.Name, func(t *testing.T) {
			for _, wrong := range claims.Hold(r, 6) {
				t.Error(wrong)
			}
		})
	}
}

func TestTheReplayAgreesWithEveryRecording(t *testing.T) {
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, seen *evidence.Job) {
		e := replay.Explain(seen, seen.ObservedAt)
		want := v1alpha1.Agrees
		if len(seen.Attempts) == 0 || e.Spec.ManagedBy != nil {
			want = v1alpha1.CannotTell
		}
		if e.Agreement.Result != want {
			t.Errorf("%s, want %s: %v", e.Agreement.Result, want, e.Agreement.Differences)
		}
	})
}

func TestTheOrderOfEvidenceChangesNothing(t *testing.T) {
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, whole *evidence.Job) {
		want := replay.Explain(whole, whole.ObservedAt)
		for seed := uint64(0); seed < 5; seed++ {
			random := rand.New(rand.NewPCG(seed, 7))
			seen := *whole
			seen.Attempts, seen.Events = slices.Clone(whole.Attempts), slices.Clone(whole.Events)
			random.Shuffle(len(seen.Attempts), func(i, j int) { seen.Attempts[i], seen.Attempts[j] = seen.Attempts[j], seen.Attempts[i] })
			random.Shuffle(len(seen.Events), func(i, j int) { seen.Events[i], seen.Events[j] = seen.Events[j], seen.Events[i] })
			if diff := cmp.Diff(want, replay.Explain(&seen, seen.ObservedAt)); diff != "" {
				t.Fatalf("in another order (-want +got):\n%s", diff)
			}
		}
	})
}
