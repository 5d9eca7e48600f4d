package recorder

import (
	"slices"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// sawJob adds a change to the history, unless only metadata changed.
func (r *Recorder) sawJob(job *batchv1.Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tape(job.UID)
	change := recording.Change{Time: now(), ResourceVersion: job.ResourceVersion, Status: *job.Status.DeepCopy()}
	if t.job == nil || !apiequality.Semantic.DeepEqual(t.job.Spec, job.Spec) {
		change.Spec = job.Spec.DeepCopy()
		change.Spec.Template, change.Spec.Selector = corev1.PodTemplateSpec{}, nil
	}
	if change.Spec != nil || !apiequality.Semantic.DeepEqual(t.job.Status, job.Status) {
		t.history = append(t.history, change)
	}
	t.job = job
}

func (r *Recorder) sawJobGo(job *batchv1.Job) {
	r.sawJob(job)
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tape(job.UID)
	t.history = append(t.history, recording.Change{
		Time: now(), ResourceVersion: job.ResourceVersion, Status: *job.Status.DeepCopy(), Deleted: true,
	})
}

func (r *Recorder) sawPod(pod *corev1.Pod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.lifeOf(pod); l != nil {
		r.update(l, pod)
	}
}

func (r *Recorder) sawPodGo(pod *corev1.Pod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.lifeOf(pod)
	if l == nil {
		return
	}
	r.update(l, pod)
	t := now()
	l.VanishedTime, l.VanishedVersion = &t, pod.ResourceVersion
	if l.AccountedTime == nil {
		l.AccountedTime = &t // the finalizer's removal was the last thing that held it
	}
	if l.DeletionSeenTime == nil {
		l.DeletionSeenTime = &t
		l.DeletedBy = r.deleter(pod)
	}
}

// lifeOf finds the life of a pod: by its controller or, once it was released,
// by what was known of it.
func (r *Recorder) lifeOf(pod *corev1.Pod) *life {
	if owner := metav1.GetControllerOf(pod); owner != nil && owner.Kind == "Job" {
		t := r.tape(owner.UID)
		l := t.pods[pod.UID]
		if l == nil {
			l = born(pod)
			t.pods[pod.UID] = l
			t.order = append(t.order, pod.UID)
		}
		return l
	}
	for _, t := range r.jobs {
		if l := t.pods[pod.UID]; l != nil {
			return l
		}
	}
	return nil
}

func born(pod *corev1.Pod) *life {
	return &life{Pod: recording.Pod{
		Name: pod.Name, UID: pod.UID,
		CreationTime: pod.CreationTimestamp, CreationVersion: pod.ResourceVersion,
		Index:               annotation(pod, batchv1.JobCompletionIndexAnnotation),
		FailureCount:        annotation(pod, batchv1.JobIndexFailureCountAnnotation),
		IgnoredFailureCount: annotation(pod, batchv1.JobIndexIgnoredFailureCountAnnotation),
	}}
}

func annotation(pod *corev1.Pod, name string) *int32 {
	value, err := strconv.ParseInt(pod.Annotations[name], 10, 32)
	if err != nil {
		return nil
	}
	v := int32(value)
	return &v
}

func (r *Recorder) update(l *life, pod *corev1.Pod) {
	t := now()
	l.last, l.Node = pod, pod.Spec.NodeName
	l.Status = plain(pod.Status)
	phase := pod.Status.Phase
	if phase == corev1.PodRunning && l.RunningTime == nil {
		l.RunningTime = &t
	}
	if (phase == corev1.PodFailed || phase == corev1.PodSucceeded) && l.FinishTime == nil {
		l.FinishTime, l.FinishVersion = &t, pod.ResourceVersion
	}
	if !slices.Contains(pod.Finalizers, batchv1.JobTrackingFinalizer) && l.AccountedTime == nil {
		l.AccountedTime = &t
	}
	if pod.DeletionTimestamp != nil && l.DeletionSeenTime == nil {
		l.DeletionSeenTime = &t
		l.DeletedBy = r.deleter(pod)
	}
}

func (r *Recorder) deleter(pod *corev1.Pod) recording.Deleter {
	if by, ok := r.deletedBy(pod); ok {
		return by
	}
	if owner := metav1.GetControllerOf(pod); owner != nil {
		if t := r.tape(owner.UID); t.job != nil && t.job.DeletionTimestamp != nil {
			return recording.DeletedByCascade
		}
	}
	return recording.DeletedByController
}

// plain leaves out what says nothing about the fate of a pod.
func plain(status corev1.PodStatus) corev1.PodStatus {
	s := *status.DeepCopy()
	s.QOSClass, s.HostIP, s.HostIPs, s.PodIP, s.PodIPs = "", "", nil, "", nil
	for _, list := range [][]corev1.ContainerStatus{s.ContainerStatuses, s.InitContainerStatuses} {
		for i := range list {
			list[i].Image, list[i].Started = "", nil
		}
	}
	return s
}
