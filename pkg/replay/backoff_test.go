package replay

import (
	"math"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// Differences that hack/oracle has found stay here as cases of their own.

func TestCountsThatOverflowGiveTheFirstDelay(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	pod := &evidence.Attempt{CreationTime: evidence.InstantOf(now), FailureCount: math.MaxInt32, IgnoredFailureCount: 7}
	if got := (Rules{Newest}).RemainingTime(pod, now); got != firstDelay {
		t.Errorf("got %s, want %s", got, firstDelay)
	}
}

func TestAFailedPodThatIsBeingCountedStillCarriesTheCount(t *testing.T) {
	completions, limit := int32(1), int32(5)
	job := &batchv1.Job{
		Spec: batchv1.JobSpec{Completions: &completions, BackoffLimitPerIndex: &limit},
		Status: batchv1.JobStatus{UncountedTerminatedPods: &batchv1.UncountedTerminatedPods{
			Failed: []types.UID{"a"},
		}},
	}
	pod := &evidence.Attempt{UID: "a", Index: 0, Phase: corev1.PodFailed, Finalizer: true, Owned: true}
	delayed := Rules{Newest}.DelayedPods(job, []*evidence.Attempt{pod}, indexes.Set{}, indexes.Set{})
	if delayed[0] != pod {
		t.Errorf("got %v", delayed)
	}
}

func TestAnIndexWhoseRetryRunsWaitsForNone(t *testing.T) {
	job := aJob(1, perIndex(3))
	failed, retry := aPod(0, 0, exited(1, 5)), aPod(0, 16, born(1, 0))
	delayed := Rules{Newest}.DelayedPods(job, []*evidence.Attempt{&failed, &retry}, indexes.Set{}, indexes.Set{})
	if len(delayed) > 0 {
		t.Errorf("got %v", delayed)
	}
}
