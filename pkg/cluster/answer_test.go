package cluster

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// packed answers with JSON in gzip, a thousand times as much as is sent.
func packed(begin, middle, end string) clustertest.Fault {
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	io.WriteString(z, begin+strings.Repeat(middle, 4*maxParts)+end)
	z.Close()
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", runtime.ContentTypeJSON)
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(body.Bytes())
		return true
	}
}

func encoded(object runtime.Object) clustertest.Fault {
	body := clustertest.Encode(object, runtime.ContentTypeProtobuf)
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		w.Write(body)
		return true
	}
}

// TestAnAnswerOfManyParts is refused before it is decoded, which would take hundreds
// of times as much memory as its bytes.
func TestAnAnswerOfManyParts(t *testing.T) {
	wide := newJob(func(j *batchv1.Job) { j.Spec.Template.Spec.Containers = make([]corev1.Container, maxParts) })
	status := newPod("own", func(p *corev1.Pod) { p.Status.ContainerStatuses = make([]corev1.ContainerStatus, maxParts) })
	for _, c := range []struct {
		name, resource string
		answer         clustertest.Fault
		want           error
	}{
		{"a page of pods", "pods", packed(`{"kind":"PodList","apiVersion":"v1","items":[`, "{},", "{}]}"), errTooMuch},
		{"a page of events", "events", packed(`{"kind":"EventList","apiVersion":"v1","items":[`, "{},", "{}]}"), errTooMuch},
		{"a job", "jobs", packed(`{"kind":"Job","apiVersion":"batch/v1","spec":{"template":{"spec":{"containers":[`, "{},", "{}]}}}}"), errTooManyParts},
		{"a pod", "pods", packed(`{"kind":"PodList","apiVersion":"v1","items":[{"status":{"conditions":[`, "{},", "{}]}}]}"), errTooManyParts},
		{"a job in protobuf", "jobs", encoded(wide), errTooManyParts},
		{"a pod in protobuf", "pods", encoded(&corev1.PodList{Items: []corev1.Pod{*status}}), errTooManyParts},
		{"an event in protobuf", "events", encoded(&corev1.EventList{Items: []corev1.Event{{Message: strings.Repeat("\x0a\x00", maxParts)}}}), errTooManyParts},
		{"events in protobuf", "events", encoded(&corev1.EventList{Items: make([]corev1.Event, 2*maxParts)}), errTooMuch},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"))
			server.On(c.resource, clustertest.Forever, c.answer)
			seen, err := client(t, server, noon).Observe(t.Context(), "default", "nightly")
			if seen != nil && len(seen.Gaps) == 1 {
				err = errors.New(seen.Gaps[0].Error)
			}
			if err == nil || !strings.Contains(err.Error(), c.want.Error()) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

// TestAnEventOfAWatchEnds: a watch may go on for ever, but no event of it.
func TestAnEventOfAWatchEnds(t *testing.T) {
	frame := func(n int, body string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(n))) + body
	}
	const asJSON, asProtobuf = "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"
	small := frame(1<<10, strings.Repeat("\x0a\x00", 1<<9))
	for _, c := range []struct {
		name, format, text string
		want               error
	}{
		{"many events", asJSON, strings.Repeat(`{"type":"ADDED","object":{"a":["]"]}}`+"\n", 1<<20), nil},
		{"an endless event", asJSON, `{"a":"` + strings.Repeat("x", maxObject+1), errTooLarge},
		{"endless white space", asJSON, strings.Repeat(" ", maxObject+1), errTooLarge},
		{"an event of many parts", asJSON, `{"a":[` + strings.Repeat("{},", maxParts), errTooManyParts},
		{"many events in protobuf", asProtobuf, strings.Repeat(small, 1<<15), nil},
		{"a large event in protobuf", asProtobuf, frame(maxObject+1, ""), errTooLarge},
		{"an event of many parts in protobuf", asProtobuf, frame(2*maxParts+2, strings.Repeat("\x0a\x00", maxParts+1)), errTooManyParts},
		{"cut off in protobuf", asProtobuf, small[:100], io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := frames(&http.Response{Header: http.Header{"Content-Type": {c.format}}, Body: io.NopCloser(strings.NewReader(c.text))})
			var read bytes.Buffer
			_, err := io.CopyBuffer(struct{ io.Writer }{&read}, struct{ io.Reader }{body}, make([]byte, 1000))
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if err == nil && read.String() != c.text {
				t.Error("what is handed on is something else")
			}
		})
	}
}

// TestAWatchIsReadEventByEvent: the client looks at what it reads of a watch.
func TestAWatchIsReadEventByEvent(t *testing.T) {
	server := clustertest.New(newJob(), newPod("own"))
	server.On("watch-pods", clustertest.Forever, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", runtime.ContentTypeJSON)
		io.WriteString(w, `{"type":"ADDED","object":{"a":[`+strings.Repeat("{},", maxParts)+"{}]}}")
		return true
	})
	sighting := until(t, followed(t, server), func(s Sighting) bool { return s.Trouble != nil })
	if !strings.Contains(sighting.Trouble.Error(), errTooManyParts.Error()) {
		t.Errorf("the trouble is %v", sighting.Trouble)
	}
}

// TestWhatAWatchTellsIsBounded: the latest of each pod is kept, and no more of them
// than fit into memory.
func TestWhatAWatchTellsIsBounded(t *testing.T) {
	server := clustertest.New(newJob(), newPod("own"))
	f := followed(t, server)
	until(t, f, hasPods(1))
	f.mu.Lock()
	f.pods.total = maxKept - 3*ofAttempt
	f.mu.Unlock()
	for i := range 10 { // the same pod again and again is one
		server.Put(newPod("own", func(p *corev1.Pod) { p.Status.Message = strings.Repeat("x", i) }))
	}
	until(t, f, func(s Sighting) bool { return len(s.Seen.Attempts[0].Message) == 9 })
	for i := range 10 {
		server.Put(newPod(fmt.Sprint("other", i), func(p *corev1.Pod) { p.UID = types.UID(fmt.Sprint(i)) }))
	}
	for range 10 {
		if _, err := f.next(t.Context()); err != nil {
			wantError(t, err, errTooMuch.Error())
			return
		}
	}
	t.Error("it goes on")
}
