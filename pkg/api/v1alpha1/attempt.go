package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Source is how an attempt is known.
type Source string

// Sources of an attempt. Annotation: the pod is gone, a later pod's counts
// tell of it. Event: only an event names it.
const (
	SourcePod        Source = "Pod"
	SourceAnnotation Source = "Annotation"
	SourceEvent      Source = "Event"
)

// Decision is what the Job's policy makes of an attempt.
type Decision string

// Decisions: the actions of podFailurePolicy, as they are spelled there, and
// Removed: the controller deleted the pod for a suspension or as surplus, which
// counts as nothing, delays nothing and asks no rule.
const (
	DecisionCount     Decision = "Count"
	DecisionIgnore    Decision = "Ignore"
	DecisionFailIndex Decision = "FailIndex"
	DecisionFailJob   Decision = "FailJob"
	DecisionRemoved   Decision = "Removed"
)

// Attempt is one pod of an index.
type Attempt struct {
	Number       int32           `json:"number"`
	Source       Source          `json:"source"`
	Pod          string          `json:"pod,omitempty"`
	Node         string          `json:"node,omitempty"`
	Phase        corev1.PodPhase `json:"phase,omitempty"`
	Terminating  *bool           `json:"terminating,omitempty"`
	CreationTime *metav1.Time    `json:"creationTime,omitempty"`
	// StartTime is the pod's: when the kubelet acknowledged it.
	StartTime *metav1.Time `json:"startTime,omitempty"`
	// Ran is when the container ran that decided the attempt; absent where none did,
	// empty where it did and was lost.
	Ran *Ran `json:"ran,omitempty"`
	// FinishTime is when the attempt ended, by the word of its containers; absent
	// where they do not say.
	FinishTime *metav1.Time `json:"finishTime,omitempty"`
	// BackoffFrom is when a failed or succeeded attempt ended by the controller's
	// reckoning: the base of the delay before the next one.
	BackoffFrom *metav1.Time `json:"backoffFrom,omitempty"`
	Deletion    *Deletion    `json:"deletion,omitempty"`
	Failure     *Failure     `json:"failure,omitempty"`
	// Signature is the ID of the Signature that the attempt belongs to; absent of one
	// that did not fail, or that the controller ended itself.
	Signature string   `json:"signature,omitempty"`
	Decision  Decision `json:"decision,omitempty"`
	// Rule is the matching entry of podFailurePolicy.rules.
	Rule *int32 `json:"rule,omitempty"`
	// Rules is the trace, up to the rule that matched.
	Rules     []RuleTrace `json:"rules,omitempty"`
	Before    *Tally      `json:"before,omitempty"`
	After     *Tally      `json:"after,omitempty"`
	Suspicion string      `json:"suspicion,omitempty"`
	// Waiting is why a pod that was created does not run yet.
	Waiting string `json:"waiting,omitempty"`
	// Restarts of containers within the pod; not retries by the Job.
	Restarts *int32 `json:"restarts,omitempty"`
	// Warnings are the pod's Warning events and what its containers wait for, at
	// most five, those that came most often first.
	Warnings []Warning `json:"warnings"`
}

// Ran is from when until when a container ran; To is absent while it does, both where
// nobody knows.
type Ran struct {
	From *metav1.Time `json:"from,omitempty"`
	To   *metav1.Time `json:"to,omitempty"`
}

// Deletion of a pod: when it was requested, and by when the kubelet kills what
// still runs.
type Deletion struct {
	Requested *metav1.Time `json:"requested,omitempty"`
	Deadline  *metav1.Time `json:"deadline,omitempty"`
}

// Warning is something that the cluster says of a pod, and how often.
type Warning struct {
	Reason    string       `json:"reason"`
	Message   string       `json:"message"`
	Count     int32        `json:"count"`
	FirstTime *metav1.Time `json:"firstTime,omitempty"`
	LastTime  *metav1.Time `json:"lastTime,omitempty"`
}

// ContainerType tells app containers from regular and restartable init ones.
type ContainerType string

// Container types.
const (
	ContainerApp     ContainerType = "App"
	ContainerInit    ContainerType = "Init"
	ContainerSidecar ContainerType = "Sidecar"
)

// Failure is what ended an attempt, as the pod says.
type Failure struct {
	Container     string        `json:"container,omitempty"`
	ContainerType ContainerType `json:"containerType,omitempty"`
	ExitCode      *int32        `json:"exitCode,omitempty"`
	// Synthesized: the kubelet lost the container, or never ran it, and made the
	// exit code up.
	Synthesized bool `json:"synthesized"`
	// Reason and Message are the container's, unless FromPod.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	// FromPod: the pod itself says why it failed, since it was evicted, refused or
	// lost. An exit code beside that is what it did to the container.
	FromPod bool `json:"fromPod"`
	// Condition is the pod condition that tells of a disruption, or that a
	// rule matched.
	Condition string `json:"condition,omitempty"`
}

// RuleTrace is one rule of podFailurePolicy held against one attempt.
type RuleTrace struct {
	Rule    int32  `json:"rule"`
	Matched bool   `json:"matched"`
	Because string `json:"because"`
}

// Tally is the count of failures that a pod is born with, or leaves.
type Tally struct {
	Counted int32 `json:"counted"`
	Ignored int32 `json:"ignored"`
}
