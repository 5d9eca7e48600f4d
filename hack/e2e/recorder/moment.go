package recorder

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Take reads the Job, its pods and the events of both, one after another as
// `kubectl get -o yaml` and the plugin do, and adds the moment to the tape.
func (t *Tape) Take(ctx context.Context, name, namespace, job string) error {
	items, podsVersion, err := t.read(ctx, namespace, job)
	if err != nil {
		return fmt.Errorf("take moment %s of job %s/%s: %w", name, namespace, job, err)
	}
	shown, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "List", "items": items, "metadata": map[string]any{"resourceVersion": ""},
	})
	if err != nil {
		return err
	}
	if err := t.catchUp(ctx, items); err != nil {
		return fmt.Errorf("wait for the watch of what moment %s shows: %w", name, err)
	}
	moment := recording.Moment{Name: name, ObservedAt: now(), PodsVersion: podsVersion, Evidence: shown}
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	t.moments = append(t.moments, moment)
	return t.recorder.lost
}

// orders are those in which people and the plugin read. Each moment is read in the
// next one, and where a Job begins is left to chance.
var orders = [][]string{
	{"job", "pods", "events"},
	{"events", "pods", "job"},
	{"job", "events", "pods", "job"},
}

func (t *Tape) read(ctx context.Context, namespace, job string) (items []any, podsVersion string, err error) {
	items = []any{}
	t.recorder.mu.Lock()
	order := orders[(int(t.uid[0])+t.readings)%len(orders)]
	t.readings++
	t.recorder.mu.Unlock()
	for _, kind := range order {
		var read []any
		switch kind {
		case "job":
			read, err = t.readJob(ctx, namespace, job)
		case "pods":
			read, podsVersion, err = t.readPods(ctx, namespace)
		case "events":
			read, err = t.readEvents(ctx, namespace)
		}
		if err != nil {
			return nil, "", err
		}
		items = append(items, read...)
	}
	return items, podsVersion, nil
}

// catchUp waits until the ledger knows of the Job and of every pod what the moment shows:
// on a busy machine a watch is seconds late.
func (t *Tape) catchUp(ctx context.Context, items []any) error {
	for _, item := range items {
		object := unstructured.Unstructured{Object: item.(map[string]any)}
		isRecorded := object.GetKind() == "Pod" || object.GetUID() == t.uid // not an event, nor another Job of the name
		for isRecorded && !t.hasSeen(object.GetUID(), object.GetResourceVersion()) {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

// hasSeen the Job or a pod at that version, or a later one.
func (t *Tape) hasSeen(uid types.UID, version string) bool {
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	if t.recorder.lost != nil {
		return true // and Take says so
	}
	isPast := func(seen string) bool { return evidence.Version(seen) >= evidence.Version(version) }
	if uid == t.uid {
		return t.job != nil && isPast(t.job.ResourceVersion)
	}
	l := t.pods[uid]
	return l != nil && (l.VanishedTime != nil || isPast(l.last.ResourceVersion))
}

// readJob is nothing where the Job is gone: its pods may have survived it.
func (t *Tape) readJob(ctx context.Context, namespace, name string) ([]any, error) {
	job, err := t.get(ctx, "/apis/batch/v1/namespaces/"+namespace+"/jobs/"+name)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []any{withoutManagedFields(job)}, nil
}

func (t *Tape) readPods(ctx context.Context, namespace string) (items []any, version string, err error) {
	pods, err := t.get(ctx, "/api/v1/namespaces/"+namespace+"/pods")
	if err != nil {
		return nil, "", err
	}
	items = listed(pods, "Pod", func(pod *unstructured.Unstructured) bool {
		for _, owner := range pod.GetOwnerReferences() {
			if owner.UID == t.uid && owner.Controller != nil && *owner.Controller {
				return true
			}
		}
		return t.knows(pod)
	})
	version, _, _ = unstructured.NestedString(pods, "metadata", "resourceVersion")
	return items, version, nil
}

func (t *Tape) readEvents(ctx context.Context, namespace string) ([]any, error) {
	events, err := t.get(ctx, "/api/v1/namespaces/"+namespace+"/events")
	if err != nil {
		return nil, err
	}
	mine := map[string]bool{string(t.uid): true}
	t.recorder.mu.Lock()
	for uid := range t.pods {
		mine[string(uid)] = true
	}
	t.recorder.mu.Unlock()
	return listed(events, "Event", func(event *unstructured.Unstructured) bool {
		uid, _, _ := unstructured.NestedString(event.Object, "involvedObject", "uid")
		return mine[uid]
	}), nil
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
