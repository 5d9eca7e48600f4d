package e2e

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// TestListWatch looks at the Jobs of a namespace in a pipe, from before there are
// any until the one that came has failed and is deleted.
func TestListWatch(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t, "list-watch")
	var out transcript
	list := exec.CommandContext(t.Context(), plane.Kubectl, "indexjob", "list", "--watch")
	list.Env, list.Dir, list.Stdout = w.env, w.dir, &out
	if err := list.Start(); err != nil {
		t.Fatal(err)
	}
	// tells waits until the last line holds all the words.
	tells := func(words ...string) {
		t.Helper()
		for range 600 {
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			last, holds := lines[len(lines)-1], true
			for _, word := range words {
				holds = holds && strings.Contains(last, word)
			}
			if holds {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("it does not tell %q:\n%s", words, out.String())
	}
	job := awaited("nightly", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = new(int32(0)) })
	job.Namespace = w.namespace
	begin(t, stage, job, nodes.Plan{1: {{Runs: 3 * time.Second}}, 2: {nodes.ExitCode(1)}})
	tells("nightly  Failed ", "oox", "FailedIndexes")
	if err := stage.Client.BatchV1().Jobs(w.namespace).Delete(t.Context(), job.Name, metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)}); err != nil {
		t.Fatal(err)
	}
	tells("nightly", "Deleted")
	stopped := time.Now()
	if err := list.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = list.Wait()
	if status, took := list.ProcessState.ExitCode(), time.Since(stopped); status != 143 || took > time.Second {
		t.Errorf("status %d after %v", status, took)
	}
	told := out.String()
	holdRows(t, told)
	t.Logf("$ kubectl indexjob list --watch | cat\n%s", told)
}

// transcript is what a program has written so far.
type transcript struct {
	mu      sync.Mutex
	written bytes.Buffer
}

func (o *transcript) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.written.Write(p)
}

func (o *transcript) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.written.String()
}

// holdRows wants titles above all, a Job that runs and then fails, and no row twice,
// however old the Job has become.
func holdRows(t *testing.T, told string) {
	t.Helper()
	var states []string
	before := ""
	for n, row := range strings.Split(strings.TrimSpace(told), "\n") {
		words := strings.Fields(row)
		if isTitle := words[0] == "NAME"; isTitle != (n == 0) {
			t.Errorf("titles are above all, and once: line %d is %s", n+1, row)
		} else if isTitle {
			continue
		}
		if len(words) > 6 {
			words[6] = "" // its age
		}
		if now := strings.Join(words, " "); now != before {
			before = now
		} else {
			t.Errorf("told twice: %s", row)
		}
		if state := words[1]; len(states) == 0 || states[len(states)-1] != state {
			states = append(states, state)
		}
	}
	if got := strings.Join(states, " "); got != "Running Failed Deleted" && got != "Running Failing Failed Deleted" {
		t.Errorf("states %s:\n%s", got, told)
	}
}
