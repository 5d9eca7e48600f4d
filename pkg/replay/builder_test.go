package replay

import (
	"fmt"
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Jobs and pods in the words that a test needs. Every Job was created and
// started at second 0, runs undisturbed and is called "j"; a pod is active
// until an option ends it, and has its finalizer until it is accounted for.

func at(second int) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(second) * time.Second)
}

func instant(second int) evidence.Instant { return evidence.InstantOf(at(second)) }

type jobOption func(*batchv1.Job)

func aJob(completions int32, options ...jobOption) *batchv1.Job {
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "j", UID: "job", Generation: 1, CreationTimestamp: metav1.Time{Time: at(0)}},
		Spec: batchv1.JobSpec{
			CompletionMode: ptr.To(batchv1.IndexedCompletion), Completions: &completions, Parallelism: ptr.To(completions),
			BackoffLimit: ptr.To(int32(6)), Suspend: ptr.To(false),
		},
		Status: batchv1.JobStatus{StartTime: &metav1.Time{Time: at(0)}},
	}
	job.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	for _, option := range options {
		option(job)
	}
	return job
}

func perIndex(limit int32) jobOption {
	return func(job *batchv1.Job) {
		job.Spec.BackoffLimitPerIndex, job.Spec.BackoffLimit = &limit, ptr.To(int32(1<<31-1))
		job.Status.FailedIndexes = ptr.To("")
	}
}

func backoffLimit(n int32) jobOption { return func(job *batchv1.Job) { job.Spec.BackoffLimit = &n } }
func parallelism(n int32) jobOption  { return func(job *batchv1.Job) { job.Spec.Parallelism = &n } }
func maxFailedIndexes(n int32) jobOption {
	return func(job *batchv1.Job) { job.Spec.MaxFailedIndexes = &n }
}

func activeDeadline(n int64) jobOption {
	return func(job *batchv1.Job) { job.Spec.ActiveDeadlineSeconds = &n }
}
func generation(n int64) jobOption { return func(job *batchv1.Job) { job.Generation = n } }

func suspended(job *batchv1.Job) { job.Spec.Suspend = ptr.To(true) }

func beingDeleted(job *batchv1.Job) {
	job.DeletionTimestamp, job.Generation = &metav1.Time{Time: at(90)}, job.Generation+1
}

func onFailure(job *batchv1.Job) {
	job.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyOnFailure
}

func onlyReplaceFailed(job *batchv1.Job) { job.Spec.PodReplacementPolicy = ptr.To(batchv1.Failed) }

func managedBy(name string) jobOption { return func(job *batchv1.Job) { job.Spec.ManagedBy = &name } }

func completed(list string, n int32) jobOption {
	return func(job *batchv1.Job) { job.Status.CompletedIndexes, job.Status.Succeeded = list, n }
}

func failedIndexes(list string) jobOption {
	return func(job *batchv1.Job) { job.Status.FailedIndexes = &list }
}
func failures(n int32) jobOption { return func(job *batchv1.Job) { job.Status.Failed = n } }
func active(n int32) jobOption   { return func(job *batchv1.Job) { job.Status.Active = n } }
func uncounted(pods ...string) jobOption {
	return func(job *batchv1.Job) {
		job.Status.UncountedTerminatedPods = &batchv1.UncountedTerminatedPods{}
		for _, name := range pods {
			job.Status.UncountedTerminatedPods.Failed = append(job.Status.UncountedTerminatedPods.Failed, types.UID(name))
		}
	}
}

func conditionTrue(kind batchv1.JobConditionType, second int, reason, message string) jobOption {
	return jobConditionIs(kind, corev1.ConditionTrue, second, reason, message)
}

func jobConditionIs(kind batchv1.JobConditionType, status corev1.ConditionStatus, second int, reason, message string) jobOption {
	return func(job *batchv1.Job) {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{
			Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: metav1.Time{Time: at(second)},
		})
	}
}

func resumed(job *batchv1.Job) {
	jobConditionIs(batchv1.JobSuspended, corev1.ConditionFalse, 0, "JobResumed", "Job resumed")(job)
}

// failing, failed, succeeding and complete decide the Job, as from 1.31 on.
func failing(second int, reason string) jobOption {
	return conditionTrue(batchv1.JobFailureTarget, second, reason, "")
}

func failedJob(second int, reason string) jobOption {
	return func(job *batchv1.Job) {
		failing(second, reason)(job)
		conditionTrue(batchv1.JobFailed, second, reason, "")(job)
	}
}

func succeeding(second int, reason string) jobOption {
	return conditionTrue(batchv1.JobSuccessCriteriaMet, second, reason, "")
}

func completeJob(second int, reason string) jobOption {
	return func(job *batchv1.Job) {
		succeeding(second, reason)(job)
		conditionTrue(batchv1.JobComplete, second, reason, "")(job)
	}
}

func failedByMessage(second int, message string) jobOption {
	return func(job *batchv1.Job) {
		conditionTrue(batchv1.JobFailureTarget, second, batchv1.JobReasonPodFailurePolicy, message)(job)
		conditionTrue(batchv1.JobFailed, second, batchv1.JobReasonPodFailurePolicy, message)(job)
	}
}

func policy(rules ...batchv1.PodFailurePolicyRule) jobOption {
	return func(job *batchv1.Job) {
		job.Spec.PodFailurePolicy = &batchv1.PodFailurePolicy{Rules: rules}
		onlyReplaceFailed(job)
	}
}

func onCodes(action batchv1.PodFailurePolicyAction, operator batchv1.PodFailurePolicyOnExitCodesOperator, codes ...int32) batchv1.PodFailurePolicyRule {
	return batchv1.PodFailurePolicyRule{Action: action, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: operator, Values: codes}}
}

func onCondition(action batchv1.PodFailurePolicyAction, kind corev1.PodConditionType, status corev1.ConditionStatus) batchv1.PodFailurePolicyRule {
	return batchv1.PodFailurePolicyRule{Action: action, OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: kind, Status: status}}}
}

var (
	ignoreDisruption = onCondition(batchv1.PodFailurePolicyActionIgnore, corev1.DisruptionTarget, corev1.ConditionTrue)
	failIndexOn42    = onCodes(batchv1.PodFailurePolicyActionFailIndex, batchv1.PodFailurePolicyOnExitCodesOpIn, 42)
	failJobOn42      = onCodes(batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyOnExitCodesOpIn, 42)
	ignoreOn5        = onCodes(batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyOnExitCodesOpIn, 5)
)

func successPolicy(rules ...batchv1.SuccessPolicyRule) jobOption {
	return func(job *batchv1.Job) { job.Spec.SuccessPolicy = &batchv1.SuccessPolicy{Rules: rules} }
}

type podOption func(*evidence.Attempt)

// aPod is named j-<index>-<second>, five characters as a real one.
func aPod(index int32, created int, options ...podOption) evidence.Attempt {
	name := podName(index, created)
	pod := evidence.Attempt{
		Name: name, UID: types.UID(name), Node: "n", Index: index, HasFailureCount: true,
		Finalizer: true, Owned: true, CreationTime: instant(created), StartTime: instant(created), Phase: corev1.PodRunning,
		Containers: []evidence.Container{{Name: "main", Type: evidence.App, Running: true, StartedAt: instant(created)}},
	}
	for _, option := range options {
		option(&pod)
	}
	return pod
}

func podName(index int32, created int) string { return fmt.Sprintf("j-%d-%05d", index, created) }

func born(counted, ignored int32) podOption {
	return func(pod *evidence.Attempt) { pod.FailureCount, pod.IgnoredFailureCount = counted, ignored }
}

func exited(code int32, second int) podOption {
	return func(pod *evidence.Attempt) {
		pod.Phase = corev1.PodFailed
		if code == 0 {
			pod.Phase = corev1.PodSucceeded
		}
		ended(code, second)(&pod.Containers[0], pod)
	}
}

func ended(code int32, second int) func(*evidence.Container, *evidence.Attempt) {
	return func(c *evidence.Container, pod *evidence.Attempt) {
		c.Running, c.StartedAt, c.FinishedAt = false, pod.CreationTime, instant(second)
		c.Terminated = &evidence.Terminated{ExitCode: code, Reason: "Error"}
	}
}

func succeeded(second int) podOption { return exited(0, second) }

func withContainer(kind evidence.ContainerType, name string, code int32, second int) podOption {
	return func(pod *evidence.Attempt) {
		c := evidence.Container{Name: name, Type: kind}
		ended(code, second)(&c, pod)
		pod.Containers = append(pod.Containers, c)
	}
}

func waits(reason string) podOption {
	return func(pod *evidence.Attempt) {
		pod.Phase, pod.StartTime = corev1.PodPending, 0
		pod.Containers = []evidence.Container{{Name: "main", Type: evidence.App, Waiting: reason}}
	}
}

// rejected by the kubelet: it never had a container.
func rejected(pod *evidence.Attempt) {
	pod.Phase, pod.StartTime, pod.Containers = corev1.PodFailed, 0, nil
}

// lostWithItsNode: nobody told of the end of its container.
func lostWithItsNode(pod *evidence.Attempt) { pod.Phase = corev1.PodFailed }

// deleted by a call at that second, with a grace period of 30.
func deleted(second int) podOption {
	return func(pod *evidence.Attempt) {
		pod.DeletionTime, pod.DeletionGracePeriod = instant(second+30), 30*time.Second
	}
}

func accounted(pod *evidence.Attempt) { pod.Finalizer = false }
func orphan(pod *evidence.Attempt)    { pod.Finalizer, pod.Owned = false, false }

func hasCondition(kind corev1.PodConditionType, status corev1.ConditionStatus, reason string, second int) podOption {
	return func(pod *evidence.Attempt) {
		pod.Conditions = append(pod.Conditions, evidence.Condition{Type: kind, Status: status, Reason: reason, LastTransitionTime: instant(second)})
	}
}

func disrupted(second int) podOption {
	return hasCondition(corev1.DisruptionTarget, corev1.ConditionTrue, "EvictionByEvictionAPI", second)
}

func onNode(name string) podOption { return func(pod *evidence.Attempt) { pod.Node = name } }

func says(message string) podOption {
	return func(pod *evidence.Attempt) { pod.Containers[0].Terminated.Message = message }
}

// seen is evidence read at second 100 of a 1.37 server: the Job, its pods and the
// Job again, which had not moved; no events.
type seen struct{ *evidence.Job }

func see(job *batchv1.Job, pods ...evidence.Attempt) seen {
	return seen{&evidence.Job{
		Job: job, Attempts: pods, ObservedAt: at(100), ServerVersion: "v1.37.2",
		Coverage: evidence.Coverage{Pods: evidence.Whole, Events: evidence.None},
		Order:    evidence.Bracketed, EventsOrder: evidence.EventsBeforePods,
	}}
}

// but is the same evidence with something changed.
func (s seen) but(change func(*evidence.Job)) seen {
	changed := *s.Job
	change(&changed)
	return seen{&changed}
}

func (s seen) at(second int) seen {
	return s.but(func(seen *evidence.Job) { seen.ObservedAt = at(second) })
}

func (s seen) version(version string) seen {
	return s.but(func(seen *evidence.Job) { seen.ServerVersion = version })
}

func (s seen) in(order evidence.Order) seen {
	return s.but(func(seen *evidence.Job) { seen.Order = order })
}

// before: the Job was read before its pods, and after: once they had been.
func (s seen) before() seen { return s.in(evidence.JobBeforePods) }
func (s seen) after() seen  { return s.in(evidence.JobAfterPods) }

// beside others that are there.
func (s seen) beside(pods ...evidence.Attempt) seen {
	return s.but(func(seen *evidence.Job) { seen.Attempts = slices.Concat(seen.Attempts, pods) })
}

func (s seen) covering(level evidence.Level) seen {
	return s.but(func(seen *evidence.Job) { seen.Coverage.Pods = level })
}

// partial evidence may lack pods.
func (s seen) partial() seen     { return s.covering(evidence.Partial) }
func (s seen) withoutPods() seen { return s.covering(evidence.None) }

func (s seen) eventsUnread() seen {
	return s.but(func(seen *evidence.Job) { seen.Coverage.Events = evidence.None })
}

func (s seen) events(events ...evidence.Event) seen {
	return s.but(func(seen *evidence.Job) {
		seen.Coverage.Events, seen.Events = evidence.Whole, slices.Concat(seen.Events, events)
	})
}

func (s seen) explain() *v1alpha1.Explanation { return Explain(s.Job, s.ObservedAt) }

// totals is the last stage before the fates.
func (s seen) totals() *totals { return total(foresee(readPods(readJob(s.Job, s.ObservedAt)))) }

func jobEvent(reason, message string, second int) evidence.Event {
	return evidence.Event{Kind: "Job", UID: "job", Reason: reason, Message: message, Source: "job-controller", Count: 1, First: at(second), Last: at(second)}
}

func created(index int32, second int) evidence.Event {
	return jobEvent(reasonCreate, createdPod+podName(index, second), second)
}

func removal(index int32, created, second int) evidence.Event {
	return jobEvent(reasonDelete, deletedPod+podName(index, created), second)
}

func inPodGroup(name string) podOption {
	return func(pod *evidence.Attempt) { pod.PodGroup, pod.Node = name, "" }
}

func refused(second int) evidence.Event {
	return jobEvent(reasonFailedCreate, "Error creating: exceeded quota", second)
}

// fateOf is the record that stands for the index.
func fateOf(e *v1alpha1.Explanation, index int32) *v1alpha1.IndexFate {
	for i := range e.Fates {
		if e.Fates[i].Index <= index && index <= e.Fates[i].Last() {
			return &e.Fates[i]
		}
	}
	return nil
}

// wantFate holds an index's fate and reason against "Fate/Reason", with
// " unrecorded" behind it where only the next sync lists the index.
func wantFate(t *testing.T, e *v1alpha1.Explanation, index int32, want string) {
	t.Helper()
	record := fateOf(e, index)
	if got := inBrief(record); got != want {
		t.Errorf("index %d: got %s (%s), want %s", index, got, record.Message, want)
	}
	isListed := record.Fate == v1alpha1.Succeeded || record.Fate == v1alpha1.Failed
	if isListed != (record.Recorded != nil) {
		t.Errorf("index %d: %s, recorded %v", index, record.Fate, record.Recorded)
	}
}

func inBrief(record *v1alpha1.IndexFate) string {
	words := string(record.Fate) + "/" + record.Reason
	if record.Recorded != nil && !*record.Recorded {
		words += " unrecorded"
	}
	return words
}
