package v1alpha1

import "time"

// Finding explains in one line something that the reader sees.
type Finding struct {
	Kind    FindingKind `json:"kind"`
	Indexes string      `json:"indexes,omitempty"`
	Message string      `json:"message"`
	// Node is where it happens, where it is one node.
	Node string `json:"node,omitempty"`
}

// FindingKind names what a Finding is about.
type FindingKind string

// Findings of what holds a Job up.
const (
	StuckStatus      FindingKind = "StuckStatus"      // the API server refuses the next status
	StuckCreate      FindingKind = "StuckCreate"      // the API server rejects the pods, or the Job lacks its Workload
	StuckPending     FindingKind = "StuckPending"     // pods that do not start
	StuckRestarting  FindingKind = "StuckRestarting"  // a container that fails and starts again
	StuckSidecar     FindingKind = "StuckSidecar"     // a pod whose main container has ended, kept by another
	StuckNode        FindingKind = "StuckNode"        // pods on a node that is not ready
	StuckTerminating FindingKind = "StuckTerminating" // pods past their grace period
	StuckFinalizer   FindingKind = "StuckFinalizer"   // pods that have ended and keep the controller's finalizer
	StuckDeletion    FindingKind = "StuckDeletion"    // a Job that is being deleted, held by a pod
	StuckController  FindingKind = "StuckController"  // there is something to do, and nothing is done
)

// Findings of what the rules made of the failures.
const (
	BackoffHoldsSlots       FindingKind = "BackoffHoldsSlots"
	IgnoredLengthensBackoff FindingKind = "IgnoredLengthensBackoff"
	DisruptionCounted       FindingKind = "DisruptionCounted"
	SuspectedDisruption     FindingKind = "SuspectedDisruption"
	DisruptedSucceeded      FindingKind = "DisruptedSucceeded" // disrupted pods whose containers exited 0
	SidecarMatched          FindingKind = "SidecarMatched"
	OOMKilled               FindingKind = "OOMKilled"
	GatheredOnNode          FindingKind = "GatheredOnNode"
	GatheredInTime          FindingKind = "GatheredInTime"
	NoMaxFailedIndexes      FindingKind = "NoMaxFailedIndexes"
	RestartsInPlace         FindingKind = "RestartsInPlace"
	RestartsCounted         FindingKind = "RestartsCounted"
	SlowRunner              FindingKind = "SlowRunner"
	SlowOnNode              FindingKind = "SlowOnNode"       // attempts take longer there than elsewhere
	SlowStartOnNode         FindingKind = "SlowStartOnNode"  // so do pods, until their container starts
	BackoffHeldSlots        FindingKind = "BackoffHeldSlots" // slots that stood idle, in all
	SidecarRuns             FindingKind = "SidecarRuns"      // a pod whose main container has ended, for less than a minute
	// MarkedFailedLater: pods that had succeeded, and that their kubelet, started
	// again, marked as failed.
	MarkedFailedLater FindingKind = "MarkedFailedLater"
	// InBothLists: the status holds an index in completedIndexes and failedIndexes.
	InBothLists FindingKind = "InBothLists"
	// ActiveStandsStill: status.active is 0 while pods are active, as up to 1.36 for
	// as long as a creation waits for its backoff.
	ActiveStandsStill FindingKind = "ActiveStandsStill"
)

// Stuck reports whether the finding is of what holds the Job up.
func (k FindingKind) Stuck() bool { return len(k) > len("Stuck") && k[:len("Stuck")] == "Stuck" }

// How long something must have lasted before a finding speaks of it.
const (
	SlowAfter     = 10 * time.Second // SlowRunner, SlowOnNode, SlowStartOnNode: times are kept to the second
	StuckAfter    = time.Minute      // a pod that does not move
	IdleAfter     = 2 * time.Minute  // StuckController
	GatheredAfter = 10 * time.Minute // GatheredInTime: a shorter Job is all one time
)
