package recording_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// eachMoment explains nothing yet: it hands over the evidence of every moment
// of every recording.
func eachMoment(t *testing.T, do func(t *testing.T, r *recording.Recording, m recording.Moment, seen *evidence.Job)) {
	recordings, err := recording.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recordings {
		for _, m := range r.Moments {
			t.Run(r.Name+"/"+m.Name, func(t *testing.T) {
				if seen := read(t, r, m); seen != nil {
					do(t, r, m, seen)
				}
			})
		}
	}
}

// read takes the moment as the plugin reads a file. A Job that was removed
// leaves nothing to explain.
func read(t *testing.T, r *recording.Recording, m recording.Moment) *evidence.Job {
	t.Helper()
	if !bytes.Contains(m.Evidence, []byte("\n- apiVersion: batch/v1\n")) {
		return nil
	}
	seen, err := cluster.ReadFiles(context.Background(), []string{"-"}, bytes.NewReader(m.Evidence), "", cluster.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	seen.ObservedAt = m.ObservedAt.Truncate(time.Second)
	seen.ServerVersion = r.Ledger.KubernetesVersion
	seen.Gaps = nil
	return seen
}

func TestEveryClaimOverARecordingHolds(t *testing.T) {
	eachMoment(t, func(t *testing.T, r *recording.Recording, m recording.Moment, seen *evidence.Job) {
		e := replay.Explain(seen, seen.ObservedAt)
		for _, wrong := range recording.Check(e, &r.Ledger, m.ObservedAt.Time) {
			t.Error(wrong)
		}
		if e.Agreement.Result == v1alpha1.Disagrees || e.Agreement.Result == v1alpha1.CannotTell && len(seen.Attempts) > 0 && e.Spec.ManagedBy == nil {
			t.Errorf("the replay and the status: %s %v", e.Agreement.Result, e.Agreement.Differences)
		}
	})
}

// What is lost makes claims lesser, never wrong.
func TestNoClaimIsWrongWhenEvidenceIsLost(t *testing.T) {
	eachMoment(t, func(t *testing.T, r *recording.Recording, m recording.Moment, whole *evidence.Job) {
		for seed := uint64(0); seed < 40; seed++ {
			for _, share := range []float64{0, 0.1, 0.3, 0.7, 1} {
				for _, events := range []bool{true, false} {
					seen := thin(whole, share, events, seed)
					e := replay.Explain(seen, seen.ObservedAt)
					wrong := recording.Check(e, &r.Ledger, m.ObservedAt.Time)
					if e.Agreement.Result == v1alpha1.Disagrees {
						wrong = append(wrong, fmt.Sprintf("disagrees: %v", e.Agreement.Differences))
					}
					for _, w := range wrong {
						t.Errorf("without %v of the pods, events %v, seed %d: %s", share, events, seed, w)
					}
					if t.Failed() {
						return
					}
				}
			}
		}
	})
}

// thin forgets each pod with the given probability, and all events or none.
func thin(whole *evidence.Job, share float64, events bool, seed uint64) *evidence.Job {
	random := rand.New(rand.NewPCG(seed, 7))
	seen := *whole
	seen.Attempts = slices.DeleteFunc(slices.Clone(whole.Attempts), func(evidence.Attempt) bool { return random.Float64() < share })
	if !events {
		seen.Events, seen.EventsRead = nil, false
	}
	return &seen
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
