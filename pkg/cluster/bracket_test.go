package cluster

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func atVersion(v string) func(*batchv1.Job) { return func(j *batchv1.Job) { j.ResourceVersion = v } }

func active(n int32) func(*batchv1.Job) { return func(j *batchv1.Job) { j.Status.Active = n } }

func condition(kind batchv1.JobConditionType, status corev1.ConditionStatus) func(*batchv1.Job) {
	return func(j *batchv1.Job) {
		j.Status.Conditions = append(j.Status.Conditions, batchv1.JobCondition{Type: kind, Status: status})
	}
}

// TestTheJobIsReadBeforeItsPodsAndAfterThem: what it costs that it moved between
// the two, and which one is kept for what.
func TestTheJobIsReadBeforeItsPodsAndAfterThem(t *testing.T) {
	for _, test := range []struct {
		name       string
		before     func(*batchv1.Job)
		after      []func(*batchv1.Job) // none: nobody writes the Job
		wantOrder  evidence.Order
		wantBefore bool
		wantLists  int
	}{
		{"a Job that stands still is bracketed", active(1), nil, evidence.Bracketed, false, 1},
		{"metadata alone decides nothing", active(1), []func(*batchv1.Job){active(1), func(j *batchv1.Job) { j.Annotations = map[string]string{"a": "b"} }}, evidence.Bracketed, false, 1},
		{"a status that moved costs nothing", active(1), []func(*batchv1.Job){active(2)}, evidence.JobAfterPods, true, 1},
		{"a spec that changed costs nothing", active(1), []func(*batchv1.Job){active(1), func(j *batchv1.Job) { j.Spec.Parallelism = new(int32(9)) }}, evidence.JobAfterPods, true, 1},
		{"a Job that is being deleted is told from one that is not", active(1), []func(*batchv1.Job){active(1), func(j *batchv1.Job) { j.DeletionTimestamp = new(metav1.NewTime(noon)) }}, evidence.JobAfterPods, true, 1},
		{"a condition that decides nothing costs nothing", active(1), []func(*batchv1.Job){active(1), condition(batchv1.JobSuspended, corev1.ConditionTrue)}, evidence.JobAfterPods, true, 1},
		{"a decision that is not true is none", active(1), []func(*batchv1.Job){active(1), condition(batchv1.JobFailureTarget, corev1.ConditionFalse)}, evidence.JobAfterPods, true, 1},
		{"FailureTarget is a decision, and its pods are listed anew", active(1), []func(*batchv1.Job){condition(batchv1.JobFailureTarget, corev1.ConditionTrue)}, evidence.Bracketed, false, 2},
		{"SuccessCriteriaMet is a decision", active(1), []func(*batchv1.Job){condition(batchv1.JobSuccessCriteriaMet, corev1.ConditionTrue)}, evidence.Bracketed, false, 2},
		{"Failed is a decision", active(1), []func(*batchv1.Job){condition(batchv1.JobFailed, corev1.ConditionTrue)}, evidence.Bracketed, false, 2},
		{"Complete is a decision", active(1), []func(*batchv1.Job){condition(batchv1.JobComplete, corev1.ConditionTrue)}, evidence.Bracketed, false, 2},
		{"a Job that was decided before moves on at no cost", condition(batchv1.JobFailureTarget, corev1.ConditionTrue), []func(*batchv1.Job){condition(batchv1.JobFailureTarget, corev1.ConditionTrue), condition(batchv1.JobFailed, corev1.ConditionTrue)}, evidence.JobAfterPods, true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := clustertest.New(newJob(atVersion("7"), test.before), newPod("own"))
			lists := 0
			server.On("pods", clustertest.Forever, clustertest.Then(func() {
				if lists++; lists == 1 && test.after != nil {
					server.Put(newJob(append(test.after, atVersion("8"))...))
				}
			}))
			seen, err := observe(t, server, newJob(), noon)
			if err != nil {
				t.Fatal(err)
			}
			wantVersion := "7"
			if test.after != nil {
				wantVersion = "8"
			}
			if seen.Order != test.wantOrder || seen.Job.ResourceVersion != wantVersion || lists != test.wantLists || len(seen.Gaps) > 0 {
				t.Errorf("%s with version %s after %d lists, gaps %v; want %s with %s after %d", seen.Order, seen.Job.ResourceVersion, lists, seen.Gaps, test.wantOrder, wantVersion, test.wantLists)
			}
			if (seen.Before != nil) != test.wantBefore || seen.Before != nil && seen.Before.ResourceVersion != "7" {
				t.Errorf("before the pods: %v", seen.Before)
			}
			if seen.Before != nil && *seen.Before.Spec.BackoffLimit != 6 {
				t.Error("the Job before its pods has no defaults")
			}
			if seen.EventsOrder != evidence.EventsBeforePods || seen.Coverage != whole {
				t.Errorf("events %s, coverage %v", seen.EventsOrder, seen.Coverage)
			}
		})
	}
}

// TestABusyJobIsListedOnce: its status moves about once a second, and large
// lists take longer.
func TestABusyJobIsListedOnce(t *testing.T) {
	server := clustertest.New(newJob(atVersion("0")), newPod("own"))
	n := int32(0)
	server.On("pods", clustertest.Forever, clustertest.Then(func() { n++; server.Put(newJob(atVersion(fmt.Sprint(n)), active(n))) }))
	seen, err := observe(t, server, newJob(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if n != 1 || seen.Job.Status.Active != 1 || seen.Forecast().Status.Active != 0 || len(seen.Gaps) > 0 {
		t.Errorf("listed %d times, active %d, before %d, %v", n, seen.Job.Status.Active, seen.Forecast().Status.Active, seen.Gaps)
	}
}

func TestAJobThatCannotBeReadAgainIsTheOneBeforeItsPods(t *testing.T) {
	for _, test := range []struct {
		name string
		then func(*clustertest.Server)
		want evidence.Gap
	}{
		{
			"deleted", func(s *clustertest.Server) { s.Remove("jobs", "default/nightly") },
			evidence.Gap{Kind: evidence.GapMoved, Message: "the Job was deleted while its pods were read"},
		},
		{
			"broken", func(s *clustertest.Server) { s.On("jobs", clustertest.Forever, broken) },
			evidence.Gap{Kind: evidence.GapMoved, Message: "the Job could not be read again after its pods", Error: "the server does not allow this method on the requested resource (get jobs.batch nightly)"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := clustertest.New(newJob(active(1)), newPod("own"))
			server.On("pods", 1, clustertest.Then(func() { test.then(server) }))
			seen, err := observe(t, server, newJob(), noon)
			if err != nil {
				t.Fatal(err)
			}
			if seen.Order != evidence.JobBeforePods || seen.Before != nil || seen.Job.Status.Active != 1 || len(seen.Attempts) != 1 {
				t.Errorf("%s with %d pods, before %v", seen.Order, len(seen.Attempts), seen.Before)
			}
			if len(seen.Gaps) != 1 || seen.Gaps[0].Kind != test.want.Kind || seen.Gaps[0].Message != test.want.Message || (seen.Gaps[0].Error == "") != (test.want.Error == "") {
				t.Errorf("gaps %+v, want %+v", seen.Gaps, test.want)
			}
		})
	}
}

// broken answers at once: a 500 would be retried for seconds.
func broken(w http.ResponseWriter, _ *http.Request) bool {
	w.WriteHeader(http.StatusNotImplemented)
	return true
}

// TestAJobThatIsCreatedAnewHasPodsOfItsOwn: with a manual selector nothing tells
// it from the one before but its UID.
func TestAJobThatIsCreatedAnewHasPodsOfItsOwn(t *testing.T) {
	another := func(n int32) *batchv1.Job {
		return newJob(atVersion(fmt.Sprint(n)), func(j *batchv1.Job) { j.UID = types.UID(fmt.Sprint("uid-", n)) })
	}
	t.Run("once", func(t *testing.T) {
		server := clustertest.New(newJob(), newPod("own"))
		server.On("pods", 1, clustertest.Then(func() { server.Put(another(9)) }))
		seen, err := observe(t, server, newJob(), noon)
		if err != nil {
			t.Fatal(err)
		}
		if seen.Job.UID != "uid-9" || seen.Order != evidence.Bracketed || len(seen.Attempts) != 0 || len(seen.Gaps) > 0 {
			t.Errorf("uid %s, %s, pods %v, %v", seen.Job.UID, seen.Order, podNames(seen), seen.Gaps)
		}
	})
	t.Run("all the time", func(t *testing.T) {
		server := clustertest.New(newJob(), newPod("own"))
		n := int32(10)
		server.On("pods", clustertest.Forever, clustertest.Then(func() { n++; server.Put(another(n)) }))
		_, err := observe(t, server, newJob(), noon)
		wantError(t, err, "reading job default/nightly: it was recreated again and again meanwhile")
		if n != 10+1+maxRereads {
			t.Errorf("listed %d times", n-10)
		}
	})
}

// TestAPodIsCountedOnce: whoever serves the pages may begin one where the last
// has not ended.
func TestAPodIsCountedOnce(t *testing.T) {
	pod := func(name, version string, phase corev1.PodPhase) corev1.Pod {
		return *newPod(name, func(p *corev1.Pod) { p.ResourceVersion, p.Status.Phase = version, phase })
	}
	server := clustertest.New(newJob())
	pages := []*corev1.PodList{
		{ListMeta: metav1.ListMeta{Continue: "more"}, Items: []corev1.Pod{pod("a", "5", corev1.PodRunning), pod("b", "6", corev1.PodRunning)}},
		{Items: []corev1.Pod{pod("a", "9", corev1.PodSucceeded), pod("b", "3", corev1.PodPending), pod("c", "7", corev1.PodRunning)}},
	}
	server.On("pods", len(pages), func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/vnd.kubernetes.protobuf")
		_, _ = w.Write(clustertest.Encode(pages[0], "application/vnd.kubernetes.protobuf"))
		pages = pages[1:]
		return true
	})
	seen, err := observe(t, server, newJob(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(podNames(seen), ","); got != "a,b,c" {
		t.Fatalf("pods %s, want each once", got)
	}
	if a, b := seen.Attempts[0], seen.Attempts[1]; a.Phase != corev1.PodSucceeded || a.ResourceVersion != 9 || b.Phase != corev1.PodRunning || b.ResourceVersion != 6 {
		t.Errorf("not the newest of each: %+v, %+v", a, b)
	}
}
