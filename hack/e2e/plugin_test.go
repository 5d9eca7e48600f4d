package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// buildPlugin builds it once, into a folder that kubectl finds it in.
var buildPlugin = sync.OnceValues(func() (dir string, err error) {
	dir = filepath.Join(plane.Dir, "bin")
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "kubectl-indexjob"), "./cmd/kubectl-indexjob")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the plugin: %w\n%s", err, out)
	}
	return dir, nil
})

// kubectl runs the real one with our plugin in its path.
func kubectl(ctx context.Context, args ...string) (stdout, stderr string, status int, err error) {
	dir, err := buildPlugin()
	if err != nil {
		return "", "", 0, err
	}
	command := exec.CommandContext(ctx, plane.Kubectl, args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+plane.Kubeconfig, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err = command.Run()
	if command.ProcessState != nil && command.ProcessState.Exited() {
		err = nil // its status says what went wrong
	}
	return out.String(), errs.String(), command.ProcessState.ExitCode(), err
}

// explained is what `kubectl indexjob explain` says of the Job.
func explained(t *testing.T, namespace, name string) *v1alpha1.Explanation {
	t.Helper()
	stdout, stderr, status, err := kubectl(t.Context(), "indexjob", "explain", name, "-n", namespace, "-o", "json", "--exit-status")
	if err != nil {
		t.Fatal(err)
	}
	var e v1alpha1.Explanation
	if err := json.Unmarshal([]byte(stdout), &e); err != nil {
		t.Fatalf("kubectl indexjob explain %s: %v\n%s%s", name, err, stdout, stderr)
	}
	want := map[v1alpha1.State]int{v1alpha1.StateComplete: 0, v1alpha1.StateFailed: 2}
	if status != want[e.Conclusion.State] {
		t.Errorf("exit status %d for a Job that is %s", status, e.Conclusion.State)
	}
	return &e
}

// showScreen logs what a person sees.
func showScreen(t *testing.T, namespace, name string) {
	t.Helper()
	stdout, stderr, status, err := kubectl(t.Context(), "indexjob", "explain", name, "-n", namespace)
	if err != nil || status != 0 {
		t.Fatalf("kubectl indexjob explain %s: status %d, %v\n%s", name, status, err, stderr)
	}
	t.Logf("$ kubectl indexjob explain %s\n%s", name, stdout)
}

// expectations are what has to be said of the documents' Jobs, by letter.
var expectations = map[string]func(t *testing.T, e *v1alpha1.Explanation, r *recording.Recording){
	"a": func(t *testing.T, e *v1alpha1.Explanation, _ *recording.Recording) {
		for _, index := range []int32{1, 2} {
			record := recordOf(t, e, index)
			isFate(t, record, v1alpha1.Failed, v1alpha1.ReasonBackoffExceeded)
			if record.Failures != (v1alpha1.Failures{Counted: 2, Exact: true}) || len(record.Attempts) != 2 {
				t.Errorf("index %d: %+v in %d attempts", index, record.Failures, len(record.Attempts))
			}
		}
	},
	"b": func(t *testing.T, e *v1alpha1.Explanation, _ *recording.Recording) {
		record := recordOf(t, e, 2)
		isFate(t, record, v1alpha1.Failed, v1alpha1.ReasonFailIndexRule)
		if len(record.Attempts) != 1 || record.Attempts[0].Rule == nil || *record.Attempts[0].Rule != 1 || record.Attempts[0].Decision != v1alpha1.DecisionFailIndex {
			t.Errorf("index 2: %+v", record.Attempts)
		}
		isFate(t, recordOf(t, e, 1), v1alpha1.Failed, v1alpha1.ReasonBackoffExceeded)
	},
	"c": func(t *testing.T, e *v1alpha1.Explanation, _ *recording.Recording) {
		record := recordOf(t, e, 7)
		isFate(t, record, v1alpha1.Succeeded, v1alpha1.ReasonAfterIgnored)
		if record.Failures != (v1alpha1.Failures{Ignored: 1, Exact: true}) {
			t.Errorf("index 7: %+v", record.Failures)
		}
		isFate(t, recordOf(t, e, 6), v1alpha1.Succeeded, v1alpha1.ReasonAfterRetries)
		isFate(t, recordOf(t, e, 2), v1alpha1.Failed, v1alpha1.ReasonFailIndexRule)
		isFate(t, recordOf(t, e, 1), v1alpha1.Failed, v1alpha1.ReasonBackoffExceeded)
	},
	"d": func(t *testing.T, e *v1alpha1.Explanation, r *recording.Recording) {
		trigger := triggerOf(t, e, 4)
		if trigger.Pod != podOf(r, 4) || trigger.Container != "main" || trigger.ExitCode == nil || *trigger.ExitCode != 42 || trigger.Rule == nil || *trigger.Rule != 2 {
			t.Errorf("trigger %+v, the pod is %s", trigger, podOf(r, 4))
		}
		isFate(t, recordOf(t, e, 4), v1alpha1.Stopped, v1alpha1.ReasonFailJobRule)
		hasEffect(t, e, 7)
	},
	"e": func(t *testing.T, e *v1alpha1.Explanation, _ *recording.Recording) {
		if e.Conclusion.Reason != "BackoffLimitExceeded" {
			t.Errorf("reason %s", e.Conclusion.Reason)
		}
		triggerOf(t, e, 1)
		hasEffect(t, e, 9)
		for index := int32(4); index < 10; index++ {
			isFate(t, recordOf(t, e, index), v1alpha1.NeverStarted, "")
		}
	},
	"f": func(t *testing.T, e *v1alpha1.Explanation, _ *recording.Recording) {
		if e.Conclusion.Reason != "MaxFailedIndexesExceeded" {
			t.Errorf("reason %s", e.Conclusion.Reason)
		}
		triggerOf(t, e, 6)
		hasEffect(t, e, 3)
		isFate(t, recordOf(t, e, 7), v1alpha1.Stopped, v1alpha1.ReasonAfterFailure)
	},
}

// explainDocument asks the plugin, through kubectl, about a Job that has ended,
// and holds the answer against what has to be said.
func explainDocument(t *testing.T, r *recording.Recording) {
	t.Helper()
	letter, _, _ := strings.Cut(r.Name, "-")
	job := &r.Ledger.Job
	e := explained(t, job.Namespace, job.Name)
	if e.Agreement.Result != v1alpha1.Agrees {
		t.Errorf("%s: %v", e.Agreement.Result, e.Agreement.Differences)
	}
	expectations[letter](t, e, r)
	showScreen(t, job.Namespace, job.Name)
}

func recordOf(t *testing.T, e *v1alpha1.Explanation, index int32) *v1alpha1.IndexFate {
	t.Helper()
	for i := range e.Fates {
		if record := &e.Fates[i]; record.Index <= index && index <= record.Last() {
			return record
		}
	}
	t.Fatalf("index %d has no fate", index)
	return nil
}

func isFate(t *testing.T, record *v1alpha1.IndexFate, fate v1alpha1.Fate, reason string) {
	t.Helper()
	if record.Fate != fate || record.Reason != reason {
		t.Errorf("index %d is %s/%s, want %s/%s", record.Index, record.Fate, record.Reason, fate, reason)
	}
}

func triggerOf(t *testing.T, e *v1alpha1.Explanation, index int32) *v1alpha1.Trigger {
	t.Helper()
	trigger := e.Conclusion.Trigger
	if trigger == nil || trigger.Index == nil || *trigger.Index != index {
		t.Fatalf("trigger %+v, want index %d", trigger, index)
	}
	return trigger
}

// hasEffect wants that many unfinished indexes to have been cut off.
func hasEffect(t *testing.T, e *v1alpha1.Explanation, want int64) {
	t.Helper()
	effect := e.Conclusion.Effect
	if effect == nil || effect.Stopped+effect.BackingOff+effect.NeverStarted+effect.Unfinished != want {
		t.Errorf("effect %+v, want it on %d indexes", effect, want)
	}
}

// podOf is the last pod that the index had.
func podOf(r *recording.Recording, index int32) string {
	name := ""
	for i := range r.Ledger.Pods {
		if pod := &r.Ledger.Pods[i]; pod.Index != nil && *pod.Index == index {
			name = pod.Name
		}
	}
	return name
}
