package cluster

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

var ofA = LogRequest{Namespace: "default", Pod: "a"}

func podWithContainers(annotations map[string]string, names ...string) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "a", Annotations: annotations}}
	for _, name := range names {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: name})
	}
	return pod
}

func TestLog(t *testing.T) {
	server := clustertest.New(podWithContainers(nil, "main"))
	server.Write("default/a/main", "one\ntwo\nthree\n")
	c := client(t, server, noon)
	for _, tt := range []struct {
		request LogRequest
		want    string
		asked   string
	}{
		{LogRequest{}, "one\ntwo\nthree\n", "/log"},
		{LogRequest{Container: "main"}, "one\ntwo\nthree\n", "container=main"},
		{LogRequest{Tail: new(int64(2))}, "two\nthree\n", "tailLines=2"},
		{LogRequest{Since: new(int64(90))}, "one\ntwo\nthree\n", "sinceSeconds=90"},
		{LogRequest{Tail: new(int64(1)), Timestamps: true}, "2026-11-22T03:12:31.002Z three\n", "timestamps=true"},
		{LogRequest{Since: new(int64(9)), SinceTime: time.Date(2026, 11, 22, 3, 12, 31, 999, time.UTC)}, "one\ntwo\nthree\n", "/log?sinceTime=2026-11-22T03%3A12%3A31Z"},
	} {
		tt.request.Namespace, tt.request.Pod = ofA.Namespace, ofA.Pod
		stream, err := c.Log(t.Context(), tt.request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(stream)
		stream.Close()
		requests := server.Requests()
		if last := requests[len(requests)-1]; err != nil || string(got) != tt.want || !strings.Contains(last, tt.asked) {
			t.Errorf("%+v: got %q, error %v, by %s", tt.request, got, err, last)
		}
	}
}

// Of several containers the one is taken that kubectl takes.
func TestLogOfTheMainContainer(t *testing.T) {
	for want, pod := range map[string]*corev1.Pod{
		"first\n":  podWithContainers(nil, "one", "two"),
		"second\n": podWithContainers(map[string]string{evidence.DefaultContainerAnnotation: "two"}, "one", "two"),
	} {
		server := clustertest.New(pod)
		server.Write("default/a/one", "first\n")
		server.Write("default/a/two", "second\n")
		got, err := client(t, server, noon).LastLines(t.Context(), ofA, 5)
		if diff := cmp.Diff([]string{strings.TrimSpace(want)}, got); err != nil || diff != "" {
			t.Errorf("error %v (-want +got):\n%s", err, diff)
		}
	}
}

func TestALogThatMayBeOpenedLater(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault clustertest.Fault
		want  bool
	}{
		{"its container waits to start", clustertest.NotStarted, true},
		{"its node does not answer", clustertest.NodeLost, true},
		{"the server is in trouble", clustertest.Break, true},
		{"the connection breaks", func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, true},
		{"its node is gone", clustertest.NodeGone, false},
		{"it may not be read", clustertest.Forbid, false},
	} {
		server := clustertest.New(podWithContainers(nil, "main"))
		server.On("pods/log", clustertest.Forever, tt.fault)
		_, err := client(t, server, noon).Log(t.Context(), ofA)
		if err == nil || MayPass(err) != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestLogFollows(t *testing.T) {
	server := clustertest.New(podWithContainers(nil, "main"))
	server.Write("default/a/main", "one\n")
	request := ofA
	request.Follow = true
	stream, err := client(t, server, noon).Log(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	lines := bufio.NewScanner(stream)
	for _, want := range []string{"one", "two"} {
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
		server.Write("default/a/main", "two\n")
	}
	server.Remove("pods", "default/a")
	for lines.Scan() {
		if lines.Text() != "two" {
			t.Errorf("got %q", lines.Text())
		}
	}
}

func TestLastLines(t *testing.T) {
	for log, want := range map[string][]string{
		"":                         nil,
		"one\ntwo\nthree\nfour":    {"three", "four"},
		"\r\n\x1b[31m\xff\r\n":     {"", "\x1b[31m\xff"},
		strings.Repeat("x", 1<<20): {strings.Repeat("x", maxExcerpt)},
	} {
		server := clustertest.New(podWithContainers(nil, "main"))
		server.Write("default/a/main", log)
		got, err := client(t, server, noon).LastLines(t.Context(), ofA, 2)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%.20q: error %v (-want +got):\n%.300s", log, err, diff)
		}
	}
}

// A log that cannot be had any more is told from one that cannot be read.
func TestNoLog(t *testing.T) {
	for _, tt := range []struct {
		fault clustertest.Fault
		gone  string
		err   string
	}{
		{clustertest.NodeGone, "its node n1 is not there any more", ""},
		{clustertest.NodeLost, "its node cannot be reached: dial tcp 10.0.0.5:10250: connect: no route to host", ""},
		{clustertest.NotStarted, "nothing is written yet: ", ""},
		{clustertest.Stall, "its node gave no answer within 50ms", ""},
		{clustertest.Forbid, "", "\nhint: ask for a Role with get on pods/log"},
		{clustertest.Break, "", "\nhint: the server is in trouble"},
	} {
		server := clustertest.New(podWithContainers(nil, "main"))
		server.On("pods/log", clustertest.Forever, tt.fault)
		c := client(t, server, noon)
		if strings.HasPrefix(tt.gone, "its node gave no answer") { // the others answer, however busy the machine is
			c.excerptTimeout = 50 * time.Millisecond
		}
		holdNoLog(t, c, tt.gone, tt.err)
	}
	holdNoLog(t, client(t, clustertest.New(), noon), "its pod was deleted", "")
}

func holdNoLog(t *testing.T, c *Client, gone, wantErr string) {
	t.Helper()
	_, err := c.LastLines(t.Context(), ofA, 5)
	var none *NoLog
	switch {
	case err == nil:
		t.Error("there is a log")
	case errors.As(err, &none) != (gone != ""), !strings.Contains(err.Error(), gone), !strings.Contains(err.Error(), wantErr):
		t.Errorf("got %q, want %q%q", err, gone, wantErr)
	}
}

// A kubelet writes that a log is gone into the answer, as if it were the log.
func TestALogThatTheNodeHasRemoved(t *testing.T) {
	id := "containerd://" + strings.Repeat("0a", 32)
	for text, isLog := range map[string]bool{
		"unable to retrieve container logs for " + id:                     false,
		"unable to retrieve container logs for " + id + "\nand goes on\n": true,
		"unable to retrieve container logs for nobody\n":                  true,
		"unable\n": true,
		"u":        true,
		"":         true,
	} {
		server := clustertest.New(podWithContainers(nil, "main"))
		server.Write("default/a/main", text)
		stream, err := client(t, server, noon).Log(t.Context(), ofA)
		if !isLog {
			if none := (*NoLog)(nil); !errors.As(err, &none) || none.Because != "its node has removed it" {
				t.Errorf("%q: got %v", text, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(stream)
		stream.Close()
		if err != nil || string(got) != text {
			t.Errorf("%q: got %q, error %v", text, got, err)
		}
	}
}
