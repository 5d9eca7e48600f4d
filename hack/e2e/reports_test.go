package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// hostileLines are what a container may write to a CI system's log.
var hostileLines = []string{"::error::not ours", "##vso[task.complete result=Succeeded]", "\x1b[31mred"}

// reported is a Job in a place of its own: index 0 fails, 1 is retried, 2 is fine.
func reported(t *testing.T, name string, env ...string) *workplace {
	t.Helper()
	w := newWorkplace(t, name, env...)
	job := awaited("suite", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = new(int32(1)) })
	job.Namespace = w.namespace
	fails := nodes.Outcome{Exits: map[string]int32{"main": 1}, Writes: hostileLines}
	begin(t, stage, job, nodes.Plan{0: {fails}, 1: {fails, {}}})
	return w
}

// TestReports has wait write all there are, at once.
func TestReports(t *testing.T) {
	t.Parallel()
	w := reported(t, "reports")
	got := w.run(t, "kubectl", "indexjob", "wait", "suite", "--for", "finished", "--timeout", "2m", "--logs=1",
		"--report", "junit=r.xml", "--report", "markdown=r.md", "--report", "json=r.json", "--report", "snapshot=r.snapshot")
	if got.status != 2 || !strings.HasPrefix(got.stdout, "FAILED (FailedIndexes)") {
		t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	holds(t, "the screen", got.stdout, "\nFailed (1): 0\n", "  main exited 1\n", "\n    | main exits 1\n")
	holds(t, "the log", got.stderr, "RUNNING  job reports/suite: 0 of 3 succeeded", " exited 1; next retry ", "index 0 failed: main exited 1; 2 counted failures, 1 allowed", "(FailedIndexes): every index is done, 1 failed")
	if failures := holdReport(t, w.file(t, "r.xml"), 4); failures != 1 {
		t.Errorf("%d failures, want that of index 0", failures)
	}
	holds(t, "the JUnit report", w.file(t, "r.xml"), "<flakyFailure ", "main exits 1")
	holds(t, "the Markdown report", w.file(t, "r.md"), "### FAILED: job <code>reports/suite</code>", "\n| ", "main exits 1")
	var first, again v1alpha1.Explanation
	if err := json.Unmarshal([]byte(w.file(t, "r.json")), &first); err != nil {
		t.Fatal(err)
	}
	later := w.run(t, "kubectl", "indexjob", "explain", "-f", "r.snapshot", "-o", "json")
	if err := json.Unmarshal([]byte(later.stdout), &again); err != nil {
		t.Fatalf("%v\n%s%s", err, later.stdout, later.stderr)
	}
	for i := range first.Status.Conditions {
		first.Status.Conditions[i].Message = "" // a snapshot keeps no messages
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the snapshot is explained otherwise than the Job was:\n%s", diff)
	}
	t.Logf("\n%s%s", got.stderr, got.stdout)
}

// TestGitHub is told by its environment alone.
func TestGitHub(t *testing.T) {
	t.Parallel()
	w := reported(t, "github", "GITHUB_ACTIONS=true")
	w.env = append(w.env, "GITHUB_STEP_SUMMARY="+filepath.Join(w.dir, "summary.md"))
	got := w.run(t, "kubectl", "indexjob", "wait", "suite", "--for", "finished", "--timeout", "2m")
	if got.status != 2 {
		t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	holds(t, "the log", got.stdout, "\n::group::Log of index 0, attempt 2: main exited 1, pod ", "\n\\:error::not ours\n", "\n::error title=job github/suite::job github/suite failed: ", "\n::error title=job github/suite::index 0 failed: main exited 1; ")
	holds(t, "the summary", w.file(t, "summary.md"), "### FAILED: job <code>github/suite</code>")
	if again := w.run(t, "kubectl", "indexjob", "explain", "suite", "--ci=none"); strings.Contains(again.stdout, "::") {
		t.Errorf("--ci=none still writes commands:\n%s", again.stdout)
	}
	t.Logf("\n%s", got.stdout)
}

// TestGitLab is told by its environment, and by the flag.
func TestGitLab(t *testing.T) {
	t.Parallel()
	w := reported(t, "gitlab", "GITLAB_CI=true")
	got := w.run(t, "kubectl", "indexjob", "wait", "suite", "--for", "finished", "--timeout", "2m")
	if got.status != 2 || strings.Count(got.stdout, ":indexjob_log_1") != 2 {
		t.Errorf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	w.env = append(w.env, "GITLAB_CI=")
	if again := w.run(t, "kubectl", "indexjob", "explain", "suite", "--ci=gitlab"); strings.Count(again.stdout, ":indexjob_log_1") != 2 {
		t.Errorf("--ci=gitlab says\n%s", again.stdout)
	}
}

// TestLogs reads logs through a real API server, from nodes that speak the
// kubelet's protocol.
func TestLogs(t *testing.T) {
	t.Parallel()
	w := reported(t, "logs")
	if got := w.run(t, "kubectl", "indexjob", "wait", "suite", "--for", "finished"); got.status != 2 {
		t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	logs := func(args ...string) result {
		return w.run(t, "kubectl", append([]string{"indexjob", "logs", "suite"}, args...)...)
	}
	retried := `1#1 index 1, attempt 1 begins
1#1 \:error::not ours
1#1 #\vso[task.complete result=Succeeded]
1#1 \x1b[31mred
1#1 main exits 1
1#2 index 1, attempt 2 begins
1#2 main exits 0
`
	if got := logs("--index", "1"); got.status != 0 || got.stdout != retried {
		t.Errorf("status %d, %s (-want +got):\n%s", got.status, got.stderr, cmp.Diff(retried, got.stdout))
	}
	if got := logs("--index", "1", "--attempt", "2", "--tail", "1"); got.stdout != "main exits 0\n" {
		t.Errorf("the last line of the second attempt is %q, %s", got.stdout, got.stderr)
	}
	if got := logs("--failed", "--tail", "1", "-c", "main"); strings.Count(got.stdout, " main exits 1\n") != 3 {
		t.Errorf("of three failed attempts:\n%s%s", got.stdout, got.stderr)
	}
	if got := logs("--index", "2", "--timestamps"); !regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT[0-9:.]+Z main exits 0$`).MatchString(got.stdout) {
		t.Errorf("with times:\n%s%s", got.stdout, got.stderr)
	}
	if got := logs("--index", "0", "--attempt", "9"); got.status != 1 {
		t.Errorf("status %d for an attempt that was not", got.status)
	}
	w.removePod(t, 2)
	if got := logs("--index", "2"); got.status != 1 || !regexp.MustCompile(`no log: its pod suite-2-\w+ was deleted`).MatchString(got.stderr) {
		t.Errorf("status %d of a pod that is gone:\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// TestLogsFollow goes on until the pods end, two at the same time.
func TestLogsFollow(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, "logs-follow")
	job := awaited("suite", nil)
	job.Namespace = w.namespace
	begin(t, stage, job, nodes.Plan{0: {{Runs: 8 * time.Second}}, 1: {{Runs: 8 * time.Second}}})
	w.awaitRunning(t, 2)
	began := time.Now()
	got := w.run(t, "kubectl", "indexjob", "logs", "suite", "--index", "0,1", "-f", "--since", "1h")
	for _, index := range []int{0, 1} {
		holds(t, "what was followed", got.stdout,
			fmt.Sprintf("%d#1 index %[1]d, attempt 1 begins\n", index), fmt.Sprintf("%d#1 main exits 0\n", index))
	}
	if got.status != 0 || time.Since(began) < time.Second {
		t.Errorf("status %d after %s\n%s%s", got.status, time.Since(began), got.stdout, got.stderr)
	}
}

// TestLogsOfALostNode: why a log cannot be had is told in the API server's words.
func TestLogsOfALostNode(t *testing.T) {
	t.Parallel()
	for name, port := range map[string]int{"unreachable": 1, "unknown": 0} {
		if err := stage.Nodes.Add(t.Context(), name, port); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorkplace(t, "logs-lost")
	job := awaited("suite", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = new(int32(0)) })
	job.Namespace = w.namespace
	on := func(node string) []nodes.Outcome {
		return []nodes.Outcome{{Node: node, Exits: map[string]int32{"main": 1}}}
	}
	begin(t, stage, job, nodes.Plan{0: on("unreachable"), 1: on("unknown")})
	if got := w.run(t, "kubectl", "indexjob", "wait", "suite", "--for", "finished"); got.status != 2 {
		t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	if err := stage.Client.CoreV1().Nodes().Delete(t.Context(), "unknown", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	got := w.run(t, "kubectl", "indexjob", "logs", "suite", "--failed")
	holds(t, "the complaint", got.stderr, "index 0, attempt 1: no log: its node cannot be reached: ", "index 1, attempt 1: no log: its node unknown is not there any more\n")
	shown := w.run(t, "kubectl", "indexjob", "explain", "suite", "--logs")
	holds(t, "the screen", shown.stdout, "\n    | no log: its node ")
	t.Logf("\n%s%s", got.stderr, shown.stdout)
}

func holds(t *testing.T, what, text string, wanted ...string) {
	t.Helper()
	for _, part := range wanted {
		if !strings.Contains(text, part) {
			t.Errorf("%s does not say %q:\n%s", what, part, text)
		}
	}
}

// removePod deletes the pods of an index, and waits until they are gone.
func (w *workplace) removePod(t *testing.T, index int) {
	t.Helper()
	selector := fmt.Sprintf("%s=%d", batchv1.JobCompletionIndexAnnotation, index)
	if got := w.run(t, "kubectl", "delete", "pods", "-l", selector, "--wait"); got.status != 0 {
		t.Fatalf("%s%s", got.stdout, got.stderr)
	}
}

// awaitRunning waits until so many pods run.
func (w *workplace) awaitRunning(t *testing.T, many int) {
	t.Helper()
	for range 600 {
		got := w.run(t, "kubectl", "get", "pods", "--field-selector", "status.phase=Running", "-o", "name")
		if strings.Count(got.stdout, "\n") >= many {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%d pods never ran", many)
}
