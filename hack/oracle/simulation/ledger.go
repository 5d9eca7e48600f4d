package simulation

import (
	"reflect"
	"slices"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Ledger is what in truth happened so far, as hack/recording keeps it of a real
// cluster.
func (s *Simulation) Ledger() *recording.Ledger {
	return &recording.Ledger{
		KubernetesVersion: serverVersion, Pods: s.api.ledger.pods, History: s.api.ledger.history, Job: *s.api.lastJob,
	}
}

type ledger struct {
	pods    []recording.Pod
	history []recording.Change
	spec    *batchv1.JobSpec
}

func (l *ledger) jobChanged(now time.Time, job *batchv1.Job) {
	change := recording.Change{Time: metav1.NewMicroTime(now), ResourceVersion: job.ResourceVersion, Status: job.Status}
	if !reflect.DeepEqual(l.spec, &job.Spec) {
		change.Spec, l.spec = &job.Spec, &job.Spec
	}
	l.history = append(l.history, change)
}

func (l *ledger) podChanged(now time.Time, pod *corev1.Pod, gone bool, actor recording.Deleter) {
	at := slices.IndexFunc(l.pods, func(p recording.Pod) bool { return p.Name == pod.Name })
	if at < 0 {
		at = len(l.pods)
		l.pods = append(l.pods, recording.Pod{
			Name: pod.Name, UID: pod.UID, CreationTime: pod.CreationTimestamp, CreationVersion: pod.ResourceVersion,
			Index:               number(pod, batchv1.JobCompletionIndexAnnotation),
			FailureCount:        number(pod, batchv1.JobIndexFailureCountAnnotation),
			IgnoredFailureCount: number(pod, batchv1.JobIndexIgnoredFailureCountAnnotation),
		})
	}
	p := &l.pods[at]
	p.Node, p.Status = pod.Spec.NodeName, pod.Status
	if (pod.DeletionTimestamp != nil || gone) && p.DeletionSeenTime == nil {
		p.DeletedBy = actor
	}
	first(&p.DeletionSeenTime, now, pod.DeletionTimestamp != nil || gone)
	first(&p.RunningTime, now, pod.Status.Phase == corev1.PodRunning)
	first(&p.FinishTime, now, isTerminal(pod))
	first(&p.AccountedTime, now, !slices.Contains(pod.Finalizers, batchv1.JobTrackingFinalizer))
	first(&p.VanishedTime, now, gone)
}

// first notes an instant when it comes, once.
func first(when **metav1.MicroTime, now time.Time, came bool) {
	if came && *when == nil {
		at := metav1.NewMicroTime(now)
		*when = &at
	}
}

func number(pod *corev1.Pod, annotation string) *int32 {
	n, err := strconv.ParseInt(pod.Annotations[annotation], 10, 32)
	if err != nil {
		return nil
	}
	value := int32(n)
	return &value
}
