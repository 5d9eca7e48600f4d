package clustertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
)

// Server is a running API server.
type Server struct {
	*httptest.Server
	// Version is what /version says.
	Version string
	// Clock is the server's, which its Date headers tell.
	Clock func() time.Time

	mu         sync.Mutex
	objects    map[string][]runtime.Object // by resource, sorted as etcd sorts keys
	faults     map[string][]*pending
	requests   []string
	violations []string
	arrived    chan struct{} // is closed and renewed at each request
	// For watches: what changed since forgotten, closed and renewed at each
	// change; all that are open end with the era.
	revision, forgotten, era int
	changes                  []change
	changed                  chan struct{}
	logs                     map[string]string // by namespace/pod/container
	written                  chan struct{}     // is closed and renewed where a log may have changed
	rotated                  map[string]int    // lines that are not in logs any more
	logEra                   int               // all logs that are followed end with it
}

// New starts a server that knows the given objects.
func New(objects ...runtime.Object) *Server {
	s := &Server{
		Version: "v1.37.2",
		Clock:   time.Now,
		objects: map[string][]runtime.Object{},
		faults:  map[string][]*pending{},
		arrived: make(chan struct{}),
		changed: make(chan struct{}),
		logs:    map[string]string{},
		rotated: map[string]int{},
		written: make(chan struct{}),
	}
	s.Put(objects...)
	s.changes, s.revision, s.forgotten = nil, firstRevision, firstRevision
	s.Server = httptest.NewServer(s)
	return s
}

// Put adds objects, over what stands there under the same name.
func (s *Server) Put(objects ...runtime.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, object := range objects {
		resource := resourceOf(object)
		kind := watch.Added
		if s.remove(resource, name(object)) != nil {
			kind = watch.Modified
		}
		s.note(resource, kind, object)
		s.objects[resource] = append(s.objects[resource], object)
		slices.SortFunc(s.objects[resource], func(a, b runtime.Object) int { return cmp.Compare(name(a), name(b)) })
	}
	s.wakeLogs()
}

// Remove deletes an object by its namespace/name.
func (s *Server) Remove(resource, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if removed := s.remove(resource, name); removed != nil {
		s.note(resource, watch.Deleted, removed)
	}
	s.wakeLogs()
}

func (s *Server) remove(resource, key string) (removed runtime.Object) {
	s.objects[resource] = slices.DeleteFunc(s.objects[resource], func(o runtime.Object) bool {
		if name(o) == key {
			removed = o
		}
		return name(o) == key
	})
	return removed
}

// Requests are all that came so far, as "GET /path?query".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Violations are the requests that were not GET.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// Await waits for a request whose path contains part, past or future.
func (s *Server) Await(part string) {
	for {
		s.mu.Lock()
		seen := slices.ContainsFunc(s.requests, func(r string) bool { return strings.Contains(r, part) })
		arrived := s.arrived
		s.mu.Unlock()
		if seen {
			return
		}
		<-arrived
	}
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resource, namespace, name := parse(r.URL.Path)
	fault := s.record(r, resource)
	w.Header().Set("Date", s.Clock().UTC().Format(http.TimeFormat))
	if r.Method != http.MethodGet {
		fail(w, apierrors.NewMethodNotSupported(schema.GroupResource{Resource: resource}, r.Method))
		return
	}
	if fault != nil && fault(w, r) {
		return
	}
	switch {
	case r.URL.Path == "/version":
		writeJSON(w, http.StatusOK, version.Info{GitVersion: s.Version})
	case groups[resource].Resource == "":
		fail(w, apierrors.NewNotFound(schema.GroupResource{Resource: r.URL.Path}, ""))
	case resource == podLogs:
		s.log(w, r, namespace, name)
	case name != "":
		s.get(w, r, resource, namespace+"/"+name)
	case isWatch(r):
		s.watch(w, r, resource, namespace)
	default:
		s.list(w, r, resource, namespace)
	}
}

func isWatch(r *http.Request) bool { return r.URL.Query().Get("watch") == "true" }

func (s *Server) record(r *http.Request, resource string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	request := r.Method + " " + r.URL.RequestURI()
	s.requests = append(s.requests, request)
	close(s.arrived)
	s.arrived = make(chan struct{})
	if r.Method != http.MethodGet {
		s.violations = append(s.violations, request)
	}
	if isWatch(r) {
		resource = "watch-" + resource
	}
	return s.nextFault(resource)
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, resource, key string) {
	s.mu.Lock()
	objects := s.objects[resource]
	i := slices.IndexFunc(objects, func(o runtime.Object) bool { return name(o) == key })
	var object runtime.Object
	if i >= 0 {
		object = objects[i].DeepCopyObject() // encoding one sets its kind
	}
	s.mu.Unlock()
	if i < 0 {
		_, short, _ := strings.Cut(key, "/")
		fail(w, apierrors.NewNotFound(groups[resource], short))
		return
	}
	write(w, r, object)
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, resource, namespace string) {
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
	var items []runtime.Object
	s.mu.Lock()
	for _, object := range s.objects[resource] {
		metadata, _ := meta.Accessor(object)
		if (namespace == "" || metadata.GetNamespace() == namespace) && byLabel.Matches(labels.Set(metadata.GetLabels())) && byField.Matches(fieldsOf(object)) {
			items = append(items, object)
		}
	}
	revision := strconv.Itoa(s.revision)
	s.mu.Unlock()

	// The token is the place in the list: the objects stand still here.
	first, _ := strconv.Atoi(query.Get("continue"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	if query.Get("resourceVersion") == "0" {
		limit = 0 // as servers do
	}
	items = items[min(first, len(items)):]
	next := ""
	if limit > 0 && len(items) > limit {
		next = strconv.Itoa(first + limit)
		items = items[:limit]
	}
	write(w, r, newList(resource, items, metav1.ListMeta{ResourceVersion: revision, Continue: next}))
}

// groups are the resources that are served.
var groups = map[string]schema.GroupResource{
	"jobs":       {Group: "batch", Resource: "jobs"},
	"pods":       {Resource: "pods"},
	"events":     {Resource: "events"},
	"namespaces": {Resource: "namespaces"},
	podLogs:      {Resource: "pods"},
}

// parse takes /api/v1/namespaces/NS/pods/NAME apart, and what may follow: /log.
func parse(path string) (resource, namespace, name string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	i := slices.Index(parts, "namespaces")
	if i < 0 || len(parts) < i+3 {
		return parts[len(parts)-1], "", ""
	}
	parts = append(parts[i+1:], "")
	if len(parts) > 4 {
		return parts[1] + "/" + parts[3], parts[0], parts[2]
	}
	return parts[1], parts[0], parts[2]
}

func resourceOf(object runtime.Object) string {
	switch object.(type) {
	case *batchv1.Job:
		return "jobs"
	case *corev1.Pod:
		return "pods"
	case *corev1.Event:
		return "events"
	case *corev1.Namespace:
		return "namespaces"
	}
	panic(fmt.Sprintf("clustertest serves no %T", object))
}

func name(object runtime.Object) string {
	metadata, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	return metadata.GetNamespace() + "/" + metadata.GetName()
}

func fieldsOf(object runtime.Object) fields.Set {
	metadata, _ := meta.Accessor(object)
	event, ok := object.(*corev1.Event)
	if !ok {
		return fields.Set{"metadata.name": metadata.GetName()}
	}
	return fields.Set{
		"involvedObject.kind": event.InvolvedObject.Kind,
		"involvedObject.name": event.InvolvedObject.Name,
		"involvedObject.uid":  string(event.InvolvedObject.UID),
		"type":                event.Type,
		"reason":              event.Reason,
	}
}

func newList(resource string, items []runtime.Object, metadata metav1.ListMeta) runtime.Object {
	switch resource {
	case "jobs":
		list := &batchv1.JobList{ListMeta: metadata}
		for _, item := range items {
			list.Items = append(list.Items, *item.(*batchv1.Job))
		}
		return list
	case "pods":
		list := &corev1.PodList{ListMeta: metadata}
		for _, item := range items {
			list.Items = append(list.Items, *item.(*corev1.Pod))
		}
		return list
	case "namespaces":
		list := &corev1.NamespaceList{ListMeta: metadata}
		for _, item := range items {
			list.Items = append(list.Items, *item.(*corev1.Namespace))
		}
		return list
	}
	list := &corev1.EventList{ListMeta: metadata}
	for _, item := range items {
		list.Items = append(list.Items, *item.(*corev1.Event))
	}
	return list
}

// write answers in protobuf where it is accepted, as API servers do.
func write(w http.ResponseWriter, r *http.Request, object runtime.Object) {
	mediaType := runtime.ContentTypeJSON
	if strings.Contains(r.Header.Get("Accept"), runtime.ContentTypeProtobuf) {
		mediaType = runtime.ContentTypeProtobuf
	}
	w.Header().Set("Content-Type", mediaType)
	send(w, Encode(object, mediaType))
}

// Decoder reads what Encode wrote, as clients do that are not ours.
var Decoder = scheme.Codecs.UniversalDeserializer()

// Encode is the bytes of an object in JSON or protobuf.
func Encode(object runtime.Object, mediaType string) []byte {
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), mediaType)
	encoder := scheme.Codecs.EncoderForVersion(info.Serializer, schema.GroupVersions{corev1.SchemeGroupVersion, batchv1.SchemeGroupVersion})
	data, err := runtime.Encode(encoder, object)
	if err != nil {
		panic(err)
	}
	return data
}

func fail(w http.ResponseWriter, err *apierrors.StatusError) {
	status := err.Status()
	status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	writeJSON(w, int(status.Code), status)
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", runtime.ContentTypeJSON)
	w.WriteHeader(code)
	send(w, data)
}

// send writes to a client that may have gone away, which is its own affair.
func send(w http.ResponseWriter, data []byte) { _, _ = w.Write(data) }
