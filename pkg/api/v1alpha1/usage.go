package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Usage is what the pods of a Job reserved: from PodScheduled to their terminal
// phase, or to ObservedAt. When the phase turned no field records; the end of the
// last container stands for it, of which the kubelet tells within seconds. It is no
// measure of what they really used, and no price.
type Usage struct {
	// Exact false: at least so much, since attempts are gone or pods were resized.
	Exact bool `json:"exact"`
	// PodSeconds are seconds of whole pods.
	PodSeconds UsageParts `json:"podSeconds"`
	// Resources are what the scheduler reckons a pod with, times seconds: cpu in
	// core-seconds, memory and storage in GiB-seconds, every extended resource in its
	// own unit.
	Resources map[corev1.ResourceName]UsageParts `json:"resources"`
	// NotCounted names what is reserved in another way: resource claims.
	NotCounted []string `json:"notCounted"`
}

// UsageParts add up to Total, always.
type UsageParts struct {
	Total float64 `json:"total"`
	// Useful are attempts that completed their index.
	Useful float64 `json:"useful"`
	// Failed counted against a limit, Ignored did not; Removed were deleted for a
	// suspension or as surplus.
	Failed  float64 `json:"failed"`
	Ignored float64 `json:"ignored"`
	Removed float64 `json:"removed"`
	// Stopped were killed by the Job's decision, or succeeded for nothing.
	Stopped float64 `json:"stopped"`
	// Running have not ended.
	Running float64 `json:"running"`
}

// Durations are of the attempts that succeeded.
type Durations struct {
	// Run is from the start of the container to its end, Wait from the creation of the
	// pod until then: for a node, for images, for init containers. Where a container
	// restarted in place the start of the pod stands for its own.
	Run  Spread `json:"run"`
	Wait Spread `json:"wait"`
	// Slowest are the longest runs, at most ten.
	Slowest []SlowAttempt `json:"slowest"`
}

// Spread of durations in seconds, all 0 where Count is.
type Spread struct {
	Count  int64   `json:"count"`
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	Max    float64 `json:"max"`
}

// SlowAttempt is one of the longest runs.
type SlowAttempt struct {
	Index   int32   `json:"index"`
	Seconds float64 `json:"seconds"`
	Node    string  `json:"node"`
}

// Timeline is the Job over time, in at most 200 buckets of the same length.
type Timeline struct {
	From metav1.Time `json:"from"`
	To   metav1.Time `json:"to"`
	// BucketSeconds is how long a bucket is, at least 1.
	BucketSeconds int64    `json:"bucketSeconds"`
	Buckets       []Bucket `json:"buckets"`
	Marks         []Mark   `json:"marks"`
}

// Bucket is the second of a bucket in which there were most pods: all four numbers
// are of that one, so that they may be added up.
type Bucket struct {
	Running     int64 `json:"running"`
	Pending     int64 `json:"pending"`
	BackingOff  int64 `json:"backingOff"`
	Terminating int64 `json:"terminating"`
}

// Mark is something that happened at one instant, in order of time.
type Mark struct {
	Time metav1.Time `json:"time"`
	Kind MarkKind    `json:"kind"`
	// Index, of FirstFailure and IndexFailed.
	Index *int32 `json:"index,omitempty"`
}

// MarkKind is what a Mark tells.
type MarkKind string

// The kinds of mark. At most 50 indexes that failed are marked, the first.
const (
	MarkStart        MarkKind = "Start"
	MarkFirstFailure MarkKind = "FirstFailure"
	MarkIndexFailed  MarkKind = "IndexFailed"
	MarkSuspended    MarkKind = "Suspended"
	MarkResumed      MarkKind = "Resumed"
	MarkDecision     MarkKind = "Decision"
	MarkEnd          MarkKind = "End"
)
