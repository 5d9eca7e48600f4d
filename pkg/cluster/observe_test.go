package cluster

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var whole = evidence.Coverage{Pods: evidence.Whole, Events: evidence.Whole}

// client connects to a server; its clock and the local one stand at now.
func client(t *testing.T, server *clustertest.Server, now time.Time) *Client {
	t.Helper()
	server.Clock = func() time.Time { return now }
	t.Cleanup(func() {
		server.Close()
		if violations := server.Violations(); len(violations) > 0 {
			t.Errorf("the server was sent %q", violations)
		}
	})
	return patientClient(t, server, now, 5*time.Second)
}

// patientClient is one with a --request-timeout.
func patientClient(t *testing.T, server *clustertest.Server, now time.Time, timeout time.Duration) *Client {
	t.Helper()
	c, err := NewClient(&rest.Config{Host: server.URL, Timeout: timeout}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.core.Client.CloseIdleConnections)
	return c
}

func observe(t *testing.T, server *clustertest.Server, job *batchv1.Job, now time.Time) (*evidence.Job, error) {
	t.Helper()
	return client(t, server, now).Observe(t.Context(), job.Namespace, job.Name)
}

func newJob(change ...func(*batchv1.Job)) *batchv1.Job {
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "nightly", UID: "job-uid", ResourceVersion: "7",
			CreationTimestamp: metav1.NewTime(noon.Add(-time.Hour)),
		},
		Spec: batchv1.JobSpec{
			CompletionMode: new(batchv1.IndexedCompletion),
			Completions:    new(int32(3)),
			Parallelism:    new(int32(3)),
			Selector:       &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.ControllerUidLabel: "job-uid"}},
		},
	}
	for _, c := range change {
		c(job)
	}
	return job
}

func newPod(name string, change ...func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: name, UID: types.UID(name + "-uid"),
			Labels:          map[string]string{batchv1.ControllerUidLabel: "job-uid", "job-name": "nightly"},
			Annotations:     map[string]string{batchv1.JobCompletionIndexAnnotation: "0"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "Job", Name: "nightly", UID: "job-uid", Controller: new(true)}},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
	for _, c := range change {
		c(pod)
	}
	return pod
}

func newEvent(name string, about corev1.ObjectReference, change ...func(*corev1.Event)) *corev1.Event {
	event := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name + "-uid")},
		InvolvedObject: about,
		Type:           corev1.EventTypeNormal,
	}
	for _, c := range change {
		c(event)
	}
	return event
}

var aboutJob = corev1.ObjectReference{Kind: "Job", Name: "nightly", UID: "job-uid"}

func podNames(seen *evidence.Job) []string {
	names := []string{}
	for i := range seen.Attempts {
		names = append(names, seen.Attempts[i].Name)
	}
	return names
}

func gapKinds(seen *evidence.Job) string {
	var kinds []string
	for _, gap := range seen.Gaps {
		kinds = append(kinds, gap.Kind)
	}
	return strings.Join(kinds, ",")
}

func TestObserveKeepsWhatBelongs(t *testing.T) {
	server := clustertest.New(newJob(),
		newPod("own"),
		newPod("orphan", func(p *corev1.Pod) { p.OwnerReferences = nil }),
		newPod("of-an-earlier-job", func(p *corev1.Pod) { p.OwnerReferences[0].UID = "another" }),
		newPod("released", func(p *corev1.Pod) { p.Labels = nil }),
		newPod("elsewhere", func(p *corev1.Pod) { p.Namespace = "other" }),
	)
	seen, err := observe(t, server, newJob(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"orphan", "own"}, podNames(seen)); diff != "" {
		t.Error(diff)
	}
	if seen.Attempts[0].Owned || !seen.Attempts[1].Owned {
		t.Errorf("Owned: orphan %v, own %v", seen.Attempts[0].Owned, seen.Attempts[1].Owned)
	}
	if !seen.ObservedAt.Equal(noon) || seen.ServerVersion != "v1.37.2" || len(seen.Gaps) > 0 {
		t.Errorf("observed at %v of %s with %v", seen.ObservedAt, seen.ServerVersion, seen.Gaps)
	}
	if *seen.Job.Spec.BackoffLimit != 6 {
		t.Errorf("backoffLimit %d is not the default", *seen.Job.Spec.BackoffLimit)
	}
}

// TestObserveOrder: an event that names a pod must be older than the list of
// pods, and the Job is read before both and after both, with nothing between
// that takes its time.
func TestObserveOrder(t *testing.T) {
	server := clustertest.New(newJob(), newPod("own", func(p *corev1.Pod) { p.Status.Phase = corev1.PodPending }))
	if _, err := observe(t, server, newJob(), noon); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /apis/batch/v1/namespaces/default/jobs/nightly",
		"GET /api/v1/namespaces/default/events?fieldSelector=involvedObject.uid%3Djob-uid&limit=500",
		"GET /api/v1/namespaces/default/pods?labelSelector=batch.kubernetes.io%2Fcontroller-uid%3Djob-uid&limit=500",
		"GET /apis/batch/v1/namespaces/default/jobs/nightly",
		"GET /api/v1/namespaces/default/events?fieldSelector=involvedObject.kind%3DPod%2Ctype%21%3DNormal&limit=500",
		"GET /version",
	}
	requests := server.Requests()
	for i := range requests {
		requests[i] = strings.TrimSuffix(requests[i], "?timeout=5s")
	}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Error(diff)
	}
}

func manyPods(n int) *clustertest.Server {
	server := clustertest.New(newJob())
	for i := range n {
		server.Put(newPod(fmt.Sprintf("pod-%04d", i)))
	}
	return server
}

func TestObservePages(t *testing.T) {
	server := manyPods(25)
	c := client(t, server, noon)
	c.ChunkSize = 10
	seen, err := c.Observe(t.Context(), "default", "nightly")
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.Attempts) != 25 {
		t.Errorf("%d pods", len(seen.Attempts))
	}
	pages := 0
	for _, request := range server.Requests() {
		if strings.Contains(request, "/pods?") {
			pages++
		}
		if strings.Contains(request, "resourceVersion") {
			t.Errorf("%s: with a resourceVersion servers ignore the limit", request)
		}
	}
	if pages != 3 {
		t.Errorf("%d pages", pages)
	}
}

// TestObserveSpeed: what makes a list fast. The server has a fairness of its
// own, and its pages come in protobuf.
func TestObserveSpeed(t *testing.T) {
	server := manyPods(1)
	accept := ""
	server.On("pods", 1, func(_ http.ResponseWriter, r *http.Request) bool {
		accept = r.Header.Get("Accept")
		return false
	})
	c := client(t, server, noon)
	if _, err := c.Observe(t.Context(), "default", "nightly"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(accept, "application/vnd.kubernetes.protobuf") {
		t.Errorf("asked for %s", accept)
	}
	if limiter := c.core.GetRateLimiter(); limiter != nil {
		t.Errorf("%v pages a second", limiter.QPS())
	}
}

// TestAPodCountsOnce: by its UID, under whatever name, in the version seen last.
func TestAPodCountsOnce(t *testing.T) {
	attempt := func(uid, name string, version uint64) evidence.Attempt {
		return evidence.Attempt{UID: types.UID(uid), Name: name, ResourceVersion: version}
	}
	got := distinct([]evidence.Attempt{
		attempt("u1", "a", 1), attempt("u2", "b", 5), attempt("u1", "c", 3), attempt("u2", "d", 4), attempt("u3", "e", 1), attempt("u3", "e", 1),
	})
	want := []evidence.Attempt{attempt("u1", "c", 3), attempt("u2", "b", 5), attempt("u3", "e", 1)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
