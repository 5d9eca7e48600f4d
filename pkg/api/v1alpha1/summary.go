package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// JobSummaryList is what Indexed Jobs tell of themselves, without their pods:
// the worst first, unless another order was asked for.
type JobSummaryList struct {
	metav1.TypeMeta `json:",inline"`

	ObservedAt metav1.Time  `json:"observedAt"`
	Items      []JobSummary `json:"items"`
}

// JobSummary is the part of an Explanation that follows from the Job alone; each
// field means what it means there. In counts an index is Unknown where only its
// pod could tell.
type JobSummary struct {
	Metadata     Metadata       `json:"metadata"`
	CreationTime *metav1.Time   `json:"creationTime,omitempty"`
	Spec         Spec           `json:"spec"`
	Status       Status         `json:"status"`
	Owner        *Owner         `json:"owner,omitempty"`
	Conclusion   Conclusion     `json:"conclusion"`
	Counts       map[Fate]int64 `json:"counts"`
}
