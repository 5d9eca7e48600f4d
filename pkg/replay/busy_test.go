package replay

import (
	"maps"
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// A healthy, busy Job of 400 indexes, 200 at once, shows no unknown at any moment,
// whichever was read first.

func busyJob(options ...jobOption) *batchv1.Job {
	return aJob(400, append([]jobOption{parallelism(200)}, options...)...)
}

func wantCounts(t *testing.T, e *v1alpha1.Explanation, want map[v1alpha1.Fate]int64) {
	t.Helper()
	if !maps.Equal(e.Counts, want) {
		t.Errorf("got %v, want %v", e.Counts, want)
	}
}

// reasonsOf counts the indexes of a fate by reason.
func reasonsOf(e *v1alpha1.Explanation, fate v1alpha1.Fate) map[string]int64 {
	reasons := map[string]int64{}
	for i := range e.Fates {
		if r := &e.Fates[i]; r.Fate == fate {
			reasons[r.Reason] += int64(r.Last()) - int64(r.Index) + 1
		}
	}
	return reasons
}

// In its first seconds the controller has created 63 of its pods; the status says
// so, or nothing yet, or more, by when it was read.
func TestABusyJobInItsFirstSeconds(t *testing.T) {
	var pods []evidence.Attempt
	for ix := range int32(63) {
		pod := aPod(ix, 1, waits("ContainerCreating"))
		if ix < 20 {
			pod = aPod(ix, 1)
		}
		pods = append(pods, pod)
	}
	for _, limits := range [][]jobOption{{perIndex(3)}, {backoffLimit(6)}, {perIndex(3), policy(ignoreDisruption)}} {
		for _, counted := range []int32{0, 40, 63, 200} {
			for _, order := range everyOrder {
				e := see(busyJob(append(limits[:len(limits):len(limits)], active(counted))...), pods...).in(order).at(2).explain()
				wantCounts(t, e, map[v1alpha1.Fate]int64{v1alpha1.Running: 20, v1alpha1.Pending: 43, v1alpha1.Waiting: 337})
				if got := reasonsOf(e, v1alpha1.Waiting); got["DueNow"] != 137 || got["ParallelismLimit"] != 200 {
					t.Errorf("%s, active %d: waiting for %v", order, counted, got)
				}
				if e.Agreement.Result != v1alpha1.Agrees || len(e.Findings) > 0 || len(e.Evidence.Gaps) > 0 && e.Spec.BackoffLimitPerIndex != nil {
					t.Errorf("%s, active %d: %+v, %v, %v", order, counted, e.Agreement, e.Evidence.Gaps, e.Findings)
				}
			}
		}
	}
}

// Amid its run 150 have succeeded, 12 more a second ago, 8 wait for their retry and
// 175 run: of 25 free slots those in backoff hold 8, so that 17 of the 55 that had
// no pod yet are due.
func TestABusyJobAmidItsRun(t *testing.T) {
	var pods []evidence.Attempt
	for ix := range int32(345) {
		switch {
		case ix < 150:
			pods = append(pods, aPod(ix, 0, succeeded(60), accounted))
		case ix < 162:
			pods = append(pods, aPod(ix, 61, succeeded(99)))
		case ix < 170:
			pods = append(pods, aPod(ix, 61, exited(1, 98)))
		default:
			pods = append(pods, aPod(ix, 61))
		}
	}
	for _, version := range []string{"v1.29.2", "v1.33.1", "v1.37.2"} {
		for _, counted := range []int32{0, 175, 187, 195, 200} {
			for _, order := range everyOrder {
				job := busyJob(perIndex(3), completed("0-149", 150), active(counted))
				e := see(job, pods...).in(order).version(version).explain()
				wantCounts(t, e, map[v1alpha1.Fate]int64{v1alpha1.Succeeded: 162, v1alpha1.BackingOff: 8, v1alpha1.Running: 175, v1alpha1.Waiting: 55})
				unrecorded := 0
				for i := range e.Fates {
					if r := &e.Fates[i]; r.Recorded != nil && !*r.Recorded {
						unrecorded++
					}
				}
				if unrecorded != 12 {
					t.Errorf("%s %s: %d are not recorded yet, want 12", version, order, unrecorded)
				}
				if got := reasonsOf(e, v1alpha1.BackingOff); got["BackoffDelay"] != 8 {
					t.Errorf("%s %s: in backoff for %v", version, order, got)
				}
				if got := reasonsOf(e, v1alpha1.Waiting); got["DueNow"] != 17 || got["BehindBackoff"] != 38 {
					t.Errorf("%s %s: waiting for %v", version, order, got)
				}
				if e.Agreement.Result != v1alpha1.Agrees || len(e.Evidence.Gaps) > 0 {
					t.Errorf("%s %s: %+v, %v", version, order, e.Agreement, e.Evidence.Gaps)
				}
			}
		}
	}
}

// The same with one backoffLimit, which holds back every creation.
func TestABusyJobInTheBackoffOfAll(t *testing.T) {
	var pods []evidence.Attempt
	for ix := range int32(200) {
		switch {
		case ix < 12:
			pods = append(pods, aPod(ix, 0, succeeded(90)))
		case ix < 20:
			pods = append(pods, aPod(ix, 0, exited(1, 99)))
		default:
			pods = append(pods, aPod(ix, 0))
		}
	}
	for _, order := range everyOrder {
		e := see(busyJob(backoffLimit(20), active(180)), pods...).in(order).explain()
		wantCounts(t, e, map[v1alpha1.Fate]int64{v1alpha1.Succeeded: 12, v1alpha1.BackingOff: 8, v1alpha1.Running: 180, v1alpha1.Waiting: 200})
		if got := reasonsOf(e, v1alpha1.Waiting); got["BehindBackoff"] != 200 {
			t.Errorf("%s: waiting for %v", order, got)
		}
	}
}
