package cluster

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// setScheduled: the condition is kept for its time alone, unless a policy names it.
func setScheduled(pod *corev1.Pod, at evidence.Instant) {
	isScheduled := func(c corev1.PodCondition) bool { return c.Type == corev1.PodScheduled }
	if !at.IsZero() && !slices.ContainsFunc(pod.Status.Conditions, isScheduled) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(at.Time()),
		})
	}
}

// setRequests writes what all containers come to as that of one, which has the
// name of the first, so that what it was allotted is found beside it.
func setRequests(pod *corev1.Pod, requests *evidence.Requests) {
	if requests == nil {
		return
	}
	for _, name := range requests.Claims {
		pod.Spec.ResourceClaims = append(pod.Spec.ResourceClaims, corev1.PodResourceClaim{Name: name})
	}
	list := corev1.ResourceList{}
	for _, request := range requests.Resources {
		list[request.Name] = request.Quantity()
	}
	container := corev1.Container{Resources: corev1.ResourceRequirements{Requests: list}}
	statuses := pod.Status.ContainerStatuses
	if len(statuses) > 0 {
		container.Name = statuses[0].Name
	}
	if len(list) > 0 {
		pod.Spec.Containers = []corev1.Container{container}
	}
	if requests.Resized {
		pod.Status.Resize = corev1.PodResizeStatusInProgress
		if len(statuses) > 0 {
			statuses[0].AllocatedResources = list
		}
	}
}
