package cluster

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// snapshot turns evidence back into objects. What a field is to be in it has to
// be named here: the rules read it, or the screen shows it.
type snapshot struct {
	*evidence.Job
	messages bool
}

// ownLabels of a Job say who holds it.
var ownLabels = []string{"kueue.x-k8s.io/queue-name", "jobset.sigs.k8s.io/jobset-name"}

func (s snapshot) job(from *batchv1.Job) *batchv1.Job {
	job := &batchv1.Job{
		TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: from.Namespace, Name: from.Name, UID: from.UID,
			ResourceVersion: from.ResourceVersion, Generation: from.Generation,
			CreationTimestamp: from.CreationTimestamp, DeletionTimestamp: from.DeletionTimestamp,
		},
		Spec: batchv1.JobSpec{
			Parallelism: from.Spec.Parallelism, Completions: from.Spec.Completions, CompletionMode: from.Spec.CompletionMode,
			ActiveDeadlineSeconds: from.Spec.ActiveDeadlineSeconds, BackoffLimit: from.Spec.BackoffLimit,
			BackoffLimitPerIndex: from.Spec.BackoffLimitPerIndex, MaxFailedIndexes: from.Spec.MaxFailedIndexes,
			PodFailurePolicy: from.Spec.PodFailurePolicy, SuccessPolicy: from.Spec.SuccessPolicy,
			PodReplacementPolicy: from.Spec.PodReplacementPolicy, Suspend: from.Spec.Suspend, ManagedBy: from.Spec.ManagedBy,
			Selector: &metav1.LabelSelector{MatchLabels: s.labels()},
		},
		Status: batchv1.JobStatus{
			StartTime: from.Status.StartTime, CompletionTime: from.Status.CompletionTime,
			Active: from.Status.Active, Ready: from.Status.Ready, Terminating: from.Status.Terminating,
			Succeeded: from.Status.Succeeded, Failed: from.Status.Failed,
			CompletedIndexes: from.Status.CompletedIndexes, FailedIndexes: from.Status.FailedIndexes,
			UncountedTerminatedPods: from.Status.UncountedTerminatedPods,
		},
	}
	template, ofTemplate := &job.Spec.Template.Spec, &from.Spec.Template.Spec
	template.RestartPolicy = ofTemplate.RestartPolicy
	template.InitContainers, template.Containers = containers(ofTemplate.InitContainers), containers(ofTemplate.Containers)
	if name, ok := from.Spec.Template.Annotations[evidence.DefaultContainerAnnotation]; ok {
		metav1.SetMetaDataAnnotation(&job.Spec.Template.ObjectMeta, evidence.DefaultContainerAnnotation, name)
	}
	for _, label := range ownLabels {
		if value, ok := from.Labels[label]; ok {
			metav1.SetMetaDataLabel(&job.ObjectMeta, label, value)
		}
	}
	if owner := metav1.GetControllerOf(from); owner != nil {
		job.OwnerReferences = []metav1.OwnerReference{{APIVersion: owner.APIVersion, Kind: owner.Kind, Name: owner.Name, UID: owner.UID, Controller: new(true)}}
	}
	for i := range from.Status.Conditions {
		c := &from.Status.Conditions[i]
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{
			Type: c.Type, Status: c.Status, Reason: c.Reason, Message: s.fact(c.Message), LastTransitionTime: c.LastTransitionTime,
		})
	}
	return job
}

// containers are their names and memory limits, with nothing else of them.
func containers(from []corev1.Container) []corev1.Container {
	var containers []corev1.Container
	for i := range from {
		container := corev1.Container{Name: from[i].Name}
		if limit, ok := from[i].Resources.Limits[corev1.ResourceMemory]; ok {
			container.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: limit}
		}
		containers = append(containers, container)
	}
	return containers
}

// labels make the Job select its pods, whatever its own selector was.
func (s snapshot) labels() map[string]string {
	uid := string(s.Job.Job.UID)
	if len(validation.IsValidLabelValue(uid)) > 0 {
		uid = "job" // a file may hold anything, a selector may not
	}
	return map[string]string{batchv1.ControllerUidLabel: uid}
}

func (s snapshot) pod(from *evidence.Attempt) *corev1.Pod {
	job := s.Job.Job
	pod := &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: job.Namespace, Name: from.Name, UID: from.UID, Labels: s.labels(),
			CreationTimestamp: metav1.NewTime(from.CreationTime.Time()), DeletionTimestamp: stamp(from.DeletionTime),
		},
		Spec:   corev1.PodSpec{NodeName: from.Node},
		Status: corev1.PodStatus{Phase: from.Phase, Reason: from.Reason, Message: s.podMessage(from.Message), StartTime: stamp(from.StartTime)},
	}
	annotate := func(name string, value int32) {
		metav1.SetMetaDataAnnotation(&pod.ObjectMeta, name, strconv.Itoa(int(value)))
	}
	if from.Index != evidence.UnknownIndex {
		annotate(batchv1.JobCompletionIndexAnnotation, from.Index)
	}
	if from.HasFailureCount {
		annotate(batchv1.JobIndexFailureCountAnnotation, from.FailureCount)
	}
	if from.IgnoredFailureCount > 0 {
		annotate(batchv1.JobIndexIgnoredFailureCountAnnotation, from.IgnoredFailureCount)
	}
	if from.PodGroup != "" {
		pod.Spec.SchedulingGroup = &corev1.PodSchedulingGroup{PodGroupName: &from.PodGroup}
	}
	if from.ResourceVersion != 0 {
		pod.ResourceVersion = strconv.FormatUint(from.ResourceVersion, 10)
	}
	if from.Owned {
		pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: job.Name, UID: job.UID, Controller: new(true)}}
	}
	if from.Finalizer {
		pod.Finalizers = []string{batchv1.JobTrackingFinalizer}
	}
	if from.DeletionGracePeriod != 0 {
		pod.DeletionGracePeriodSeconds = new(int64(from.DeletionGracePeriod / time.Second))
	}
	for i := range from.Conditions {
		c := &from.Conditions[i]
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: c.Type, Status: c.Status, Reason: c.Reason, Message: s.message(c.Message), LastTransitionTime: metav1.NewTime(c.LastTransitionTime.Time()),
		})
	}
	setScheduled(pod, from.Scheduled)
	if !from.NodeNotReady.IsZero() {
		setContainersReady(pod)
	}
	for i := range from.Containers {
		s.addContainer(pod, &from.Containers[i])
	}
	setRequests(pod, from.Requests)
	return pod
}

// setContainersReady: beside it a Ready that is False comes from the node controller.
func setContainersReady(pod *corev1.Pod) {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == corev1.ContainersReady {
			return
		}
	}
	pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: corev1.ContainersReady, Status: corev1.ConditionTrue})
}

func (s snapshot) addContainer(pod *corev1.Pod, from *evidence.Container) {
	status := corev1.ContainerStatus{Name: from.Name, Ready: from.Ready, RestartCount: from.Restarts}
	if from.Running {
		status.State.Running = &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(from.StartedAt.Time())}
	}
	if from.Waiting != "" || from.WaitingFor != "" {
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: from.Waiting, Message: s.message(from.WaitingFor)}
	}
	if t := from.Terminated; t != nil {
		status.State.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: t.ExitCode, Reason: t.Reason, Message: s.message(t.Message),
			StartedAt: metav1.NewTime(from.StartedAt.Time()), FinishedAt: metav1.NewTime(from.FinishedAt.Time()),
		}
	}
	if t := from.LastTerminated; t != nil {
		status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: t.ExitCode, Reason: t.Reason, Message: s.message(t.Message)}
	}
	if from.Type == evidence.App {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, status)
		return
	}
	pod.Status.InitContainerStatuses = append(pod.Status.InitContainerStatuses, status)
	if from.Type == evidence.Sidecar {
		pod.Spec.InitContainers = append(pod.Spec.InitContainers,
			corev1.Container{Name: from.Name, RestartPolicy: new(corev1.ContainerRestartPolicyAlways)})
	}
}

// event is written as the newer recorder does, whose times are exact.
func (s snapshot) event(from *evidence.Event, n int) *corev1.Event {
	job := s.Job.Job
	event := &corev1.Event{
		TypeMeta:            metav1.TypeMeta{APIVersion: "v1", Kind: "Event"},
		ObjectMeta:          metav1.ObjectMeta{Namespace: job.Namespace, Name: fmt.Sprintf("%s.%d", job.Name, n)},
		InvolvedObject:      corev1.ObjectReference{Kind: from.Kind, Namespace: job.Namespace, Name: cmp.Or(from.Name, job.Name), UID: from.UID},
		Type:                from.Type,
		Reason:              from.Reason,
		ReportingController: from.Source,
		EventTime:           metav1.NewMicroTime(from.First),
		Count:               from.Count,
	}
	if from.Last != from.First {
		event.Series = &corev1.EventSeries{Count: from.Count, LastObservedTime: metav1.NewMicroTime(from.Last)}
	}
	if from.Kind == "Job" {
		event.Message = s.fact(from.Message)
	} else {
		event.Message = s.message(from.Message)
	}
	return event
}

// podMessage keeps of a pod's own message that it took more than its limits.
func (s snapshot) podMessage(text string) string {
	if !s.messages && evidence.IsOverOwnLimit(text) {
		return evidence.OverOwnLimit
	}
	return s.message(text)
}

// message is free text: of a program, an image registry, a webhook.
func (s snapshot) message(text string) string {
	if s.messages {
		return text
	}
	return ""
}

// facts are what the Job controller writes into messages and nowhere else:
// which pods it created and deleted, and which pod a FailJob rule matched. They
// are made of names and numbers that stand in other fields too. That an event
// stands for several is a fact as well, which client-go writes.
const (
	combined = "(combined from similar events): "
	anyName  = `[-./A-Za-z0-9]+`
)

var facts = regexp.MustCompile("^((Created|Deleted) pod: " + anyName +
	"|Container " + anyName + " for pod " + anyName + ` failed with exit code -?\d+ matching FailJob rule at index \d+` +
	"|Pod " + anyName + " has condition " + anyName + ` matching FailJob rule at index \d+)$`)

// fact is a message of which only the Job controller's own facts are kept.
func (s snapshot) fact(text string) string {
	if s.messages {
		return text
	}
	rest, isFolded := strings.CutPrefix(text, combined)
	if !facts.MatchString(rest) {
		rest = ""
	}
	if isFolded {
		return combined + rest
	}
	return rest
}

func stamp(t evidence.Instant) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return new(metav1.NewTime(t.Time()))
}
