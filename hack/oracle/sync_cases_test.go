package oracle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/onesync"
)

// What the controller's own unit tables (TestControllerSyncJob, TestSyncJob...,
// TestTrackJobStatusAndRemoveFinalizers) try, where it applies to an Indexed Job
// and no request fails, told anew. Ours must do as the real one, and that must be
// what the sentence says: each want is part of it.
func TestSyncOfTheControllersOwnCases(t *testing.T) {
	const (
		running, pending  = corev1.PodRunning, corev1.PodPending
		succeeded, failed = corev1.PodSucceeded, corev1.PodFailed
	)
	real := newController(t)
	compare := compareSync(real)
	for _, test := range []struct {
		name string
		c    *Case
		want string // pieces of what upstream does
	}{
		{"a Job starts", syncCase(5, 2), "created  0 born /, 1 born /|active 2"},
		{"as many pods as wanted", syncCase(5, 2, aPod(0, running), aPod(1, pending)).active(2), "created  \n"},
		{"too few pods", syncCase(5, 2, aPod(0, running)), "created  1 born /"},
		{"pods that failed are replaced at once where nothing failed of late", syncCase(5, 2, aPod(0, failed, exit(1), finished(-100))), "created  0 born /, 1 born /|uncounted [job-0]"},
		{"pods on their way out are replaced by default", syncCase(2, 2, aPod(0, running, deletedAt(-100)), aPod(1, running)), "created  0 born /|terminating 1"},
		{"and not where only failed ones are", syncCase(2, 2, aPod(0, running, deletedAt(-100)), aPod(1, running)).replacing(batchv1.Failed), "created  \n|terminating 1"},
		{"more pods on their way out than parallelism", syncCase(9, 1, aPod(0, running, deletedAt(-9)), aPod(1, running, deletedAt(-9))).replacing(batchv1.Failed), "created  \n|terminating 2"},
		{"a backoff that runs", syncCase(5, 2).remembering(2, -5), "created  \n|again    [15s]"},
		{"a backoff that runs, and a pod that does", syncCase(5, 2, aPod(0, running)).remembering(2, -5), "created  \n|active 1|again    [15s]"},
		{"a backoff that is over", syncCase(5, 2).remembering(2, -20), "created  0 born /, 1 born /"},
		{"a backoff that a success ends", syncCase(5, 2, aPod(0, succeeded, finished(-1))).remembering(5, -2), "created  1 born /, 2 born /|backoff  )"},
		{"a failure of late", syncCase(5, 1, aPod(0, failed, exit(1), finished(-1))), "created  \n|again    [9s]|backoff  1 until"},
		{"too many pods", syncCase(5, 1, aPod(0, running), aPod(1, running)).active(2), "active 1, ready 0, terminating 1|created  \n"},
		{"of too many the one that is not ready goes", syncCase(5, 1, aPod(0, running), aPod(1, running, isReady)).active(2), "deleted  job-0, finalizers job-0|ready 1"},
		{"more pods than are left to succeed", syncCase(2, 2, aPod(0, running), aPod(1, running)).recorded("0"), "terminating 1"},
		{"all have succeeded", syncCase(2, 2, aPod(0, succeeded), aPod(1, succeeded)), `completed "0,1"|Complete=True CompletionsReached`},
		{"an index succeeds twice", syncCase(3, 3, aPod(0, succeeded), aPod(0, succeeded), aPod(1, running)), `succeeded 1,|completed "0"`},
		{"pods without an index, or with a wrong one", syncCase(2, 2, aPod(-1, running), aPod(7, running), aPod(0, running)), "deleted  job-0, job-1, finalizers job-0, job-1|created  \n"},
		{"an index runs twice", syncCase(2, 2, aPod(0, running), aPod(0, pending), aPod(1, running)), "deleted  job-1, finalizers job-1"},
		{"more than 500 are to be created", syncCase(600, 600), "active 500"},
		{"a Job that is being deleted creates none", syncCase(2, 2).with(beingDeleted), "created  \n"},
		{"and lets go of its own", syncCase(2, 2, aPod(0, running), aPod(1, failed)).with(beingDeleted), "finalizers job-0, job-1"},
		{"too many failures", syncCase(2, 2, aPod(0, failed)).with(backoffLimit(0)), "FailureTarget=True BackoffLimitExceeded|Failed=True BackoffLimitExceeded|failed 1"},
		{"too many failures, and pods unseen", syncCase(2, 2, aPod(0, failed), aPod(1, running)).with(backoffLimit(0)).unobserved(), "deleted  job-1, finalizers job-0|completion never)"},
		{"what runs as the Job fails is on its way out, and not ready", syncCase(3, 3, aPod(0, failed), aPod(1, running, isReady)).with(backoffLimit(0)), "active 0, ready 0, terminating 1|FailureTarget=True BackoffLimitExceeded"},
		{"a Job is suspended", syncCase(2, 2, aPod(0, running, isReady), aPod(1, running)).with(suspended), "active 0, ready 0, terminating 2|Suspended=True JobSuspended|start never"},
		{"not while pods are unseen", syncCase(2, 2, aPod(0, running), aPod(1, running)).with(suspended).unobserved(), "active 2|deleted  , finalizers )"},
		{"not one that is being deleted", syncCase(2, 2, aPod(0, running)).with(suspended, beingDeleted), "deleted  , finalizers job-0"},
		{"a Job is resumed", syncCase(2, 2).with(condition(batchv1.JobSuspended, corev1.ConditionTrue, "JobSuspended", "Job suspended")), "Suspended=False JobResumed|active 2"},
		{"FailureTarget that is False means nothing", syncCase(2, 2).with(condition(batchv1.JobFailureTarget, corev1.ConditionFalse, "", "")), "active 2"},
		{"nor does SuccessCriteriaMet", syncCase(2, 2).with(condition(batchv1.JobSuccessCriteriaMet, corev1.ConditionFalse, "", "")), "active 2"},
		{"another controller's Job", syncCase(2, 2, aPod(0, failed)).with(managedBy), "first    \n|created  \n"},
		{"a deadline that is over", syncCase(2, 2, aPod(0, running)).with(deadline(10)), "FailureTarget=True DeadlineExceeded|deleted  job-0"},
		{"a deadline that is not", syncCase(2, 2, aPod(0, running), aPod(1, running)).with(deadline(1000)), "again    [16m"},
		{"a deadline that is over, before any pod", syncCase(2, 2).with(deadline(10)), "Failed=True DeadlineExceeded"},
		{"a deadline, and too many failures", syncCase(2, 2, aPod(0, failed)).with(deadline(10), backoffLimit(0)), "Failed=True BackoffLimitExceeded"},
		{"a deadline of a suspended Job", syncCase(2, 2).with(deadline(10), suspended), "Suspended=True"},
		{"a FailJob rule names no other container", syncCase(2, 2, aPod(0, failed, exit(5))).with(onExitCode("FailJob", "second", 5)), "uncounted [job-0]"},
		{"a pod that runs fails no Job", syncCase(2, 2, aPod(0, running, exit(5))).with(onExitCode("FailJob", "", 5)), "created  1 born"},
		{"a FailJob rule", syncCase(2, 2, aPod(0, failed, exit(5)), aPod(1, running)).with(onExitCode("FailJob", "", 5)), "FailureTarget=True PodFailurePolicy|failed 2"},
		{"the first of two rules", syncCase(2, 2, aPod(0, failed, exit(5), finished(-99))).with(onExitCode("Ignore", "", 5), onExitCode("FailJob", "", 5)), "uncounted [] []|created  0 born"},
		{"an ignored failure delays the next pod", syncCase(2, 1, aPod(0, failed, exit(5), finished(-1))).with(onExitCode("Ignore", "", 5)), "again    [9s]|created  \n"},
		{"a pod on its way out is not failed by a policy", syncCase(2, 2, aPod(0, running, deletedAt(-1))).with(onExitCode("Count", "", 5)), "finalizers )|created  1 born"},
		{"decided, and a pod that failed", syncCase(2, 2, aPod(0, failed, exit(5))).with(condition(batchv1.JobFailureTarget, corev1.ConditionTrue, batchv1.JobReasonPodFailurePolicy, "")), "Failed=True PodFailurePolicy|failed 1"},
		{"a successPolicy, and what runs", syncCase(3, 3, aPod(0, succeeded), aPod(1, running)).with(succeededCount(1)), "SuccessCriteriaMet=True SuccessPolicy|deleted  job-1|terminating 1"},
		{"a successPolicy, and nothing runs", syncCase(3, 3, aPod(0, succeeded)).with(succeededCount(1)), "Complete=True SuccessPolicy"},
		{"a successPolicy, and a FailJob rule", syncCase(3, 3, aPod(0, succeeded), aPod(1, failed, exit(5))).with(succeededCount(1), onExitCode("FailJob", "", 5)), "Failed=True PodFailurePolicy"},
		{"a successPolicy, and too many failures", syncCase(3, 3, aPod(0, succeeded), aPod(1, failed)).with(succeededCount(1), backoffLimit(0)), "Failed=True BackoffLimitExceeded"},
		{"a successPolicy that was met, and a FailJob rule", syncCase(3, 3, aPod(1, failed, exit(5))).recorded("0").with(succeededCount(1), onExitCode("FailJob", "", 5), condition(batchv1.JobSuccessCriteriaMet, corev1.ConditionTrue, batchv1.JobReasonSuccessPolicy, "")), "Complete=True SuccessPolicy"},
		{"a Job that fails, and a successPolicy", syncCase(3, 3, aPod(0, succeeded)).with(succeededCount(1), condition(batchv1.JobFailureTarget, corev1.ConditionTrue, batchv1.JobReasonPodFailurePolicy, "")), "Failed=True PodFailurePolicy"},
		{"a failure within its index", syncCase(2, 2, aPod(0, failed, finished(-1)), aPod(1, running)).with(perIndex(1)), "uncounted [] []|created  \n|again    [9s]"},
		{"its replacement runs", syncCase(2, 2, aPod(0, failed), aPod(0, pending, born("1")), aPod(1, running)).with(perIndex(1)), "uncounted [job-0]|failed 1"},
		{"its replacement succeeded", syncCase(2, 2, aPod(0, succeeded, born("1")), aPod(1, succeeded)).with(perIndex(1)), "Complete=True CompletionsReached"},
		{"an index fails by its count, and the Job goes on", syncCase(2, 2, aPod(0, failed, born("1")), aPod(1, running)).with(perIndex(1)), `failed indexes "0"|uncounted [job-0]`},
		{"an index fails by FailIndex", syncCase(2, 2, aPod(0, failed, exit(3)), aPod(1, running)).with(perIndex(1), onExitCode("FailIndex", "", 3)), `failed indexes "0"`},
		{"an ignored failure within its index", syncCase(2, 2, aPod(0, failed, exit(3), finished(-99)), aPod(1, running)).with(perIndex(1), onExitCode("Ignore", "", 3)), "created  0 born 0/1"},
		{"the limit of all, before that of one", syncCase(2, 2, aPod(0, failed), aPod(1, failed)).with(perIndex(1), backoffLimit(1)), "Failed=True BackoffLimitExceeded"},
		{"all are done, one failed", syncCase(2, 2, aPod(0, failed, born("1")), aPod(1, succeeded)).with(perIndex(1)), `Failed=True FailedIndexes|failed indexes "0"`},
		{"too many failed indexes", syncCase(4, 4, aPod(0, failed, born("1")), aPod(1, failed, born("1")), aPod(2, running)).with(perIndex(1), maxFailedIndexes(1)), `FailureTarget=True MaxFailedIndexesExceeded|failed indexes "0,1"|failed 3`},
		{"a pod that is written down already", syncCase(3, 3, aPod(0, failed), aPod(1, succeeded)).with(uncounted("job-0", "gone")), "failed 1,|failed 2,"},
		{"a finalizer that is on its way", syncCase(3, 3, aPod(0, failed), aPod(1, failed)).removing("job-0"), "finalizers job-1|uncounted [job-1]"},
		{"a pod that flips from failed to succeeded", syncCase(3, 3, aPod(0, succeeded)).with(uncounted("job-0")), "finalizers job-0|failed 1"},
		{"completions were lowered", syncCase(3, 3, aPod(0, succeeded), aPod(5, succeeded)).recorded("1,3-5"), `completed "0,1"|finalizers job-0, job-1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if difference := compare(test.c, ignoreBranch); difference != "" {
				t.Fatal(difference)
			}
			result, err := real.Sync(onesync.Snapshot{
				Job: test.c.Job, Pods: test.c.Pods, Now: test.c.Now, Failures: test.c.Memory.Failures, LastFailure: test.c.Memory.LastFailure,
				Unobserved: test.c.Memory.Unobserved, Removing: test.c.Memory.Removing,
			})
			if err != nil {
				t.Fatal(err)
			}
			did := effectsOfResult(&result).String() + "\n"
			for want := range strings.SplitSeq(test.want, "|") {
				if want = strings.ReplaceAll(want, ")", "\n"); !strings.Contains(did, want) {
					t.Errorf("not %q: %s", want, did)
				}
			}
		})
	}
}

// syncCase is a Job that started 16 seconds ago, its pods half a minute before.
func syncCase(completions, parallelism int32, pods ...*corev1.Pod) *Case {
	indexed := batchv1.IndexedCompletion
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "job", UID: "job-uid", ResourceVersion: "1"},
		Spec: batchv1.JobSpec{
			CompletionMode: &indexed, Completions: &completions, Parallelism: &parallelism, BackoffLimit: ptrTo[int32](6),
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"job": "job"}},
		},
		Status: batchv1.JobStatus{StartTime: ptrTo(second(-16))},
	}
	for i, pod := range pods {
		pod.Name = fmt.Sprint("job-", i)
		pod.UID = types.UID(pod.Name)
	}
	return &Case{Job: job, Pods: pods, Now: epoch}
}

func second(n int) metav1.Time { return metav1.NewTime(epoch.Add(time.Duration(n) * time.Second)) }

func (c *Case) with(options ...func(*batchv1.Job)) *Case {
	for _, option := range options {
		option(c.Job)
	}
	return c
}

func (c *Case) active(n int32) *Case         { c.Job.Status.Active = n; return c }
func (c *Case) recorded(list string) *Case   { c.Job.Status.CompletedIndexes = list; return c }
func (c *Case) unobserved() *Case            { c.Memory.Unobserved = true; return c }
func (c *Case) removing(uid types.UID) *Case { c.Memory.Removing = []types.UID{uid}; return c }

func (c *Case) replacing(policy batchv1.PodReplacementPolicy) *Case {
	c.Job.Spec.PodReplacementPolicy = &policy
	return c
}

func (c *Case) remembering(failures int32, last int) *Case {
	c.Memory.Failures, c.Memory.LastFailure = failures, second(last).Time
	return c
}

func suspended(job *batchv1.Job) { job.Spec.Suspend = ptrTo(true) }
func managedBy(job *batchv1.Job) { job.Spec.ManagedBy = ptrTo("kueue.x-k8s.io/multikueue") }

func beingDeleted(job *batchv1.Job) {
	job.DeletionTimestamp, job.Finalizers = ptrTo(second(-1)), []string{"foregroundDeletion"}
}

func backoffLimit(n int32) func(*batchv1.Job) {
	return func(job *batchv1.Job) { job.Spec.BackoffLimit = &n }
}

func deadline(n int64) func(*batchv1.Job) {
	return func(job *batchv1.Job) { job.Spec.ActiveDeadlineSeconds = &n }
}

func maxFailedIndexes(n int32) func(*batchv1.Job) {
	return func(job *batchv1.Job) { job.Spec.MaxFailedIndexes = &n }
}

func perIndex(n int32) func(*batchv1.Job) {
	return func(job *batchv1.Job) { job.Spec.BackoffLimitPerIndex = &n }
}

func succeededCount(n int32) func(*batchv1.Job) {
	return func(job *batchv1.Job) {
		job.Spec.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededCount: &n}}}
	}
}

func uncounted(uids ...types.UID) func(*batchv1.Job) {
	return func(job *batchv1.Job) {
		job.Status.UncountedTerminatedPods = &batchv1.UncountedTerminatedPods{Failed: uids}
	}
}

func condition(kind batchv1.JobConditionType, status corev1.ConditionStatus, reason, message string) func(*batchv1.Job) {
	return func(job *batchv1.Job) {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{Type: kind, Status: status, Reason: reason, Message: message})
	}
}

// onExitCode adds a rule to the podFailurePolicy, which forces podReplacementPolicy.
func onExitCode(action batchv1.PodFailurePolicyAction, container string, code int32) func(*batchv1.Job) {
	return func(job *batchv1.Job) {
		if job.Spec.PodFailurePolicy == nil {
			job.Spec.PodFailurePolicy, job.Spec.PodReplacementPolicy = &batchv1.PodFailurePolicy{}, ptrTo(batchv1.Failed)
		}
		rule := batchv1.PodFailurePolicyRule{Action: action, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{
			Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: []int32{code},
		}}
		if container != "" {
			rule.OnExitCodes.ContainerName = &container
		}
		job.Spec.PodFailurePolicy.Rules = append(job.Spec.PodFailurePolicy.Rules, rule)
	}
}

// aPod of the index, of none where that is below 0, with its finalizer.
func aPod(index int, phase corev1.PodPhase, options ...func(*corev1.Pod)) *corev1.Pod {
	controls := true
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", CreationTimestamp: second(-30), Labels: map[string]string{"job": "job"}, Annotations: map[string]string{},
			Finalizers:      []string{batchv1.JobTrackingFinalizer},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "job", UID: "job-uid", Controller: &controls}},
		},
		Status: corev1.PodStatus{Phase: phase},
	}
	if index >= 0 {
		pod.Annotations[batchv1.JobCompletionIndexAnnotation] = fmt.Sprint(index)
	}
	for _, option := range options {
		option(pod)
	}
	return pod
}

func isReady(pod *corev1.Pod) {
	pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionTrue})
}

func exit(code int32) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "main", State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: code},
		}}}
	}
}

// finished is when the pod was not ready any more.
func finished(at int) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionFalse, LastTransitionTime: second(at)})
	}
}

func born(count string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Annotations[batchv1.JobIndexFailureCountAnnotation] = count }
}

func deletedAt(at int) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.DeletionTimestamp = ptrTo(second(at)) }
}
