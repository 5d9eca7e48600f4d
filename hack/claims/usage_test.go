package claims_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

func partsOf(p v1alpha1.UsageParts) []float64 {
	return []float64{p.Useful, p.Failed, p.Ignored, p.Removed, p.Stopped, p.Running}
}

// eachParts hands over pod-seconds, and each resource.
func eachParts(u *v1alpha1.Usage, do func(name string, p v1alpha1.UsageParts)) {
	do("pods", u.PodSeconds)
	for name, parts := range u.Resources {
		do(string(name), parts)
	}
}

// Parts add up to their total, and what is exact is all that the ledger knows: no
// pod is missing, and each held what it requested from its node to its end.
func TestUsageIsThatOfTheLedger(t *testing.T) {
	exact := 0
	eachMoment(t, func(t *testing.T, r *recording.Recording, m recording.Moment, seen *evidence.Job) {
		e := replay.Explain(seen, seen.ObservedAt)
		if e.Usage == nil {
			return
		}
		eachParts(e.Usage, func(name string, p v1alpha1.UsageParts) {
			sum := 0.0
			for _, part := range partsOf(p) {
				if sum += part; part < 0 {
					t.Errorf("%s: a part is negative: %+v", name, p)
				}
			}
			if sum != p.Total {
				t.Errorf("%s: the parts come to %g, the total is %g", name, sum, p.Total)
			}
		})
		if !e.Usage.Exact {
			return
		}
		exact++
		want, pods := heldByLedger(&r.Ledger, seen.ObservedAt, m.ObservedAt.Time)
		// Where no container tells, the ledger has when the watch saw the end.
		if off := math.Abs(e.Usage.PodSeconds.Total - want); off > float64(pods) {
			t.Errorf("%g pod-seconds are exact, the ledger has %g of %d pods", e.Usage.PodSeconds.Total, want, pods)
		}
		for i := range r.Ledger.Pods {
			pod := &r.Ledger.Pods[i]
			isGone := pod.VanishedTime != nil && pod.VanishedTime.Before(&m.ObservedAt)
			if isGone && !slices.ContainsFunc(seen.Attempts, func(a evidence.Attempt) bool { return a.UID == pod.UID }) {
				t.Errorf("usage is exact, and pod %s is gone", pod.Name)
			}
		}
	})
	if exact < 40 {
		t.Errorf("%d moments with exact usage are too few", exact)
	}
}

// heldByLedger is from the node of each pod to its end, or to now.
func heldByLedger(ledger *recording.Ledger, now, observed time.Time) (held float64, pods int) {
	for i := range ledger.Pods {
		pod := &ledger.Pods[i]
		for _, c := range pod.Status.Conditions {
			if c.Type != corev1.PodScheduled || c.Status != corev1.ConditionTrue || c.LastTransitionTime.After(now) {
				continue
			}
			end := now
			for _, at := range []*time.Time{ended(pod), vanished(pod)} {
				if at != nil && at.Before(end) && !at.After(observed) {
					end = *at
				}
			}
			held += max(0, end.Sub(c.LastTransitionTime.Time).Seconds())
			pods++
		}
	}
	return held, pods
}

// ended is when the last container did; a kubelet says so some seconds later.
func ended(pod *recording.Pod) *time.Time {
	if pod.FinishTime == nil {
		return nil
	}
	last := time.Time{}
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range statuses {
			if t := statuses[i].State.Terminated; t != nil && t.FinishedAt.After(last) {
				last = t.FinishedAt.Time
			}
		}
	}
	if last.IsZero() {
		return &pod.FinishTime.Time
	}
	return &last
}

func vanished(pod *recording.Pod) *time.Time {
	if pod.VanishedTime == nil {
		return nil
	}
	return &pod.VanishedTime.Time
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
	eachParts(before, func(name string, p v1alpha1.UsageParts) { was[name] = partsOf(p) })
	eachParts(after, func(name string, p v1alpha1.UsageParts) {
		for i, part := range partsOf(p) {
			if i >= len(was[name]) || part > was[name][i] {
				more = fmt.Sprintf("%s: %v became %v", name, was[name], partsOf(p))
			}
		}
	})
	return more
}
