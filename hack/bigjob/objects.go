package bigjob

import (
	"fmt"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// job is the Job with the status that the controller wrote last.
func (c *controller) job() *batchv1.Job {
	var done, failed []int32
	status := batchv1.JobStatus{StartTime: &metav1.Time{Time: start}}
	for i := range c.of {
		switch ix := &c.of[i]; {
		case ix.done:
			done = append(done, int32(i))
		case ix.failed:
			failed = append(failed, int32(i))
		case ix.active:
			status.Active++
		}
	}
	for _, p := range c.pods {
		if p.ended && !p.held && !p.end.isIgnored() && p.end != succeeds {
			status.Failed++
		}
	}
	status.Succeeded, status.CompletedIndexes = int32(len(done)), indexes.Of(done...).String()
	status.FailedIndexes = ptr.To(indexes.Of(failed...).String())
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ml", Name: "embed", UID: "embed", Generation: 1, CreationTimestamp: metav1.Time{Time: start}},
		Spec: batchv1.JobSpec{
			CompletionMode: ptr.To(batchv1.IndexedCompletion), Completions: ptr.To[int32](completions), Parallelism: ptr.To[int32](parallelism),
			BackoffLimit: ptr.To[int32](1<<31 - 1), BackoffLimitPerIndex: ptr.To[int32](limit), MaxFailedIndexes: ptr.To[int32](20), Suspend: ptr.To(false),
			PodReplacementPolicy: ptr.To(batchv1.Failed),
			PodFailurePolicy: &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{
				{Action: batchv1.PodFailurePolicyActionIgnore, OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}}},
				{Action: batchv1.PodFailurePolicyActionFailIndex, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: []int32{exitGivenUp}}},
			}},
		},
		Status: status,
	}
	job.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	job.Spec.Template.Spec.Containers = []corev1.Container{{Name: "main", Resources: corev1.ResourceRequirements{
		Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Gi")},
	}}}
	return job
}

func at(second int) metav1.Time {
	return metav1.Time{Time: start.Add(time.Duration(second) * time.Second)}
}

func (e end) isIgnored() bool { return e == evicted || e == preempted }

// object is the pod as the API server has it.
func (p *pod) object() *corev1.Pod {
	name := fmt.Sprintf("embed-%d-%05d", p.index, p.created)
	object := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "ml", Name: name, UID: types.UID(name), CreationTimestamp: at(p.created),
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "embed", UID: "embed", Controller: ptr.To(true)}},
			Annotations: map[string]string{
				batchv1.JobCompletionIndexAnnotation:          strconv.Itoa(p.index),
				batchv1.JobIndexFailureCountAnnotation:        strconv.Itoa(int(p.counted)),
				batchv1.JobIndexIgnoredFailureCountAnnotation: strconv.Itoa(int(p.ignored)),
			},
		},
	}
	if !p.ended || p.held {
		object.Finalizers = []string{batchv1.JobTrackingFinalizer}
	}
	p.setStatus(object)
	return object
}

func (p *pod) setStatus(object *corev1.Pod) {
	main := corev1.ContainerStatus{Name: "main"}
	status := &object.Status
	defer func() { status.ContainerStatuses = []corev1.ContainerStatus{main} }()
	condition := func(kind corev1.PodConditionType, is corev1.ConditionStatus, second int, reason, message string) {
		status.Conditions = append(status.Conditions, corev1.PodCondition{Type: kind, Status: is, LastTransitionTime: at(second), Reason: reason, Message: message})
	}
	if p.node < 0 {
		status.Phase = corev1.PodPending
		main.State.Waiting = &corev1.ContainerStateWaiting{}
		condition(corev1.PodScheduled, corev1.ConditionFalse, p.created, corev1.PodReasonUnschedulable, "0/40 nodes are available: 40 Insufficient nvidia.com/gpu.")
		return
	}
	object.Spec.NodeName = fmt.Sprintf("gpu-%d", p.node)
	began := at(p.created + 2)
	status.StartTime = &began
	if !p.ended {
		status.Phase = corev1.PodRunning
		main.State.Running = &corev1.ContainerStateRunning{StartedAt: began}
		return
	}
	ended := &corev1.ContainerStateTerminated{StartedAt: began, FinishedAt: at(p.ends), Reason: "Error"}
	main.State.Terminated = ended
	status.Phase = corev1.PodFailed
	switch p.end {
	case succeeds:
		status.Phase, ended.Reason = corev1.PodSucceeded, "Completed"
	case runsOut:
		ended.ExitCode, ended.Reason = 137, "OOMKilled"
	case loses:
		ended.ExitCode, ended.Message = 1, fmt.Sprintf("connection reset by 10.9.%d.1:%d", p.node, 30000+p.created)
	case givesUp:
		ended.ExitCode = exitGivenUp
	case evicted, preempted:
		ended.ExitCode = 143
		if p.end == evicted {
			status.Reason = "Evicted"
			condition(corev1.DisruptionTarget, corev1.ConditionTrue, p.ends, corev1.PodReasonTerminationByKubelet, "The node was low on resource: memory.")
			return
		}
		condition(corev1.DisruptionTarget, corev1.ConditionTrue, p.ends, corev1.PodReasonPreemptionByScheduler, "default-scheduler: preempting to accommodate a higher priority pod")
		object.DeletionTimestamp, object.DeletionGracePeriodSeconds = ptr.To(at(p.ends)), ptr.To[int64](30)
	}
}
