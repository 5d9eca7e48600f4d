package clustertest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
)

// firstRevision is that of what a server is born with.
const firstRevision = 1000

// change is one entry of what watches are told.
type change struct {
	revision int
	resource string
	kind     watch.EventType
	object   runtime.Object
}

// note remembers a change for watches; the caller holds the lock.
func (s *Server) note(resource string, kind watch.EventType, object runtime.Object) {
	s.revision++
	object = object.DeepCopyObject()
	metadata, _ := meta.Accessor(object)
	metadata.SetResourceVersion(strconv.Itoa(s.revision))
	s.changes = append(s.changes, change{s.revision, resource, kind, object})
	s.wake()
}

// wake lets watches look for changes; the caller holds the lock.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// EndWatches ends every watch that is open, as servers do after some minutes.
func (s *Server) EndWatches() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.era++
	s.wake()
}

// Forget drops all that was remembered for watches, and ends those that are
// open: they cannot go on from where they were.
func (s *Server) Forget() {
	s.mu.Lock()
	s.revision++
	s.changes, s.forgotten = nil, s.revision
	s.mu.Unlock()
	s.EndWatches()
}

// watch tells of changes, in JSON, since the resourceVersion that was asked for.
func (s *Server) watch(w http.ResponseWriter, r *http.Request, resource, namespace string) {
	query := r.URL.Query()
	byLabel, err := labels.Parse(query.Get("labelSelector"))
	if err != nil {
		fail(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	byField, err := fields.ParseSelector(query.Get("fieldSelector"))
	if err != nil {
		fail(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	from, _ := strconv.Atoi(query.Get("resourceVersion"))
	w.Header().Set("Content-Type", runtime.ContentTypeJSON)
	stream := json.NewEncoder(w)
	send := func(kind watch.EventType, object []byte) error {
		err := stream.Encode(map[string]any{"type": kind, "object": json.RawMessage(object)})
		w.(http.Flusher).Flush()
		return err
	}
	w.(http.Flusher).Flush()
	s.mu.Lock()
	era, forgotten := s.era, s.forgotten
	s.mu.Unlock()
	if from < forgotten {
		status := apierrors.NewResourceExpired("too old resource version").Status()
		status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
		data, _ := json.Marshal(status)
		_ = send(watch.Error, data)
		return
	}
	for {
		s.mu.Lock()
		next := slices.Clone(s.changes)
		changed, over, lost := s.changed, s.era != era, from < s.forgotten
		s.mu.Unlock()
		if over && lost {
			return // what came between is forgotten, which a new watch is told
		}
		for _, c := range next {
			metadata, _ := meta.Accessor(c.object)
			isLabelled, kind := byLabel.Matches(labels.Set(metadata.GetLabels())), c.kind
			if c.revision <= from || c.resource != resource || namespace != "" && metadata.GetNamespace() != namespace ||
				!isLabelled && kind == watch.Added || !byField.Matches(fieldsOf(c.object)) {
				continue
			}
			if !isLabelled { // any more, for all that is known here
				kind = watch.Deleted
			}
			if send(kind, Encode(c.object.DeepCopyObject(), runtime.ContentTypeJSON)) != nil {
				return
			}
			from = c.revision
		}
		if over {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}
