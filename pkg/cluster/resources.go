package cluster

import (
	"context"
	"io"
	"net/http"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
)

// What is read of the API, in a scheme of our own: client-go's typed clients
// bring every kind there is, and how to apply it, into the binary.
var (
	scheme         = newScheme()
	codecs         = serializer.NewCodecFactory(scheme)
	parameterCodec = runtime.NewParameterCodec(scheme)
)

func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	s.AddKnownTypes(batchv1.SchemeGroupVersion, &batchv1.Job{}, &batchv1.JobList{})
	s.AddKnownTypes(corev1.SchemeGroupVersion, &corev1.Pod{}, &corev1.PodList{}, &corev1.PodLogOptions{}, &corev1.Event{}, &corev1.EventList{},
		&corev1.Namespace{}, &corev1.NamespaceList{})
	metav1.AddToGroupVersion(s, batchv1.SchemeGroupVersion)
	metav1.AddToGroupVersion(s, corev1.SchemeGroupVersion)
	return s
}

// restClient speaks to one group of the API.
func restClient(config *rest.Config, transport *http.Client, path string, group schema.GroupVersion) (*rest.RESTClient, error) {
	config = rest.CopyConfig(config)
	config.APIPath, config.GroupVersion = path, &group
	config.NegotiatedSerializer = codecs.WithoutConversion()
	if config.UserAgent == "" {
		config.UserAgent = rest.DefaultKubernetesUserAgent()
	}
	return rest.RESTClientForConfigAndClient(config, transport)
}

// resource reads the objects of one kind, as client-go's typed clients do
// (Client in gentype/type.go, v0.37.2), which can also write.
type resource[Object, List runtime.Object] struct {
	client          *rest.RESTClient
	namespace, name string // of all namespaces for ""
	newObject       func() Object
	newList         func() List
}

func (c *Client) jobs(namespace string) resource[*batchv1.Job, *batchv1.JobList] {
	return resource[*batchv1.Job, *batchv1.JobList]{
		c.batch, namespace, "jobs",
		func() *batchv1.Job { return &batchv1.Job{} },
		func() *batchv1.JobList { return &batchv1.JobList{} },
	}
}

func (c *Client) pods(namespace string) resource[*corev1.Pod, *corev1.PodList] {
	return resource[*corev1.Pod, *corev1.PodList]{
		c.core, namespace, "pods",
		func() *corev1.Pod { return &corev1.Pod{} },
		func() *corev1.PodList { return &corev1.PodList{} },
	}
}

func (c *Client) events(namespace string) resource[*corev1.Event, *corev1.EventList] {
	return resource[*corev1.Event, *corev1.EventList]{
		c.core, namespace, "events",
		func() *corev1.Event { return &corev1.Event{} },
		func() *corev1.EventList { return &corev1.EventList{} },
	}
}

func (c *Client) namespaces() resource[*corev1.Namespace, *corev1.NamespaceList] {
	return resource[*corev1.Namespace, *corev1.NamespaceList]{
		c.core, "", "namespaces",
		func() *corev1.Namespace { return &corev1.Namespace{} },
		func() *corev1.NamespaceList { return &corev1.NamespaceList{} },
	}
}

func (r resource[Object, List]) get(ctx context.Context, name string) (Object, error) {
	object := r.newObject()
	answer := r.request().Name(name).Do(ctx)
	if body, err := answer.Raw(); err == nil {
		if err := checkParts(body); err != nil {
			return object, err
		}
	}
	if err := answer.Into(object); err != nil {
		return object, err
	}
	return object, checkAnswer(object, r.namespace, fields.Set{fieldName: name})
}

func (r resource[Object, List]) list(ctx context.Context, options metav1.ListOptions) (List, error) {
	list := r.newList()
	ctx, cancel := within(ctx, r.client.Client.Timeout)
	defer cancel()
	answer := r.selected(options).Do(ctx)
	if err := answer.Error(); err != nil { // which says more than Raw's
		return list, err
	}
	body, err := answer.Raw()
	if err != nil {
		return list, err
	}
	if err := decodeList(body, list, func() runtime.Object { return r.newObject() }); err != nil {
		return list, err
	}
	return list, meta.EachListItem(list, r.check(options))
}

// check refuses what the options did not ask for.
func (r resource[Object, List]) check(options metav1.ListOptions) func(runtime.Object) error {
	named := namedIn(options.FieldSelector)
	return func(object runtime.Object) error { return checkAnswer(object, r.namespace, named) }
}

// within ends after so long, unless that is 0: --request-timeout, with which a
// server that is busy again and again has to get along.
func within(ctx context.Context, long time.Duration) (context.Context, context.CancelFunc) {
	if long == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, long)
}

// stream is a list that is not decoded yet.
func (r resource[Object, List]) stream(ctx context.Context, options metav1.ListOptions) (io.ReadCloser, error) {
	return r.selected(options).Stream(ctx)
}

func (r resource[Object, List]) watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	options.Watch = true
	return r.selected(options).Watch(ctx)
}

// selected asks for some of the objects. The server is not told how long that may
// take, unless the options tell.
func (r resource[Object, List]) selected(options metav1.ListOptions) *rest.Request {
	var timeout time.Duration
	if options.TimeoutSeconds != nil {
		timeout = time.Duration(*options.TimeoutSeconds) * time.Second
	}
	return r.request().VersionedParams(&options, parameterCodec).Timeout(timeout)
}

func (r resource[Object, List]) request() *rest.Request {
	return r.client.Get().
		NamespaceIfScoped(r.namespace, r.namespace != metav1.NamespaceAll).
		Resource(r.name).
		UseProtobufAsDefault()
}
