package cluster

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// filePod is a pod with the fields that evidence.Reduce and fileObjects read, and no
// others: what a file says beyond them is checked to be JSON and stepped over.
type filePod struct {
	Metadata struct {
		Namespace                  string                  `json:"namespace"`
		Name                       string                  `json:"name"`
		UID                        string                  `json:"uid"`
		ResourceVersion            string                  `json:"resourceVersion"`
		CreationTimestamp          metav1.Time             `json:"creationTimestamp"`
		DeletionTimestamp          *metav1.Time            `json:"deletionTimestamp"`
		DeletionGracePeriodSeconds *int64                  `json:"deletionGracePeriodSeconds"`
		Labels                     map[string]string       `json:"labels"`
		Annotations                map[string]string       `json:"annotations"`
		OwnerReferences            []metav1.OwnerReference `json:"ownerReferences"`
		Finalizers                 []string                `json:"finalizers"`
	} `json:"metadata"`
	Spec struct {
		NodeName        string                     `json:"nodeName"`
		SchedulingGroup *corev1.PodSchedulingGroup `json:"schedulingGroup"`
		Containers      []fileContainer            `json:"containers"`
		InitContainers  []fileContainer            `json:"initContainers"`
		Overhead        corev1.ResourceList        `json:"overhead"`
		Resources       *fileResources             `json:"resources"`
		ResourceClaims  []struct {
			Name string `json:"name"`
		} `json:"resourceClaims"`
	} `json:"spec"`
	Status struct {
		Phase                 corev1.PodPhase        `json:"phase"`
		Reason                string                 `json:"reason"`
		Message               string                 `json:"message"`
		StartTime             *metav1.Time           `json:"startTime"`
		Conditions            []corev1.PodCondition  `json:"conditions"`
		ContainerStatuses     []fileContainerStatus  `json:"containerStatuses"`
		InitContainerStatuses []fileContainerStatus  `json:"initContainerStatuses"`
		Resize                corev1.PodResizeStatus `json:"resize"` //nolint:staticcheck // servers up to 1.32 write it
	} `json:"status"`
}

type fileContainer struct {
	Name          string                         `json:"name"`
	RestartPolicy *corev1.ContainerRestartPolicy `json:"restartPolicy"`
	Resources     fileResources                  `json:"resources"`
}

type fileResources struct {
	Requests corev1.ResourceList `json:"requests"`
}

type fileContainerStatus struct {
	Name               string                `json:"name"`
	State              corev1.ContainerState `json:"state"`
	LastState          corev1.ContainerState `json:"lastState"`
	Ready              bool                  `json:"ready"`
	RestartCount       int32                 `json:"restartCount"`
	AllocatedResources corev1.ResourceList   `json:"allocatedResources"`
}

// pod is the same as the API has it.
func (f *filePod) pod() *corev1.Pod {
	m, s := &f.Metadata, &f.Status
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: m.Namespace, Name: m.Name, UID: types.UID(m.UID), ResourceVersion: m.ResourceVersion,
			CreationTimestamp: m.CreationTimestamp, DeletionTimestamp: m.DeletionTimestamp, DeletionGracePeriodSeconds: m.DeletionGracePeriodSeconds,
			Labels: m.Labels, Annotations: m.Annotations, OwnerReferences: m.OwnerReferences, Finalizers: m.Finalizers,
		},
		Spec: corev1.PodSpec{
			NodeName: f.Spec.NodeName, SchedulingGroup: f.Spec.SchedulingGroup, Overhead: f.Spec.Overhead,
			Containers: fileContainers(f.Spec.Containers), InitContainers: fileContainers(f.Spec.InitContainers),
		},
		Status: corev1.PodStatus{
			Phase: s.Phase, Reason: s.Reason, Message: s.Message, StartTime: s.StartTime, Conditions: s.Conditions,
			ContainerStatuses: containerStatuses(s.ContainerStatuses), InitContainerStatuses: containerStatuses(s.InitContainerStatuses),
			Resize: s.Resize,
		},
	}
	if f.Spec.Resources != nil {
		pod.Spec.Resources = &corev1.ResourceRequirements{Requests: f.Spec.Resources.Requests}
	}
	for _, claim := range f.Spec.ResourceClaims {
		pod.Spec.ResourceClaims = append(pod.Spec.ResourceClaims, corev1.PodResourceClaim{Name: claim.Name})
	}
	return pod
}

func fileContainers(of []fileContainer) []corev1.Container {
	containers := make([]corev1.Container, len(of))
	for i, c := range of {
		containers[i] = corev1.Container{Name: c.Name, RestartPolicy: c.RestartPolicy, Resources: corev1.ResourceRequirements{Requests: c.Resources.Requests}}
	}
	return containers
}

func containerStatuses(of []fileContainerStatus) []corev1.ContainerStatus {
	statuses := make([]corev1.ContainerStatus, len(of))
	for i, c := range of {
		statuses[i] = corev1.ContainerStatus{
			Name: c.Name, State: c.State, LastTerminationState: c.LastState, Ready: c.Ready, RestartCount: c.RestartCount,
			AllocatedResources: c.AllocatedResources,
		}
	}
	return statuses
}
