package replay

import (
	"math/rand/v2"
	"testing"

	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func partsTold(p v1alpha1.UsageParts) []float64 {
	return []float64{p.Useful, p.Failed, p.Ignored, p.Removed, p.Stopped, p.Running}
}

// randomTimed is random evidence whose pods hold something, most of them on a node.
func randomTimed(random *rand.Rand, s seen) seen {
	asks := &evidence.Requests{Resources: []evidence.Request{{Name: "cpu", Amount: 500}, {Name: "memory", Amount: 1 << 29}, {Name: "nvidia.com/gpu", Amount: 8}}}
	for i := range s.Attempts {
		if pod := &s.Attempts[i]; random.IntN(5) > 0 {
			pod.Scheduled, pod.Requests = pod.CreationTime+evidence.Instant(random.IntN(3)*perSecond), asks
		}
	}
	return s
}

// Parts are never negative and add up to their total; a core-second is what a pod's
// second costs, whichever part it is of.
func TestPartsAddUp(t *testing.T) {
	told := 0
	eachRandom(t, func(t *testing.T, random *rand.Rand, s seen) {
		usage := randomTimed(random, s).explain().Usage
		if usage == nil {
			return
		}
		all := map[string]v1alpha1.UsageParts{"pods": usage.PodSeconds}
		for name, parts := range usage.Resources {
			all[string(name)] = parts
			told++
		}
		for name, parts := range all {
			sum := 0.0
			for _, part := range partsTold(parts) {
				if sum += part; part < 0 {
					t.Errorf("%s: a part of %+v is negative", name, parts)
				}
			}
			if sum != parts.Total {
				t.Errorf("%s: %g in all, the total is %g", name, sum, parts.Total)
			}
		}
		if most := usage.PodSeconds.Total * 8; all["nvidia.com/gpu"].Total > most {
			t.Errorf("%g of at most %g GPU-seconds", all["nvidia.com/gpu"].Total, most)
		}
	})
	if told < 1000 {
		t.Errorf("%d resources are too few", told)
	}
}

// A pod that is forgotten raises no part, and what is left is not exact.
func TestForgettingOnePodRaisesNoPart(t *testing.T) {
	wasExact := 0
	eachRandom(t, func(t *testing.T, random *rand.Rand, s seen) {
		s = randomTimed(random, s)
		if len(s.Attempts) == 0 {
			return
		}
		before := s.explain().Usage
		gone := random.IntN(len(s.Attempts))
		forgotten := s.partial().but(func(seen *evidence.Job) {
			seen.Attempts = append(append([]evidence.Attempt{}, seen.Attempts[:gone]...), seen.Attempts[gone+1:]...)
		})
		after := forgotten.explain().Usage
		if after.Exact {
			t.Errorf("exact, and pod %d is forgotten", gone)
		}
		if before.Exact {
			wasExact++
		}
		for i, part := range partsTold(after.PodSeconds) {
			if was := partsTold(before.PodSeconds)[i]; part > was {
				t.Errorf("part %d was %g and is %g without pod %+v", i, was, part, s.Attempts[gone])
			}
		}
	})
	if wasExact < 20 {
		t.Errorf("%d of them were exact, too few", wasExact)
	}
}

// What goes on in a bucket are pods that there are, and no more backs off than indexes.
func TestBucketsAreOfPods(t *testing.T) {
	eachRandom(t, func(t *testing.T, _ *rand.Rand, s seen) {
		timeline := TimelineOf(s.explain())
		if timeline == nil {
			return
		}
		if n := len(timeline.Buckets); n == 0 || n > mostBuckets || timeline.BucketSeconds < 1 || timeline.To.Before(&timeline.From) {
			t.Errorf("%d buckets of %d s, %v to %v", n, timeline.BucketSeconds, timeline.From, timeline.To)
		}
		for i, b := range timeline.Buckets {
			if pods := b.Running + b.Pending + b.Terminating; b.Running < 0 || b.Pending < 0 || b.Terminating < 0 || pods > int64(len(s.Attempts)) {
				t.Errorf("bucket %d is %+v of %d pods", i, b, len(s.Attempts))
			}
			if most := int64(ptr.Deref(s.Job.Job.Spec.Completions, 0)); b.BackingOff < 0 || b.BackingOff > most {
				t.Errorf("bucket %d is %+v of %d indexes", i, b, most)
			}
		}
	})
}
