package upstream

import (
	"time"

	batch "k8s.io/api/batch/v1"
	v1 "k8s.io/api/core/v1"
	schedulingv1beta1 "k8s.io/api/scheduling/v1beta1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/cache"
)

// The packages above carry the names that upstream imports them by, so that
// declarations compare word by word.

// Interval is upstream's interval.
type Interval struct {
	First int
	Last  int
}

// OrderedIntervals is upstream's orderedIntervals.
type OrderedIntervals []Interval

func (oi OrderedIntervals) String() string { return OrderedIntervalsString(oi) }

// SyncJobCtx is upstream's syncJobCtx: what one sync knows of its Job.
type SyncJobCtx struct {
	Job                             *batch.Job
	Pods                            []*v1.Pod
	FinishedCondition               *batch.JobCondition
	ActivePods                      []*v1.Pod
	Succeeded                       int32
	Failed                          int32
	PrevSucceededIndexes            OrderedIntervals
	SucceededIndexes                OrderedIntervals
	FailedIndexes                   *OrderedIntervals
	NewBackoffRecord                BackoffRecord
	ExpectedRmFinalizers            sets.Set[types.UID]
	Uncounted                       *UncountedTerminatedPods
	PodsWithDelayedDeletionPerIndex map[int]*v1.Pod
	Terminating                     *int32
	Ready                           int32

	PodGroup *schedulingv1beta1.PodGroup
}

// BackoffRecord is upstream's backoffRecord.
type BackoffRecord struct {
	Key                      string
	FailuresAfterLastSuccess int32
	LastFailureTime          *time.Time
}

// BackoffStore is upstream's backoffStore.
type BackoffStore struct {
	Store cache.Store
}

// UncountedTerminatedPods is upstream's uncountedTerminatedPods.
type UncountedTerminatedPods struct {
	Succeeded sets.Set[types.UID]
	Failed    sets.Set[types.UID]
}

// UidTrackingExpectations is upstream's uidTrackingExpectations.
type UidTrackingExpectations struct {
	Store cache.Store
}
