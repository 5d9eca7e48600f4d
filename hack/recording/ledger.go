package recording

import (
	"bytes"
	"encoding/json"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Ledger is what in truth happened to a Job, seen by a watch that began before
// the Job did. Times of type MicroTime are the recorder's clock at the event.
type Ledger struct {
	// KubernetesVersion is the server's, such as v1.37.2.
	KubernetesVersion string
	// Pods are all that the Job ever controlled, in order of creation.
	Pods []Pod
	// History has an entry for each change of the Job.
	History []Change
	// Actions are what a user did to the Job or to its pods.
	Actions []Action
	// Job is the last that was seen of it, without managedFields.
	Job batchv1.Job
}

// Pod is the life of one pod.
type Pod struct {
	Name string    `json:"name"`
	UID  types.UID `json:"uid"`
	// Index is the completion index annotation, absent where the pod has none.
	Index *int32 `json:"index,omitempty"`
	// FailureCount and IgnoredFailureCount are the annotations that the pod was
	// born with, absent where it has none.
	FailureCount        *int32 `json:"failureCount,omitempty"`
	IgnoredFailureCount *int32 `json:"ignoredFailureCount,omitempty"`
	Node                string `json:"node,omitempty"`

	CreationTime metav1.Time `json:"creationTime"`
	// RunningTime is when phase Running was first seen.
	RunningTime *metav1.MicroTime `json:"runningTime,omitempty"`
	// DeletionSeenTime is when a deletionTimestamp was first seen, or the pod was
	// gone without one.
	DeletionSeenTime *metav1.MicroTime `json:"deletionSeenTime,omitempty"`
	// DeletedBy says who asked for the deletion.
	DeletedBy Deleter `json:"deletedBy,omitempty"`
	// FinishTime is when phase Failed or Succeeded was first seen.
	FinishTime *metav1.MicroTime `json:"finishTime,omitempty"`
	// AccountedTime is when the pod was first seen without the Job's finalizer.
	AccountedTime *metav1.MicroTime `json:"accountedTime,omitempty"`
	// VanishedTime is when the pod left the API; absent while it is there.
	VanishedTime *metav1.MicroTime `json:"vanishedTime,omitempty"`

	// The resource versions at which the pod was created, finished and vanished.
	// They order what the clock, read when a watch tells, cannot: one counter
	// serves the Job and all pods.
	CreationVersion string `json:"creationVersion,omitempty"`
	FinishVersion   string `json:"finishVersion,omitempty"`
	VanishedVersion string `json:"vanishedVersion,omitempty"`

	// Status is the last that was seen, without addresses and images.
	Status corev1.PodStatus `json:"status"`
}

// Deleter is who deleted a pod.
type Deleter string

const (
	// DeletedByController stands for the Job controller, and for whatever
	// deletes pods behind everybody's back: nobody else said it did.
	DeletedByController Deleter = "Controller"
	DeletedByUser       Deleter = "User"
	DeletedByScheduler  Deleter = "Scheduler" // a preemption
	DeletedByEviction   Deleter = "Eviction"  // the eviction API, as kubectl drain uses it
	DeletedByTaint      Deleter = "Taint"     // for a taint of its node
	// DeletedByCascade stands for the garbage collector, after the Job itself
	// was deleted.
	DeletedByCascade Deleter = "Cascade"
)

// Change is the Job after one change.
type Change struct {
	Time            metav1.MicroTime `json:"time"`
	ResourceVersion string           `json:"resourceVersion"`
	// Spec is there on the first entry and where the spec changed, without
	// template and selector, which do not.
	Spec   *batchv1.JobSpec  `json:"spec,omitempty"`
	Status batchv1.JobStatus `json:"status"`
	// Deleted marks the Job's own end.
	Deleted bool `json:"deleted,omitempty"`
}

// Action is what a user did.
type Action struct {
	Time metav1.MicroTime `json:"time"`
	What string           `json:"what"`
}

// format writes one line an entry: the ledger is read with grep as often as by
// a program.
func (l *Ledger) format() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\n")
	for i, field := range []struct {
		name  string
		value func() ([]byte, error)
	}{
		{"KubernetesVersion", func() ([]byte, error) { return json.Marshal(l.KubernetesVersion) }},
		{"Pods", func() ([]byte, error) { return marshalLines(l.Pods) }},
		{"History", func() ([]byte, error) { return marshalLines(l.History) }},
		{"Actions", func() ([]byte, error) { return marshalLines(l.Actions) }},
		{"Job", func() ([]byte, error) { return json.Marshal(l.Job) }},
	} {
		value, err := field.value()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field.name, err)
		}
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "%q: %s", field.name, value)
	}
	b.WriteString("\n}\n")
	return b.Bytes(), nil
}

// marshalLines writes a JSON list with each element on a line of its own.
func marshalLines[T any](list []T) ([]byte, error) {
	if len(list) == 0 {
		return []byte("[]"), nil
	}
	var b bytes.Buffer
	for i := range list {
		element, err := json.Marshal(list[i])
		if err != nil {
			return nil, err
		}
		if i == 0 {
			b.WriteString("[\n")
		} else {
			b.WriteString(",\n")
		}
		b.Write(element)
	}
	b.WriteString("\n]")
	return b.Bytes(), nil
}
