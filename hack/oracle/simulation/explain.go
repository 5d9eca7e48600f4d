package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

const serverVersion = "v1.37.2"

// Explain is what the plugin answers at this instant, from all that a client
// can read.
func (s *Simulation) Explain() *v1alpha1.Explanation {
	s.t.Helper()
	seen := s.Evidence()
	return replay.Explain(seen, seen.ObservedAt)
}

// Moment is this instant, as a recording names one.
func (s *Simulation) Moment() recording.Moment {
	return recording.Moment{ObservedAt: metav1.NewMicroTime(s.Clock.Now()), PodsVersion: strconv.Itoa(s.api.version)}
}

// Evidence is all that a client can read, as the plugin reads it.
func (s *Simulation) Evidence() *evidence.Job {
	s.t.Helper()
	seen, err := cluster.ReadFiles(context.Background(), []string{"-"}, bytes.NewReader(s.list()), "", cluster.Reference{})
	s.check(err)
	return seen
}

// Gone are the pods that were there and are not any more, as they were last.
func (s *Simulation) Gone() []evidence.Attempt {
	var gone []evidence.Attempt
	for _, pod := range s.api.gone {
		gone = append(gone, evidence.Reduce(pod))
	}
	return gone
}

// list is what `kubectl get job,events,pods,job -o json` would print, and when:
// nothing moves while it is read.
func (s *Simulation) list() []byte {
	items := s.jobItem()
	for i := range s.Events {
		items = append(items, s.Events[i])
	}
	for _, pod := range s.Pods() {
		items = append(items, withKind(s.t, "v1", "Pod", pod))
	}
	items = append(items, s.jobItem()...)
	data, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "List", "items": items,
		"metadata": map[string]any{"annotations": map[string]string{
			cluster.AnnotationObservedAt:    s.api.now().UTC().Format(time.RFC3339),
			cluster.AnnotationServerVersion: serverVersion,
		}},
	})
	s.check(err)
	return data
}

func (s *Simulation) jobItem() []any {
	if s.api.job == nil {
		return nil
	}
	return []any{withKind(s.t, "batch/v1", "Job", s.api.job)}
}

func withKind(t interface{ Fatal(...any) }, apiVersion, kind string, object any) map[string]any {
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{}
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	fields["apiVersion"], fields["kind"] = apiVersion, kind
	return fields
}
