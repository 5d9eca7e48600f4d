package cluster_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

func explained(t *testing.T, seen *evidence.Job) *v1alpha1.Explanation {
	t.Helper()
	return replay.Explain(seen, seen.ObservedAt)
}

// TestSnapshotExplainsTheSame: with messages the Explanation is the same to the
// last field. Without them it is that of the same evidence without messages,
// and differs from the first in messages and in the causes that only these tell
// apart.
func TestSnapshotExplainsTheSame(t *testing.T) {
	eachMoment(t, explainsTheSame)
	for name, spoil := range map[string]func(*clustertest.Server){
		"without events and version": func(s *clustertest.Server) {
			s.On("events", clustertest.Forever, broken)
			s.On("version", clustertest.Forever, clustertest.Forbid)
		},
		"without pods": func(s *clustertest.Server) { s.On("pods", clustertest.Forever, clustertest.Forbid) },
	} {
		t.Run(name, func(t *testing.T) { eachEnd(t, spoil, explainsTheSame) })
	}
}

func explainsTheSame(t *testing.T, seen *evidence.Job) {
	want := explained(t, seen)
	full := snapshotOf(t, seen, true)
	if diff := cmp.Diff(want, explained(t, readBack(t, full))); diff != "" {
		t.Errorf("with messages (-seen +snapshot):\n%s", diff)
	}
	short := snapshotOf(t, seen, false)
	got := explained(t, readBack(t, short))
	if diff := cmp.Diff(explained(t, withoutMessages(seen)), got); diff != "" {
		t.Errorf("without messages (-seen without +snapshot):\n%s", diff)
	}
	if diff := cmp.Diff(beside(want), beside(got)); diff != "" {
		t.Errorf("beside messages (-seen +snapshot):\n%s", diff)
	}
	if again := snapshotOf(t, readBack(t, short), true); !bytes.Equal(short, again) {
		t.Errorf("a snapshot of the snapshot differs:\n%s", cmp.Diff(string(short), string(again)))
	}
}

// TestSnapshotKeepsMemoryLimits: without its own, a container is said to have
// been killed for the memory of others.
func TestSnapshotKeepsMemoryLimits(t *testing.T) {
	r, err := recording.ReadFile("../../hack/recording/testdata/disruptions_1.37.txtar")
	if err != nil {
		t.Fatal(err)
	}
	final, _ := r.Moment(recording.Final)
	seen := readBack(t, final.Evidence)
	main := &seen.Job.Spec.Template.Spec.Containers[0]
	main.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Gi")}
	if told := explained(t, seen).Findings; !slices.ContainsFunc(told, func(f v1alpha1.Finding) bool { return strings.HasSuffix(f.Message, "64Gi") }) {
		t.Fatalf("no container ran out of its memory: %v", told)
	}
	explainsTheSame(t, seen)
	if kept := string(snapshotOf(t, seen, true)); strings.Contains(kept, main.Image) {
		t.Errorf("the snapshot holds the image %s", main.Image)
	}
}

// withoutMessages blanks whatever is called a message, but for the Job
// controller's own.
func withoutMessages(seen *evidence.Job) *evidence.Job {
	bare := *seen
	bare.Job = seen.Job.DeepCopy()
	for i := range bare.Job.Status.Conditions {
		if c := &bare.Job.Status.Conditions[i]; !strings.Contains(c.Message, " matching FailJob rule at index ") {
			c.Message = ""
		}
	}
	bare.Attempts = slices.Clone(seen.Attempts)
	for i := range bare.Attempts {
		a := &bare.Attempts[i]
		if a.Message = ""; evidence.IsOverOwnLimit(seen.Attempts[i].Message) {
			a.Message = evidence.OverOwnLimit
		}
		a.Conditions, a.Containers = slices.Clone(a.Conditions), slices.Clone(a.Containers)
		for j := range a.Conditions {
			a.Conditions[j].Message = ""
		}
		for j := range a.Containers {
			c := &a.Containers[j]
			c.WaitingFor = ""
			if c.Terminated != nil {
				ended := *c.Terminated
				ended.Message = ""
				c.Terminated = &ended
			}
		}
	}
	bare.Events = slices.Clone(seen.Events)
	for i := range bare.Events {
		if e := &bare.Events[i]; e.Kind != "Job" || e.Reason != "SuccessfulCreate" && e.Reason != "SuccessfulDelete" {
			e.Message = ""
		}
	}
	bare.Gaps = slices.Clone(seen.Gaps)
	for i := range bare.Gaps {
		bare.Gaps[i].Error = ""
	}
	return &bare
}

// beside is an Explanation without what messages have a say in.
func beside(e *v1alpha1.Explanation) *v1alpha1.Explanation {
	e = e.DeepCopyObject().(*v1alpha1.Explanation)
	blank(reflect.ValueOf(e))
	e.Signatures = nil
	for i := range e.Fates {
		for j := range e.Fates[i].Attempts {
			e.Fates[i].Attempts[j].Warnings, e.Fates[i].Attempts[j].Signature = nil, ""
		}
	}
	return e
}

func blank(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			blank(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			blank(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.Name == "Message" && field.Type.Kind() == reflect.String {
				v.Field(i).SetString("")
			} else if field.IsExported() {
				blank(v.Field(i))
			}
		}
	}
}
