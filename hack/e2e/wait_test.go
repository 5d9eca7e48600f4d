package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// awaited is a Job of three indexes for `wait` to be run on.
func awaited(name string, change func(*batchv1.JobSpec)) *batchv1.Job {
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: metav1.NamespaceDefault},
		Spec: batchv1.JobSpec{
			Completions: new(int32(3)), Parallelism: new(int32(3)), CompletionMode: new(batchv1.IndexedCompletion),
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				RestartPolicy: corev1.RestartPolicyNever,
				Containers:    []corev1.Container{{Name: "main", Image: "example.com/worker:1"}},
			}},
		},
	}
	if change != nil {
		change(&job.Spec)
	}
	return job
}

func begin(t *testing.T, on scenarios.Stage, job *batchv1.Job, plan nodes.Plan) {
	t.Helper()
	on.Nodes.Play(job.Namespace, job.Name, plan.Script)
	if _, err := on.Client.BatchV1().Jobs(job.Namespace).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// hang is an attempt that runs until somebody deletes its pod.
var hang = nodes.Outcome{End: nodes.Hang}

// awaitedJobs are decided in each of the ways there are.
var awaitedJobs = []struct {
	reason string
	// told is the decision, in words.
	told   string
	status int
	change func(*batchv1.JobSpec)
	plan   nodes.Plan
	// killed is an index whose pod the decision ends.
	killed int32
}{
	{reason: batchv1.JobReasonCompletionsReached, told: "all 3 indexes succeeded", killed: -1},
	{
		reason: batchv1.JobReasonSuccessPolicy, told: "successPolicy.rules[0] is met: ", killed: 2, plan: nodes.Plan{2: {hang}},
		change: func(s *batchv1.JobSpec) {
			s.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededIndexes: new("0")}}}
		},
	},
	{
		reason: batchv1.JobReasonPodFailurePolicy, told: "podFailurePolicy.rules[0] (FailJob) matched: main exited 42", status: 2, killed: 2, plan: nodes.Plan{0: {nodes.ExitCode(42)}, 2: {hang}},
		change: func(s *batchv1.JobSpec) {
			s.PodFailurePolicy = &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{{
				Action:      batchv1.PodFailurePolicyActionFailJob,
				OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: []int32{42}},
			}}}
		},
	},
	{
		reason: batchv1.JobReasonBackoffLimitExceeded, told: "more counted failures of all indexes than backoffLimit 0 allows", status: 2, killed: 2, plan: nodes.Plan{0: {nodes.ExitCode(1)}, 2: {hang}},
		change: func(s *batchv1.JobSpec) { s.BackoffLimit = new(int32(0)) },
	},
	{
		reason: batchv1.JobReasonDeadlineExceeded, told: "active for longer than 3s (activeDeadlineSeconds)", status: 2, killed: 2, plan: nodes.Plan{2: {hang}},
		change: func(s *batchv1.JobSpec) { s.ActiveDeadlineSeconds = new(int64(3)) },
	},
	{
		reason: batchv1.JobReasonMaxFailedIndexesExceeded, told: "1 index failed, 0 allowed (maxFailedIndexes)", status: 2, killed: 2, plan: nodes.Plan{0: {nodes.ExitCode(1)}, 2: {hang}},
		change: func(s *batchv1.JobSpec) {
			s.BackoffLimitPerIndex, s.MaxFailedIndexes = new(int32(0)), new(int32(0))
		},
	},
	{
		reason: batchv1.JobReasonFailedIndexes, told: "every index is done, 1 failed", status: 2, killed: -1, plan: nodes.Plan{0: {nodes.ExitCode(1)}},
		change: func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = new(int32(0)) },
	},
}

// TestWait waits on Jobs that are decided in each way, from before they exist
// until their last pod is gone. Whatever the decision killed was seen running.
// The log and the screen say what happened, the report has all of it.
func TestWait(t *testing.T) {
	for _, test := range awaitedJobs {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			job := awaited("wait-"+strings.ToLower(test.reason), test.change)
			if _, err := buildPlugin(); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(2*time.Second, func() { begin(t, stage, job, test.plan) })
			report := filepath.Join(t.TempDir(), "report.json")
			stdout, stderr, status, err := kubectl(t.Context(), "indexjob", "wait", job.Name, "--create-timeout", "1m", "--timeout", "2m", "--for", "finished", "--report", "json="+report)
			if err != nil || status != test.status {
				t.Fatalf("status %d, want %d: %v\n%s", status, test.status, err, stderr)
			}
			state := map[int]string{0: "COMPLETE", 2: "FAILED"}[test.status]
			holds(t, "the log", stderr, "  job default/"+job.Name, "  "+state+" ("+test.reason+"): ", test.told)
			holds(t, "the screen", strings.ToLower(strings.ReplaceAll(stdout, "\n", " ")), strings.ToLower(state+" ("+test.reason+")  job default/"+job.Name), strings.ToLower(test.told))
			var e v1alpha1.Explanation
			if data, err := os.ReadFile(report); err != nil {
				t.Fatal(err)
			} else if err := json.Unmarshal(data, &e); err != nil {
				t.Fatalf("%v\n%s", err, data)
			}
			if got := e.Conclusion.Reason; got != test.reason && (got != "" || test.reason != batchv1.JobReasonCompletionsReached) {
				t.Errorf("reason %s", got)
			}
			if e.Agreement.Result != v1alpha1.Agrees {
				t.Errorf("%s: %+v", e.Agreement.Result, e.Agreement.Differences)
			}
			if test.killed >= 0 {
				record := recordOf(t, &e, test.killed)
				isFate(t, record, v1alpha1.Stopped, v1alpha1.ReasonWhileRunning)
				if len(record.Attempts) != 1 || record.Attempts[0].Source != v1alpha1.SourcePod || record.Attempts[0].Deletion == nil {
					t.Errorf("attempts %+v", record.Attempts)
				}
			}
			t.Logf("\n%s%s", stderr, stdout)
		})
	}
}

// TestWaitIsFasterThanItsTTL waits on a Job that is deleted, with its pods, in the
// moment in which it is finished.
func TestWaitIsFasterThanItsTTL(t *testing.T) {
	t.Parallel()
	job := awaited("wait-ttl", func(s *batchv1.JobSpec) {
		s.BackoffLimitPerIndex, s.TTLSecondsAfterFinished = new(int32(0)), new(int32(0))
	})
	begin(t, stage, job, nodes.Plan{0: {{Runs: 4 * time.Second, Exits: map[string]int32{"main": 1}}}, 1: {{Runs: 2 * time.Second}}})
	snapshot := filepath.Join(t.TempDir(), "snapshot.json")
	stdout, stderr, status, err := kubectl(t.Context(), "indexjob", "wait", job.Name, "--timeout", "1m", "--report", "snapshot="+snapshot)
	if err != nil || status != 2 || !strings.HasPrefix(stdout, "FAIL") {
		t.Errorf("status %d, %v\n%s%s", status, err, stderr, stdout)
	}
	again, stderr, status, err := kubectl(t.Context(), "indexjob", "explain", "-f", snapshot, "-o", "jsonpath={.fates[*].fate}")
	if err != nil || status != 0 || again != "Failed Succeeded Succeeded" {
		t.Errorf("the snapshot tells %q, status %d, %v\n%s", again, status, err, stderr)
	}
}

func TestWaitIsOverBeforeTheJobIs(t *testing.T) {
	t.Parallel()
	job := awaited("wait-endless", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = new(int32(0)) })
	begin(t, stage, job, nodes.Plan{0: {nodes.ExitCode(1)}, 1: {hang}, 2: {hang}})
	for _, test := range []struct {
		status int
		told   string
		args   []string
	}{
		{3, "timed out after 10s", []string{"--timeout", "10s"}},
		{2, "an index failed", []string{"--fail-fast", "--timeout", "1m"}},
	} {
		stdout, stderr, status, err := kubectl(t.Context(), append([]string{"indexjob", "wait", job.Name}, test.args...)...)
		if err != nil || status != test.status || !strings.Contains(stderr, test.told) || !strings.HasPrefix(stdout, "RUNNING") {
			t.Errorf("%v: status %d, %v\n%s%s", test.args, status, err, stderr, stdout)
		}
	}
	time.AfterFunc(3*time.Second, func() {
		_ = stage.Client.BatchV1().Jobs(job.Namespace).Delete(t.Context(), job.Name, metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)})
	})
	stdout, stderr, status, err := kubectl(t.Context(), "indexjob", "wait", job.Name, "--timeout", "1m")
	if err != nil || status != 3 || !strings.Contains(stderr, "the Job was deleted") || !strings.HasPrefix(stdout, "DELETED, was RUNNING") {
		t.Errorf("deleted: status %d, %v\n%s%s", status, err, stderr, stdout)
	}
}

// TestWaitOutlivesTheAPIServer kills it in the middle, on a control plane of its
// own.
func TestWaitOutlivesTheAPIServer(t *testing.T) {
	t.Parallel()
	own, on := ownPlane(t)
	job := awaited("wait-restart", func(s *batchv1.JobSpec) { s.ActiveDeadlineSeconds = new(int64(40)) })
	begin(t, on, job, nodes.Plan{1: {hang}, 2: {hang}})
	restarted := make(chan error, 1)
	time.AfterFunc(5*time.Second, func() {
		own.KillAPIServer()
		time.Sleep(5 * time.Second)
		restarted <- own.StartAPIServer(context.Background())
	})
	stdout, stderr, status, err := kubectl(t.Context(), "indexjob", "wait", job.Name, "--timeout", "3m", "--kubeconfig", own.Kubeconfig)
	if failed := <-restarted; failed != nil {
		t.Fatal(failed)
	}
	if err != nil || status != 2 || !strings.Contains(stderr, "the server cannot be read") || !strings.Contains(stderr, "the server can be read again") {
		t.Errorf("status %d, %v", status, err)
	}
	t.Logf("\n%s%s", stderr, stdout)
}

// TestWatch looks at the live screen in a terminal of 80 by 24.
func TestWatch(t *testing.T) {
	t.Parallel()
	job := awaited("watch", func(s *batchv1.JobSpec) { s.ActiveDeadlineSeconds = new(int64(25)) })
	begin(t, stage, job, nodes.Plan{1: {hang}, 2: {nodes.ExitCode(1)}})
	tmux := newTmux(t)
	tmux.run(t, "send-keys", "kubectl-indexjob explain watch --watch; echo status $?", "Enter")
	live := tmux.see(t, "q quits")
	if !strings.HasPrefix(live, "RUNNING") {
		t.Errorf("the screen does not begin with the Job:\n%s", live)
	}
	t.Logf("live, of 80 by 24:\n%s", live)
	tmux.run(t, "send-keys", "q")
	left := tmux.see(t, "status 0")
	if !strings.Contains(left, "--watch; echo") || !strings.Contains(left, "RUNNING") {
		t.Errorf("the last frame is not left behind:\n%s", left)
	}
	tmux.run(t, "send-keys", "clear; kubectl-indexjob explain watch --watch --exit-status; echo status $?", "Enter")
	tmux.see(t, "q quits")
	tmux.run(t, "resize-window", "-x", "60", "-y", "16")
	tmux.run(t, "send-keys", "C-c")
	tmux.see(t, "status 130")
	tmux.run(t, "resize-window", "-x", "80", "-y", "24")
	tmux.run(t, "send-keys", "clear; kubectl-indexjob explain watch -w --exit-status; echo status $?", "Enter")
	over := tmux.see(t, "status 2")
	if !strings.Contains(over, "FAILED (DeadlineExceeded)") {
		t.Errorf("the end is not left behind:\n%s", over)
	}
	t.Logf("left behind:\n%s", over)
}
