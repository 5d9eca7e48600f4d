package page

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/bench"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

var _ = cdp.Empty{}
var _ = performance.Enable

// tenthFailed is a Job of so many indexes, each with an attempt, of which every
// tenth failed.
func tenthFailed(t testing.TB, n int32) *v1alpha1.Explanation {
	t.Helper()
	job := bench.Job(n, 1)
	job.Spec.BackoffLimitPerIndex = new(int32(0))
	seen := bench.Evidence(0, 1)
	seen.Job = job
	var reducer evidence.Reducer
	var failed []indexes.Interval
	for pod := range bench.Pods(n, 1) {
		var index int32
		if _, err := fmt.Sscan(pod.Annotations[batchv1.JobCompletionIndexAnnotation], &index); err != nil {
			t.Fatal(err)
		}
		if index%10 == 3 {
			failed = append(failed, indexes.Interval{First: index, Last: index})
			pod.Status.Phase = corev1.PodFailed
			for i := range pod.Status.ContainerStatuses {
				if ended := pod.Status.ContainerStatuses[i].State.Terminated; ended != nil {
					ended.ExitCode, ended.Reason = 1, "Error"
					ended.Message = fmt.Sprintf("reading shard %d of bucket %x: connection reset by peer", index, index*2654435)
				}
			}
		}
		seen.Attempts = append(seen.Attempts, reducer.Reduce(pod, job))
	}
	failedSet := indexes.FromIntervals(failed)
	text := failedSet.String()
	job.Status.FailedIndexes = &text
	job.Status.CompletedIndexes = indexes.Range(0, n-1).Minus(failedSet).String()
	job.Status.Succeeded, job.Status.Failed = n-int32(failedSet.Len()), int32(failedSet.Len())
	for i := range job.Status.Conditions {
		job.Status.Conditions[i].Type = map[batchv1.JobConditionType]batchv1.JobConditionType{batchv1.JobSuccessCriteriaMet: batchv1.JobFailureTarget, batchv1.JobComplete: batchv1.JobFailed}[job.Status.Conditions[i].Type]
		job.Status.Conditions[i].Reason = batchv1.JobReasonFailedIndexes
	}
	job.Status.CompletionTime = nil
	e := replay.Explain(seen, seen.ObservedAt)
	e.Timeline = replay.TimelineOf(e)
	return e
}

func TestAHundredThousandIndexes(t *testing.T) {
	e := tenthFailed(t, 100_000)
	began := time.Now()
	html := htmlOf(t, e, nil)
	t.Logf("%d bytes, written in %v; %v", len(html), time.Since(began), e.Counts)
	if len(html) > 2<<20 {
		t.Errorf("%d bytes", len(html))
	}
	tab := Start(t).Open(t, html, Opening{})
	tab.Ready()
	t.Logf("first paint %.0f ms", Eval[float64](tab, `performance.getEntriesByName("first-contentful-paint")[0].startTime`))
	t.Logf("ready %.0f ms", Eval[float64](tab, `performance.now()`))
	t.Logf("elements %d", Eval[int](tab, `document.querySelectorAll("*").length`))
	took := Eval[float64](tab, `(async () => {
		const text = document.querySelector("#filter input");
		const began = performance.now();
		text.value = "shard 7";
		text.dispatchEvent(new Event("input"));
		await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
		return performance.now() - began;
	})()`)
	t.Logf("filter %.0f ms: %.100s", took, tab.Text("#found"))
	quiet(t, tab)
	_ = chromedp.Do
}
