package recorder

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Recorder watches every Job of a control plane.
type Recorder struct {
	client    kubernetes.Interface
	version   string
	deletedBy func(*corev1.Pod) (recording.Deleter, bool)

	mu   sync.Mutex
	jobs map[types.UID]*Tape
	// lost is why changes are missing from here on, nil where none are.
	lost error
}

// Tape is what was recorded of one Job so far.
type Tape struct {
	recorder *Recorder
	uid      types.UID
	moments  []recording.Moment
	actions  []recording.Action
	readings int // so far

	// Under the recorder's lock, written by the watches.
	job     *batchv1.Job
	pods    map[types.UID]*life
	order   []types.UID
	history []recording.Change
}

// life is what was seen of a pod.
type life struct {
	recording.Pod
	last *corev1.Pod
}

// Start watches until ctx ends. deletedBy tells who deleted a pod, where it was
// neither the Job controller nor a cascade.
func Start(ctx context.Context, client kubernetes.Interface, deletedBy func(*corev1.Pod) (recording.Deleter, bool)) (*Recorder, error) {
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("ask the server's version: %w", err)
	}
	r := &Recorder{client: client, version: version.GitVersion, deletedBy: deletedBy, jobs: map[types.UID]*Tape{}}
	watches := []struct {
		what  string
		watch cache.WatchFuncWithContext
		seen  func(runtime.Object)
		gone  func(runtime.Object)
	}{
		{
			"jobs", client.BatchV1().Jobs(metav1.NamespaceAll).Watch,
			func(o runtime.Object) { r.sawJob(o.(*batchv1.Job)) }, func(o runtime.Object) { r.sawJobGo(o.(*batchv1.Job)) },
		},
		{
			"pods", client.CoreV1().Pods(metav1.NamespaceAll).Watch,
			func(o runtime.Object) { r.sawPod(o.(*corev1.Pod)) }, func(o runtime.Object) { r.sawPodGo(o.(*corev1.Pod)) },
		},
	}
	// One version of the store for both: what was before it is of no Job that is recorded.
	from, err := client.CoreV1().Namespaces().List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("ask the server for its version of now: %w", err)
	}
	for _, w := range watches {
		events, err := watchtools.NewRetryWatcherWithContext(ctx, from.ResourceVersion, &cache.ListWatch{WatchFuncWithContext: w.watch})
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", w.what, err)
		}
		go r.follow(events.ResultChan(), w.what, w.seen, w.gone)
	}
	return r, nil
}

// follow hands on every change there is: an informer lists anew where a watch broke
// early, and misses what came and went meanwhile.
func (r *Recorder) follow(events <-chan watch.Event, what string, seen, gone func(runtime.Object)) {
	for event := range events {
		switch event.Type {
		case watch.Added, watch.Modified:
			seen(event.Object)
		case watch.Deleted:
			gone(event.Object)
		case watch.Error:
			r.mu.Lock()
			r.lost = fmt.Errorf("the watch of %s broke: %w", what, apierrors.FromObject(event.Object))
			r.mu.Unlock()
		}
	}
}

// Tape returns the tape of a Job, which may have been created just now.
func (r *Recorder) Tape(job types.UID) *Tape {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tape(job)
}

// Forget drops a Job's tape.
func (r *Recorder) Forget(job types.UID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.jobs, job)
}

func (r *Recorder) tape(job types.UID) *Tape {
	t := r.jobs[job]
	if t == nil {
		t = &Tape{recorder: r, uid: job, pods: map[types.UID]*life{}}
		r.jobs[job] = t
	}
	return t
}

// Did notes an action of a user.
func (t *Tape) Did(format string, args ...any) {
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	t.actions = append(t.actions, recording.Action{Time: now(), What: fmt.Sprintf(format, args...)})
}

// See returns the Job and the pods that are there, as the watch saw them last.
// The Job is nil before it was seen.
func (t *Tape) See() (*batchv1.Job, []*corev1.Pod) {
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	var pods []*corev1.Pod
	for _, uid := range t.order {
		if l := t.pods[uid]; l.VanishedTime == nil {
			pods = append(pods, l.last)
		}
	}
	return t.job, pods
}

// Recording returns what there is on the tape.
func (t *Tape) Recording(name, shows string) *recording.Recording {
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	r := &recording.Recording{
		Name: name, Shows: shows,
		Moments: slices.Clone(t.moments),
		Ledger: recording.Ledger{
			KubernetesVersion: t.recorder.version,
			History:           slices.Clone(t.history),
			Actions:           slices.Clone(t.actions),
		},
	}
	if t.job != nil {
		r.Ledger.Job = *t.job.DeepCopy()
		r.Ledger.Job.ManagedFields = nil
	}
	for _, uid := range t.order {
		r.Ledger.Pods = append(r.Ledger.Pods, t.pods[uid].Pod)
	}
	return r
}

func now() metav1.MicroTime { return metav1.NewMicroTime(time.Now().UTC().Truncate(time.Microsecond)) }
