//go:build unix

package cmd

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// TestInterrupt: Ctrl-C ends whatever is waited for within a second, with 130,
// no answer and no error.
func TestInterrupt(t *testing.T) {
	explain := []string{"explain", "fail-job-rule"}
	for _, test := range []struct {
		name      string
		args      []string
		resource  string // that meets the fault
		fault     clustertest.Fault
		waitsFor  string // is in the request that it waits for
		saysFirst string // on stderr, before it waits
	}{
		{"a Job", explain, "jobs", clustertest.Stall, "/jobs/", ""},
		{"events", explain, "events", clustertest.Stall, "/events?", ""},
		{"pods", explain, "pods", clustertest.Stall, "/pods?", ""},
		{"pods without end", explain, "pods", clustertest.Endless, "/pods?", ""},
		{"a busy server", explain, "pods", clustertest.BusyFor(5), "/pods?", ""},
		{"the version", explain, "version", clustertest.Stall, "/version", ""},
		{"a log for the report", append(explain, "--report=junit=f", "--logs"), "pods/log", clustertest.Stall, "/log?", ""},
		{"a log", []string{"logs", "fail-job-rule", "--failed"}, "pods/log", clustertest.Stall, "/log?", ""},
		{"more of a log", []string{"logs", "fail-job-rule", "--failed", "-f"}, "pods/log", clustertest.Stall, "/log?", ""},
		{"a pod whose log is wanted", []string{"logs", "running", "-f"}, "", nil, "watch=true", "index 0 has no pod yet"},
		{"Jobs", []string{"list", "-A"}, "jobs", clustertest.Stall, "/jobs?", ""},
		{"Jobs to watch", []string{"list", "--watch"}, "jobs", clustertest.Stall, "/jobs?", ""},
		{"Jobs to come", []string{"list", "--watch", "-l", "none=such"}, "", nil, "watch=true", "No Indexed Jobs found"},
		{"pods of a snapshot", []string{"snapshot", "fail-job-rule", "-o", "f"}, "pods", clustertest.Stall, "/pods?", ""},
		{"pods to follow", []string{"wait", "running"}, "pods", clustertest.Stall, "/pods?", ""},
		{"a Job to be decided", []string{"wait", "running"}, "", nil, "watch=true", "RUNNING"},
		{"a Job to be created", []string{"wait", "absent", "--create-timeout=1h"}, "", nil, "/jobs", ""},
		{"a Job to change", []string{"explain", "running", "--watch"}, "", nil, "watch=true", "RUNNING"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			objects, err := clustertest.LoadFile(filepath.Join(examples, "d-fail-job-rule.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			server := clustertest.New(append(objects, runningJob())...)
			t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
			if test.fault != nil {
				server.On(test.resource, clustertest.Forever, test.fault)
			}
			c := program(t, server, test.args...)
			var stdout, stderr bytes.Buffer
			told := make(chan struct{})
			c.Stdout, c.Stderr = &stdout, &firstWrite{w: &stderr, text: test.saysFirst, seen: told}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			server.Await(test.waitsFor)
			if test.saysFirst != "" {
				<-told
			}
			end(t, c, syscall.SIGINT)
			if strings.Contains(stderr.String(), "error") || stdout.Len() > 0 {
				t.Errorf("stdout %q, stderr %q", &stdout, &stderr)
			}
			if left, _ := filepath.Glob(filepath.Join(c.Dir, "*f*")); len(left) > 0 {
				t.Errorf("it left %q behind", left)
			}
		})
	}
}

// TestATableInAPipeIsEnded by either signal, and says no word of it.
func TestATableInAPipeIsEnded(t *testing.T) {
	for _, by := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		server := clustertest.New(runningJob())
		t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
		c := program(t, server, "list", "--watch")
		var stdout, stderr bytes.Buffer
		told := make(chan struct{})
		c.Stdout, c.Stderr = &firstWrite{w: &stdout, text: "running", seen: told}, &stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		<-told
		end(t, c, by)
		if stderr.Len() > 0 || strings.Count(stdout.String(), "\n") != 2 {
			t.Errorf("%v: stdout %q, stderr %q", by, &stdout, &stderr)
		}
	}
}

// TestInterruptFile: nobody pipes anything in, or not to the end.
func TestInterruptFile(t *testing.T) {
	c := exec.CommandContext(t.Context(), "kubectl-indexjob", "explain", "-f", "-")
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: it has begun to read.
	if _, err := io.WriteString(stdin, strings.Repeat("\n", 1<<20)); err != nil {
		t.Fatal(err)
	}
	end(t, c, syscall.SIGINT)
}

func runningJob() *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "running", UID: "running", Generation: 1},
		Spec: batchv1.JobSpec{
			CompletionMode: new(batchv1.IndexedCompletion), Completions: new(int32(1)), Parallelism: new(int32(1)),
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"job-name": "running"}},
		},
		Status: batchv1.JobStatus{Active: 1},
	}
}

// program is the real one, with a kubeconfig of its own.
func program(t *testing.T, server *clustertest.Server, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), "kubectl-indexjob", args...)
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "KUBECONFIG="+kubeconfigOf(t, server), "CI=", "GITHUB_ACTIONS=", "GITLAB_CI=")
	return c
}

// end sends a signal and wants the program to end within a second, by itself and
// with the status that shells know it by.
func end(t *testing.T, c *exec.Cmd, by syscall.Signal) {
	t.Helper()
	begin := time.Now()
	if err := c.Process.Signal(by); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() }).Stop()
	err := c.Wait()
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %s", took)
	}
	var exit *exec.ExitError
	if want := 128 + int(by); !errors.As(err, &exit) || exit.ExitCode() != want {
		t.Errorf("it ended with %v, want exit status %d", err, want)
	}
}

// firstWrite closes seen once a text was written.
type firstWrite struct {
	w    *bytes.Buffer
	text string
	seen chan struct{}
}

func (f *firstWrite) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if f.seen != nil && f.text != "" && strings.Contains(f.w.String(), f.text) {
		close(f.seen)
		f.seen = nil
	}
	return n, err
}
