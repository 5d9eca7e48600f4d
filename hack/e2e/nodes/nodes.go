package nodes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// names of the nodes; pods go to them in turn.
var names = []string{"b1", "b2", "b3"}

// Nodes plays scheduler and kubelets.
type Nodes struct {
	ctx    context.Context
	client kubernetes.Interface

	mu       sync.Mutex
	scripts  map[types.NamespacedName]Script
	attempts map[attemptKey]int
	bound    int
	pods     map[types.UID]*kubelet
	deleters map[types.UID]recording.Deleter
}

type attemptKey struct {
	job   types.UID
	index int
}

// Start creates the nodes and serves them until ctx ends.
func Start(ctx context.Context, client kubernetes.Interface) (*Nodes, error) {
	n := &Nodes{
		ctx: ctx, client: client,
		scripts:  map[types.NamespacedName]Script{},
		attempts: map[attemptKey]int{},
		pods:     map[types.UID]*kubelet{},
		deleters: map[types.UID]recording.Deleter{},
	}
	handler := http.NewServeMux()
	handler.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", n.serveLogs)
	server := httptest.NewTLSServer(handler)
	context.AfterFunc(ctx, func() { server.CloseClientConnections(); server.Close() })
	for _, name := range names {
		if err := n.Add(ctx, name, server.Listener.Addr().(*net.TCPAddr).Port); err != nil {
			return nil, err
		}
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	if _, err := pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { n.seen(obj.(*corev1.Pod)) },
		UpdateFunc: func(_, obj any) { n.seen(obj.(*corev1.Pod)) },
		DeleteFunc: n.gone,
	}); err != nil {
		return nil, err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), pods.HasSynced) {
		return nil, fmt.Errorf("watch pods: %w", context.Cause(ctx))
	}
	return n, nil
}

// Add makes a Node that is there and Ready: pod garbage collection wipes the pods
// of a node that is not. Its kubelet is said to listen on the port.
func (n *Nodes) Add(ctx context.Context, name string, port int) error {
	nodes, now := n.client.CoreV1().Nodes(), metav1.Now()
	node, err := nodes.Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create node %s: %w", name, err)
	}
	node.Status.Conditions = []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
		LastHeartbeatTime: now, LastTransitionTime: now,
	}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(port)
	if _, err := nodes.UpdateStatus(ctx, node, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("write the status of node %s: %w", name, err)
	}
	return nil
}

// Play gives a Job its script. It has to be called before the Job is created.
// An empty job stands for every Job of the namespace without a script.
func (n *Nodes) Play(namespace, job string, script Script) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.scripts[types.NamespacedName{Namespace: namespace, Name: job}] = script
}

// Delete deletes a pod as somebody would, and remembers who.
func (n *Nodes) Delete(ctx context.Context, pod *corev1.Pod, by recording.Deleter, options metav1.DeleteOptions) error {
	n.mu.Lock()
	n.deleters[pod.UID] = by
	n.mu.Unlock()
	options.Preconditions = metav1.NewUIDPreconditions(string(pod.UID))
	return n.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, options)
}

// DeletedBy says who deleted a pod, as far as it went through Delete or a script.
func (n *Nodes) DeletedBy(pod *corev1.Pod) (recording.Deleter, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	by, ok := n.deleters[pod.UID]
	return by, ok
}

// seen starts a kubelet for a new pod, and tells it of its deletion.
func (n *Nodes) seen(pod *corev1.Pod) {
	owner := metav1.GetControllerOf(pod)
	if owner == nil || owner.Kind != "Job" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	k := n.pods[pod.UID]
	if k == nil {
		k = n.newKubelet(pod, owner)
		n.pods[pod.UID] = k
		go k.run()
	}
	if pod.DeletionTimestamp != nil {
		k.deleteOnce.Do(func() { close(k.deleted) })
	}
}

func (n *Nodes) gone(obj any) {
	if tombstone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		obj = tombstone.Obj
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if k := n.pods[pod.UID]; k != nil {
		k.cancel()
	}
}

func (n *Nodes) newKubelet(pod *corev1.Pod, owner *metav1.OwnerReference) *kubelet {
	index := completionIndex(pod)
	key := attemptKey{owner.UID, index}
	n.attempts[key]++
	script, ok := n.scripts[types.NamespacedName{Namespace: pod.Namespace, Name: owner.Name}]
	if !ok {
		script = n.scripts[types.NamespacedName{Namespace: pod.Namespace}]
	}
	var outcome Outcome
	if script != nil {
		outcome = script(index, n.attempts[key])
	}
	if outcome.Node == "" {
		outcome.Node = names[n.bound%len(names)]
		n.bound++
	}
	k := &kubelet{
		nodes: n, pod: pod.DeepCopy(), index: index, attempt: n.attempts[key],
		outcome: outcome, log: newPodLog(), deleted: make(chan struct{}),
	}
	k.ctx, k.cancel = context.WithCancel(n.ctx)
	context.AfterFunc(k.ctx, k.log.close)
	return k
}

func completionIndex(pod *corev1.Pod) int {
	index, err := strconv.Atoi(pod.Annotations[batchv1.JobCompletionIndexAnnotation])
	if err != nil {
		return -1
	}
	return index
}

// retry calls until it works, the pod is gone, or ctx ends: an API server that
// restarts is no reason for a kubelet to give up.
func retry(ctx context.Context, call func() error) error {
	for {
		err := call()
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsInvalid(err) || apierrors.IsConflict(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
