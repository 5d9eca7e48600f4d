package evidence

import (
	"math"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Reduce keeps of a pod what the rules and the screen read.
func Reduce(pod *corev1.Pod) Attempt {
	attempt := Attempt{
		Name:         pod.Name,
		UID:          pod.UID,
		Node:         pod.Spec.NodeName,
		Index:        completionIndex(pod.Annotations),
		Owned:        metav1.GetControllerOf(pod) != nil,
		CreationTime: pod.CreationTimestamp.Time,
		Phase:        pod.Status.Phase,
		Reason:       pod.Status.Reason,
		Message:      pod.Status.Message,
	}
	_, attempt.HasFailureCount = pod.Annotations[batchv1.JobIndexFailureCountAnnotation]
	attempt.FailureCount = failureCount(pod.Annotations, batchv1.JobIndexFailureCountAnnotation)
	attempt.IgnoredFailureCount = failureCount(pod.Annotations, batchv1.JobIndexIgnoredFailureCountAnnotation)
	for _, finalizer := range pod.Finalizers {
		attempt.Finalizer = attempt.Finalizer || finalizer == batchv1.JobTrackingFinalizer
	}
	if pod.Status.StartTime != nil {
		attempt.StartTime = pod.Status.StartTime.Time
	}
	if pod.DeletionTimestamp != nil {
		attempt.DeletionTime = pod.DeletionTimestamp.Time
		if grace := pod.DeletionGracePeriodSeconds; grace != nil {
			attempt.DeletionGracePeriod = time.Duration(*grace) * time.Second
		}
	}
	for i := range pod.Status.Conditions {
		c := &pod.Status.Conditions[i]
		attempt.Conditions = append(attempt.Conditions, Condition{c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime.Time})
	}
	attempt.Containers = reduceContainers(pod)
	return attempt
}

// completionIndex reads the annotation only, never the label (getCompletionIndex
// in pkg/controller/job/indexed_job_utils.go, v1.37.2).
func completionIndex(annotations map[string]string) int32 {
	value, err := strconv.Atoi(annotations[batchv1.JobCompletionIndexAnnotation])
	if err != nil || value < 0 || value > math.MaxInt32 {
		return UnknownIndex
	}
	return int32(value)
}

// failureCount takes what is missing, no number, negative or too large for 0
// (parseIndexFailureCountAnnotation, v1.37.2).
func failureCount(annotations map[string]string, name string) int32 {
	value, err := strconv.Atoi(annotations[name])
	if err != nil || value < 0 || value > math.MaxInt32 {
		return 0
	}
	return int32(value)
}

func reduceContainers(pod *corev1.Pod) []Container {
	statuses := pod.Status.ContainerStatuses
	initStatuses := pod.Status.InitContainerStatuses
	if len(statuses)+len(initStatuses) == 0 {
		return nil
	}
	containers := make([]Container, 0, len(statuses)+len(initStatuses))
	for i := range statuses {
		containers = append(containers, reduceContainer(&statuses[i], App))
	}
	for i := range initStatuses {
		containers = append(containers, reduceContainer(&initStatuses[i], initType(pod, initStatuses[i].Name)))
	}
	return containers
}

// initType tells a sidecar, which is an init container that restarts always.
func initType(pod *corev1.Pod, name string) ContainerType {
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		if c.Name == name && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			return Sidecar
		}
	}
	return Init
}

func reduceContainer(status *corev1.ContainerStatus, kind ContainerType) Container {
	container := Container{Name: status.Name, Type: kind, Restarts: status.RestartCount, Running: status.State.Running != nil}
	if running := status.State.Running; running != nil {
		container.StartedAt = running.StartedAt.Time
	}
	if waiting := status.State.Waiting; waiting != nil {
		container.Waiting, container.WaitingFor = waiting.Reason, waiting.Message
	}
	if t := status.State.Terminated; t != nil {
		container.StartedAt = t.StartedAt.Time
		container.Terminated = &Terminated{ExitCode: t.ExitCode, Reason: t.Reason, Message: t.Message, FinishedAt: t.FinishedAt.Time}
	}
	return container
}
