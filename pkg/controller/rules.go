package controller

import (
	"fmt"
	"time"
)

// Rules are those of one minor version of Kubernetes 1.x, with the feature gates
// as they are by default.
type Rules struct{ Minor int }

// The minor versions whose rules this package knows. Before 1.28 pods were
// counted, replaced and delayed in other ways.
const (
	Oldest = 28
	Newest = 37
)

// Known reports whether the version's rules are among those of this package.
// Those newer than the newest are taken for it.
func (r Rules) Known() bool { return r.Minor >= Oldest }

// String is the version as people write it, such as "1.37".
func (r Rules) String() string { return fmt.Sprintf("1.%d", r.Minor) }

// The bounds of the delay before a failed pod is replaced
// (DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff in
// job_controller.go, v1.37.2; the same since 1.28).
const (
	FirstDelay = 10 * time.Second
	MaxDelay   = 10 * time.Minute
)

// SyncBatchPeriod is how long changes of pods are gathered before a sync, and
// the least time after which one looks again (SyncJobBatchPeriod, v1.37.2).
const SyncBatchPeriod = time.Second

// MaxUncountedPods bounds the pods that one sync accounts for, and
// MaxPodCreateDeletePerSync those that it creates or deletes (v1.37.2).
const (
	MaxUncountedPods          = 500
	MaxPodCreateDeletePerSync = 500
)

// countsSidecars: the end of a sidecar belongs to the end of its pod (1.31).
func (r Rules) countsSidecars() bool { return r.Minor >= 31 }

// RefusesOverlap: the API server rejects a status that has an index in both
// lists (validateFailedIndexesNotOverlapCompleted in validation.go; 1.32).
func (r Rules) RefusesOverlap() bool { return r.Minor >= 32 }

// WritesActive: status.active is what its name says also while creations wait
// for their backoff; before 1.37 it is 0 then (manageJob; kubernetes #139457).
func (r Rules) WritesActive() bool { return r.Minor >= 37 }

// RecordsDecision: every decision leaves an interim condition, FailureTarget or
// SuccessCriteriaMet, that bears its time (1.31).
func (r Rules) RecordsDecision() bool { return r.Minor >= 31 }

// EventTTL is how long the API server keeps an event (--event-ttl), and EventBurst
// how many about one object a recorder writes before it drops some (defaultBurst
// in client-go's events_cache.go). Either may be set otherwise, if rarely is.
const (
	EventTTL   = time.Hour
	EventBurst = 25
)

// Resolution is what the times of the API are kept to.
const Resolution = time.Second

// awaitsTerminating: the terminal condition comes when no pod is on its way out
// any more, and not as soon as all are accounted for (1.31).
func (r Rules) awaitsTerminating() bool { return r.Minor >= 31 }

// countsDeleted: the status counts what its sync deletes as terminating, and not
// as ready (1.31).
func (r Rules) countsDeleted() bool { return r.Minor >= 31 }

// writesTerminating: status.terminating is written at all (1.29, with the gate
// JobPodReplacementPolicy).
func (r Rules) writesTerminating() bool { return r.Minor >= 29 }

// ranksSidecars: of surplus pods with as many restarts, those of which a sidecar
// restarted more often go first (1.32).
func (r Rules) ranksSidecars() bool { return r.Minor >= 32 }

// clearsStartTime: a Job that is suspended has no start time (1.36, with the gate
// MutableSchedulingDirectivesForSuspendedJobs).
func (r Rules) clearsStartTime() bool { return r.Minor >= 36 }

// validatesStatus: the API server holds a status against its rules (1.32, with
// the gate JobManagedBy).
func (r Rules) validatesStatus() bool { return r.Minor >= 32 }
