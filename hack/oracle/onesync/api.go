package onesync

import (
	"context"
	"encoding/json"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	internal "k8s.io/kubernetes/pkg/apis/batch"
	_ "k8s.io/kubernetes/pkg/apis/batch/install" // conversion
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/batch/job"
)

// updateStatus refuses what the API server refuses.
func (c *Controller) updateStatus(_ context.Context, next *batchv1.Job) (*batchv1.Job, error) {
	c.result.Statuses = append(c.result.Statuses, *next.Status.DeepCopy())
	before, err := toInternal(c.job)
	if err != nil {
		return nil, err
	}
	after, err := toInternal(next)
	if err != nil {
		return nil, err
	}
	refused := job.StatusStrategy.ValidateUpdate(genericrequest.NewDefaultContext(), after, before).ToAggregate()
	c.result.Refusals = append(c.result.Refusals, refused)
	if refused != nil {
		return next, refused
	}
	c.job = next.DeepCopy()
	return c.job.DeepCopy(), nil
}

// toInternal leaves the template out, which no status changes.
func toInternal(job *batchv1.Job) (*internal.Job, error) {
	slim := *job
	slim.Spec.Template = corev1.PodTemplateSpec{}
	object := &internal.Job{}
	if err := legacyscheme.Scheme.Convert(&slim, object, nil); err != nil {
		return nil, fmt.Errorf("converting the Job: %w", err)
	}
	return object, nil
}

// podControl writes down what becomes of the pods.
type podControl struct{ to *Controller }

func (p podControl) CreatePods(context.Context, string, *corev1.PodTemplateSpec, runtime.Object, *metav1.OwnerReference) error {
	return fmt.Errorf("a pod without the name of an Indexed Job's")
}

func (p podControl) CreatePodsWithGenerateName(_ context.Context, _ string, template *corev1.PodTemplateSpec, _ runtime.Object, _ *metav1.OwnerReference, _ string) error {
	p.to.mutex.Lock()
	defer p.to.mutex.Unlock()
	p.to.result.Created = append(p.to.result.Created, *template)
	return nil
}

func (p podControl) DeletePod(_ context.Context, _ string, name string, _ runtime.Object) error {
	p.to.mutex.Lock()
	defer p.to.mutex.Unlock()
	p.to.result.Deleted = append(p.to.result.Deleted, name)
	return nil
}

// PatchPod tells the three patches apart that the controller sends.
func (p podControl) PatchPod(_ context.Context, _, name string, data []byte) error {
	var patch struct {
		Metadata struct {
			OwnerReferences []map[string]any `json:"ownerReferences"`
			Finalizers      []string         `json:"finalizers"`
			Stripped        []string         `json:"$deleteFromPrimitiveList/finalizers"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(data, &patch); err != nil {
		return err
	}
	p.to.mutex.Lock()
	defer p.to.mutex.Unlock()
	r := p.to.result
	switch owners := patch.Metadata.OwnerReferences; {
	case len(owners) == 0 && len(patch.Metadata.Stripped) == 1:
		r.Stripped = append(r.Stripped, name)
	case len(owners) == 1 && owners[0]["$patch"] == "delete" && len(patch.Metadata.Stripped) == 1:
		r.Released = append(r.Released, name)
	case len(owners) == 1 && owners[0]["controller"] == true && len(patch.Metadata.Finalizers) == 1:
		r.Adopted = append(r.Adopted, name)
	default:
		return fmt.Errorf("an unknown patch of pod %s: %s", name, data)
	}
	return nil
}
