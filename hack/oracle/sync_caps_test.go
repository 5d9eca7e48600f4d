package oracle

import (
	"fmt"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// Of very many pods one sync accounts for 500, and creates or deletes as many:
// which ones is left to chance where they are alike.
func TestSyncAtTheCaps(t *testing.T) {
	comparison{
		cases:    300,
		generate: (*generator).crowd,
		compare:  onlyListed(capBranches, compareSync(newController(t))),
		branches: capBranches,
	}.run(t)
}

var capBranches = map[string]int{
	"accounting is cut off":                   30,
	"accounting is cut off amid a decision":   15,
	"accounting ends just at the cap":         8,
	"500 are created":                         10,
	"500 are deleted":                         8,
	"more than 500 are deleted by suspension": 2,
	"chance: Taken":                           20,
	"chance: Deleted":                         10,
	"complete, but for more than 500 to go":   5,
}

func sawCaps(o *controller.Outcome, see func(string, bool)) {
	counted := 0
	if o.First != nil {
		counted = len(o.First.UncountedFailed)
	}
	see("accounting is cut off", o.CapReached)
	see("accounting is cut off amid a decision", o.CapReached && len(o.Criteria) > 0)
	see("accounting ends just at the cap", o.CapReached && counted == controller.MaxUncountedPods)
	see("500 are created", len(o.Created) == controller.MaxPodCreateDeletePerSync)
	see("500 are deleted", o.Stripped && len(o.Deleted) == controller.MaxPodCreateDeletePerSync)
	see("more than 500 are deleted by suspension", o.Stripped && len(o.Deleted) > controller.MaxPodCreateDeletePerSync)
	see("complete, but for more than 500 to go", o.Stripped && o.Active > int64(len(o.Deleted)) && o.Succeeded.Len() > 0 && len(o.Criteria) == 0 && o.First != nil && o.First.Active > 0 && int64(o.First.Active) == o.Active-500)
}

// crowd is a large Job: most of its pods are in the same state.
func (g *generator) crowd() *Case {
	c := &Case{Job: g.job(), Now: epoch}
	job := c.Job
	completions := 400 + g.Int32N(900)
	job.ResourceVersion = "1"
	job.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"job": "job"}}
	job.Spec.Completions, job.Spec.Parallelism = &completions, ptrTo(pick(g, completions, 10, 600, 0))
	job.Spec.BackoffLimit = ptrTo(pick[int32](g, 1<<20, 1<<20, 6))
	job.Spec.SuccessPolicy, job.Spec.MaxFailedIndexes, job.Spec.ActiveDeadlineSeconds = nil, nil, nil
	job.Status.CompletedIndexes, job.Status.FailedIndexes = "", nil
	if g.chance(30) {
		job.Status.CompletedIndexes = fmt.Sprint("0-", completions-1-int32(pick(g, 0, 0, 1, 100)))
	}
	usual := pick(g, corev1.PodFailed, corev1.PodFailed, corev1.PodSucceeded, corev1.PodRunning, corev1.PodRunning, corev1.PodPending)
	pods := g.IntN(1400)
	switch {
	case g.chance(20):
		pods = g.IntN(50)
	case g.chance(20):
		pods = controller.MaxUncountedPods + g.IntN(3) - 1
	}
	for i := range pods {
		c.Pods = append(c.Pods, g.oneOfMany(i, completions, usual))
	}
	if g.chance(20) {
		job.Status.UncountedTerminatedPods = &batchv1.UncountedTerminatedPods{}
		for i := range min(pods, pick(g, 1, 20, 499, 500)) {
			job.Status.UncountedTerminatedPods.Failed = append(job.Status.UncountedTerminatedPods.Failed, c.Pods[i].UID)
		}
	}
	return c
}

func (g *generator) oneOfMany(number int, completions int32, phase corev1.PodPhase) *corev1.Pod {
	controls := true
	index := int32(number)
	if g.chance(5) {
		index = pick(g, -1, completions, completions+1, max(0, index-1), max(0, index-1))
		if g.chance(70) { // together where the cap is met
			index = 498 + g.Int32N(4)
		}
	}
	if g.chance(3) {
		phase = pick(g, corev1.PodFailed, corev1.PodSucceeded, corev1.PodRunning)
	}
	name := fmt.Sprintf("job-%04d", number)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: name, UID: types.UID("uid-" + name), CreationTimestamp: metav1.NewTime(epoch),
		Labels: map[string]string{"job": "job"}, Annotations: map[string]string{batchv1.JobCompletionIndexAnnotation: fmt.Sprint(index)},
		Finalizers:      []string{batchv1.JobTrackingFinalizer},
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "job", UID: "job-uid", Controller: &controls}},
	}}
	pod.Spec.NodeName, pod.Status.Phase = "node", phase
	if phase == corev1.PodFailed {
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "main", State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: pick[int32](g, 1, 1, 1, 42), FinishedAt: metav1.NewTime(epoch)},
		}}}
	}
	return pod
}
