package controller_test

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
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
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "j", UID: "job", CreationTimestamp: metav1.Time{Time: at(0)}},
		Spec: batchv1.JobSpec{
			CompletionMode: ptr.To(batchv1.IndexedCompletion), Completions: &completions, Parallelism: ptr.To(completions),
			BackoffLimit: ptr.To(int32(6)), Suspend: ptr.To(false),
		},
		Status: batchv1.JobStatus{StartTime: &metav1.Time{Time: at(0)}, Ready: ptr.To(int32(0)), Terminating: ptr.To(int32(0))},
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

func suspended(job *batchv1.Job)    { job.Spec.Suspend = ptr.To(true) }
func notStarted(job *batchv1.Job)   { job.Status.StartTime = nil }
func beingDeleted(job *batchv1.Job) { job.DeletionTimestamp = &metav1.Time{Time: at(90)} }

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
func ready(n int32) jobOption    { return func(job *batchv1.Job) { job.Status.Ready = &n } }

func uncounted(pods ...string) jobOption {
	return func(job *batchv1.Job) {
		job.Status.UncountedTerminatedPods = &batchv1.UncountedTerminatedPods{}
		for _, name := range pods {
			job.Status.UncountedTerminatedPods.Failed = append(job.Status.UncountedTerminatedPods.Failed, types.UID(name))
		}
	}
}

func condition(kind batchv1.JobConditionType, status corev1.ConditionStatus, reason string) jobOption {
	return func(job *batchv1.Job) {
		c := batchv1.JobCondition{Type: kind, Status: status, Reason: reason, LastTransitionTime: metav1.Time{Time: at(0)}}
		switch reason {
		case "JobSuspended":
			c.Message = "Job suspended"
		case "JobResumed":
			c.Message = "Job resumed"
		}
		job.Status.Conditions = append(job.Status.Conditions, c)
	}
}

func isTrue(kind batchv1.JobConditionType, reason string) jobOption {
	return condition(kind, corev1.ConditionTrue, reason)
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
	failJobOn42      = onCodes(batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyOnExitCodesOpIn, 42)
	ignoreOn5        = onCodes(batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyOnExitCodesOpIn, 5)
)

func successPolicy(rules ...batchv1.SuccessPolicyRule) jobOption {
	return func(job *batchv1.Job) { job.Spec.SuccessPolicy = &batchv1.SuccessPolicy{Rules: rules} }
}

type podOption func(*evidence.Attempt)

// aPod is named j-<index>-<second>, five characters as a real one.
func aPod(index int32, created int, options ...podOption) *evidence.Attempt {
	name := fmt.Sprintf("j-%d-%05d", index, created)
	pod := &evidence.Attempt{
		Name: name, UID: types.UID(name), Node: "n", Index: index, HasFailureCount: true,
		Finalizer: true, Owned: true, CreationTime: instant(created), StartTime: instant(created), Phase: corev1.PodRunning,
		Containers: []evidence.Container{{Name: "main", Type: evidence.App, Running: true, StartedAt: instant(created)}},
	}
	for _, option := range options {
		option(pod)
	}
	return pod
}

func named(name string) podOption {
	return func(pod *evidence.Attempt) { pod.Name, pod.UID = name, types.UID(name) }
}

func born(counted, ignored int32) podOption {
	return func(pod *evidence.Attempt) { pod.FailureCount, pod.IgnoredFailureCount = counted, ignored }
}

func exited(code int32, second int) podOption {
	return func(pod *evidence.Attempt) {
		pod.Phase = corev1.PodFailed
		if code == 0 {
			pod.Phase = corev1.PodSucceeded
		}
		end(&pod.Containers[0], pod, code, second)
	}
}

func end(c *evidence.Container, pod *evidence.Attempt, code int32, second int) {
	c.Running, c.StartedAt, c.FinishedAt = false, pod.CreationTime, instant(second)
	c.Terminated = &evidence.Terminated{ExitCode: code, Reason: "Error"}
}

func succeeded(second int) podOption { return exited(0, second) }

func withContainer(kind evidence.ContainerType, name string, code int32, second int) podOption {
	return func(pod *evidence.Attempt) {
		c := evidence.Container{Name: name, Type: kind}
		end(&c, pod, code, second)
		pod.Containers = append(pod.Containers, c)
	}
}

func restarted(times int32) podOption {
	return func(pod *evidence.Attempt) { pod.Containers[0].Restarts = times }
}

func waits(pod *evidence.Attempt) {
	pod.Phase, pod.StartTime, pod.Node = corev1.PodPending, 0, ""
	pod.Containers = []evidence.Container{{Name: "main", Type: evidence.App, Waiting: "ContainerCreating"}}
}

// rejected by the kubelet: it never had a container.
func rejected(pod *evidence.Attempt) {
	pod.Phase, pod.StartTime, pod.Containers = corev1.PodFailed, 0, nil
}

// deleted by a call at that second, with a grace period of 30.
func deleted(second int) podOption {
	return func(pod *evidence.Attempt) {
		pod.DeletionTime, pod.DeletionGracePeriod = instant(second+30), 30*time.Second
	}
}

func accounted(pod *evidence.Attempt) { pod.Finalizer = false }
func orphan(pod *evidence.Attempt)    { pod.Finalizer, pod.Owned = false, false }

func has(kind corev1.PodConditionType, status corev1.ConditionStatus, second int) podOption {
	return func(pod *evidence.Attempt) {
		pod.Conditions = append(pod.Conditions, evidence.Condition{Type: kind, Status: status, LastTransitionTime: instant(second)})
	}
}

func isReady(second int) podOption { return has(corev1.PodReady, corev1.ConditionTrue, second) }
func disrupted(second int) podOption {
	return has(corev1.DisruptionTarget, corev1.ConditionTrue, second)
}

// aState is read at second 100 by the newest rules.
func aState(job *batchv1.Job, pods ...*evidence.Attempt) controller.State {
	return stateOf(controller.Newest, job, pods...)
}

func stateOf(minor int, job *batchv1.Job, pods ...*evidence.Attempt) controller.State {
	rules := controller.Rules{Minor: minor}
	return controller.State{Job: job, Pods: controller.NewReckoner(job, rules).Pods(pods), Now: at(100), Rules: rules}
}
