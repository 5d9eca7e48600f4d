package simulation

import (
	"context"
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
)

// Start is when every simulation begins.
var Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// quiet is a context in which the controller logs nothing.
var quiet = klog.NewContext(context.Background(), klog.Logger{})

// Simulation is one Job, its API and its controller.
type Simulation struct {
	t     testing.TB
	Clock *clocktesting.FakeClock
	api   *api
	// Events that the controller has reported, oldest first.
	Events []corev1.Event
	// NodesOff is by how much the nodes' clocks are off.
	NodesOff time.Duration

	controller *upstream.Controller
	cancel     context.CancelFunc
	jobs, pods cache.Indexer
	// observed are the pods as the controller's cache has them.
	observed map[string]*corev1.Pod
}

// New creates the Job, a manifest in YAML, and a controller that has not seen
// it yet.
func New(t testing.TB, manifest string) *Simulation {
	t.Helper()
	klog.SetLogger(klog.Logger{}) // for what does not go through a context
	s := &Simulation{t: t, Clock: clocktesting.NewFakeClock(Start), observed: map[string]*corev1.Pod{}}
	s.api = &api{clock: s.Clock, pods: map[string]*corev1.Pod{}}
	if err := s.api.createJob(manifest); err != nil {
		t.Fatalf("creating the Job: %v", err)
	}
	s.startController()
	t.Cleanup(s.Stop)
	return s
}

// startController is also what a restart is: the controller's memory is gone.
func (s *Simulation) startController() {
	s.t.Helper()
	client := &fake.Clientset{}
	client.AddReactor("*", "*", s.api.react)
	factory := informers.NewSharedInformerFactory(client, 0)
	pods, jobs := factory.Core().V1().Pods(), factory.Batch().V1().Jobs()
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(quiet)
	var err error
	s.controller, err = upstream.NewControllerWithClock(ctx, client, s.Clock, pods, jobs, nil, nil)
	if err != nil {
		s.t.Fatalf("starting the controller: %v", err)
	}
	reportTo(s.controller, client, &recorder{simulation: s})
	s.jobs, s.pods = jobs.Informer().GetIndexer(), pods.Informer().GetIndexer()
	s.observed = map[string]*corev1.Pod{}
}

// Restart puts a new controller in the place of the old one.
func (s *Simulation) Restart() {
	s.Stop()
	s.startController()
}

// Stop ends what the controller has running beside its syncs.
func (s *Simulation) Stop() {
	s.cancel()
	upstream.ReadField[workqueue.TypedRateLimitingInterface[string]](s.controller, "queue").ShutDown()
	upstream.ReadField[interface{ ShutDown() }](s.controller, "orphanQueue").ShutDown()
	upstream.ReadField[record.EventBroadcaster](s.controller, "broadcaster").Shutdown()
}

// Observe brings the controller's cache up to date.
func (s *Simulation) Observe() {
	s.t.Helper()
	if s.api.job == nil {
		s.check(s.jobs.Delete(&batchv1.Job{ObjectMeta: s.api.lastJob.ObjectMeta}))
	} else {
		s.check(s.jobs.Update(s.api.job.DeepCopy()))
	}
	for _, name := range s.api.podNames() {
		pod, before := s.api.pods[name], s.observed[name]
		if before != nil && before.ResourceVersion == pod.ResourceVersion {
			continue
		}
		s.observed[name] = pod.DeepCopy()
		s.check(s.pods.Update(s.observed[name]))
		if before == nil {
			upstream.AddPod(s.controller, klog.Logger{}, s.observed[name])
		} else {
			upstream.UpdatePod(s.controller, klog.Logger{}, before, s.observed[name])
		}
	}
	for name, pod := range s.observed {
		if s.api.pods[name] == nil {
			delete(s.observed, name)
			s.check(s.pods.Delete(pod))
			upstream.DeletePod(s.controller, klog.Logger{}, pod, true)
		}
	}
}

func (s *Simulation) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Sync is one sync of the controller, over all there is to see. The error is
// the one for which the controller would put the Job back in its queue.
func (s *Simulation) Sync() error {
	s.t.Helper()
	s.Observe()
	return upstream.SyncJob(s.controller, quiet, s.api.lastJob.Namespace+"/"+s.api.lastJob.Name)
}

// SyncBlind is a sync by what the controller knew before: its caches are late.
func (s *Simulation) SyncBlind() error {
	return upstream.SyncJob(s.controller, quiet, s.api.lastJob.Namespace+"/"+s.api.lastJob.Name)
}

// Settle syncs until nothing changes any more; time does not pass.
func (s *Simulation) Settle() {
	s.t.Helper()
	for range 50 {
		before := s.api.version
		if err := s.Sync(); err != nil {
			s.t.Fatalf("syncing: %v", err)
		}
		if s.api.version == before {
			return
		}
	}
	s.t.Fatal("the controller does not come to rest")
}

// Advance lets time pass, and nothing else happen.
func (s *Simulation) Advance(d time.Duration) { s.Clock.Step(d) }

// Refuse makes the API answer requests with an error, those for which it
// returns true; verb and resource are such as "delete" and "pods".
func (s *Simulation) Refuse(refused func(verb, resource, name string) bool) { s.api.refused = refused }

// Job is the Job as the API has it.
func (s *Simulation) Job() *batchv1.Job { return s.api.job.DeepCopy() }

// Reason of the Job's condition of that type where it is True, else "".
func (s *Simulation) Reason(kind batchv1.JobConditionType) string {
	for _, c := range s.api.job.Status.Conditions {
		if c.Type == kind && c.Status == corev1.ConditionTrue {
			return c.Reason
		}
	}
	return ""
}

// Summary is the status in one line, for tests to compare:
// "active 1, failed 2, completed 0-2, failed indexes 3, FailureTarget MaxFailedIndexesExceeded".
func (s *Simulation) Summary() string {
	status := s.api.job.Status
	text := fmt.Sprintf("active %d, failed %d, completed %q", status.Active, status.Failed, status.CompletedIndexes)
	if status.FailedIndexes != nil {
		text += fmt.Sprintf(", failed indexes %q", *status.FailedIndexes)
	}
	for _, c := range status.Conditions {
		if c.Status == corev1.ConditionTrue {
			text += fmt.Sprintf(", %s %s", c.Type, c.Reason)
		}
	}
	return text
}

// ForceJob writes the Job past all validation, as an API server of another
// version might have stored it.
func (s *Simulation) ForceJob(change func(*batchv1.Job)) {
	next := s.api.job.DeepCopy()
	change(next)
	next.ResourceVersion = s.api.nextVersion()
	s.api.job, s.api.lastJob = next, next
}
