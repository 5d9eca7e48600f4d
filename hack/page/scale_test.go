package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/bench"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

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

// What a page may weigh, and how long a person may wait for it.
const (
	mostBytes = 2 << 20
	mostWait  = time.Second
)

func TestAHundredThousandIndexes(t *testing.T) {
	html := htmlOf(t, tenthFailed(t, 100_000), nil)
	if len(html) > mostBytes {
		t.Errorf("the page has %d bytes", len(html))
	}
	tab := swift(t, html, Opening{}, "shard 7")
	if found := tab.Text("#found"); !strings.HasPrefix(found, "1,111 of 100,000 indexes, among those whose attempts have room here: 73,703,713,") {
		t.Errorf("%.120s is found", found)
	}
	if n := Eval[int](tab, `document.querySelectorAll("#grid *").length`); n > 100 {
		t.Errorf("the grid has %d elements", n)
	}
	// A cell is of many indexes: from there a link leads to each.
	tab.Do(chromedp.Focus(chromedp.CSS("#grid")), chromedp.KeyEvent(kb.ArrowRight))
	if got := tab.Text("#detail"); !strings.Contains(got, "Indexes 0-49") || !strings.Contains(got, "X 3") {
		t.Errorf("the first cell tells %q", got)
	}
	tab.Do(chromedp.Click(chromedp.CSS("#detail .runs a")))
	tab.Until(`document.querySelector("#detail h3").textContent === "Index 3"`)
	if got := tab.Text("#detail"); !strings.Contains(got, "Index 3limit exceeded") || !strings.Contains(got, "reading shard 3 of bucket") {
		t.Errorf("the link leads to %q", got)
	}
	quiet(t, tab)
}

// swift holds that a page is painted and filtered within the time that there is: in
// one of five tries, for others may be using the machine.
func swift(t *testing.T, html []byte, how Opening, text string) *Tab {
	t.Helper()
	browser := Start(t)
	for try := 1; ; try++ {
		tab := browser.Open(t, html, how)
		tab.Ready()
		paint, filter := milliseconds(tab, firstPaint), milliseconds(tab, filterBy(text))
		t.Logf("%d KiB, %d elements, first paint after %v, the filter took %v", len(html)>>10, Eval[int](tab, `document.querySelectorAll("*").length`), paint, filter)
		switch {
		case paint <= mostWait && filter <= mostWait:
			return tab
		case try == 5:
			t.Fatalf("first paint after %v, and the filter took %v", paint, filter)
		}
	}
}

func milliseconds(tab *Tab, expression string) time.Duration {
	tab.t.Helper()
	return time.Duration(Eval[float64](tab, expression) * float64(time.Millisecond)).Round(time.Millisecond)
}

// firstPaint is when there was something to be read, seen from the beginning.
const firstPaint = `new Promise((seen) => new PerformanceObserver((paints) => {
	for (const paint of paints.getEntriesByName("first-contentful-paint")) seen(paint.startTime);
}).observe({ type: "paint", buffered: true }))`

// filterBy filters by a text and gives how long it takes until that is painted.
func filterBy(text string) string {
	return `(async () => {
		const input = document.querySelector("#filter input");
		const began = performance.now();
		input.value = "` + text + `";
		input.dispatchEvent(new Event("input"));
		await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
		return performance.now() - began;
	})()`
}

// TestTwoBillionIndexes: the largest Job that there can be is a page like any other.
func TestTwoBillionIndexes(t *testing.T) {
	const n = 1<<31 - 1
	e := example(t, "c-preempted-failed-retried.yaml")
	last := int32(n - 1)
	e.Spec.Completions = new(int32(n))
	e.Fates = append(e.Fates, v1alpha1.IndexFate{Index: 10, LastIndex: &last, Fate: v1alpha1.NeverStarted, Message: "it never had a pod"})
	e.Counts[v1alpha1.NeverStarted] = n - 10
	html := htmlOf(t, e, nil)
	if len(html) > 256<<10 {
		t.Errorf("the page has %d bytes", len(html))
	}
	tab := swift(t, html, Opening{Fragment: "index=2147483646"}, "never had")
	if got := tab.Text("#detail"); !strings.Contains(got, "Index 2147483646never started") {
		t.Errorf("the last index tells %q", got)
	}
	if got := tab.Text("#found"); !strings.HasPrefix(got, "2,147,483,637 of 2,147,483,647 indexes: 10-2147483646") {
		t.Errorf("%q is found", got)
	}
	quiet(t, tab)
}
