package v1alpha1

import (
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Signature groups the failed attempts that have one cause. Those that did most
// harm come first: by indexes failed, by whether they fail the Job, by indexes
// stopped, then by attempts.
type Signature struct {
	// ID is stable: it follows from what makes the cause one, not from its rank.
	ID string `json:"id"`
	// Text is the cause in words, what differs from attempt to attempt left out.
	Text          string        `json:"text"`
	Container     string        `json:"container,omitempty"`
	ContainerType ContainerType `json:"containerType,omitempty"`
	ExitCode      *int32        `json:"exitCode,omitempty"`
	Reason        string        `json:"reason,omitempty"`
	// Message is what the example's pod said, in its own words.
	Message  string   `json:"message,omitempty"`
	Decision Decision `json:"decision,omitempty"`
	Rule     *int32   `json:"rule,omitempty"`
	Attempts int64    `json:"attempts"`
	// Indexes and the values of Outcomes are in the controller's own syntax.
	Indexes   string          `json:"indexes"`
	Outcomes  map[Fate]string `json:"outcomes"`
	Nodes     []NodeCount     `json:"nodes"`
	FirstTime *metav1.Time    `json:"firstTime,omitempty"`
	// FirstIndex is the index whose attempt ended then.
	FirstIndex *int32       `json:"firstIndex,omitempty"`
	LastTime   *metav1.Time `json:"lastTime,omitempty"`
	// Busiest is the minute in which most of the attempts ended.
	Busiest *Minute `json:"busiest,omitempty"`
	// Example is the last attempt of an index that failed, if there is one.
	Example *Example `json:"example,omitempty"`
}

// IsFatal reports whether the cause made indexes fail, or the Job.
func (e *Explanation) IsFatal(cause *Signature) bool {
	if cause.Outcomes[Failed] != "" || cause.Decision == DecisionFailJob {
		return true
	}
	return e.Conclusion.Reason == batchv1.JobReasonBackoffLimitExceeded && cause.Decision == DecisionCount
}

// NodeCount is how many attempts of a signature ended on a node.
type NodeCount struct {
	Name     string `json:"name"`
	Attempts int64  `json:"attempts"`
}

// Minute is the one that begins at Time, and how many attempts ended in it.
type Minute struct {
	Time     metav1.Time `json:"time"`
	Attempts int64       `json:"attempts"`
}

// Example is one attempt of a signature.
type Example struct {
	Index int32 `json:"index"`
	// Attempt counts from 1.
	Attempt int32  `json:"attempt"`
	Pod     string `json:"pod,omitempty"`
	Node    string `json:"node,omitempty"`
}
