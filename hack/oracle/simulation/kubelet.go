package simulation

import (
	"slices"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

func secondsOf(n int64) time.Duration { return time.Duration(n) * time.Second }

// Pods are all that the API has, in order of creation.
func (s *Simulation) Pods() []*corev1.Pod {
	var pods []*corev1.Pod
	for _, name := range s.api.podNames() {
		pods = append(pods, s.api.pods[name].DeepCopy())
	}
	slices.SortStableFunc(pods, func(a, b *corev1.Pod) int {
		return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	})
	return pods
}

// PodsOf are those of an index, in order of creation.
func (s *Simulation) PodsOf(index int) []*corev1.Pod {
	return slices.DeleteFunc(s.Pods(), func(pod *corev1.Pod) bool {
		return pod.Annotations[batchv1.JobCompletionIndexAnnotation] != strconv.Itoa(index)
	})
}

// Pod is the newest of an index.
func (s *Simulation) Pod(index int) *corev1.Pod {
	s.t.Helper()
	pods := s.PodsOf(index)
	if len(pods) == 0 {
		s.t.Fatalf("index %d has no pod", index)
	}
	return pods[len(pods)-1]
}

// Active are the indexes of the pods that are active, in order.
func (s *Simulation) Active() []int {
	active := []int{}
	for _, pod := range s.Pods() {
		index, err := strconv.Atoi(pod.Annotations[batchv1.JobCompletionIndexAnnotation])
		if err == nil && !isTerminal(pod) && pod.DeletionTimestamp == nil {
			active = append(active, index)
		}
	}
	slices.Sort(active)
	return active
}

// EditPod changes a pod in any way, by anybody's hand.
func (s *Simulation) EditPod(pod *corev1.Pod, change func(*corev1.Pod)) {
	s.t.Helper()
	current := s.api.pods[pod.Name]
	if current == nil {
		s.t.Fatalf("pod %s is gone", pod.Name)
	}
	next := current.DeepCopy()
	change(next)
	s.api.storePod(next)
}

// AddPod puts a pod beside those of the controller: a copy of the pod, with a
// name of its own, changed.
func (s *Simulation) AddPod(like *corev1.Pod, name string, change func(*corev1.Pod)) *corev1.Pod {
	pod := like.DeepCopy()
	pod.Name, pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = name, nil, nil
	change(pod)
	return s.api.createPod(pod)
}

// EditJob is a user's change of the spec; the error is the API's refusal.
func (s *Simulation) EditJob(change func(*batchv1.JobSpec)) error { return s.api.updateJob(change) }

// MustEditJob is EditJob where no refusal is expected.
func (s *Simulation) MustEditJob(change func(*batchv1.JobSpec)) {
	s.t.Helper()
	s.check(s.EditJob(change))
}

// Delete is a user's `kubectl delete pod`.
func (s *Simulation) Delete(pod *corev1.Pod) {
	s.t.Helper()
	s.deleteAs(recording.DeletedByUser, pod)
}

// ForceDelete is a user's `kubectl delete pod --force`: nobody waits for its end.
func (s *Simulation) ForceDelete(pod *corev1.Pod) {
	s.t.Helper()
	s.api.byForce = true
	defer func() { s.api.byForce = false }()
	s.Delete(pod)
}

// DeleteJob is a user's deletion of the Job in the foreground: it stays until its
// pods are gone, which others delete.
func (s *Simulation) DeleteJob() {
	s.t.Helper()
	s.ForceJob(func(job *batchv1.Job) {
		if job.DeletionTimestamp == nil {
			now := s.api.now()
			job.DeletionTimestamp, job.Finalizers = &now, append(job.Finalizers, metav1.FinalizerDeleteDependents)
			job.Generation++
		}
	})
	s.api.ledger.jobChanged(s.Clock.Now(), s.api.job)
}

func (s *Simulation) deleteAs(actor recording.Deleter, pod *corev1.Pod) {
	s.t.Helper()
	s.api.actor = actor
	s.check(s.api.deletePod(pod.Name))
}

// Remove takes a pod from the API whatever stands against it, as a forced
// deletion and the removal of its finalizers do.
func (s *Simulation) Remove(pod *corev1.Pod) {
	delete(s.api.pods, pod.Name)
	s.api.nextVersion()
	s.api.ledger.podChanged(s.Clock.Now(), pod, true, recording.DeletedByUser)
}

// Bind puts a pending pod on a node, where it does not run yet.
func (s *Simulation) Bind(pod *corev1.Pod) {
	s.t.Helper()
	s.EditPod(pod, func(pod *corev1.Pod) {
		now := s.nodesNow()
		pod.Spec.NodeName, pod.Status.StartTime = "node", &now
		pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses = nil, nil
		for _, c := range pod.Spec.Containers {
			pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, creating(c.Name))
		}
		for _, c := range pod.Spec.InitContainers {
			pod.Status.InitContainerStatuses = append(pod.Status.InitContainerStatuses, creating(c.Name))
		}
	})
}

// Lose is what the garbage collector of pods makes of one whose node is gone: it
// is Failed, whatever its containers said last, and deleted by force.
func (s *Simulation) Lose(pod *corev1.Pod) {
	s.t.Helper()
	s.EditPod(pod, func(pod *corev1.Pod) {
		setCondition(pod, corev1.DisruptionTarget, corev1.ConditionTrue, "DeletionByPodGC", s.api.now())
		pod.Status.Phase = corev1.PodFailed
	})
	s.api.byForce = true
	defer func() { s.api.byForce = false }()
	s.deleteAs(recording.DeletedByEviction, pod)
}

// nodesNow is the time by the nodes' clocks.
func (s *Simulation) nodesNow() metav1.Time {
	return metav1.NewTime(s.Clock.Now().Add(s.NodesOff)).Rfc3339Copy()
}

// Run binds the pods to a node and starts them; without arguments, all pods
// that are pending.
func (s *Simulation) Run(pods ...*corev1.Pod) {
	s.t.Helper()
	if len(pods) == 0 {
		pods = slices.DeleteFunc(s.Pods(), func(pod *corev1.Pod) bool { return pod.Status.Phase != corev1.PodPending })
	}
	for _, pod := range pods {
		s.EditPod(pod, func(pod *corev1.Pod) {
			now := s.nodesNow()
			pod.Spec.NodeName = "node"
			pod.Status.Phase = corev1.PodRunning
			pod.Status.StartTime = &now
			setCondition(pod, corev1.PodReady, corev1.ConditionTrue, "", now)
			pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses = nil, nil
			for _, c := range pod.Spec.Containers {
				pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, running(c.Name, now))
			}
			for _, c := range pod.Spec.InitContainers {
				status := running(c.Name, now)
				if !isSidecar(&c) {
					end(&status, 0, now)
				}
				pod.Status.InitContainerStatuses = append(pod.Status.InitContainerStatuses, status)
			}
		})
	}
}

// Exit ends a pod: its app containers with the codes, the last of them for all
// that follow, and its sidecars with 143. The phase is as the kubelet has it:
// the app containers alone decide.
func (s *Simulation) Exit(pod *corev1.Pod, codes ...int32) {
	s.t.Helper()
	if s.api.pods[pod.Name] != nil && s.api.pods[pod.Name].Status.Phase == corev1.PodPending {
		s.Run(pod)
	}
	s.EditPod(pod, func(pod *corev1.Pod) {
		now := s.nodesNow()
		pod.Status.Phase = corev1.PodSucceeded
		for i := range pod.Status.ContainerStatuses {
			code := codes[min(i, len(codes)-1)]
			if code != 0 {
				pod.Status.Phase = corev1.PodFailed
			}
			end(&pod.Status.ContainerStatuses[i], code, now)
		}
		for i := range pod.Status.InitContainerStatuses {
			if status := &pod.Status.InitContainerStatuses[i]; status.State.Terminated == nil {
				end(status, 143, now)
			}
		}
		setCondition(pod, corev1.PodReady, corev1.ConditionFalse, "PodFailed", now)
		s.releaseByKubelet(pod)
	})
}

// releaseByKubelet: a deleted pod that has ended is deleted for good, and then
// waits for nothing but its finalizers.
func (s *Simulation) releaseByKubelet(pod *corev1.Pod) {
	if pod.DeletionTimestamp != nil {
		none := int64(0)
		at := s.api.now()
		pod.DeletionGracePeriodSeconds, pod.DeletionTimestamp = &none, &at
	}
}

// Terminate is the end of every running pod that is on its way out, with the
// code. One that never was on a node has no kubelet to end it.
func (s *Simulation) Terminate(code int32) {
	s.t.Helper()
	for _, pod := range s.Pods() {
		if pod.DeletionTimestamp != nil && pod.Status.Phase == corev1.PodRunning {
			s.Exit(pod, code)
		}
	}
}

// Disrupt marks a pod as what ends it by a disruption would be marked, and
// deletes it where the reason is one of the API's or the scheduler's.
func (s *Simulation) Disrupt(pod *corev1.Pod, reason string) {
	s.t.Helper()
	s.EditPod(pod, func(pod *corev1.Pod) {
		setCondition(pod, corev1.DisruptionTarget, corev1.ConditionTrue, reason, s.api.now())
	})
	switch reason {
	case corev1.PodReasonTerminationByKubelet:
	case corev1.PodReasonPreemptionByScheduler:
		s.deleteAs(recording.DeletedByScheduler, pod)
	default:
		s.deleteAs(recording.DeletedByEviction, pod)
	}
}

// Reject is the kubelet's refusal at admission: Failed, and no container ever
// had a status.
func (s *Simulation) Reject(pod *corev1.Pod, reason string) {
	s.t.Helper()
	s.EditPod(pod, func(pod *corev1.Pod) {
		pod.Spec.NodeName = "node"
		pod.Status = corev1.PodStatus{Phase: corev1.PodFailed, Reason: reason, Message: "Pod was rejected: " + reason}
	})
}

func isSidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

func running(name string, since metav1.Time) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: name, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: since}}}
}

func creating(name string) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: name, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}}
}

// end is the end of a container that has run.
func end(status *corev1.ContainerStatus, code int32, at metav1.Time) {
	terminated := &corev1.ContainerStateTerminated{ExitCode: code, Reason: "Completed", FinishedAt: at}
	if code != 0 {
		terminated.Reason = "Error"
	}
	if status.State.Running != nil {
		terminated.StartedAt = status.State.Running.StartedAt
	}
	status.State = corev1.ContainerState{Terminated: terminated}
}

func setCondition(pod *corev1.Pod, kind corev1.PodConditionType, status corev1.ConditionStatus, reason string, at metav1.Time) {
	condition := corev1.PodCondition{Type: kind, Status: status, Reason: reason, LastTransitionTime: at}
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			pod.Status.Conditions[i] = condition
			return
		}
	}
	pod.Status.Conditions = append(pod.Status.Conditions, condition)
}
