package recorder

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Take reads the Job, its pods and the events of both, one after another as
// `kubectl get job,pods,events -o yaml` does, and adds the moment to the tape.
func (t *Tape) Take(ctx context.Context, name, namespace, job string) error {
	evidence, podsVersion, err := t.read(ctx, namespace, job)
	if err != nil {
		return fmt.Errorf("take moment %s of job %s/%s: %w", name, namespace, job, err)
	}
	moment := recording.Moment{Name: name, ObservedAt: now(), PodsVersion: podsVersion, Evidence: evidence}
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	t.moments = append(t.moments, moment)
	return nil
}

func (t *Tape) read(ctx context.Context, namespace, job string) (evidence []byte, podsVersion string, err error) {
	items := []any{}
	theJob, err := t.get(ctx, "/apis/batch/v1/namespaces/"+namespace+"/jobs/"+job)
	switch {
	case apierrors.IsNotFound(err): // its pods may have survived it
	case err != nil:
		return nil, "", err
	default:
		items = append(items, withoutManagedFields(theJob))
	}
	pods, err := t.get(ctx, "/api/v1/namespaces/"+namespace+"/pods")
	if err != nil {
		return nil, "", err
	}
	mine := map[string]bool{string(t.uid): true}
	items = append(items, listed(pods, "Pod", func(pod *unstructured.Unstructured) bool {
		for _, owner := range pod.GetOwnerReferences() {
			if owner.UID == t.uid && owner.Controller != nil && *owner.Controller {
				return true
			}
		}
		return t.knows(pod)
	})...)
	t.recorder.mu.Lock()
	for uid := range t.pods {
		mine[string(uid)] = true
	}
	t.recorder.mu.Unlock()
	events, err := t.get(ctx, "/api/v1/namespaces/"+namespace+"/events")
	if err != nil {
		return nil, "", err
	}
	items = append(items, listed(events, "Event", func(event *unstructured.Unstructured) bool {
		uid, _, _ := unstructured.NestedString(event.Object, "involvedObject", "uid")
		return mine[uid]
	})...)
	evidence, err = yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "List", "items": items, "metadata": map[string]any{"resourceVersion": ""},
	})
	podsVersion, _, _ = unstructured.NestedString(pods, "metadata", "resourceVersion")
	return evidence, podsVersion, err
}

// knows tells of a pod that was the Job's once, such as one released since.
func (t *Tape) knows(pod *unstructured.Unstructured) bool {
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	return t.pods[pod.GetUID()] != nil
}

func (t *Tape) get(ctx context.Context, path string) (map[string]any, error) {
	data, err := t.recorder.client.Discovery().RESTClient().Get().AbsPath(path).
		SetHeader("Accept", "application/json").DoRaw(ctx)
	if err != nil {
		return nil, err
	}
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, fmt.Errorf("parse %s: %w", path, err)
	}
	return object, nil
}

// listed are the items of a list that are wanted, each with the kind that a
// list leaves out.
func listed(list map[string]any, kind string, wanted func(*unstructured.Unstructured) bool) []any {
	var items []any
	all, _ := list["items"].([]any)
	for _, item := range all {
		object, ok := item.(map[string]any)
		if !ok || !wanted(&unstructured.Unstructured{Object: object}) {
			continue
		}
		object["apiVersion"], object["kind"] = list["apiVersion"], kind
		items = append(items, withoutManagedFields(object))
	}
	return items
}

// withoutManagedFields does as kubectl without --show-managed-fields.
func withoutManagedFields(object map[string]any) any {
	unstructured.RemoveNestedField(object, "metadata", "managedFields")
	return object
}
