package replay

import (
	"fmt"
	"math"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

func (f *facts) conclude(fates []v1alpha1.IndexFate) v1alpha1.Conclusion {
	c := v1alpha1.Conclusion{
		State:        f.verdict.state,
		DecidedTime:  stamp(f.verdict.decided),
		FinishedTime: stamp(f.verdict.finished),
	}
	if start := f.job.Status.StartTime; start != nil {
		c.StartTime = stamp(start.Time)
	}
	if f.verdict.isDecided() {
		c.Reason = f.verdict.condition.Reason
		if !f.isForeign() {
			c.Trigger = f.trigger()
		}
		c.Effect = effectOf(fates)
	} else if !f.isForeign() {
		c.Predicted = f.sync.predicted
		c.NextChange = f.nextChange(fates)
		c.CanOnlyEnd = f.canOnlyEnd()
	}
	c.FirstFailure = f.firstFailure(fates)
	c.Message = f.sentence(c, fates)
	return c
}

// canOnlyEnd: with a failed index a Job fails at the latest when the others are
// done, unless a successPolicy that can still be met ends it before.
func (f *facts) canOnlyEnd() v1alpha1.State {
	lost := f.lost()
	if lost.Empty() || f.sync.success || !f.sync.refused.Empty() || canStillMeet(f.job.Spec.SuccessPolicy, f.completions, lost.Minus(f.sync.succeeded)) {
		return ""
	}
	return v1alpha1.StateFailed
}

// lost are the indexes that can only stay failed: recorded, or failed by a pod
// whose phase is terminal. One that is failed for being deleted may still end
// with success before the next sync.
func (f *facts) lost() indexes.Set {
	var ended []*podFacts
	for _, pod := range f.pods {
		if pod.hasFailed {
			ended = append(ended, pod)
		}
	}
	return failedOf(f.job, ended)
}

// nextChange is the earliest instant, after now, at which a retry or the
// deadline changes the answer without anybody's doing.
func (f *facts) nextChange(fates []v1alpha1.IndexFate) *v1alpha1.NextChange {
	if f.sync.predicted != nil {
		return nil
	}
	var next *v1alpha1.NextChange
	sooner := func(t time.Time, what string) {
		if t.After(f.now) && (next == nil || t.Before(next.Time.Time)) {
			next = &v1alpha1.NextChange{Time: metav1.Time{Time: t.UTC()}, What: what}
		}
	}
	for i := range fates {
		if fates[i].RetryTime != nil && fates[i].Reason == v1alpha1.ReasonBackoffDelay {
			sooner(fates[i].RetryTime.Time, fmt.Sprintf("index %d may be retried", fates[i].Index))
		}
	}
	if deadline := f.deadline(); !deadline.IsZero() {
		sooner(deadline, "activeDeadlineSeconds ends the Job")
	}
	return next
}

// sentence says in the controller's terms what happened, or stands before.
func (f *facts) sentence(c v1alpha1.Conclusion, fates []v1alpha1.IndexFate) string {
	if f.isForeign() {
		return fmt.Sprintf("%s manages this Job: its status is reported, nothing is replayed", *f.job.Spec.ManagedBy)
	}
	progress := f.progress(countsOf(fates))
	switch {
	case f.verdict.isFinished():
		return f.decision(c)
	case f.verdict.isDecided():
		if f.isSuspended() && f.job.Status.StartTime == nil {
			// The API server refuses a finished Job without startTime, which a
			// suspended one has not since 1.36.
			return f.decision(c) + "; suspended, the Job ends when it is resumed"
		}
		return f.decision(c) + "; the Job ends when its pods are gone"
	case f.job.DeletionTimestamp != nil:
		return "the Job is being deleted: " + progress
	}
	if c.CanOnlyEnd == v1alpha1.StateFailed && c.Predicted == nil {
		progress = f.failedInWords() + "; " + progress
	}
	if f.isSuspended() {
		return "suspended" + f.heldBy() + ": " + progress
	}
	return progress
}

// heldBy names what decides when a suspended Job runs, so far as labels tell.
func (f *facts) heldBy() string {
	switch owner := ownerOf(f.job); {
	case owner == nil, owner.Queue == "" && owner.Kind == "CronJob": // which never suspends a Job
		return ""
	case owner.Queue != "":
		return ", held by queue " + owner.Queue
	default:
		return ", held by " + owner.Kind + " " + owner.Name
	}
}

// progress counts the indexes that are done or under way.
func (f *facts) progress(counts map[v1alpha1.Fate]int64) string {
	words := fmt.Sprintf("%d of %d succeeded", counts[v1alpha1.Succeeded], f.completions)
	if !f.seen.PodsRead {
		return words + fmt.Sprintf(", %d active", f.job.Status.Active)
	}
	for _, under := range []struct {
		way  v1alpha1.Fate
		word string
	}{
		{v1alpha1.Running, "running"},
		{v1alpha1.Pending, "pending"},
		{v1alpha1.Terminating, "terminating"},
		{v1alpha1.BackingOff, "in backoff"},
	} {
		if n := counts[under.way]; n > 0 {
			words += fmt.Sprintf(", %d %s", n, under.word)
		}
	}
	return words
}

func (f *facts) failedInWords() string {
	n := f.sync.failed.Len()
	words := fmt.Sprintf("%d index%s failed", n, es(n))
	if limit := f.job.Spec.MaxFailedIndexes; limit != nil {
		if int64(*limit) < int64(f.completions) {
			return words + fmt.Sprintf("; the %s ends it early (maxFailedIndexes %d)", ordinal(int64(*limit)+1), *limit)
		}
		return words
	}
	if f.job.Spec.BackoffLimit != nil && *f.job.Spec.BackoffLimit < math.MaxInt32 {
		return words
	}
	return words + ", which ends the Job when every other is done (no maxFailedIndexes)"
}

// decision is one sentence for each of the five failures and two successes.
func (f *facts) decision(c v1alpha1.Conclusion) string {
	spec := &f.job.Spec
	failed := f.sync.failed.Len()
	switch c.Reason {
	case batchv1.JobReasonPodFailurePolicy:
		if f.failJob.pod != "" {
			return f.failJob.sentence()
		}
		return f.verdict.condition.Message
	case batchv1.JobReasonBackoffLimitExceeded:
		limit := orZero(spec.BackoffLimit)
		switch {
		case f.failedTotal() <= int64(limit):
			return fmt.Sprintf("the restarts within pods reached backoffLimit %d", limit)
		case spec.Template.Spec.RestartPolicy == corev1.RestartPolicyOnFailure:
			return fmt.Sprintf("more counted failures of all indexes than backoffLimit %d allows, or as many restarts within pods", limit)
		}
		return fmt.Sprintf("more counted failures of all indexes than backoffLimit %d allows", limit)
	case batchv1.JobReasonDeadlineExceeded:
		if spec.ActiveDeadlineSeconds != nil {
			return fmt.Sprintf("active for longer than %ds (activeDeadlineSeconds)", *spec.ActiveDeadlineSeconds)
		}
		return "active for longer than its deadline"
	case batchv1.JobReasonMaxFailedIndexesExceeded:
		return fmt.Sprintf("%d index%s failed, %d allowed (maxFailedIndexes)", failed, es(failed), orZero(spec.MaxFailedIndexes))
	case batchv1.JobReasonFailedIndexes:
		if f.completions == 1 {
			return "its one index failed"
		}
		return fmt.Sprintf("every index is done, %d failed", failed)
	case batchv1.JobReasonSuccessPolicy:
		if rule, met := f.successRule(); met {
			return fmt.Sprintf("rule %d of successPolicy is met: %d of %d succeeded", rule, f.sync.succeeded.Len(), f.completions)
		}
		return f.verdict.condition.Message
	}
	if f.verdict.success {
		return allSucceeded(f.completions)
	}
	return f.verdict.condition.Message
}

func allSucceeded(completions int32) string {
	switch completions {
	case 0:
		return "completions is 0: there is nothing to run"
	case 1:
		return "its one index succeeded"
	}
	return fmt.Sprintf("all %d indexes succeeded", completions)
}

// successRule is the rule of successPolicy that was met: the one that the
// condition names, since the list may have grown after.
func (f *facts) successRule() (rule int32, met bool) {
	if n, _ := fmt.Sscanf(f.verdict.condition.Message, "Matched rules at index %d", &rule); n == 1 {
		policy := f.job.Spec.SuccessPolicy
		return rule, policy != nil && int(rule) < len(policy.Rules)
	}
	return MatchSuccessPolicy(f.job.Spec.SuccessPolicy, f.completions, f.completed)
}

func ordinal(n int64) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
