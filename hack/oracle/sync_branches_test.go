package oracle

import (
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/onesync"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// How often 50,000 snapshots have to come by each.
var syncBranches = map[string]int{
	"skipped: finished":                                        100,
	"skipped: managed by another":                              50,
	"a Job that is being deleted":                              1_000,
	"the start is noted":                                       1_000,
	"ends by PodFailurePolicy":                                 150,
	"ends by BackoffLimitExceeded":                             3_000,
	"ends by DeadlineExceeded":                                 300,
	"ends by MaxFailedIndexesExceeded":                         300,
	"ends by FailedIndexes":                                    100,
	"ends by SuccessPolicy":                                    300,
	"ends by CompletionsReached":                               50,
	"decided before: a failure":                                1_000,
	"decided before: a success":                                1_000,
	"decided and finished in one sync":                         1000,
	"the end waits for pods on their way out":                  3_000,
	"the decision is put off, pods are unobserved":             300,
	"nothing is managed, pods are unobserved":                  1_000,
	"deleted by a decision":                                    3_000,
	"deleted by a suspension":                                  500,
	"deleted as surplus":                                       1_000,
	"deleted for an index that no Job has":                     500,
	"deleted as a duplicate":                                   300,
	"chance: Delayed":                                          50,
	"chance: Kept":                                             20,
	"chance: Deleted":                                          20,
	"a running pod counts as failed":                           1_000,
	"a running pod is ignored":                                 50,
	"created":                                                  3_000,
	"created after counted failures":                           500,
	"created after ignored failures":                           100,
	"created for some, others wait":                            100,
	"waits for an index's delay":                               100,
	"waits for the Job's delay":                                300,
	"waits a second at least":                                  20,
	"looks again at the deadline":                              1_000,
	"adopted":                                                  1_000,
	"adopted, and accounted for at once":                       300,
	"released":                                                 300,
	"an orphan is left alone":                                  300,
	"a delayed pod keeps its finalizer":                        2_000,
	"a finalizer goes without a count":                         2_000,
	"a finalizer is on its way already":                        2_000,
	"a pod counted before is accounted for":                    500,
	"counted while nobody looked":                              500,
	"suspended is written":                                     500,
	"resumed is written":                                       300,
	"no status is written":                                     500,
	"one status is written":                                    5_000,
	"two statuses are written":                                 5_000,
	"refused: both lists":                                      300,
	"refused: ended without a start":                           25,
	"refused: completed before its start":                      100,
	"the record forgets a failure":                             50,
	"the record begins anew":                                   500,
	"a deadline that overflows":                                20,
	"restarts within pods are too many":                        100,
	"a recorded list is written anew":                          500,
	"a pod that succeeded was counted as failed, and is there": 20,
}

// sawSync tells all that a sync came by; what the caps do is told to TestSyncAtTheCaps alone.
func sawSync(c *Case, o *controller.Outcome, result *onesync.Result, saw func(string)) {
	see := func(what string, holds bool) {
		if holds {
			saw(what)
		}
	}
	if o.Skipped {
		by := c.Job.Spec.ManagedBy
		another := by != nil && *by != batchv1.JobControllerName
		see("skipped: managed by another", another)
		see("skipped: finished", !another)
		return
	}
	see("a Job that is being deleted", c.Job.DeletionTimestamp != nil)
	see("the start is noted", c.Job.Status.StartTime == nil && o.StartTime != nil)
	sawDecision(c, o, see)
	sawDeletions(c, o, see)
	sawCreations(c, o, see)
	sawTracking(c, o, see)
	sawCaps(o, see)
	for _, chance := range o.Chances {
		saw("chance: " + string(chance.What))
	}
	see("adopted", len(o.Adopted) > 0)
	see("released", len(o.Released) > 0)
	see("adopted, and accounted for at once", slices.ContainsFunc(o.Adopted, func(p *controller.Pod) bool { return slices.Contains(o.Taken, p) }))
	see("suspended is written", o.Suspended == corev1.ConditionTrue)
	see("resumed is written", o.Suspended == corev1.ConditionFalse)
	see("no status is written", o.First == nil && o.Second == nil)
	see("one status is written", (o.First == nil) != (o.Second == nil))
	see("two statuses are written", o.First != nil && o.Second != nil)
	for _, err := range result.Refusals {
		see("refused: both lists", err != nil && strings.Contains(err.Error(), "overlap"))
		see("refused: ended without a start", err != nil && strings.Contains(err.Error(), "startTime is required"))
		see("refused: completed before its start", err != nil && strings.Contains(err.Error(), "equal to or after"))
	}
}

func sawDecision(c *Case, o *controller.Outcome, see func(string, bool)) {
	decided := controller.IsDecided(c.Job)
	if len(o.Criteria) > 0 {
		first := o.Criteria[0].Reason
		see("ends by "+first, !c.Memory.Unobserved || first == batchv1.JobReasonCompletionsReached)
		see("the decision is put off, pods are unobserved", c.Memory.Unobserved && first != batchv1.JobReasonCompletionsReached)
		see("decided and finished in one sync", o.Second != nil && isFinished(o.Second))
		see("a deadline that overflows", first == batchv1.JobReasonDeadlineExceeded && *c.Job.Spec.ActiveDeadlineSeconds > 1<<33)
		see("restarts within pods are too many", first == batchv1.JobReasonBackoffLimitExceeded && o.FailedNow <= controller.BackoffLimit(c.Job))
	}
	see("decided before: a failure", controller.Condition(c.Job, batchv1.JobFailureTarget) != nil)
	see("decided before: a success", controller.Condition(c.Job, batchv1.JobSuccessCriteriaMet) != nil)
	see("the end waits for pods on their way out", (decided || len(o.Criteria) > 0) && o.Second != nil && !isFinished(o.Second) && *o.Second.Terminating > 0)
	see("nothing is managed, pods are unobserved", c.Memory.Unobserved && !decided && len(o.Criteria) == 0)
	see("looks again at the deadline", !o.DeadlineSync.IsZero())
}

func isFinished(w *controller.StatusWrite) bool {
	return slices.ContainsFunc(w.Conditions, func(c batchv1.JobCondition) bool {
		return (c.Type == batchv1.JobFailed || c.Type == batchv1.JobComplete) && c.Status == corev1.ConditionTrue
	})
}

func sawDeletions(c *Case, o *controller.Outcome, see func(string, bool)) {
	if len(o.Deleted) == 0 {
		return
	}
	see("deleted by a decision", !o.Stripped)
	if !o.Stripped {
		return
	}
	see("deleted by a suspension", controller.Suspended(c.Job))
	if controller.Suspended(c.Job) {
		return
	}
	invalid, indexes := false, map[int32]int{}
	for _, pod := range o.Deleted {
		invalid = invalid || !pod.ValidIndex
		indexes[pod.Index]++
	}
	see("deleted for an index that no Job has", invalid)
	see("deleted as surplus", !invalid && o.Active > min(controller.Parallelism(c.Job), int64(controller.Completions(c.Job))-o.Succeeded.Len()))
	see("deleted as a duplicate", !invalid && o.Active <= min(controller.Parallelism(c.Job), int64(controller.Completions(c.Job))-o.Succeeded.Len()))
}

func sawCreations(c *Case, o *controller.Outcome, see func(string, bool)) {
	see("created", len(o.Created) > 0)
	for _, pod := range o.Created {
		see("created after counted failures", pod.Counts.Counted > 0)
		see("created after ignored failures", pod.Counts.Ignored > 0)
	}
	see("created for some, others wait", len(o.Created) > 0 && !o.InBackoff.Empty())
	if o.BackoffSync.IsZero() {
		return
	}
	see("waits for an index's delay", c.Job.Spec.BackoffLimitPerIndex != nil)
	see("waits for the Job's delay", c.Job.Spec.BackoffLimitPerIndex == nil)
	see("waits a second at least", o.BackoffSync.Equal(c.Now.Add(controller.SyncBatchPeriod)))
}

func sawTracking(c *Case, o *controller.Outcome, see func(string, bool)) {
	killed, failing := 0, o.First != nil && slices.ContainsFunc(o.First.Conditions, func(c batchv1.JobCondition) bool {
		return c.Type == batchv1.JobFailureTarget && c.Status == corev1.ConditionTrue
	})
	uncounted := map[string]bool{}
	if o.First != nil {
		for _, uid := range o.First.UncountedFailed {
			uncounted[string(uid)] = true
		}
	}
	for _, pod := range o.Taken {
		if pod.Active && pod.ValidIndex && failing {
			killed++
			see("a running pod is ignored", !uncounted[string(pod.UID)])
			see("a running pod counts as failed", uncounted[string(pod.UID)])
		}
		see("a finalizer goes without a count", pod.Failed && !uncounted[string(pod.UID)])
		see("a pod counted before is accounted for", pod.Counted)
		see("a pod that succeeded was counted as failed, and is there", pod.Counted && pod.Succeeded())
	}
	for _, pod := range o.Delayed {
		see("a delayed pod keeps its finalizer", !slices.Contains(o.Taken, pod))
	}
	see("a finalizer is on its way already", len(c.Memory.Removing) > 0)
	if was := c.Job.Status.UncountedTerminatedPods; was != nil && o.First != nil {
		see("counted while nobody looked", o.First.Failed > c.Job.Status.Failed)
	}
	see("a recorded list is written anew", o.First != nil && o.First.CompletedIndexes.String() != c.Job.Status.CompletedIndexes && len(o.Taken) == 0)
	see("the record forgets a failure", o.First == nil && o.Backoff != o.Remembered)
	see("the record begins anew", c.Memory.Failures > 0 && o.Remembered.Failures == 0)
	for _, pod := range c.Pods {
		orphan := len(pod.OwnerReferences) == 0
		see("an orphan is left alone", orphan && !slices.ContainsFunc(o.Adopted, func(p *controller.Pod) bool { return p.Name == pod.Name }))
	}
}
