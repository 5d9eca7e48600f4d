//go:build unix

package cmd

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	tea "charm.land/bubbletea/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/browse"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// runningPod is that of the only index of runningJob.
func runningPod(phase corev1.PodPhase) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "running-0-abcde", UID: "pod", Finalizers: []string{"batch.kubernetes.io/job-tracking"},
			Labels:          map[string]string{"job-name": "running", "batch.kubernetes.io/job-completion-index": "0"},
			Annotations:     map[string]string{"batch.kubernetes.io/job-completion-index": "0"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "running", UID: "running", Controller: new(true)}},
		},
		Spec:   corev1.PodSpec{NodeName: "n1", Containers: []corev1.Container{{Name: "main"}}},
		Status: corev1.PodStatus{Phase: phase},
	}
}

// logReader reads the log of the only index of runningJob for a screen.
type logReader struct {
	browser *browser
	news    chan browse.Log
	server  *clustertest.Server
}

func newLogReader(t *testing.T, phase corev1.PodPhase) *logReader {
	t.Helper()
	server := clustertest.New(runningJob(), runningPod(phase))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	config := newConnectionFlags()
	config.Kubeconfig = kubeconfigOf(t, server)
	quiet := terminal.Terminal{Err: io.Discard, Now: time.Now, LookupEnv: func(string) (string, bool) { return "", false }}
	client, _, err := connect(config, quiet, 500)
	if err != nil {
		t.Fatal(err)
	}
	r := &logReader{news: make(chan browse.Log, 100), server: server}
	r.browser = &browser{options: &browseOptions{client: client, terminal: quiet}, send: func(message tea.Msg) {
		if news, ok := message.(browse.Log); ok {
			r.news <- news
		}
	}}
	r.see(t, false)
	return r
}

// see takes a look at the Job.
func (r *logReader) see(t *testing.T, gone bool) {
	t.Helper()
	seen, err := r.browser.options.client.Observe(t.Context(), "default", "running")
	if err != nil {
		t.Fatal(err)
	}
	r.browser.see(browse.Look{Of: browse.JobKey{Namespace: "default", Name: "running"}, Explanation: replay.Explain(seen, seen.ObservedAt), Gone: gone})
}

// await gathers news until lines and words are there.
func (r *logReader) await(t *testing.T, lines, words string) (last browse.Log) {
	t.Helper()
	tooLong := time.After(20 * time.Second)
	var all []string
	for {
		select {
		case last = <-r.news:
		case <-tooLong:
			t.Fatalf("there is %q, %q, and no %q, %q", all, last.Words, lines, words)
		}
		all = append(all, last.Lines...)
		if strings.Join(all, "\n") == lines && strings.Contains(last.Words, words) && (words == "" || last.Words != "") {
			return last
		}
	}
}

func (r *logReader) begin(ctx context.Context) (ended chan struct{}) {
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		r.browser.readLog(ctx, browse.FollowLog{Number: 1, Index: 0, Attempt: 1})
	}()
	return ended
}

const logOfRunning = "default/running-0-abcde/main"

// TestALogIsFollowed, over a break and to the end of its pod, without a line lost or
// told twice.
func TestALogIsFollowed(t *testing.T) {
	r := newLogReader(t, corev1.PodRunning)
	r.server.Write(logOfRunning, "one\ntwo\n")
	ended := r.begin(t.Context())
	r.await(t, "one\ntwo", "")
	r.server.Write(logOfRunning, "three\n")
	r.await(t, "three", "")
	r.server.EndLogs()
	r.server.Write(logOfRunning, "four\n")
	r.await(t, "four", "")
	r.server.Write(logOfRunning, "no end")
	r.server.Put(runningPod(corev1.PodSucceeded))
	r.see(t, false)
	r.server.EndLogs()
	last := r.await(t, "no end", "")
	for !last.Ended {
		last = <-r.news
	}
	<-ended
}

// TestALogThatIsNotThere: why is said in the words of logs, and it is waited for where
// it may come.
func TestALogThatIsNotThere(t *testing.T) {
	r := newLogReader(t, corev1.PodRunning)
	r.server.On("pods/log", 1, clustertest.NotStarted)
	r.server.On("pods/log", 1, clustertest.NodeLost)
	r.server.Write(logOfRunning, "at last\n")
	ctx, stop := context.WithCancel(t.Context())
	ended := r.begin(ctx)
	r.await(t, "", `index 0, attempt 1: no log: nothing is written yet: container "main" in pod "a" is waiting to start`)
	r.await(t, "", "index 0, attempt 1: no log: its node cannot be reached")
	r.await(t, "at last", "")
	stop()
	<-ended

	r.server.Remove("pods", "default/running-0-abcde")
	ended = r.begin(t.Context())
	if last := r.await(t, "", "index 0, attempt 1: no log: its pod was deleted"); !last.Ended {
		last = <-r.news
		if !last.Ended {
			t.Errorf("it has not ended: %+v", last)
		}
	}
	<-ended
}
