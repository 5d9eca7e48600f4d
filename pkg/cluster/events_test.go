package cluster

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestObserveEvents(t *testing.T) {
	warning := func(e *corev1.Event) { e.Type, e.Reason = corev1.EventTypeWarning, "FailedScheduling" }
	about := func(pod string) corev1.ObjectReference {
		return corev1.ObjectReference{Kind: "Pod", Name: pod, UID: types.UID(pod + "-uid")}
	}
	pending := func(p *corev1.Pod) { p.Status.Phase = corev1.PodPending }
	server := clustertest.New(newJob(), newPod("waits", pending), newPod("runs"),
		newEvent("a", aboutJob, func(e *corev1.Event) {
			e.Reason, e.Count = "SuccessfulCreate", 2
			e.FirstTimestamp, e.LastTimestamp = metav1.NewTime(noon.Add(-time.Minute)), metav1.NewTime(noon)
			e.Source.Component = "job-controller"
		}),
		newEvent("of-an-earlier-job", corev1.ObjectReference{Kind: "Job", Name: "nightly", UID: "another"}),
		newEvent("b", about("waits"), warning, func(e *corev1.Event) {
			e.EventTime, e.ReportingController = metav1.NewMicroTime(noon), "default-scheduler"
			e.Series = &corev1.EventSeries{Count: 4, LastObservedTime: metav1.NewMicroTime(noon.Add(time.Second))}
		}),
		newEvent("c", about("waits")),
		newEvent("d", about("runs"), warning),
		newEvent("e", about("stranger"), warning),
	)
	seen, err := observe(t, server, newJob(), noon)
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.Event{
		{Kind: "Job", UID: "job-uid", Type: "Normal", Reason: "SuccessfulCreate", Source: "job-controller", Count: 2, First: noon.Add(-time.Minute), Last: noon},
		{Kind: "Pod", Name: "waits", UID: "waits-uid", Type: "Warning", Reason: "FailedScheduling", Source: "default-scheduler", Count: 4, First: noon, Last: noon.Add(time.Second)},
		{Kind: "Pod", Name: "runs", UID: "runs-uid", Type: "Warning", Reason: "FailedScheduling", Count: 1},
	}
	if diff := cmp.Diff(want, seen.Events); diff != "" {
		t.Error(diff)
	}
}

// Of pods that are gone the events are theirs by the name, unless they are older
// than the Job: then they are of one before it of this name.
func TestEventsOfPodsThatAreGone(t *testing.T) {
	created := metav1.NewTime(noon.Add(-time.Minute))
	job := newJob(func(j *batchv1.Job) { j.CreationTimestamp, j.Status.Failed = created, 1 })
	about := func(pod string) corev1.ObjectReference {
		return corev1.ObjectReference{Kind: "Pod", Name: pod, UID: "gone"}
	}
	at := func(after time.Duration) func(*corev1.Event) {
		return func(e *corev1.Event) {
			e.Type, e.LastTimestamp = corev1.EventTypeWarning, metav1.NewTime(created.Add(after))
		}
	}
	seen, err := observe(t, clustertest.New(job,
		newEvent("a", about("nightly-0-abcde"), at(time.Second)),
		newEvent("b", about("nightly-1-abcde"), at(-time.Second)),
		newEvent("c", about("nightly-too-0-abcde"), at(time.Second)),
	), job, noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.Events) != 1 || seen.Events[0].Name != "nightly-0-abcde" || seen.PodEvents != evidence.Partial {
		t.Errorf("%s: %+v", seen.PodEvents, seen.Events)
	}
}
