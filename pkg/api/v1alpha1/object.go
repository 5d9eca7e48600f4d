package v1alpha1

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// APIVersion and Kind of every Explanation.
const (
	APIVersion = "indexjob/v1alpha1"
	Kind       = "Explanation"
)

var _ runtime.Object = (*Explanation)(nil)

// GetObjectKind lets kubectl's printers take an Explanation.
func (e *Explanation) GetObjectKind() schema.ObjectKind { return &e.TypeMeta }

// DeepCopyObject lets kubectl's printers take an Explanation. They never copy
// one; should somebody do, the way through JSON loses nothing, since JSON is
// what an Explanation is for.
func (e *Explanation) DeepCopyObject() runtime.Object {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err) // no field of an Explanation can fail to marshal
	}
	var copied Explanation
	if err := json.Unmarshal(data, &copied); err != nil {
		panic(err)
	}
	return &copied
}
