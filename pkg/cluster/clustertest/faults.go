package clustertest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Fault is done instead of an answer, or before it where it returns false.
type Fault func(http.ResponseWriter, *http.Request) bool

// Forever makes a fault stay.
const Forever = -1

type pending struct {
	fault Fault
	times int
}

// On has the next requests for a resource ("jobs", "pods", "events", "version",
// and "watch-jobs" and so on for watches) meet a fault. Faults of one resource come one after the other.
func (s *Server) On(resource string, times int, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[resource] = append(s.faults[resource], &pending{fault, times})
}

func (s *Server) nextFault(resource string) Fault {
	for queue := s.faults[resource]; len(queue) > 0; queue = queue[1:] {
		s.faults[resource] = queue
		if next := queue[0]; next.times != 0 {
			next.times--
			return next.fault
		}
	}
	delete(s.faults, resource)
	return nil
}

// Pass lets a request through.
func Pass(http.ResponseWriter, *http.Request) bool { return false }

// Then does something, such as changing an object, and lets the request through.
func Then(do func()) Fault {
	return func(http.ResponseWriter, *http.Request) bool {
		do()
		return false
	}
}

// Forbid answers 403 as a server with RBAC does.
func Forbid(w http.ResponseWriter, r *http.Request) bool {
	resource, _, name := parse(r.URL.Path)
	fail(w, apierrors.NewForbidden(groups[resource], name, errForbidden{resource}))
	return true
}

type errForbidden struct{ resource string }

func (e errForbidden) Error() string {
	return `User "jane" cannot read resource "` + e.resource + `" in the namespace`
}

// Expire answers 410 as a server does whose list was compacted away.
func Expire(w http.ResponseWriter, _ *http.Request) bool {
	fail(w, apierrors.NewResourceExpired("The provided continue parameter is too old to display a consistent list result."))
	return true
}

// Busy answers 429 and asks for a second's patience.
func Busy(w http.ResponseWriter, r *http.Request) bool { return BusyFor(1)(w, r) }

// BusyFor answers 429 and wants to be left alone for so many seconds.
func BusyFor(seconds int) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		fail(w, apierrors.NewTooManyRequests("too many requests", seconds))
		return true
	}
}

// Break answers 500.
func Break(w http.ResponseWriter, _ *http.Request) bool {
	fail(w, apierrors.NewInternalError(errBroken{}))
	return true
}

type errBroken struct{}

func (errBroken) Error() string { return "etcdserver: request timed out" }

// Stall says nothing until the client goes away.
func Stall(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

// Endless sends white space for ever.
func Endless(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		if _, err := w.Write(bytes.Repeat([]byte(" "), 1024)); err != nil {
			break
		}
		w.(http.Flusher).Flush()
		time.Sleep(time.Millisecond)
	}
	return true
}

// HTML answers as a proxy does that wants somebody to log in.
func HTML(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Type", "text/html")
	send(w, []byte("<html><body>Please log in</body></html>"))
	return true
}

// Cut sends half of the true answer and breaks the connection.
func (s *Server) Cut(w http.ResponseWriter, r *http.Request) bool {
	answer := s.answer(r)
	w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
	send(w, answer.Body.Bytes()[:answer.Body.Len()/2])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// Half sends half of the true answer as if it were all.
func (s *Server) Half(w http.ResponseWriter, r *http.Request) bool {
	answer := s.answer(r)
	w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	send(w, answer.Body.Bytes()[:answer.Body.Len()/2])
	return true
}

func (s *Server) answer(r *http.Request) *httptest.ResponseRecorder {
	resource, namespace, name := parse(r.URL.Path)
	recorder := httptest.NewRecorder()
	if name != "" {
		s.get(recorder, r, resource, namespace+"/"+name)
	} else {
		s.list(recorder, r, resource, namespace)
	}
	return recorder
}

// Warn adds a warning, as servers do for what is deprecated.
func Warn(text string) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Add("Warning", `299 - "`+text+`"`)
		return false
	}
}
