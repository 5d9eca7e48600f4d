package nodes

import (
	"cmp"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What is written here is the status as a kubelet or the scheduler writes it,
// whole but for conditions, which are merged by type.

func (k *kubelet) unschedulable() corev1.PodStatus {
	return corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{condition(
		corev1.PodScheduled, corev1.ConditionFalse, corev1.PodReasonUnschedulable,
		cmp.Or(k.outcome.Unfit, "0/3 nodes are available: 3 Insufficient cpu."))}}
}

func preempted() corev1.PodCondition {
	return condition(corev1.DisruptionTarget, corev1.ConditionTrue, corev1.PodReasonPreemptionByScheduler,
		"default-scheduler: preempting to accommodate a higher priority pod")
}

// tainted is what is set on the pods of a node that is unreachable (tainteviction
// of the controller manager).
func tainted() corev1.PodCondition {
	return condition(corev1.DisruptionTarget, corev1.ConditionTrue, "DeletionByTaintManager",
		"Taint manager: deleting due to NoExecute taint")
}

// refuse is a kubelet that does not admit the pod.
func (k *kubelet) refuse() error {
	now := metav1.Now()
	return k.write(corev1.PodStatus{
		Phase: corev1.PodFailed, Reason: "OutOfcpu", StartTime: &now,
		Message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 4000, used: 0, capacity: 2000",
	})
}

// waiting is a pod none of whose containers has started.
func (k *kubelet) waiting(reason, message string) corev1.PodStatus {
	status := k.begin(corev1.PodPending)
	notReady := func(kind corev1.PodConditionType) corev1.PodCondition {
		return condition(kind, corev1.ConditionFalse, "ContainersNotReady", "containers with unready status: [main]")
	}
	status.Conditions = []corev1.PodCondition{notReady(corev1.PodReady), notReady(corev1.ContainersReady)}
	for _, container := range k.pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, containerStatus(container, corev1.ContainerState{
			Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message},
		}))
	}
	return status
}

// initialize runs the init containers. One that fails fails the pod.
func (k *kubelet) initialize() (failed bool, err error) {
	if len(k.pod.Spec.InitContainers) == 0 {
		return false, nil
	}
	status := k.waiting("PodInitializing", "")
	for _, container := range k.pod.Spec.InitContainers {
		state := k.exit(container.Name)
		if sidecar(container) {
			state = runningSince(metav1.Now())
		}
		status.InitContainerStatuses = append(status.InitContainerStatuses, containerStatus(container, state))
		if state.Terminated != nil && state.Terminated.ExitCode != 0 {
			failed = true
			break
		}
	}
	if err := k.wait(k.runs() / 4); err != nil {
		return false, err
	}
	if failed {
		finish(&status, corev1.PodFailed)
	}
	return failed, k.write(status)
}

// running is a pod all of whose containers run, after so many restarts of each.
func (k *kubelet) running(restarts int32) corev1.PodStatus {
	status := k.begin(corev1.PodRunning)
	for _, kind := range []corev1.PodConditionType{corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady} {
		status.Conditions = append(status.Conditions, condition(kind, corev1.ConditionTrue, "", ""))
	}
	now := metav1.Now()
	for _, container := range k.pod.Spec.Containers {
		s := containerStatus(container, runningSince(now))
		if restarts > 0 {
			s.RestartCount = restarts
			s.LastTerminationState = terminatedAt(now, max(1, k.exitCode(container.Name)), "Error")
		}
		status.ContainerStatuses = append(status.ContainerStatuses, s)
	}
	return status
}

// exited is a pod whose app containers ended by themselves. Its sidecars end
// then, and do not decide the phase.
func (k *kubelet) exited() corev1.PodStatus {
	status := *k.status.DeepCopy()
	phase := corev1.PodSucceeded
	for i := range status.ContainerStatuses {
		s := &status.ContainerStatuses[i]
		setState(s, k.exit(s.Name))
		if s.State.Terminated.ExitCode != 0 {
			phase = corev1.PodFailed
		}
	}
	for i := range status.InitContainerStatuses {
		if s := &status.InitContainerStatuses[i]; s.State.Terminated == nil {
			setState(s, k.exit(s.Name))
		}
	}
	finish(&status, phase)
	return status
}

// evicted is a pod that its kubelet evicts. Only node pressure is a disruption:
// a pod over its own limits is evicted without the condition.
func (k *kubelet) evicted() corev1.PodStatus {
	status := *k.status.DeepCopy()
	killRunning(&status, 137, "Error")
	finish(&status, corev1.PodFailed)
	status.Reason = "Evicted"
	if k.outcome.End == EphemeralStorage {
		status.Message = "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "
		return status
	}
	status.Message = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. "
	status.Conditions = append(status.Conditions,
		condition(corev1.DisruptionTarget, corev1.ConditionTrue, corev1.PodReasonTerminationByKubelet, status.Message))
	return status
}

// terminated is a deleted pod after its containers were told to end. One that
// never ran fails without anything that it could have said.
func (k *kubelet) terminated() corev1.PodStatus {
	status := *k.status.DeepCopy()
	if status.Phase != corev1.PodRunning {
		status = k.begin(corev1.PodPending)
		for _, container := range k.pod.Spec.Containers {
			status.ContainerStatuses = append(status.ContainerStatuses, containerStatus(container, corev1.ContainerState{
				Terminated: &corev1.ContainerStateTerminated{
					ExitCode: 137, Reason: "ContainerStatusUnknown",
					Message: "The container could not be located when the pod was terminated",
				},
			}))
		}
		finish(&status, corev1.PodFailed)
		return status
	}
	code := k.outcome.OnTerminate
	switch code {
	case ExitZero:
		code = 0
	case 0:
		code = 143
	}
	phase := corev1.PodFailed
	if code == 0 {
		phase = corev1.PodSucceeded
	}
	killRunning(&status, code, reasonOf(code))
	finish(&status, phase)
	return status
}

func (k *kubelet) begin(phase corev1.PodPhase) corev1.PodStatus {
	status := corev1.PodStatus{Phase: phase, StartTime: k.status.StartTime}
	if status.StartTime == nil {
		now := metav1.Now()
		status.StartTime = &now
	}
	status.InitContainerStatuses = k.status.InitContainerStatuses
	return status
}

// exit is the state of a container that ends by itself.
func (k *kubelet) exit(container string) corev1.ContainerState {
	code := k.exitCode(container)
	reason := reasonOf(code)
	if container == k.outcome.OOMKilled {
		reason = "OOMKilled"
	}
	state := terminatedAt(metav1.Now(), code, reason)
	if container == "main" {
		state.Terminated.Message = k.outcome.Message
	}
	return state
}

func (k *kubelet) exitCode(container string) int32 {
	if container == k.outcome.OOMKilled {
		return 137
	}
	return k.outcome.Exits[container]
}

func killRunning(status *corev1.PodStatus, code int32, reason string) {
	for _, list := range [][]corev1.ContainerStatus{status.InitContainerStatuses, status.ContainerStatuses} {
		for i := range list {
			if list[i].State.Terminated == nil {
				setState(&list[i], terminatedAt(metav1.Now(), code, reason))
			}
		}
	}
}

func finish(status *corev1.PodStatus, phase corev1.PodPhase) {
	reason := "PodFailed"
	if phase == corev1.PodSucceeded {
		reason = "PodCompleted"
	}
	status.Phase = phase
	status.Conditions = []corev1.PodCondition{
		condition(corev1.PodReady, corev1.ConditionFalse, reason, ""),
		condition(corev1.ContainersReady, corev1.ConditionFalse, reason, ""),
	}
}

func condition(kind corev1.PodConditionType, status corev1.ConditionStatus, reason, message string) corev1.PodCondition {
	return corev1.PodCondition{Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: metav1.Now()}
}

func containerStatus(container corev1.Container, state corev1.ContainerState) corev1.ContainerStatus {
	s := corev1.ContainerStatus{Name: container.Name, Image: container.Image}
	setState(&s, state)
	return s
}

func setState(s *corev1.ContainerStatus, state corev1.ContainerState) {
	if state.Terminated != nil && s.State.Running != nil {
		state.Terminated.StartedAt = s.State.Running.StartedAt
	}
	started := state.Running != nil
	s.State, s.Ready, s.Started = state, started, &started
}

func runningSince(t metav1.Time) corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: t}}
}

func terminatedAt(t metav1.Time, code int32, reason string) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, StartedAt: t, FinishedAt: metav1.Time{Time: t.Truncate(time.Second)},
	}}
}

func reasonOf(code int32) string {
	if code == 0 {
		return "Completed"
	}
	return "Error"
}

func sidecar(container corev1.Container) bool {
	return container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways
}
