//go:build linux

package jobs_test

import (
	"encoding/json"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// TestUsageIsWhatAnAccountantHas: our usage is that of somebody who reads no status of a
// pod, but the scheduler's events and what each process wrote as its last word.
func TestUsageIsWhatAnAccountantHas(t *testing.T) {
	job := writes("spends")
	job.Spec.Suspend = nil
	main := &job.Spec.Template.Spec.Containers[0]
	main.Command = []string{"sh", "-c", `sleep $((2 + JOB_COMPLETION_INDEX)); date +%s; [ $JOB_COMPLETION_INDEX$FAILED != 10 ]`}
	main.Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("16Mi")}
	if _, err := stage.Client.BatchV1().Jobs(job.Namespace).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), plane.Kubectl, "wait", "job/"+job.Name, "--for=condition=Complete", "--timeout=60s", "--namespace="+job.Namespace, "--kubeconfig="+plane.Kubeconfig).CombinedOutput(); err != nil {
		t.Fatalf("kubectl wait: %v\n%s", err, out)
	}
	want := accountOf(t, job)
	var e v1alpha1.Explanation
	if err := json.Unmarshal(explain(t, &scenarios.Scenario{Job: job}), &e); err != nil {
		t.Fatal(err)
	}
	t.Logf("usage %+v, accounted for %+v", e.Usage, want)
	if e.Usage == nil || !e.Usage.Exact {
		t.Fatalf("usage is not exact: %+v", e.Usage)
	}
	for _, c := range []struct {
		name      string
		got, want float64
		pods      float64
	}{
		{"useful pod-seconds", e.Usage.PodSeconds.Useful, want.useful, 3},
		{"failed pod-seconds", e.Usage.PodSeconds.Failed, want.failed, 1},
		{"pod-seconds", e.Usage.PodSeconds.Total, want.useful + want.failed, 4},
		{"core-seconds", e.Usage.Resources[corev1.ResourceCPU].Total, (want.useful + want.failed) * 0.05, 4 * 0.05},
		{"GiB-seconds", e.Usage.Resources[corev1.ResourceMemory].Total, (want.useful + want.failed) / 64, 4.0 / 64},
	} {
		if math.Abs(c.got-c.want) > c.pods {
			t.Errorf("%s: %g, an accountant has %g", c.name, c.got, c.want)
		}
	}
}

// account is in seconds.
type account struct{ useful, failed float64 }

// accountOf the four pods of the Job: those born with a failure, or of an index that had
// none, were useful.
func accountOf(t *testing.T, job *batchv1.Job) (a account) {
	t.Helper()
	selector := metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=" + job.Name}
	pods, err := stage.Client.CoreV1().Pods(job.Namespace).List(t.Context(), selector)
	if err != nil {
		t.Fatal(err)
	}
	if len(pods.Items) != 4 {
		t.Fatalf("it has %d pods", len(pods.Items))
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		log, err := stage.Client.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{}).DoRaw(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		end, err := strconv.ParseInt(strings.TrimSpace(string(log)), 10, 64)
		if err != nil {
			t.Fatalf("the last word of pod %s: %v", pod.Name, err)
		}
		took := time.Unix(end, 0).Sub(scheduledBy(t, pod)).Seconds()
		isFirst := pod.Annotations[batchv1.JobIndexFailureCountAnnotation] == "0"
		if pod.Annotations[batchv1.JobCompletionIndexAnnotation] == "1" && isFirst {
			a.failed += took
		} else {
			a.useful += took
		}
	}
	return a
}

// scheduledBy the scheduler's own event, to the second.
func scheduledBy(t *testing.T, pod *corev1.Pod) time.Time {
	t.Helper()
	events, err := stage.Client.CoreV1().Events(pod.Namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "reason=Scheduled,involvedObject.uid=" + string(pod.UID)})
	if err != nil {
		t.Fatal(err)
	}
	if len(events.Items) != 1 {
		t.Fatalf("%d events tell that pod %s was scheduled", len(events.Items), pod.Name)
	}
	event := &events.Items[0]
	if at := event.FirstTimestamp; !at.IsZero() {
		return at.Time
	}
	return event.EventTime.Truncate(time.Second)
}
