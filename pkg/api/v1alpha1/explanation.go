package v1alpha1

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Explanation is the answer about one Indexed Job at one instant.
type Explanation struct {
	metav1.TypeMeta `json:",inline"`

	Metadata Metadata `json:"metadata"`
	// ObservedAt is the clock at reading. For a file it is what a snapshot
	// recorded, else the newest instant found in it.
	ObservedAt metav1.Time `json:"observedAt"`
	Spec       Spec        `json:"spec"`
	Status     Status      `json:"status"`
	Owner      *Owner      `json:"owner,omitempty"`
	Conclusion Conclusion  `json:"conclusion"`
	// Counts adds up to spec.completions, always.
	Counts map[Fate]int64 `json:"counts"`
	// Fates is in order of index. A record with LastIndex stands for a run.
	Fates      []IndexFate `json:"fates"`
	Signatures []Signature `json:"signatures"`
	Findings   []Finding   `json:"findings"`
	Agreement  Agreement   `json:"agreement"`
	Evidence   Evidence    `json:"evidence"`
	// Usage and Durations are of all attempts, however few the fates tell.
	Usage     *Usage     `json:"usage,omitempty"`
	Durations *Durations `json:"durations,omitempty"`
	// Timeline is only there where it was asked for.
	Timeline *Timeline `json:"timeline,omitempty"`
}

// Completions is how many indexes there are, 0 where the Job does not say.
func (e *Explanation) Completions() int32 {
	if e.Spec.Completions == nil {
		return 0
	}
	return max(0, *e.Spec.Completions)
}

// Metadata names the Job.
type Metadata struct {
	Namespace string    `json:"namespace"`
	Name      string    `json:"name"`
	UID       types.UID `json:"uid"`
}

// Spec holds the fields of the Job that decide, as the Job has them.
type Spec struct {
	Parallelism           *int32                        `json:"parallelism,omitempty"`
	Completions           *int32                        `json:"completions,omitempty"`
	CompletionMode        *batchv1.CompletionMode       `json:"completionMode,omitempty"`
	ActiveDeadlineSeconds *int64                        `json:"activeDeadlineSeconds,omitempty"`
	BackoffLimit          *int32                        `json:"backoffLimit,omitempty"`
	BackoffLimitPerIndex  *int32                        `json:"backoffLimitPerIndex,omitempty"`
	MaxFailedIndexes      *int32                        `json:"maxFailedIndexes,omitempty"`
	PodFailurePolicy      *batchv1.PodFailurePolicy     `json:"podFailurePolicy,omitempty"`
	SuccessPolicy         *batchv1.SuccessPolicy        `json:"successPolicy,omitempty"`
	PodReplacementPolicy  *batchv1.PodReplacementPolicy `json:"podReplacementPolicy,omitempty"`
	Suspend               *bool                         `json:"suspend,omitempty"`
	ManagedBy             *string                       `json:"managedBy,omitempty"`
	// RestartPolicy is the pod template's.
	RestartPolicy corev1.RestartPolicy `json:"restartPolicy,omitempty"`
}

// Status is the Job's status as recorded by its controller.
type Status struct {
	Active           int32       `json:"active"`
	Ready            *int32      `json:"ready,omitempty"`
	Terminating      *int32      `json:"terminating,omitempty"`
	Succeeded        int32       `json:"succeeded"`
	Failed           int32       `json:"failed"`
	CompletedIndexes string      `json:"completedIndexes"`
	FailedIndexes    *string     `json:"failedIndexes,omitempty"`
	Conditions       []Condition `json:"conditions"`
}

// Condition is one of the Job's conditions as recorded.
type Condition struct {
	Type               batchv1.JobConditionType `json:"type"`
	Status             corev1.ConditionStatus   `json:"status"`
	Reason             string                   `json:"reason,omitempty"`
	Message            string                   `json:"message,omitempty"`
	LastTransitionTime *metav1.Time             `json:"lastTransitionTime,omitempty"`
}

// Owner is what controls the Job and, where labels tell, the queue that holds it.
type Owner struct {
	Kind  string `json:"kind,omitempty"`
	Name  string `json:"name,omitempty"`
	Queue string `json:"queue,omitempty"`
}
