package cluster_test

import (
	"bytes"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// eachMoment hands over every moment of the corpus as a server shows it.
func eachMoment(t *testing.T, do func(*testing.T, *evidence.Job)) {
	t.Helper()
	observeMoments(t, func(*clustertest.Server) {}, func(r *recording.Recording) []recording.Moment { return r.Moments }, do)
}

// eachEnd hands over the last moment of every recording, as a server shows it
// that is in want of something.
func eachEnd(t *testing.T, spoil func(*clustertest.Server), do func(*testing.T, *evidence.Job)) {
	t.Helper()
	observeMoments(t, spoil, func(r *recording.Recording) []recording.Moment { return r.Moments[max(0, len(r.Moments)-1):] }, do)
}

func observeMoments(t *testing.T, spoil func(*clustertest.Server), of func(*recording.Recording) []recording.Moment, do func(*testing.T, *evidence.Job)) {
	t.Helper()
	recordings, err := recording.ReadDir("../../hack/recording/testdata")
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, r := range recordings {
		for _, moment := range of(r) {
			t.Run(r.Name+"/"+moment.Name, func(t *testing.T) {
				objects, err := clustertest.Load(moment.Evidence)
				if err != nil {
					t.Fatal(err)
				}
				job := jobOf(objects)
				if job == nil {
					t.Logf("the Job is gone at this moment")
					return
				}
				server := clustertest.New(objects...)
				spoil(server)
				seen, err := observe(t, server, job, moment.ObservedAt.Time)
				if err != nil {
					t.Fatal(err)
				}
				do(t, seen)
				done++
			})
		}
	}
	if done < len(recordings)*9/10 {
		t.Errorf("only %d moments of %d recordings", done, len(recordings))
	}
}

func snapshotOf(t *testing.T, seen *evidence.Job, messages bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := cluster.WriteSnapshot(&b, seen, messages); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readBack(t *testing.T, snapshot []byte) *evidence.Job {
	t.Helper()
	seen, err := cluster.ReadFiles(t.Context(), []string{"-"}, bytes.NewReader(snapshot), "", cluster.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

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

// broken answers at once: a 500 would be retried for seconds.
func broken(w http.ResponseWriter, _ *http.Request) bool {
	w.WriteHeader(http.StatusNotImplemented)
	return true
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
		a.Message = ""
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

// TestSnapshotIsAListOfKubectls: whatever reads a v1 List reads it.
func TestSnapshotIsAListOfKubectls(t *testing.T) {
	eachEnd(t, func(*clustertest.Server) {}, func(t *testing.T, seen *evidence.Job) {
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode(snapshotOf(t, seen, false), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		list := object.(*corev1.List)
		if want := 1 + len(seen.Attempts) + len(seen.Events); len(list.Items) != want {
			t.Errorf("%d items, want %d", len(list.Items), want)
		}
		for _, item := range list.Items {
			if _, _, err := scheme.Codecs.UniversalDeserializer().Decode(item.Raw, nil, nil); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestSnapshotOfNothing: what was looked for and not there is told from what
// was not looked for.
func TestSnapshotOfNothing(t *testing.T) {
	for _, want := range []evidence.Job{
		{PodsRead: true, EventsRead: true},
		{PodsRead: true},
		{EventsRead: true},
		{Gaps: []evidence.Gap{{Kind: evidence.GapPods, Message: "forbidden"}}},
	} {
		want.Job = &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j", UID: "u"}, Spec: batchv1.JobSpec{
			CompletionMode: new(batchv1.IndexedCompletion), Completions: new(int32(1)),
		}}
		got := readBack(t, snapshotOf(t, &want, false))
		if got.PodsRead != want.PodsRead || got.EventsRead != want.EventsRead || !slices.Equal(got.Gaps, want.Gaps) {
			t.Errorf("pods %v, events %v, gaps %v; want %v, %v, %v", got.PodsRead, got.EventsRead, got.Gaps, want.PodsRead, want.EventsRead, want.Gaps)
		}
	}
}

// TestSnapshotsTogether: what one of several could not read is missing.
func TestSnapshotsTogether(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	whole := `{"apiVersion":"v1","kind":"List","metadata":{"annotations":{"indexjob/gaps":"[]","indexjob/read":"pods,events","indexjob/observedAt":"2026-11-22T11:00:00Z"}},"items":[
		{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","uid":"u"},"spec":{"completionMode":"Indexed","completions":1}}]}`
	other := `{"apiVersion":"v1","kind":"List","metadata":{"annotations":{"indexjob/gaps":"[{\"kind\":\"Events\",\"message\":\"forbidden\"}]","indexjob/read":"pods","indexjob/observedAt":"2026-11-22T12:00:00Z"}},"items":[]}`
	for _, text := range []string{whole + other, other + whole} {
		seen := readBack(t, []byte(text))
		if want := []evidence.Gap{{Kind: evidence.GapEvents, Message: "forbidden"}}; !slices.Equal(seen.Gaps, want) || !seen.PodsRead || seen.EventsRead || !seen.ObservedAt.Equal(at) {
			t.Errorf("pods %v, events %v, at %v, gaps %v", seen.PodsRead, seen.EventsRead, seen.ObservedAt, seen.Gaps)
		}
	}
	if seen := readBack(t, []byte(strings.Replace(whole, `"[]"`, `"nonsense"`, 1))); seen.PodsRead || len(seen.Gaps) == 0 {
		t.Errorf("a List without readable gaps is taken for a snapshot")
	}
}
