package oracle

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubecontroller "k8s.io/kubernetes/pkg/controller"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// state is a snapshot with all that a whole sync reads beside it.
func (g *generator) state() *Case {
	c := g.snapshot()
	c.Now = c.Now.Add(time.Duration(pick(g, 0, 0, 0, 400, 999)) * time.Millisecond)
	job := c.Job
	job.ResourceVersion = "1"
	job.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"job": "job"}}
	if g.chance(6) {
		deleted := g.instant()
		job.DeletionTimestamp, job.Finalizers = &deleted, []string{"foregroundDeletion"}
	}
	if g.chance(1) {
		job.Spec.ManagedBy = pick(g, new(string), ptrTo(batchv1.JobControllerName), ptrTo("kueue.x-k8s.io/multikueue"))
	}
	if g.chance(1) {
		job.Spec.ActiveDeadlineSeconds = ptrTo(pick[int64](g, 0, 9223372036, 9223372037, 1<<63-1))
	}
	g.statusOf(job)
	for _, pod := range c.Pods {
		g.place(pod)
	}
	if uncounted := job.Status.UncountedTerminatedPods; uncounted != nil {
		if g.chance(20) {
			uncounted.Failed = append(uncounted.Failed, "uid-gone")
		}
		for _, pod := range c.Pods {
			if g.chance(3) && pod.Status.Phase == corev1.PodSucceeded {
				uncounted.Succeeded = append(uncounted.Succeeded, "s"+pod.UID)
			}
		}
	}
	g.memory(c)
	g.settle(c)
	return c
}

func ptrTo[T any](value T) *T { return &value }

// statusOf is what earlier syncs wrote, and what somebody else may have.
func (g *generator) statusOf(job *batchv1.Job) {
	status := &job.Status
	status.Active = g.Int32N(4)
	status.Ready = maybe(g, 80, g.Int32N(max(1, status.Active+1)))
	status.Terminating = maybe(g, 80, g.Int32N(3))
	add := func(percent int, kind batchv1.JobConditionType, reasons ...string) {
		if g.chance(percent) {
			at := g.instant()
			status.Conditions = append(status.Conditions, batchv1.JobCondition{
				Type: kind, Status: pick(g, corev1.ConditionTrue, corev1.ConditionTrue, corev1.ConditionTrue, corev1.ConditionFalse),
				Reason: pick(g, reasons...), LastProbeTime: at, LastTransitionTime: at,
			})
		}
	}
	switch form := g.IntN(100); {
	case form < 12:
		add(100, batchv1.JobFailureTarget, batchv1.JobReasonPodFailurePolicy, batchv1.JobReasonDeadlineExceeded, batchv1.JobReasonFailedIndexes)
	case form < 20:
		add(100, batchv1.JobSuccessCriteriaMet, batchv1.JobReasonSuccessPolicy, batchv1.JobReasonCompletionsReached)
	case form < 21:
		add(100, batchv1.JobFailed, batchv1.JobReasonBackoffLimitExceeded)
	case form < 22:
		add(100, batchv1.JobComplete, batchv1.JobReasonCompletionsReached)
	}
	if g.chance(30) {
		at := g.instant()
		suspended := batchv1.JobCondition{Type: batchv1.JobSuspended, LastProbeTime: at, LastTransitionTime: at}
		if g.chance(50) {
			suspended.Status, suspended.Reason, suspended.Message = corev1.ConditionTrue, "JobSuspended", "Job suspended"
		} else {
			suspended.Status, suspended.Reason, suspended.Message = corev1.ConditionFalse, "JobResumed", "Job resumed"
		}
		if g.chance(5) {
			suspended.Message = "edited"
		}
		status.Conditions = append(status.Conditions, suspended)
	}
}

// place gives the pod labels, a node, and sometimes another owner or none.
func (g *generator) place(pod *corev1.Pod) {
	pod.Labels = map[string]string{"job": "job"}
	if g.chance(4) {
		pod.Labels = map[string]string{"job": "another"}
	}
	if g.chance(70) {
		pod.Spec.NodeName = pick(g, "node-a", "node-b")
	}
	switch {
	case g.chance(2):
		pod.OwnerReferences = nil
	case len(pod.OwnerReferences) > 0 && g.chance(2):
		pod.OwnerReferences[0].UID = "another-uid"
	}
	if g.chance(30) { // the conditions that a node sets
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: g.instant(),
		})
	}
}

func (g *generator) memory(c *Case) {
	c.Memory.Unobserved = g.chance(8)
	if g.chance(60) {
		c.Memory.Failures, c.Memory.LastFailure = 1+g.Int32N(8), g.instant().Time
	}
	for _, pod := range c.Pods {
		if g.chance(5) {
			c.Memory.Removing = append(c.Memory.Removing, pod.UID)
		}
	}
}

// settle makes half of all cases quieter, so that there are Jobs to go on: no
// recorded end, room for pods, nothing lost that the limits count.
func (g *generator) settle(c *Case) {
	if g.chance(50) {
		return
	}
	job := c.Job
	job.Spec.BackoffLimit = ptrTo[int32](1 << 20)
	job.Spec.ActiveDeadlineSeconds, job.Spec.MaxFailedIndexes, job.DeletionTimestamp = nil, nil, nil
	job.Spec.Completions = ptrTo(max(*job.Spec.Completions, 6+g.Int32N(6)))
	job.Spec.Parallelism = ptrTo(g.Int32N(10))
	// Lists that end where completions did would overlap now.
	if job.Spec.SuccessPolicy != nil {
		job.Spec.SuccessPolicy = g.successPolicy(*job.Spec.Completions)
	}
	job.Status.CompletedIndexes = pick(g, "", "", g.indexList(*job.Spec.Completions))
	if job.Status.FailedIndexes != nil {
		job.Status.FailedIndexes = ptrTo(pick(g, "", "", "", g.indexList(*job.Spec.Completions)))
	}
	if policy := job.Spec.PodFailurePolicy; policy != nil {
		for i := range policy.Rules {
			if policy.Rules[i].Action == batchv1.PodFailurePolicyActionFailJob {
				policy.Rules[i].Action = batchv1.PodFailurePolicyActionIgnore
			}
		}
	}
	if g.chance(60) {
		job.Status.Conditions = nil
	}
	alike := g.chance(10)
	for i, pod := range c.Pods {
		if g.chance(30) || alike && g.chance(70) {
			pod.Status.Phase, pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = pick(g, corev1.PodRunning, corev1.PodPending), nil, nil
		}
		if g.chance(60) && !alike {
			pod.Annotations[batchv1.JobCompletionIndexAnnotation] = fmt.Sprint(i)
		}
		if alike {
			beAlike(pod)
		}
	}
	if len(c.Pods) > 0 && g.chance(50) {
		g.delayEndsSoon(c, pick(g, c.Pods...))
	}
	if g.chance(40) {
		beUpToDate(c)
	}
}

// beAlike leaves nothing by which the controller could tell active pods apart.
func beAlike(pod *corev1.Pod) {
	pod.CreationTimestamp, pod.Spec.NodeName = metav1.NewTime(epoch), "node"
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range statuses {
			statuses[i].RestartCount = 0
		}
	}
	if pod.Status.Phase == corev1.PodRunning || pod.Status.Phase == corev1.PodPending {
		pod.Status.Phase, pod.Status.Conditions = corev1.PodRunning, nil
	}
}

// delayEndsSoon sets the clock to about when the failed pod is replaced.
func (g *generator) delayEndsSoon(c *Case, pod *corev1.Pod) {
	failures := c.Memory.Failures
	if c.Job.Spec.BackoffLimitPerIndex != nil {
		if g.chance(50) {
			c.Job.Spec.Parallelism = ptrTo(int32(len(upstreamActive(c))) + 1)
		}
		failures = 1 + upstream.GetIndexFailureCount(quiet, pod) + upstream.ParseIndexFailureIgnoreCountAnnotation(quiet, pod)
	}
	before := pick(g, 0, 0, 1, 300, 700, 1000, 3000, 15000, -1, -300)
	c.Now = upstream.GetFinishedTime(pod).Add(controller.Delay(failures) - time.Duration(before)*time.Millisecond)
	if c.Now.Before(epoch) { // of a pod without any time
		c.Now = epoch
	}
}

func upstreamActive(c *Case) []*corev1.Pod {
	return kubecontroller.FilterActivePods(quiet, c.Pods)
}

// beUpToDate makes the status say of the pods what they are.
func beUpToDate(c *Case) {
	state, _ := readState(c)
	outcome := controller.Sync(state)
	status := &c.Job.Status
	active, ready, terminating := int32(outcome.Active), int32(0), int32(outcome.Terminating)
	if outcome.First != nil && len(outcome.Deleted) == 0 {
		ready = outcome.First.Ready
	}
	status.Active, status.Ready, status.Terminating = active, &ready, &terminating
	status.CompletedIndexes = controller.RecordedSucceeded(c.Job).String()
	status.FailedIndexes = nil
	if c.Job.Spec.BackoffLimitPerIndex != nil {
		status.FailedIndexes = ptrTo(controller.RecordedFailed(c.Job).String())
	}
}
