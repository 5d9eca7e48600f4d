package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// Users are Jobs that somebody does something to on the way.
func Users() []Scenario {
	ok, fails := nodes.Outcome{}, nodes.ExitCode(1)
	return []Scenario{
		{
			Name:  "suspend-and-resume",
			Shows: "suspended while index 0 runs its second attempt and index 1 waits for one: after the resume the count of 0 begins anew, that of 1 goes on",
			Job:   newJob("suspend-and-resume", 3, 3, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) }),
			Script: nodes.Plan{
				0: {fails, long, fails, ok},
				1: {after(9*time.Second, fails), ok},
			}.Script,
			Act:  suspendAndResume,
			Want: Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0-2", Failed: ptr("")},
		},
		{
			Name:  "suspended-amid-retry",
			Shows: "suspended while index 0 runs its second attempt: after the resume it begins anew, and succeeds",
			Job:   newJob("suspended-amid-retry", 1, 1, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) }),
			// The failed pod is still there when the next attempt is created.
			Script: nodes.Plan{0: {fails, long, ok}}.Script,
			Act:    suspendAndResume,
			Want:   Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0", Failed: ptr("")},
		},
		{
			Name:  "succeeded-while-suspended",
			Shows: "the pod of index 0 is deleted for the suspension and then exits 0, which counts for nothing; lowering maxFailedIndexes decides the Job meanwhile",
			Job: newJob("succeeded-while-suspended", 2, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.MaxFailedIndexes = ptr[int32](0), ptr[int32](1)
				// It keeps what was deleted where it can be seen.
				s.Template.Finalizers = []string{"example.com/keep"}
			}),
			Script: nodes.Plan{0: {{End: nodes.Hang, OnTerminate: nodes.ExitZero, Termination: time.Second}}, 1: {fails}}.Script,
			Act: func(r *Run) error {
				if err := r.Wait("an index has failed", hasFailedIndexes); err != nil {
					return err
				}
				if err := r.Change(map[string]any{"suspend": true}); err != nil {
					return err
				}
				if err := r.Sleep(5 * time.Second); err != nil {
					return err
				}
				return r.Change(map[string]any{"maxFailedIndexes": 0})
			},
			// A Job without startTime cannot be Failed, so that it stays at FailureTarget.
			Until: 15 * time.Second,
			Want:  Want{Failed: ptr("1")},
		},
		{
			Name:  "parallelism-changed",
			Shows: "parallelism goes from 3 to 1 and to 3 again: the surplus pods are deleted uncounted, and their indexes begin anew",
			Job:   newJob("parallelism-changed", 3, 3, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](0) }),
			Script: func(_, attempt int) nodes.Outcome {
				if attempt == 1 {
					return after(12*time.Second, ok)
				}
				return ok
			},
			Act: func(r *Run) error {
				if err := r.Sleep(2 * time.Second); err != nil {
					return err
				}
				if err := r.Change(map[string]any{"parallelism": 1}); err != nil {
					return err
				}
				if err := r.Sleep(3 * time.Second); err != nil {
					return err
				}
				if err := r.Take("lowered"); err != nil {
					return err
				}
				return r.Change(map[string]any{"parallelism": 3})
			},
			Want: Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0-2", Failed: ptr("")},
		},
		{
			Name:  "elastic-scale-down",
			Shows: "completions and parallelism go from 4 to 2 after index 3 has failed and 2 has succeeded: both are forgotten, and the Job completes",
			Job:   newJob("elastic-scale-down", 4, 4, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](0) }),
			Script: nodes.Plan{
				0: {after(7*time.Second, ok)}, 3: {fails},
			}.Script,
			Moments: []time.Duration{3 * time.Second},
			Act: func(r *Run) error {
				if err := r.Sleep(5 * time.Second); err != nil {
					return err
				}
				return r.Change(map[string]any{"completions": 2, "parallelism": 2})
			},
			Want: Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0,1", Failed: ptr("")},
		},
		{
			Name:    "deleted-pod-fails-index",
			Differs: true,
			Shows:   "podReplacementPolicy TerminatingOrFailed, backoffLimitPerIndex 0: deleting a running pod fails its index at once, although the pod then exits 0",
			Job: newJob("deleted-pod-fails-index", 2, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.PodReplacementPolicy = ptr[int32](0), ptr(batchv1.TerminatingOrFailed)
			}),
			Script:  nodes.Plan{0: {{Runs: 2 * time.Second, End: nodes.Delete, OnTerminate: nodes.ExitZero, Termination: 2 * time.Second}}, 1: {after(6*time.Second, ok)}}.Script,
			Moments: []time.Duration{3500 * time.Millisecond},
			Want:    Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "1", Failed: ptr("0")},
		},
		{
			Name:  "deleted-pod-replacement-failed",
			Shows: "podReplacementPolicy Failed, backoffLimitPerIndex 0: a deleted pod that exits 0 completes its index, one that exits 143 fails it",
			Job: newJob("deleted-pod-replacement-failed", 3, 3, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.PodReplacementPolicy = ptr[int32](0), ptr(batchv1.Failed)
			}),
			Script: nodes.Plan{
				0: {{Runs: 2 * time.Second, End: nodes.Delete, OnTerminate: nodes.ExitZero, Termination: 3 * time.Second}},
				1: {{Runs: 2 * time.Second, End: nodes.Delete, Termination: 3 * time.Second}},
			}.Script,
			Moments: []time.Duration{4 * time.Second},
			Want:    Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,2", Failed: ptr("1")},
		},
		{
			Name:    "drained-then-deleted",
			Differs: true,
			Shows:   "Ignore on DisruptionTarget: a drain costs nothing, deleting the replacement does",
			Job: newJob("drained-then-deleted", 2, 2, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.PodFailurePolicy = ptr[int32](0), policy(onCondition(ignore, corev1.DisruptionTarget))
			}),
			Script: nodes.Plan{0: {{End: nodes.Drain}, {End: nodes.Delete}}}.Script,
			Want:   Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "1", Failed: ptr("0")},
		},
		{
			Name:   "pods-removed-after-finish",
			Shows:  "the Job is over and somebody has removed its pods: what remains are the status and the events",
			Job:    newJob("pods-removed-after-finish", 3, 3, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) }),
			Script: nodes.Plan{0: {fails, ok}, 1: {fails}}.Script,
			Act:    removePods,
			Want:   Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,2", Failed: ptr("1")},
		},
		{
			Name:  "pods-removed-with-rule",
			Shows: "as pods-removed-after-finish, with a FailIndex rule: whether it or the limit failed index 1 is not known any more",
			Job: newJob("pods-removed-with-rule", 3, 3, func(s *batchv1.JobSpec) {
				s.BackoffLimitPerIndex, s.PodFailurePolicy = ptr[int32](1), policy(onExitCodes(failIndex, "", in, 42))
			}),
			Script: nodes.Plan{0: {fails, ok}, 1: {nodes.ExitCode(42)}}.Script,
			Act:    removePods,
			Want:   Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0,2", Failed: ptr("1")},
		},
		{
			Name:   "job-removed",
			Shows:  "somebody has deleted the Job and left its pods: they are there without an owner",
			Job:    newJob("job-removed", 2, 2, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](0) }),
			Script: nodes.Plan{1: {fails}}.Script,
			Act: func(r *Run) error {
				if err := r.Wait("the Job is over and at rest", atRest); err != nil {
					return err
				}
				r.Tape.Did("delete the job and leave its pods")
				if err := r.Client.BatchV1().Jobs(r.Job.Namespace).Delete(r.Ctx, r.Job.Name,
					metav1.DeleteOptions{PropagationPolicy: ptr(metav1.DeletePropagationOrphan)}); err != nil {
					return err
				}
				return r.Wait("the pods have no owner", func(_ *batchv1.Job, pods []*corev1.Pod) bool {
					return !slices.ContainsFunc(pods, func(p *corev1.Pod) bool { return len(p.OwnerReferences) > 0 })
				})
			},
			Want: Want{Reason: batchv1.JobReasonFailedIndexes, Completed: "0", Failed: ptr("1")},
		},
		{
			Name:   "finalizer-removed",
			Shows:  "somebody takes the Job's finalizer from a pod that has failed once before: its failure is lost, and the count begins anew",
			Job:    newJob("finalizer-removed", 1, 1, func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = ptr[int32](1) }),
			Script: nodes.Plan{0: {fails, after(5*time.Second, fails), fails, ok}}.Script,
			Act: func(r *Run) error {
				if err := r.Wait("index 0 retries", runs(0, 1)); err != nil {
					return err
				}
				_, pods := r.Tape.See()
				pod := pods[slices.IndexFunc(pods, func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning })]
				r.Tape.Did("remove the finalizers of pod %s", pod.Name)
				_, err := r.Client.CoreV1().Pods(pod.Namespace).Patch(r.Ctx, pod.Name, types.MergePatchType,
					[]byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
				return err
			},
			Want: Want{Reason: batchv1.JobReasonCompletionsReached, Completed: "0", Failed: ptr("")},
		},
	}
}

// suspendAndResume lets index 0 fail once, and suspends the Job for a moment
// while it tries again.
func suspendAndResume(r *Run) error {
	if err := r.Wait("index 0 retries", runs(0, 1)); err != nil {
		return err
	}
	if err := r.Change(map[string]any{"suspend": true}); err != nil {
		return err
	}
	if err := r.Sleep(3 * time.Second); err != nil {
		return err
	}
	if err := r.Take("suspended"); err != nil {
		return err
	}
	return r.Change(map[string]any{"suspend": false})
}

func removePods(r *Run) error {
	if err := r.Wait("the Job is over and at rest", atRest); err != nil {
		return err
	}
	_, pods := r.Tape.See()
	for _, pod := range pods {
		if err := r.Delete(pod); err != nil {
			return err
		}
	}
	return nil
}

// runs tells whether a pod of the index runs that was born with that many
// counted failures.
func runs(index, failures int) func(*batchv1.Job, []*corev1.Pod) bool {
	return func(_ *batchv1.Job, pods []*corev1.Pod) bool {
		return slices.ContainsFunc(pods, func(pod *corev1.Pod) bool {
			return pod.Status.Phase == corev1.PodRunning &&
				pod.Annotations[batchv1.JobCompletionIndexAnnotation] == strconv.Itoa(index) &&
				pod.Annotations[batchv1.JobIndexFailureCountAnnotation] == fmt.Sprint(failures)
		})
	}
}
