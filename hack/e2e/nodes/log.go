package nodes

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// podLog is what the containers of a pod wrote, all into one.
type podLog struct {
	mu     sync.Mutex
	lines  []logLine
	closed bool
	grown  chan struct{} // closed and replaced whenever there is more
}

type logLine struct {
	at   time.Time
	text string
}

func newPodLog() *podLog { return &podLog{grown: make(chan struct{})} }

func (l *podLog) write(lines ...string) {
	l.change(func() {
		for _, text := range lines {
			l.lines = append(l.lines, logLine{time.Now().UTC(), text})
		}
	})
}

// close says that no more will come, which ends those who follow.
func (l *podLog) close() { l.change(func() { l.closed = true }) }

func (l *podLog) change(what func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what()
	close(l.grown)
	l.grown = make(chan struct{})
}

// after is what was written after the first lines, and how to wait for more.
func (l *podLog) after(first int) (lines []logLine, closed bool, grown <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines[first:], l.closed, l.grown
}

// serveLogs is the part of a kubelet's API that an API server asks for logs:
// getContainerLogs in pkg/kubelet/server, and copyLogs in pkg/kubelet/kuberuntime,
// of Kubernetes 1.37.
func (n *Nodes) serveLogs(w http.ResponseWriter, r *http.Request) {
	log := n.logOf(r.PathValue("namespace"), r.PathValue("pod"))
	if log == nil {
		http.Error(w, fmt.Sprintf("pod %q does not exist", r.PathValue("pod")), http.StatusNotFound)
		return
	}
	lines, closed, grown := log.after(0)
	if len(lines) == 0 {
		http.Error(w, fmt.Sprintf("container %q in pod %q is waiting to start: ContainerCreating", r.PathValue("container"), r.PathValue("pod")), http.StatusBadRequest)
		return
	}
	sent := len(lines)
	asked := r.URL.Query()
	if most, err := strconv.Atoi(asked.Get("tailLines")); err == nil {
		lines = lines[max(0, len(lines)-most):]
	}
	var since time.Time
	if seconds, err := strconv.Atoi(asked.Get("sinceSeconds")); err == nil {
		since = time.Now().Add(-time.Duration(seconds) * time.Second)
	}
	for {
		for _, line := range lines {
			if line.at.Before(since) {
				continue
			}
			if asked.Get("timestamps") == "true" {
				_, _ = io.WriteString(w, line.at.Format(time.RFC3339Nano)+" ")
			}
			_, _ = io.WriteString(w, line.text+"\n")
		}
		if asked.Get("follow") != "true" || closed {
			return
		}
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-grown:
		}
		lines, closed, grown = log.after(sent)
		sent += len(lines)
	}
}

func (n *Nodes) logOf(namespace, pod string) *podLog {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, k := range n.pods {
		if k.pod.Namespace == namespace && k.pod.Name == pod && k.ctx.Err() == nil {
			return k.log
		}
	}
	return nil
}

// begins and ends are what main writes in any case.
func (k *kubelet) begins() {
	k.log.write(append([]string{fmt.Sprintf("index %d, attempt %d begins", k.index, k.attempt)}, k.outcome.Writes...)...)
}

func (k *kubelet) ends() {
	var codes []string
	for _, s := range k.status.ContainerStatuses {
		if t := s.State.Terminated; t != nil {
			codes = append(codes, fmt.Sprintf("%s exits %d", s.Name, t.ExitCode))
		}
	}
	if len(codes) > 0 {
		k.log.write(strings.Join(codes, ", "))
	}
	k.log.close()
}
