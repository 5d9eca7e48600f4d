package evidence

import (
	"hash/maphash"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

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
	// requests are by what makes them up hashes to.
	requests map[uint64]*Requests
	// lists are of conditions, by what each list hashes to; read is that of one pod.
	lists map[uint64][]Condition
	seed  maphash.Seed
	// endings are the hashes of the ways in which pods ended.
	endings map[uint64]struct{}
	read    []Condition
	// named are the conditions that the policy names.
	policy *batchv1.PodFailurePolicy
	named  map[corev1.PodConditionType]bool
	// free is for the containers of pods to come, names for their names and UIDs:
	// what lies side by side is read fast, and is little work for the collector.
	free  []Container
	piece int
	names strings.Builder
	kept  int64
}

// Kept is how many bytes what was made by the reducer takes, about, beside the
// attempts themselves.
func (r *Reducer) Kept() int64 { return r.kept }

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
	if group := pod.Spec.SchedulingGroup; group != nil && group.PodGroupName != nil {
		attempt.PodGroup = keep(r, *group.PodGroupName)
	}
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
			attempt.DeletionGracePeriod = seconds(*grace)
		}
	}
	attempt.Scheduled, attempt.Requests = scheduled(pod.Status.Conditions), r.requestsOf(pod)
	attempt.NodeNotReady = nodeNotReady(pod.Status.Conditions)
	attempt.Conditions = r.conditions(pod, job)
	attempt.Containers = r.containers(pod)
	r.countEnding(&attempt)
	return attempt
}

// ofEnding is what a way to end may take once it is explained: what each rule made
// of it, and what it is called.
const ofEnding = 4 << 10

// countEnding counts the ways in which pods ended, of which the pods of a true Job
// know few.
func (r *Reducer) countEnding(attempt *Attempt) {
	hash := r.hash()
	hash.WriteString(attempt.Reason)
	for i := range attempt.Conditions {
		c := &attempt.Conditions[i]
		maphash.WriteComparable(&hash, Condition{Type: c.Type, Status: c.Status, Reason: c.Reason})
	}
	for i := range attempt.Containers {
		c := &attempt.Containers[i]
		hash.WriteString(c.Name)
		if t := c.Terminated; t != nil {
			maphash.WriteComparable(&hash, Terminated{ExitCode: t.ExitCode, Reason: t.Reason})
		}
	}
	if r.endings == nil {
		r.endings = map[uint64]struct{}{}
	}
	ways := len(r.endings)
	r.endings[hash.Sum64()] = struct{}{}
	r.kept += int64(len(r.endings)-ways) * ofEnding
}

func (r *Reducer) hash() (hash maphash.Hash) {
	if r.seed == (maphash.Seed{}) {
		r.seed = maphash.MakeSeed()
	}
	hash.SetSeed(r.seed)
	return hash
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

// scheduled is when the pod got its node, which no one takes back.
func scheduled(conditions []corev1.PodCondition) Instant {
	for i := range conditions {
		if c := &conditions[i]; c.Type == corev1.PodScheduled && c.Status == corev1.ConditionTrue {
			return InstantOf(c.LastTransitionTime.Time)
		}
	}
	return 0
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
		if job == nil || r.isRead(c.Type, c.Status, job) {
			r.read = append(r.read, Condition{keep(r, c.Type), keep(r, c.Status), keep(r, c.Reason), keep(r, c.Message), InstantOf(c.LastTransitionTime.Time)})
		}
	}
	if job == nil {
		return r.keepConditions(r.read) // hardly two pods have all of them in common
	}
	return r.shareConditions(r.read)
}

// Forget drops the conditions that nobody reads, of an attempt that was reduced
// before its Job was known.
func (r *Reducer) Forget(attempt *Attempt, job *batchv1.Job) {
	r.read = r.read[:0]
	for _, c := range attempt.Conditions {
		if r.isRead(c.Type, c.Status, job) {
			r.read = append(r.read, c)
		}
	}
	if len(r.read) < len(attempt.Conditions) {
		attempt.Conditions = r.shareConditions(r.read)
	}
}

// shareConditions is the first of all equal lists.
func (r *Reducer) shareConditions(list []Condition) []Condition {
	if len(list) == 0 {
		return nil
	}
	if r.lists == nil {
		r.lists = map[uint64][]Condition{}
	}
	hash := r.hash()
	for _, c := range list {
		maphash.WriteComparable(&hash, c)
	}
	sum := hash.Sum64()
	if shared := r.lists[sum]; slices.Equal(shared, list) {
		return shared
	}
	r.kept += ofEntry
	r.lists[sum] = r.keepConditions(list)
	return r.lists[sum]
}

func (r *Reducer) keepConditions(list []Condition) []Condition {
	r.kept += int64(len(list)) * int64(unsafe.Sizeof(Condition{}))
	return append([]Condition(nil), list...)
}

// ofEntry is what a map takes beside a key and a value, about.
const ofEntry = 64

// isRead: of the conditions that every pod has, the rules read when Ready
// turned and the screen why a pod is not scheduled; any other a policy may name.
func (r *Reducer) isRead(kind corev1.PodConditionType, status corev1.ConditionStatus, job *batchv1.Job) bool {
	switch kind {
	case corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady:
	case corev1.PodScheduled:
		if status != corev1.ConditionTrue {
			return true
		}
	default:
		return true
	}
	if job.Spec.PodFailurePolicy != r.policy {
		r.policy, r.named = job.Spec.PodFailurePolicy, conditionsNamedBy(job.Spec.PodFailurePolicy)
	}
	return r.named[kind]
}

func conditionsNamedBy(policy *batchv1.PodFailurePolicy) map[corev1.PodConditionType]bool {
	named := map[corev1.PodConditionType]bool{}
	if policy == nil {
		return named
	}
	for i := range policy.Rules {
		for _, pattern := range policy.Rules[i].OnPodConditions {
			named[pattern.Type] = true
		}
	}
	return named
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
	r.kept += ofEntry + int64(len(text))
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

// seconds is a duration of so many, or as near to it as there is one: 292 years.
func seconds(n int64) time.Duration {
	return time.Duration(min(max(0, n), int64(math.MaxInt64/time.Second))) * time.Second
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
		r.kept += int64(r.piece) * int64(unsafe.Sizeof(Container{}))
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
		r.kept += int64(r.names.Cap())
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
	r.kept += ofEntry + int64(unsafe.Sizeof(t))
	r.ends[t] = &t
	return &t
}
