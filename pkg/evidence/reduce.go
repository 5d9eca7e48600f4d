package evidence

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Reduce keeps of a pod what the rules and the screen read.
func Reduce(pod *corev1.Pod) Attempt { return new(Reducer).Reduce(pod, nil) }

// Reducer reduces the pods of a Job, which say the same things over and over:
// it keeps each node, reason and message once, and each way in which containers
// ended. Attempts that share something never change it.
type Reducer struct {
	texts map[string]string
	ends  map[Terminated]*Terminated
	alone map[Condition][]Condition // lists of that one
	read  []Condition               // of one pod
	// free is for the containers of pods to come, names for their names and UIDs:
	// what lies side by side is read fast, and is little work for the collector.
	free  []Container
	piece int
	names strings.Builder
}

// Reduce keeps of a pod what the rules and the screen read. Where the Job is
// known, conditions that nobody reads are left out.
func (r *Reducer) Reduce(pod *corev1.Pod, job *batchv1.Job) Attempt {
	attempt := Attempt{
		Name:         r.name(pod.Name),
		UID:          types.UID(r.name(string(pod.UID))),
		Node:         keep(r, pod.Spec.NodeName),
		Index:        completionIndex(pod.Annotations),
		Owned:        metav1.GetControllerOfNoCopy(pod) != nil,
		CreationTime: InstantOf(pod.CreationTimestamp.Time),
		Phase:        keep(r, pod.Status.Phase),
		Reason:       keep(r, pod.Status.Reason),
		Message:      keep(r, pod.Status.Message),
	}
	attempt.ResourceVersion = Version(pod.ResourceVersion)
	_, attempt.HasFailureCount = pod.Annotations[batchv1.JobIndexFailureCountAnnotation]
	attempt.FailureCount = failureCount(pod.Annotations, batchv1.JobIndexFailureCountAnnotation)
	attempt.IgnoredFailureCount = failureCount(pod.Annotations, batchv1.JobIndexIgnoredFailureCountAnnotation)
	for _, finalizer := range pod.Finalizers {
		attempt.Finalizer = attempt.Finalizer || finalizer == batchv1.JobTrackingFinalizer
	}
	if pod.Status.StartTime != nil {
		attempt.StartTime = InstantOf(pod.Status.StartTime.Time)
	}
	if pod.DeletionTimestamp != nil {
		attempt.DeletionTime = InstantOf(pod.DeletionTimestamp.Time)
		if grace := pod.DeletionGracePeriodSeconds; grace != nil {
			attempt.DeletionGracePeriod = time.Duration(*grace) * time.Second
		}
	}
	attempt.NodeNotReady = nodeNotReady(pod.Status.Conditions)
	attempt.Conditions = r.conditions(pod, job)
	attempt.Containers = r.containers(pod)
	return attempt
}

// nodeNotReady: the node controller sets Ready alone to False, of a pod whose
// kubelet last said that its containers are (MarkPodsNotReady in
// controller_utils.go, v1.37.2). A kubelet that awaits a readiness gate says so.
func nodeNotReady(conditions []corev1.PodCondition) Instant {
	var since Instant
	areContainersReady := false
	for i := range conditions {
		switch c := &conditions[i]; {
		case c.Type == corev1.PodReady && c.Status == corev1.ConditionFalse && c.Reason != "ReadinessGatesNotReady":
			since = InstantOf(c.LastTransitionTime.Time)
		case c.Type == corev1.ContainersReady:
			areContainersReady = c.Status == corev1.ConditionTrue
		}
	}
	if !areContainersReady {
		return 0
	}
	return since
}

// Version is a resource version as a number, 0 where it is none: versions order
// what one etcd holds, though no contract says so.
func Version(resourceVersion string) uint64 {
	version, err := strconv.ParseUint(resourceVersion, 10, 64)
	if err != nil {
		return 0
	}
	return version
}

func (r *Reducer) conditions(pod *corev1.Pod, job *batchv1.Job) []Condition {
	r.read = r.read[:0]
	for i := range pod.Status.Conditions {
		c := &pod.Status.Conditions[i]
		if job == nil || isRead(c.Type, c.Status, job) {
			r.read = append(r.read, Condition{keep(r, c.Type), keep(r, c.Status), keep(r, c.Reason), keep(r, c.Message), InstantOf(c.LastTransitionTime.Time)})
		}
	}
	if len(r.read) != 1 {
		return append([]Condition(nil), r.read...)
	}
	alone := r.read[0]
	if r.alone[alone] == nil {
		if r.alone == nil {
			r.alone = map[Condition][]Condition{}
		}
		r.alone[alone] = []Condition{alone}
	}
	return r.alone[alone]
}

// Forget drops the conditions that nobody reads, of an attempt that was reduced
// before its Job was known.
func (a *Attempt) Forget(job *batchv1.Job) {
	isUnread := func(c Condition) bool { return !isRead(c.Type, c.Status, job) }
	if slices.ContainsFunc(a.Conditions, isUnread) {
		a.Conditions = slices.DeleteFunc(slices.Clone(a.Conditions), isUnread)
	}
}

// isRead: of the conditions that every pod has, the rules read when Ready
// turned and the screen why a pod is not scheduled; any other a policy may name.
func isRead(kind corev1.PodConditionType, status corev1.ConditionStatus, job *batchv1.Job) bool {
	switch kind {
	case corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady:
	case corev1.PodScheduled:
		if status != corev1.ConditionTrue {
			return true
		}
	default:
		return true
	}
	if job.Spec.PodFailurePolicy == nil {
		return false
	}
	for i := range job.Spec.PodFailurePolicy.Rules {
		for _, pattern := range job.Spec.PodFailurePolicy.Rules[i].OnPodConditions {
			if pattern.Type == kind {
				return true
			}
		}
	}
	return false
}

// keep is the first of all equal texts.
func keep[T ~string](r *Reducer, text T) T {
	if text == "" {
		return ""
	}
	if kept, ok := r.texts[string(text)]; ok {
		return T(kept)
	}
	if r.texts == nil {
		r.texts = map[string]string{}
	}
	r.texts[string(text)] = string(text)
	return text
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

func (r *Reducer) containers(pod *corev1.Pod) []Container {
	statuses := pod.Status.ContainerStatuses
	initStatuses := pod.Status.InitContainerStatuses
	if len(statuses)+len(initStatuses) == 0 {
		return nil
	}
	containers := r.room(len(statuses) + len(initStatuses))
	for i := range statuses {
		containers = append(containers, r.container(&statuses[i], App))
	}
	for i := range initStatuses {
		containers = append(containers, r.container(&initStatuses[i], initType(pod, initStatuses[i].Name)))
	}
	return containers
}

// Memory is taken piece by piece, each twice as large as the one before up to
// these: a reducer of one pod takes no more than that needs.
const (
	mostContainers = 256
	mostNameBytes  = 16 << 10
)

// room is an empty list that grows to n without memory of its own.
func (r *Reducer) room(n int) []Container {
	if n > len(r.free) {
		r.piece = max(n, min(2*r.piece, mostContainers))
		r.free = make([]Container, r.piece)
	}
	room := r.free[:0:n]
	r.free = r.free[n:]
	return room
}

// name is the text, which no other pod has, beside the names before it.
func (r *Reducer) name(text string) string {
	if n := r.names.Cap(); n-r.names.Len() < len(text) {
		r.names.Reset()
		r.names.Grow(max(len(text), min(2*n, mostNameBytes)))
	}
	at := r.names.Len()
	r.names.WriteString(text)
	return r.names.String()[at:]
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

func (r *Reducer) container(status *corev1.ContainerStatus, kind ContainerType) Container {
	container := Container{Name: keep(r, status.Name), Type: kind, Restarts: status.RestartCount, Running: status.State.Running != nil, Ready: status.Ready}
	if running := status.State.Running; running != nil {
		container.StartedAt = InstantOf(running.StartedAt.Time)
	}
	if waiting := status.State.Waiting; waiting != nil {
		container.Waiting, container.WaitingFor = keep(r, waiting.Reason), keep(r, waiting.Message)
	}
	if t := status.State.Terminated; t != nil {
		container.StartedAt, container.FinishedAt = InstantOf(t.StartedAt.Time), InstantOf(t.FinishedAt.Time)
		container.Terminated = r.terminated(t)
	}
	if t := status.LastTerminationState.Terminated; t != nil {
		container.LastTerminated = r.terminated(t)
	}
	return container
}

// terminated is shared by all containers that ended alike.
func (r *Reducer) terminated(state *corev1.ContainerStateTerminated) *Terminated {
	t := Terminated{ExitCode: state.ExitCode, Reason: keep(r, state.Reason), Message: keep(r, state.Message)}
	if shared, ok := r.ends[t]; ok {
		return shared
	}
	if r.ends == nil {
		r.ends = map[Terminated]*Terminated{}
	}
	r.ends[t] = &t
	return &t
}
