package v1alpha1

import (
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// State is where the Job as a whole stands.
type State string

// The states of a Job. Failing and Succeeding are decided by an interim
// condition (FailureTarget, SuccessCriteriaMet) whose terminal one is awaited.
const (
	StateRunning   State = "Running"
	StateSuspended State = "Suspended"
	// StateManifest: nobody has created the Job; StateNoStatus: whoever wrote the file
	// left its status out.
	StateManifest   State = "Manifest"
	StateNoStatus   State = "NoStatus"
	StateFailing    State = "Failing"
	StateSucceeding State = "Succeeding"
	StateFailed     State = "Failed"
	StateComplete   State = "Complete"
)

// Decided reports whether no later event can change the outcome of the Job.
func (s State) Decided() bool {
	switch s {
	case StateFailing, StateSucceeding, StateFailed, StateComplete:
		return true
	}
	return false
}

// KnownReason is the reason of a condition without the name or the index of the
// rule that KEP-4443 appends to it: PodFailurePolicy for PodFailurePolicy_NAME.
func KnownReason(reason string) string {
	if strings.HasPrefix(reason, batchv1.JobReasonPodFailurePolicy+"_") {
		return batchv1.JobReasonPodFailurePolicy
	}
	return reason
}

// Conclusion is the outcome of the Job, so far as there is one.
type Conclusion struct {
	State State `json:"state"`
	// Reason is copied from the deciding condition.
	Reason string `json:"reason,omitempty"`
	// Message is one sentence that a person understands.
	Message      string       `json:"message"`
	StartTime    *metav1.Time `json:"startTime,omitempty"`
	DecidedTime  *metav1.Time `json:"decidedTime,omitempty"`
	FinishedTime *metav1.Time `json:"finishedTime,omitempty"`
	// DeletedTime is when a watch saw the Job go: all else is as it was seen last, and
	// nothing follows from it.
	DeletedTime *metav1.Time `json:"deletedTime,omitempty"`
	// FirstFailure is the earliest counted failure of which there is evidence.
	FirstFailure *FirstFailure `json:"firstFailure,omitempty"`
	// Trigger is the attempt that decided the Job, where evidence shows it.
	Trigger *Trigger `json:"trigger,omitempty"`
	Effect  *Effect  `json:"effect,omitempty"`
	// Predicted and NextChange are forecasts: what the next sync makes of exactly
	// this evidence. Events may overtake them.
	Predicted  *Predicted  `json:"predicted,omitempty"`
	NextChange *NextChange `json:"nextChange,omitempty"`
	// CanOnlyEnd is Failed for an undecided Job that cannot complete any more.
	CanOnlyEnd State `json:"canOnlyEnd,omitempty"`
	// Stuck: for two minutes nothing but what a Stuck finding is about has been
	// active, started or ended.
	Stuck bool `json:"stuck,omitempty"`
}

// AttemptEnd names one attempt and how it ended.
type AttemptEnd struct {
	Index     *int32 `json:"index,omitempty"`
	Pod       string `json:"pod,omitempty"`
	Node      string `json:"node,omitempty"`
	Container string `json:"container,omitempty"`
	ExitCode  *int32 `json:"exitCode,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Condition string `json:"condition,omitempty"`
	Rule      *int32 `json:"rule,omitempty"`
	// Time is the attempt's backoffFrom or, where its deletion was what counted,
	// when that was requested.
	Time *metav1.Time `json:"time,omitempty"`
}

// Trigger is the attempt that decided the Job: the one that a FailJob rule
// matched, the first failure above backoffLimit, the first failed index above
// maxFailedIndexes, the success that met successPolicy.
type Trigger struct {
	AttemptEnd `json:",inline"`
	// Candidates are the indexes of all attempts that ended in the same second as
	// this one. Absent where it stands alone.
	Candidates string `json:"candidates,omitempty"`
}

// FirstFailure is the earliest that can be seen.
type FirstFailure struct {
	AttemptEnd `json:",inline"`
	// EarlierGone: an attempt that is gone may have failed before, or one may of
	// which nothing says when it did.
	EarlierGone bool `json:"earlierGone"`
}

// Effect counts the unfinished indexes that the decision cut off.
type Effect struct {
	Stopped int64 `json:"stopped"`
	// BackingOff are those that were stopped after a failure, before a retry.
	BackingOff   int64 `json:"backingOff"`
	NeverStarted int64 `json:"neverStarted"`
	// Unfinished are those of which it is not known whether they had a pod.
	Unfinished int64 `json:"unfinished"`
}

// Predicted is what the next sync of the controller decides over this evidence.
type Predicted struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
	// AlsoMet are further criteria that hold, which a later check would find.
	AlsoMet []string `json:"alsoMet"`
}

// NextChange is the next instant at which the answer changes by itself.
type NextChange struct {
	Time metav1.Time `json:"time"`
	What string      `json:"what"`
	// Estimated: the instant rests on a backoff that only the controller's memory
	// knows, as without backoffLimitPerIndex.
	Estimated bool `json:"estimated"`
}
