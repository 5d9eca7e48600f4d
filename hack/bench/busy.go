package bench

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// busyJob is a Job amid its run, and what happens to it: nine in ten of its pods
// have succeeded and are recorded, the others run. One that runs ends, it is
// accounted for, and the next index gets a pod, which begins to run: a change each.
type busyJob struct {
	job     *batchv1.Job
	pods    []*corev1.Pod // in the order of their indexes
	running []int32
	done    indexes.Set
	ended   []int32 // not yet recorded
	version int
	now     func() time.Time
	chance  *rand.Rand
	// next are the changes of pods that have begun.
	next []func() *corev1.Pod
}

// moreIndexes have no pod at the beginning: enough for ten minutes of 500 changes a
// second.
const moreIndexes = 100_000

func newBusyJob(pods int32, now func() time.Time) *busyJob {
	b := &busyJob{job: Job(pods+moreIndexes, 1), now: now, chance: rand.New(rand.NewPCG(1, 2)), version: 1_000_000}
	active := pods / 10
	b.job.Spec.Parallelism, b.job.Spec.ActiveDeadlineSeconds = &active, new(int64(3600))
	b.job.Status = batchv1.JobStatus{StartTime: new(metav1.NewTime(start)), Active: active, Ready: &active, Terminating: new(int32(0)), FailedIndexes: new(""), UncountedTerminatedPods: &batchv1.UncountedTerminatedPods{}}
	b.done = indexes.Range(0, pods-active-1)
	for index := range pods {
		b.pods = append(b.pods, pod(index, index, 0, 0, 0))
		if !b.done.Has(index) {
			b.pods[index] = b.run(index)
			b.running = append(b.running, index)
		}
	}
	b.record()
	return b
}

// BusyEvidence is what is seen of a Job amid its run.
func BusyEvidence(pods int32) *evidence.Job {
	now := start.Add(time.Hour)
	b := newBusyJob(pods, func() time.Time { return now.Add(-time.Minute) })
	seen := &evidence.Job{Job: b.job, Coverage: evidence.Coverage{Pods: evidence.Whole, Events: evidence.Whole}, Order: evidence.JobAfterPods, EventsOrder: evidence.EventsOrderUnknown, ObservedAt: now, ServerVersion: "v1.37.2"}
	var reducer evidence.Reducer
	for _, pod := range b.pods {
		seen.Attempts = append(seen.Attempts, reducer.Reduce(pod, seen.Job))
	}
	return seen
}

// run is the pod of an index, amid its run.
func (b *busyJob) run(index int32) *corev1.Pod {
	p := pod(index, index, 0, 0, 0)
	p.Finalizers = []string{batchv1.JobTrackingFinalizer}
	p.CreationTimestamp = metav1.NewTime(b.now().Truncate(time.Second))
	p.Status.Phase, p.Status.StartTime = corev1.PodRunning, new(p.CreationTimestamp)
	p.Status.ContainerStatuses[0].State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: p.CreationTimestamp}}
	for i := range p.Status.Conditions {
		p.Status.Conditions[i].Status, p.Status.Conditions[i].LastTransitionTime = corev1.ConditionTrue, p.CreationTimestamp
	}
	return b.stamped(p)
}

func (b *busyJob) stamped(p *corev1.Pod) *corev1.Pod {
	b.version++
	p.ResourceVersion = strconv.Itoa(b.version)
	return p
}

// change is the next thing that happens to a pod.
func (b *busyJob) change() watch.Event {
	if len(b.next) == 0 {
		at := b.chance.IntN(len(b.running))
		b.begin(at)
	}
	p := b.next[0]()
	b.next = b.next[1:]
	kind := watch.Modified
	if int(indexOf(p)) == len(b.pods) {
		kind = watch.Added
		b.pods = append(b.pods, p)
	}
	b.pods[indexOf(p)] = p
	return watch.Event{Type: kind, Object: p}
}

// begin lets one of those that run end.
func (b *busyJob) begin(at int) {
	index, created := b.running[at], int32(len(b.pods))
	b.running[at] = created
	ended := func() *corev1.Pod {
		p := pod(index, index, 0, 0, 0)
		p.Finalizers = []string{batchv1.JobTrackingFinalizer}
		return b.stamped(p)
	}
	accounted := func() *corev1.Pod {
		b.ended = append(b.ended, index)
		p := b.pods[index].DeepCopy()
		p.Finalizers = nil
		return b.stamped(p)
	}
	pending := func() *corev1.Pod {
		p := b.run(created)
		p.Status = corev1.PodStatus{Phase: corev1.PodPending}
		return p
	}
	running := func() *corev1.Pod { return b.run(created) }
	b.next = append(b.next, ended, accounted, pending, running)
}

// record is the status that the controller writes, and tells of.
func (b *busyJob) record() watch.Event {
	b.done = b.done.Union(indexes.Of(b.ended...))
	b.ended = nil
	b.job = b.job.DeepCopy()
	b.job.Status.CompletedIndexes, b.job.Status.Succeeded = b.done.String(), int32(b.done.Len())
	b.version++
	b.job.ResourceVersion = strconv.Itoa(b.version)
	return watch.Event{Type: watch.Modified, Object: b.job}
}

// decide lets the Job be given up: the interim condition of a deadline.
func (b *busyJob) decide() watch.Event {
	b.record()
	now := metav1.NewTime(b.now().Truncate(time.Second))
	b.job.Status.Conditions = []batchv1.JobCondition{{
		Type: batchv1.JobFailureTarget, Status: corev1.ConditionTrue, Reason: batchv1.JobReasonDeadlineExceeded,
		Message: "Job was active longer than specified deadline", LastTransitionTime: now, LastProbeTime: now,
	}}
	return watch.Event{Type: watch.Modified, Object: b.job}
}

func indexOf(p *corev1.Pod) int32 {
	index, err := strconv.ParseInt(p.Annotations[batchv1.JobCompletionIndexAnnotation], 10, 32)
	if err != nil {
		panic(fmt.Sprintf("pod %s has no index: %v", p.Name, err))
	}
	return int32(index)
}
