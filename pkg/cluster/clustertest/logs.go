package clustertest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// podLogs is the resource under which requests for logs meet faults.
const podLogs = "pods/log"

// Write appends to the log of a container: namespace/pod/container.
func (s *Server) Write(container, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs[container] += text
	s.wakeLogs()
}

// EndLogs ends every log that is followed, as if it were at its end: so a server
// does whose connection to a kubelet breaks.
func (s *Server) EndLogs() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logEra++
	s.wakeLogs()
}

// Rotate lets go of what is in the log of a container: namespace/pod/container.
func (s *Server) Rotate(container string) {
	s.mu.Lock()
	s.rotated[container] += strings.Count(s.logs[container], "\n")
	s.logs[container] = ""
	s.mu.Unlock()
	s.EndLogs()
}

// wakeLogs lets those who follow logs look; the caller holds the lock.
func (s *Server) wakeLogs() {
	close(s.written)
	s.written = make(chan struct{})
}

// log serves a log as a kubelet behind an API server does. One that is followed
// ends with its pod.
func (s *Server) log(w http.ResponseWriter, r *http.Request, namespace, name string) {
	query := r.URL.Query()
	container := query.Get("container")
	pod, ok := s.pod(namespace + "/" + name)
	if !ok {
		fail(w, apierrors.NewNotFound(groups["pods"], name))
		return
	}
	if containers := pod.Spec.Containers; container == "" && len(containers) > 1 {
		fail(w, apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s, choose one of: [%s %s]", name, containers[0].Name, containers[1].Name)))
		return
	} else if container == "" {
		container = containers[0].Name
	}
	w.Header().Set("Content-Type", "text/plain")
	if pod.Status.Phase == corev1.PodPending {
		if pod.Spec.NodeName != "" { // of a pod without a node servers serve an empty log
			fail(w, apierrors.NewBadRequest(fmt.Sprintf("container %q in pod %q is waiting to start: ContainerCreating", container, name)))
		}
		return
	}
	s.mu.Lock()
	era := s.logEra
	s.mu.Unlock()
	key := namespace + "/" + name + "/" + container
	for sent := -1; ; {
		s.mu.Lock()
		text, before, over := s.logs[key], s.rotated[key], s.logEra != era
		goesOn, written := s.goesOn(namespace+"/"+name), s.written
		s.mu.Unlock()
		if over {
			return
		}
		if sent < 0 {
			sent = len(text) - len(tail(text, query.Get("tailLines")))
		}
		for line := range strings.Lines(text[sent:]) {
			send(w, []byte(part(text, sent, line, before, query)))
			sent += len(line)
		}
		if query.Get("follow") != "true" || !goesOn {
			return
		}
		w.(http.Flusher).Flush()
		select {
		case <-written:
		case <-r.Context().Done():
			return
		}
	}
}

// firstLine is when the first line of every log was written, each other a
// millisecond after the one before it.
var firstLine = time.Date(2026, 11, 22, 3, 12, 31, 0, time.UTC)

// part is what is sent of a line that begins at some place of a log, before which
// so many lines were rotated away.
func part(text string, at int, line string, before int, query url.Values) string {
	written := firstLine.Add(time.Duration(before+strings.Count(text[:at], "\n")) * time.Millisecond)
	since, err := time.Parse(time.RFC3339, query.Get("sinceTime"))
	switch isBegin := at == 0 || text[at-1] == '\n'; {
	case err == nil && written.Before(since):
		return ""
	case query.Get("timestamps") == "true" && isBegin:
		return written.Format(time.RFC3339Nano) + " " + line
	}
	return line
}

func (s *Server) pod(key string) (*corev1.Pod, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, object := range s.objects["pods"] {
		if name(object) == key {
			return object.(*corev1.Pod), true
		}
	}
	return nil, false
}

// goesOn reports whether the pod is there and may write. The caller holds the lock.
func (s *Server) goesOn(key string) bool {
	for _, object := range s.objects["pods"] {
		if name(object) == key {
			phase := object.(*corev1.Pod).Status.Phase
			return phase != corev1.PodSucceeded && phase != corev1.PodFailed
		}
	}
	return false
}

func tail(text, lines string) string {
	n, err := strconv.Atoi(lines)
	if err != nil {
		return text
	}
	all := strings.SplitAfter(text, "\n")
	if all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	return strings.Join(all[max(0, len(all)-n):], "")
}

// NodeGone answers as a server does whose pod was on a node that is not there.
func NodeGone(w http.ResponseWriter, _ *http.Request) bool {
	fail(w, apierrors.NewNotFound(groups["pods"], "n1")) // a pod by the name of its node
	return true
}

// NodeLost answers as a server does that cannot reach the pod's kubelet.
func NodeLost(w http.ResponseWriter, _ *http.Request) bool {
	failure := apierrors.NewInternalError(errBroken{})
	failure.ErrStatus.Message = `Get "https://10.0.0.5:10250/containerLogs/default/a/main": dial tcp 10.0.0.5:10250: connect: no route to host`
	fail(w, failure)
	return true
}

// NotStarted answers as a server does whose pod waits for its image.
func NotStarted(w http.ResponseWriter, _ *http.Request) bool {
	fail(w, apierrors.NewBadRequest(`container "main" in pod "a" is waiting to start: ContainerCreating`))
	return true
}
