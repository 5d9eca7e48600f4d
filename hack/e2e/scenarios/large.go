package scenarios

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// Large is a Job of 2,000 indexes, 200 at once, on forty nodes of which one is
// short of memory. It is read in the middle of its run, after a minute and a half.
func Large() Scenario {
	const namespace = "ml"
	job := newJob("embed", 2000, 200, func(s *batchv1.JobSpec) {
		s.BackoffLimitPerIndex, s.MaxFailedIndexes = ptr[int32](2), ptr[int32](20)
		s.PodFailurePolicy = policy(onCondition(ignore, corev1.DisruptionTarget), onExitCodes(failIndex, "", in, givesUp))
		s.Template.Spec.Containers[0].Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Gi")}
	})
	job.Namespace = namespace
	return Scenario{
		Name:    job.Name,
		Shows:   "2,000 indexes, 200 at once: gpu-7 runs out of memory, two pods find no node, and the network has just broken",
		Job:     job,
		Script:  large,
		Prepare: func(r *Run) error { return largeCluster(r, namespace) },
		Act: func(r *Run) error {
			return r.Wait("the short indexes are done, some others in backoff, and all is settled", func(job *batchv1.Job, pods []*corev1.Pod) bool {
				return int(job.Status.Succeeded) >= firstLong-20 && inBackoff(pods) >= 5 && !slices.ContainsFunc(pods, hasJustChanged)
			})
		},
		Until: time.Nanosecond, // at once
	}
}

// inBackoff is how many failed pods are there that no other has replaced.
func inBackoff(pods []*corev1.Pod) int {
	newest := map[string]*corev1.Pod{}
	for _, pod := range pods { // in order of creation
		newest[pod.Annotations[batchv1.JobCompletionIndexAnnotation]] = pod
	}
	n := 0
	for _, pod := range newest {
		if pod.Status.Phase == corev1.PodFailed && slices.Contains(pod.Finalizers, batchv1.JobTrackingFinalizer) {
			n++
		}
	}
	return n
}

// hasJustChanged: the controller may not have written of it yet.
func hasJustChanged(pod *corev1.Pod) bool {
	const settled = 3 * time.Second
	for i := range pod.Status.ContainerStatuses {
		if t := pod.Status.ContainerStatuses[i].State.Terminated; t != nil && time.Since(t.FinishedAt.Time) < settled {
			return true
		}
	}
	return time.Since(pod.CreationTimestamp.Time) < settled
}

const (
	gpus    = 40
	givesUp = 42
	// firstLong is the first of the indexes whose pods run for a minute. The others
	// are over in seconds, as a recording has to be: with all of them so short,
	// nobody could read Job and pods without some ending in between, which is not
	// how a Job of this size goes.
	firstLong = 1300
)

func gpu(n int) string { return fmt.Sprintf("gpu-%d", n) }

func largeCluster(r *Run, namespace string) error {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := r.Client.CoreV1().Namespaces().Create(r.Ctx, ns, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	for n := range gpus {
		if err := r.Nodes.Add(r.Ctx, gpu(n+1), 0); err != nil {
			return err
		}
	}
	return nil
}

// large is how its pods fare, of which nothing but index and attempt decides.
func large(index, attempt int) nodes.Outcome {
	chance := rand.New(rand.NewPCG(uint64(attempt), uint64(index)))
	seconds := func(least, most int) time.Duration {
		return time.Duration(least*1000+chance.IntN((most-least)*1000)) * time.Millisecond
	}
	node, outcome := nodeOf(index, attempt), nodes.Outcome{Runs: seconds(7, 14)}
	if index >= firstLong {
		outcome.Runs = seconds(60, 120)
	}
	switch draw := chance.IntN(1000); {
	case index == 60 || index == 61:
		outcome.Unschedulable, outcome.Unfit = nodes.Forever, fmt.Sprintf("0/%d nodes are available: %[1]d Insufficient nvidia.com/gpu.", gpus)
	case slices.Contains([]int{31, 610, 1034}, index):
		outcome = after(seconds(2, 6), nodes.ExitCode(givesUp))
	case node == 7 && draw < 600:
		outcome = after(seconds(1, 4), nodes.Outcome{OOMKilled: "main"})
	case draw < 14, index >= firstLong && index%25 == 7 && attempt <= 2:
		outcome = after(seconds(1, 4), nodes.ExitCode(1))
		outcome.Message = fmt.Sprintf("connection reset by 10.9.%d.1:%d", node, 30000+chance.IntN(9999))
	case draw < 25:
		outcome.Runs, outcome.End = seconds(1, 4), nodes.NodePressure
	case draw < 27:
		outcome.Runs, outcome.End = seconds(1, 4), nodes.Preempt
	}
	outcome.Node = gpu(node)
	return outcome
}

// nodeOf is mostly that of the attempt before, where the data of the index are.
func nodeOf(index, attempt int) int {
	chance := rand.New(rand.NewPCG(uint64(index), uint64(attempt)))
	if attempt > 1 && chance.IntN(10) < 8 {
		return nodeOf(index, attempt-1)
	}
	return 1 + chance.IntN(gpus)
}
