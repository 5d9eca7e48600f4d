package cluster_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
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

// broken answers at once: a 500 would be retried for seconds.
func broken(w http.ResponseWriter, _ *http.Request) bool {
	w.WriteHeader(http.StatusNotImplemented)
	return true
}

// TestASnapshotIsTheEvidenceAgain: pods, events and all that is told of their
// reading, to the last field; and of the Job what a snapshot keeps of it.
func TestASnapshotIsTheEvidenceAgain(t *testing.T) {
	eachMoment(t, isTheEvidenceAgain)
	for name, spoil := range map[string]func(*clustertest.Server){
		"without events and version": func(s *clustertest.Server) {
			s.On("events", clustertest.Forever, broken)
			s.On("version", clustertest.Forever, clustertest.Forbid)
		},
		"without pods": func(s *clustertest.Server) { s.On("pods", clustertest.Forever, clustertest.Forbid) },
	} {
		t.Run(name, func(t *testing.T) { eachEnd(t, spoil, isTheEvidenceAgain) })
	}
}

// TestASnapshotKeepsEveryOrder: those of files and of a watch, too.
func TestASnapshotKeepsEveryOrder(t *testing.T) {
	r, err := recording.ReadFile("../../hack/recording/testdata/disruptions_1.37.txtar")
	if err != nil {
		t.Fatal(err)
	}
	final, _ := r.Moment(recording.Final)
	for _, order := range []evidence.Order{evidence.JobAfterPods, evidence.JobBeforePods, evidence.Bracketed, evidence.OrderUnknown} {
		for _, events := range []evidence.EventsOrder{evidence.EventsBeforePods, evidence.EventsAfterPods, evidence.EventsOrderUnknown} {
			t.Run(string(order)+" events "+string(events), func(t *testing.T) {
				seen := readBack(t, final.Evidence)
				seen.Order, seen.EventsOrder = order, events
				isTheEvidenceAgain(t, seen)
			})
		}
	}
}

func isTheEvidenceAgain(t *testing.T, seen *evidence.Job) {
	t.Helper()
	comesBack(t, *seen)
	seen.Order, seen.Before = evidence.JobAfterPods, seen.Job.DeepCopy()
	seen.Before.ResourceVersion, seen.Before.Status.Active = "1", seen.Job.Status.Active+1
	comesBack(t, *seen)
}

func comesBack(t *testing.T, want evidence.Job) {
	t.Helper()
	text := snapshotOf(t, &want, true)
	got := readBack(t, text)
	if again := snapshotOf(t, got, true); !bytes.Equal(text, again) {
		t.Errorf("%s: a snapshot of the snapshot differs:\n%s", want.Order, cmp.Diff(string(text), string(again)))
	}
	if (got.Before == nil) != (want.Before == nil) {
		t.Errorf("%s: Before is %v, want %v", want.Order, got.Before, want.Before)
	}
	// The text shows that they are the same in what is kept of them.
	got.Job, got.Before, want.Job, want.Before = nil, nil, nil, nil
	sorted(got)
	sorted(&want)
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("%s (-seen +snapshot):\n%s", want.Order, diff)
	}
}

// sorted puts pods and events in order.
func sorted(seen *evidence.Job) {
	slices.SortFunc(seen.Attempts, func(a, b evidence.Attempt) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(seen.Events, func(a, b evidence.Event) int {
		return strings.Compare(fmt.Sprint(a.Kind, a.Name, a.First, a.Message), fmt.Sprint(b.Kind, b.Name, b.First, b.Message))
	})
}

// TestSnapshotIsAListOfKubectls: whatever reads a v1 List reads it.
func TestSnapshotIsAListOfKubectls(t *testing.T) {
	eachEnd(t, func(*clustertest.Server) {}, func(t *testing.T, seen *evidence.Job) {
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode(snapshotOf(t, seen, false), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		list := object.(*corev1.List)
		if want := 2 + len(seen.Attempts) + len(seen.Events); len(list.Items) != want {
			t.Errorf("%d items, want %d with the Job before its pods and after them", len(list.Items), want)
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
		{Coverage: evidence.Coverage{Pods: evidence.Whole, Events: evidence.Whole}, Order: evidence.Bracketed, EventsOrder: evidence.EventsBeforePods},
		{Coverage: evidence.Coverage{Pods: evidence.Whole, Events: evidence.None}, Order: evidence.JobBeforePods, EventsOrder: evidence.EventsAfterPods},
		{Coverage: evidence.Coverage{Pods: evidence.None, Events: evidence.Whole}, Order: evidence.JobAfterPods, EventsOrder: evidence.EventsOrderUnknown},
		{Coverage: evidence.Coverage{Pods: evidence.Partial, Events: evidence.Partial}, Order: evidence.OrderUnknown, EventsOrder: evidence.EventsOrderUnknown},
		{Coverage: evidence.Coverage{Pods: evidence.None, Events: evidence.None}, Order: evidence.OrderUnknown, EventsOrder: evidence.EventsOrderUnknown, Gaps: []evidence.Gap{{Kind: evidence.GapPods, Message: "forbidden"}}},
	} {
		want.Job = &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "j", UID: "u"}, Spec: batchv1.JobSpec{
			CompletionMode: new(batchv1.IndexedCompletion), Completions: new(int32(1)),
		}}
		got := readBack(t, snapshotOf(t, &want, false))
		if got.Coverage != want.Coverage || got.Order != want.Order || got.EventsOrder != want.EventsOrder || !slices.Equal(got.Gaps, want.Gaps) {
			t.Errorf("%v, %s, %s, gaps %v; want %v, %s, %s, %v", got.Coverage, got.Order, got.EventsOrder, got.Gaps, want.Coverage, want.Order, want.EventsOrder, want.Gaps)
		}
	}
}

// TestSnapshotsOfSeveralOrdersHaveNone where no pod shows it.
func TestSnapshotsOfSeveralOrdersHaveNone(t *testing.T) {
	text := func(order evidence.Order, events evidence.EventsOrder) string {
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"List","metadata":{"annotations":{"indexjob/gaps":"[]","indexjob/read":"pods,events","indexjob/order":%q,"indexjob/eventsOrder":%q}},"items":[
			{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","uid":"u"},"spec":{"completionMode":"Indexed","completions":1}}]}`, order, events)
	}
	before, after := text(evidence.JobBeforePods, evidence.EventsBeforePods), text(evidence.JobAfterPods, evidence.EventsAfterPods)
	if seen := readBack(t, []byte(before+before)); seen.Order != evidence.JobBeforePods || seen.EventsOrder != evidence.EventsBeforePods {
		t.Errorf("of one order: %s, events %s", seen.Order, seen.EventsOrder)
	}
	if seen := readBack(t, []byte(before+after)); seen.Order != evidence.OrderUnknown || seen.EventsOrder != evidence.EventsOrderUnknown {
		t.Errorf("of two: %s, events %s", seen.Order, seen.EventsOrder)
	}
	if seen := readBack(t, []byte(text("nonsense", "nonsense"))); seen.Order != evidence.OrderUnknown || seen.EventsOrder != evidence.EventsOrderUnknown {
		t.Errorf("of nonsense: %s, events %s", seen.Order, seen.EventsOrder)
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
		if want := []evidence.Gap{{Kind: evidence.GapEvents, Message: "forbidden"}}; !slices.Equal(seen.Gaps, want) || seen.Coverage != (evidence.Coverage{Pods: evidence.Whole, Events: evidence.None}) || !seen.ObservedAt.Equal(at) {
			t.Errorf("%v, at %v, gaps %v", seen.Coverage, seen.ObservedAt, seen.Gaps)
		}
	}
	if seen := readBack(t, []byte(strings.Replace(whole, `"[]"`, `"nonsense"`, 1))); seen.Coverage.Events != evidence.None || len(seen.Gaps) == 0 {
		t.Errorf("a List without readable gaps is taken for a snapshot")
	}
}
