package recorder

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Recorder watches every Job of a control plane.
type Recorder struct {
	client    kubernetes.Interface
	version   string
	deletedBy func(*corev1.Pod) (recording.Deleter, bool)

	mu   sync.Mutex
	jobs map[types.UID]*Tape
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
	factory := informers.NewSharedInformerFactory(client, 0)
	jobs, pods := factory.Batch().V1().Jobs().Informer(), factory.Core().V1().Pods().Informer()
	if err := watch(jobs, r.sawJob, r.sawJobGo); err != nil {
		return nil, err
	}
	if err := watch(pods, r.sawPod, r.sawPodGo); err != nil {
		return nil, err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), jobs.HasSynced, pods.HasSynced) {
		return nil, fmt.Errorf("watch jobs and pods: %w", context.Cause(ctx))
	}
	return r, nil
}

func watch[T any](informer cache.SharedIndexInformer, seen, gone func(T)) error {
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { seen(obj.(T)) },
		UpdateFunc: func(_, obj any) { seen(obj.(T)) },
		DeleteFunc: func(obj any) {
			if tombstone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj = tombstone.Obj
			}
			gone(obj.(T))
		},
	})
	return err
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
