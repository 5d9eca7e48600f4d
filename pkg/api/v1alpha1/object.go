package v1alpha1

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// APIVersion of every object here, and their kinds.
const (
	APIVersion = "indexjob/v1alpha1"
	Kind       = "Explanation"
	ListKind   = "JobSummaryList"
)

var _, _ runtime.Object = (*Explanation)(nil), (*JobSummaryList)(nil)

// GetObjectKind lets kubectl's printers take an Explanation.
func (e *Explanation) GetObjectKind() schema.ObjectKind { return &e.TypeMeta }

// DeepCopyObject lets kubectl's printers take an Explanation.
func (e *Explanation) DeepCopyObject() runtime.Object { return copied(e) }

// GetObjectKind lets kubectl's printers take a JobSummaryList.
func (l *JobSummaryList) GetObjectKind() schema.ObjectKind { return &l.TypeMeta }

// DeepCopyObject lets kubectl's printers take a JobSummaryList.
func (l *JobSummaryList) DeepCopyObject() runtime.Object { return copied(l) }

// copied copies an object for printers, which never ask for it. Should somebody
// do, the way through JSON loses nothing, since JSON is what the object is for.
func copied[T any](object *T) *T {
	data, err := json.Marshal(object)
	if err != nil {
		panic(err) // no field here can fail to marshal
	}
	copied := new(T)
	if err := json.Unmarshal(data, copied); err != nil {
		panic(err)
	}
	return copied
}
