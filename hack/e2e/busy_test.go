package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// busy indexes end one after the other, some fail once and are retried.
func busy(index, attempt int) nodes.Outcome {
	outcome := nodes.Outcome{Runs: time.Duration(1+index%7) * time.Second}
	if index%11 == 3 && attempt == 1 {
		outcome.Exits = map[string]int32{"main": 1}
	}
	return outcome
}

// TestABusyJobShowsNoUnknown reads a Job of 400 indexes, 200 at once, over and over
// from before its first pod until it has completed, while `wait` follows it.
func TestABusyJobShowsNoUnknown(t *testing.T) {
	t.Parallel()
	job := awaited("busy", func(s *batchv1.JobSpec) {
		s.Completions, s.Parallelism, s.BackoffLimitPerIndex = new(int32(400)), new(int32(200)), new(int32(1))
	})
	if _, err := buildPlugin(); err != nil {
		t.Fatal(err)
	}
	stage.Nodes.Play(job.Namespace, job.Name, busy)
	if _, err := stage.Client.BatchV1().Jobs(job.Namespace).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	waited := make(chan string, 1)
	go func() {
		stdout, stderr, _, _ := kubectl(t.Context(), "indexjob", "wait", job.Name, "--timeout", "4m")
		waited <- stdout + stderr
	}()
	seen := map[v1alpha1.Fate]int64{}
	readings := 0
	for decided := false; !decided; readings++ {
		stdout, stderr, _, err := kubectl(t.Context(), "indexjob", "explain", job.Name, "-o", "json")
		var e v1alpha1.Explanation
		if err == nil {
			err = json.Unmarshal([]byte(stdout), &e)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, stderr)
		}
		if n := e.Counts[v1alpha1.Unknown]; n > 0 {
			t.Errorf("reading %d, read %s: %d of 400 unknown, %v", readings, e.Evidence.Order, n, e.Counts)
		}
		for fate, n := range e.Counts {
			seen[fate] = max(seen[fate], n)
		}
		decided = e.Conclusion.State.Decided()
	}
	for _, fate := range []v1alpha1.Fate{v1alpha1.Waiting, v1alpha1.Running, v1alpha1.BackingOff, v1alpha1.Succeeded} {
		if seen[fate] == 0 {
			t.Errorf("no reading shows an index %s: the Job was not busy", fate)
		}
	}
	if told := <-waited; strings.Contains(strings.ToLower(told), "unknown") {
		t.Errorf("wait says:\n%s", told)
	}
	t.Logf("%d readings, at most %v", readings, seen)
}
