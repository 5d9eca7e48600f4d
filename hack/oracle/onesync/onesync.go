package onesync

import (
	"context"
	"fmt"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller"
	"k8s.io/kubernetes/pkg/controller/util/consistency"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
)

// Snapshot is what the sync finds.
type Snapshot struct {
	Job  *batchv1.Job
	Pods []*corev1.Pod
	Now  time.Time
	// Failures and LastFailure are the backoff record.
	Failures    int32
	LastFailure time.Time
	// Unobserved: a pod that was created is not in the cache yet.
	Unobserved bool
	// Removing are pods whose finalizer has been patched away, unseen.
	Removing []types.UID
}

// Result is all that the sync did.
type Result struct {
	// Statuses are the writes, Refusals what the API server said to each.
	Statuses []batchv1.JobStatus
	Refusals []error
	Created  []corev1.PodTemplateSpec
	// Deleted, Stripped, Adopted and Released are names of pods: DELETE, and patches
	// that take the finalizer, set the owner, take both.
	Deleted, Stripped, Adopted, Released []string
	// Again is after how long the controller looks again.
	Again []time.Duration
	// Failures and LastFailure are the backoff record as it is kept.
	Failures    int32
	LastFailure *time.Time
	Err         error
}

// Controller is the real one, for one snapshot after the other.
type Controller struct {
	jm         *upstream.Controller
	clock      *clocktesting.FakeClock
	jobs, pods cache.Indexer
	backoff    *upstream.BackoffStore
	removing   *upstream.UidTrackingExpectations
	finished   *sync.Map
	job        *batchv1.Job // as the API has it

	mutex  sync.Mutex
	result *Result
}

// quiet is a context in which the controller logs nothing.
var quiet = klog.NewContext(context.Background(), klog.Logger{})

// New starts a controller that watches nothing.
func New() (*Controller, error) {
	klog.SetLogger(klog.Logger{}) // for what does not go through a context
	c := &Controller{clock: clocktesting.NewFakeClock(time.Unix(0, 0)), result: &Result{}}
	client := &fake.Clientset{}
	client.AddReactor("get", "jobs", func(clienttesting.Action) (bool, runtime.Object, error) { return true, c.job.DeepCopy(), nil })
	factory := informers.NewSharedInformerFactory(client, 0)
	pods, jobs := factory.Core().V1().Pods(), factory.Batch().V1().Jobs()
	var err error
	if c.jm, err = upstream.NewControllerWithClock(quiet, client, c.clock, pods, jobs, nil, nil); err != nil {
		return nil, fmt.Errorf("starting the controller: %w", err)
	}
	c.jobs, c.pods = jobs.Informer().GetIndexer(), pods.Informer().GetIndexer()
	c.backoff = upstream.PointTo[upstream.BackoffStore](c.jm, "podBackoffStore")
	c.removing = upstream.PointTo[upstream.UidTrackingExpectations](c.jm, "finalizerExpectations")
	c.finished = upstream.AddressOf[sync.Map](c.jm, "finishedJobExpectations")
	upstream.ReadField[record.EventBroadcaster](c.jm, "broadcaster").Shutdown()
	upstream.ReadField[workqueue.TypedRateLimitingInterface[string]](c.jm, "queue").ShutDown()
	upstream.SetField[workqueue.TypedRateLimitingInterface[string]](c.jm, "queue", queue{to: c})
	upstream.SetField[record.EventRecorder](c.jm, "recorder", &record.FakeRecorder{})
	upstream.SetField[controller.PodControlInterface](c.jm, "podControl", podControl{c})
	upstream.SetField[consistency.ConsistencyStore](c.jm, "consistencyStore", consistency.NewNoopConsistencyStore())
	upstream.SetField(c.jm, "updateStatusHandler", c.updateStatus)
	return c, nil
}

// Sync is syncJob over the snapshot.
func (c *Controller) Sync(s Snapshot) (Result, error) {
	key := s.Job.Namespace + "/" + s.Job.Name
	c.result, c.job = &Result{}, s.Job
	c.clock.SetTime(s.Now)
	pods := make([]any, len(s.Pods))
	for i, pod := range s.Pods {
		pods[i] = pod
	}
	if err := c.pods.Replace(pods, ""); err != nil {
		return Result{}, err
	}
	if err := c.jobs.Replace([]any{s.Job}, ""); err != nil {
		return Result{}, err
	}
	if err := c.remember(key, s); err != nil {
		return Result{}, err
	}
	c.result.Err = c.syncJob(key)
	kept := upstream.NewBackoffRecord(c.backoff, key, nil, nil)
	c.result.Failures, c.result.LastFailure = kept.FailuresAfterLastSuccess, kept.LastFailureTime
	return *c.result, nil
}

// syncJob makes an error of a panic, so that the case can be told.
func (c *Controller) syncJob(key string) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v", caught)
		}
	}()
	return upstream.SyncJob(c.jm, quiet, key)
}

// remember fills the controller's memory, and empties it of what was before.
func (c *Controller) remember(key string, s Snapshot) error {
	c.finished.Clear()
	expectations := upstream.ReadField[controller.ControllerExpectationsInterface](c.jm, "expectations")
	expectations.DeleteExpectations(klog.Logger{}, key)
	if s.Unobserved {
		if err := expectations.ExpectCreations(klog.Logger{}, key, 1); err != nil {
			return err
		}
	}
	upstream.DeleteFinalizerExpectations(c.removing, klog.Logger{}, key)
	if len(s.Removing) > 0 {
		if err := upstream.ExpectFinalizersRemoved(c.removing, klog.Logger{}, key, s.Removing); err != nil {
			return err
		}
	}
	if err := upstream.RemoveBackoffRecord(c.backoff, key); err != nil {
		return err
	}
	if s.Failures > 0 {
		return upstream.UpdateBackoffRecord(c.backoff, upstream.BackoffRecord{Key: key, FailuresAfterLastSuccess: s.Failures, LastFailureTime: &s.LastFailure})
	}
	return nil
}

// queue keeps what the controller puts into it.
type queue struct {
	workqueue.TypedRateLimitingInterface[string]
	to *Controller
}

func (q queue) AddAfter(_ string, after time.Duration) {
	q.to.result.Again = append(q.to.result.Again, after)
}
