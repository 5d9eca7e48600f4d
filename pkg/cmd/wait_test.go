package cmd

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

func TestATimeoutIsToldAsItIsTyped(t *testing.T) {
	for timeout, want := range map[time.Duration]string{
		4 * time.Second: "4s", 300 * time.Millisecond: "300ms", 30 * time.Minute: "30m", 90 * time.Second: "1m30s", 2 * time.Hour: "2h", 100 * time.Minute: "1h40m",
	} {
		o := &waitOptions{timeout: timeout}
		if got := o.timeoutInWords(); got != want {
			t.Errorf("%v: got %q, want %q", timeout, got, want)
		}
	}
}

// TestTheTimeoutIsAllThereIs: whatever the server does, and whenever, the last
// reading and the logs get along with what is left, a second at least.
func TestTheTimeoutIsAllThereIs(t *testing.T) {
	stalls := func(s *clustertest.Server, resources ...string) func() {
		return func() {
			for _, resource := range resources {
				s.On(resource, clustertest.Forever, clustertest.Stall)
			}
		}
	}
	for _, test := range []struct {
		name  string
		args  []string
		fault func(*clustertest.Server)
		want  int
		says  []string // on stdout and stderr
	}{
		{"before anything was read", []string{"running"}, func(s *clustertest.Server) { stalls(s, "jobs")() }, exitUndecided, []string{
			"error: timed out after 1s, before the Job could be read: ",
		}},
		{"before the pods were read", []string{"running"}, func(s *clustertest.Server) { stalls(s, "pods")() }, exitUndecided, []string{
			"error: timed out after 1s, before the Job could be read: ",
		}},
		{"once it was seen", []string{"running"}, func(s *clustertest.Server) {
			s.On("watch-jobs", 1, clustertest.Then(stalls(s, "jobs")))
		}, exitUndecided, []string{
			"timed out after 1s; the last reading failed (there was no answer in time); the Job as it was seen before:", "RUNNING",
		}},
		{"a busy server", []string{"running"}, func(s *clustertest.Server) {
			s.On("pods", clustertest.Forever, clustertest.BusyFor(8))
		}, exitUndecided, []string{"warning: the server is busy and asks to be left alone for 8s", "error: timed out after 1s, before the Job could be read: "}},
		{"in a log", []string{"fail-job-rule", "--logs"}, func(s *clustertest.Server) { stalls(s, "pods/log")() }, exitFailed, []string{
			"FAILED", "the time of --timeout was over",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			objects, err := clustertest.LoadFile(examples + "/d-fail-job-rule.yaml")
			if err != nil {
				t.Fatal(err)
			}
			server := clustertest.New(append(objects, runningJob())...)
			t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
			test.fault(server)
			var told sharedBuffer
			surroundings := terminal.Terminal{In: strings.NewReader(""), Out: &told, Err: &told, LookupEnv: func(string) (string, bool) { return "", false }, Now: time.Now}
			begin := time.Now()
			status := run(t.Context(), surroundings, append([]string{"wait", "--timeout=1s", "--kubeconfig=" + kubeconfigOf(t, server)}, test.args...))
			if took := time.Since(begin); took > 4*time.Second {
				t.Errorf("it took %s", took)
			}
			if status != test.want {
				t.Errorf("exit status %d, want %d", status, test.want)
			}
			for _, words := range test.says {
				if !strings.Contains(told.String(), words) {
					t.Errorf("%q is not in:\n%s", words, told.String())
				}
			}
		})
	}
}

// sharedBuffer is written by all who have something to tell.
type sharedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *sharedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}
