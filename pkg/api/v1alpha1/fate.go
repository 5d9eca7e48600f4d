package v1alpha1

import (
	"sort"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Fate is what became of an index. Every index has exactly one.
type Fate string

// The fates. Of an undecided Job they are true of the instant of reading; what
// the next sync makes of it is in fields of its own.
const (
	Succeeded Fate = "Succeeded"
	Failed    Fate = "Failed"
	// Stopped, NeverStarted and Unfinished are of a decided Job. Unfinished:
	// whether the index had a pod is not known.
	Stopped      Fate = "Stopped"
	NeverStarted Fate = "NeverStarted"
	Unfinished   Fate = "Unfinished"
	Running      Fate = "Running"
	Pending      Fate = "Pending"
	Terminating  Fate = "Terminating"
	BackingOff   Fate = "BackingOff"
	Waiting      Fate = "Waiting"
	// Unknown is for what was there and cannot be seen any more, or may not be
	// read; never for what has not happened yet.
	Unknown Fate = "Unknown"
)

// Fates lists every fate, in the order above.
var Fates = []Fate{Succeeded, Failed, Stopped, NeverStarted, Unfinished, Running, Pending, Terminating, BackingOff, Waiting, Unknown}

// The reasons of a fate that scripts may rely on; Pending copies the pod's own
// waiting reason. Others may be added.
const (
	// Of Succeeded. Running and Pending have FirstAttempt and HistoryGone too.
	ReasonFirstAttempt = "FirstAttempt"
	ReasonAfterRetries = "AfterRetries" // a counted failure came before
	ReasonAfterIgnored = "AfterIgnored" // only ignored failures came before
	ReasonAfterRestart = "AfterRestart" // its count of failures began anew
	ReasonHistoryGone  = "HistoryGone"  // what came before is not known; also of Failed

	// Of Failed.
	ReasonFailIndexRule   = "FailIndexRule"
	ReasonBackoffExceeded = "BackoffLimitPerIndexExceeded"

	// Of Running.
	ReasonRetry = "Retry"

	// Of Stopped.
	ReasonFailJobRule      = "FailJobRule"      // its pod failed the Job
	ReasonAfterFailure     = "AfterFailure"     // its last attempt had failed
	ReasonWhileRunning     = "WhileRunning"     // its pod ran
	ReasonWhilePending     = "WhilePending"     // its pod did not run yet
	ReasonWhileTerminating = "WhileTerminating" // its pod was already on its way out
	ReasonNotCounted       = "NotCounted"       // its pod succeeded and did not count: suspended, surplus, scaled away or too late
	ReasonPodGone          = "PodGone"          // its last pod is gone, or may be

	// Of BackingOff and Waiting, and of Terminating where the pod is replaced
	// before it is gone.
	ReasonBackoffDelay     = "BackoffDelay" // the delay is not over
	ReasonDueNow           = "DueNow"       // the next sync creates its pod
	ReasonParallelismLimit = "ParallelismLimit"
	ReasonBehindBackoff    = "BehindBackoff" // lower indexes in backoff hold the slots
	ReasonJobSuspended     = "JobSuspended"
	ReasonCreateFailed     = "CreateFailed"  // the API server rejects its pod
	ReasonJobFailing       = "JobFailing"    // predicted says why
	ReasonJobSucceeding    = "JobSucceeding" // predicted says why
	ReasonJobDeleted       = "JobDeleted"    // the Job is being deleted, or was

	// Of Unknown.
	ReasonPodMissing      = "PodMissing"    // the evidence is partial, and no pod of the index settles it
	ReasonPodsUnread      = "PodsUnread"    // the pods were not read, or may not be
	ReasonEventsUnread    = "EventsUnread"  // its pod was deleted, and only events tell whether its end counts
	ReasonDecisionDue     = "DecisionDue"   // its pod was deleted, and a decision that was due may have counted it before it ended
	ReasonStatusRefused   = "StatusRefused" // the next status holds it in both lists
	ReasonNotCreated      = "NotCreated"    // a manifest
	ReasonStatusMissing   = "StatusMissing" // the file has no status of the Job
	ReasonForeign         = "ForeignController"
	ReasonRulesOutOfRange = "RulesOutOfRange" // the cluster is older than the rules that are known
)

// WaitsForever reports whether a container that waits for this reason is ended by no
// limit and no rule of the Job: its pod never reaches phase Failed by itself.
func WaitsForever(reason string) bool {
	switch reason {
	case "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError":
		return true
	}
	return false
}

// IndexFate is the record of one index or, with LastIndex, of a run of indexes
// without evidence of their own.
type IndexFate struct {
	Index     int32  `json:"index"`
	LastIndex *int32 `json:"lastIndex,omitempty"`
	Fate      Fate   `json:"fate"`
	// Recorded, of Succeeded and Failed: the status lists the index. False: the
	// next sync lists it.
	Recorded *bool     `json:"recorded,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Message  string    `json:"message,omitempty"`
	Failures Failures  `json:"failures"`
	Attempts []Attempt `json:"attempts"`
	// RetryTime is the earliest instant of the next attempt, of BackingOff and
	// Terminating.
	RetryTime *metav1.Time `json:"retryTime,omitempty"`
	// RetryTimeEstimated, beside RetryTime: without backoffLimitPerIndex only the
	// controller's memory knows the delay.
	RetryTimeEstimated *bool `json:"retryTimeEstimated,omitempty"`
}

// RecordOf is the record that an index has, its own or that of a run; nil where it has
// none, or nothing is explained.
func (e *Explanation) RecordOf(index int32) *IndexFate {
	if e == nil {
		return nil
	}
	if n := e.RecordFrom(index); n < len(e.Fates) && e.Fates[n].Index <= index {
		return &e.Fates[n]
	}
	return nil
}

// RecordFrom is the place among the fates of the record of an index or, where it has
// none, of the next one.
func (e *Explanation) RecordFrom(index int32) int {
	return sort.Search(len(e.Fates), func(n int) bool { return e.Fates[n].Last() >= index })
}

// Last is the last index the record stands for.
func (f *IndexFate) Last() int32 {
	if f.LastIndex != nil {
		return *f.LastIndex
	}
	return f.Index
}

// Failures are those of the index's current chain. Exact false: of what is known
// of it.
type Failures struct {
	Counted int32 `json:"counted"`
	Ignored int32 `json:"ignored"`
	Exact   bool  `json:"exact"`
}
