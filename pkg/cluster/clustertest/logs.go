package clustertest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

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
	close(s.written)
	s.written = make(chan struct{})
}

// log serves a log as a kubelet behind an API server does. One that is followed
// ends when the pod is removed.
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
	key := namespace + "/" + name + "/" + container
	w.Header().Set("Content-Type", "text/plain")
	for sent := -1; ; {
		s.mu.Lock()
		text, known, written := s.logs[key], s.knows("pods", namespace+"/"+name), s.written
		s.mu.Unlock()
		if sent < 0 {
			sent = len(text) - len(tail(text, query.Get("tailLines")))
		}
		for line := range strings.Lines(text[sent:]) {
			if query.Get("timestamps") == "true" {
				line = "2026-11-22T03:12:31Z " + line
			}
			send(w, []byte(line))
		}
		sent = len(text)
		if query.Get("follow") != "true" || !known {
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

// knows is for callers that hold the lock.
func (s *Server) knows(resource, key string) bool {
	for _, object := range s.objects[resource] {
		if name(object) == key {
			return true
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
