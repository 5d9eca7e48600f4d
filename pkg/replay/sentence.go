package replay

import (
	"fmt"
	"math"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// sentence says in the controller's terms what happened, or stands before.
func (t *totals) sentence(c v1alpha1.Conclusion, fates []v1alpha1.IndexFate) string {
	if t.isForeign() {
		return fmt.Sprintf("%s manages this Job; only its status is shown", *t.job.Spec.ManagedBy)
	}
	progress := t.progress(countsOf(fates))
	switch {
	case t.verdict.state == v1alpha1.StateManifest:
		return "a manifest: nothing has run yet"
	case t.verdict.state == v1alpha1.StateNoStatus:
		return "the file has no Job status, so what became of its indexes is not known"
	case t.verdict.isFinished() && t.isDeleted(), t.verdict.isDecided() && t.isGone():
		return t.decision() + "; " + t.deletion()
	case t.verdict.isFinished():
		return t.decision()
	case t.verdict.isDecided():
		if t.isSuspended() && t.job.Status.StartTime == nil {
			// The API server refuses a finished Job without startTime, which a
			// suspended one has not since 1.36.
			return t.decision() + "; the Job is suspended and ends when it is resumed"
		}
		return t.decision() + "; " + t.whenEnds()
	case t.isDeleted():
		return t.deletion() + ": " + progress
	}
	if c.CanOnlyEnd == v1alpha1.StateFailed && c.Predicted == nil {
		progress = t.alreadyLost() + "; " + progress
	}
	if t.isSuspended() {
		return "suspended" + t.heldBy() + ": " + progress
	}
	return progress
}

// whenEnds says what the end of a decided Job waits for.
func (t *totals) whenEnds() string {
	isAt := func(is func(*podFacts) bool) bool { return slices.ContainsFunc(t.pods, is) }
	switch {
	case !t.isWhole() || len(t.pods) == 0 || isAt(func(p *podFacts) bool { return !p.Terminal && !p.isGone }):
		return "the Job ends when its pods are gone"
	case isAt(func(p *podFacts) bool { return p.Finalizer && !p.isGone }):
		return "its pods have ended, and the Job ends once the controller has removed its finalizer from them"
	}
	return "its pods have ended, and the next sync ends the Job"
}

// heldBy names what decides when a suspended Job runs, so far as labels tell.
func (t *totals) heldBy() string {
	switch owner := ownerOf(t.job); {
	case owner == nil, owner.Queue == "" && owner.Kind == "CronJob": // which never suspends a Job
		return ""
	case owner.Queue != "":
		return ", held by queue " + owner.Queue
	default:
		return ", held by " + owner.Kind + " " + owner.Name
	}
}

// progress counts the indexes that are done or under way.
func (t *totals) progress(counts map[v1alpha1.Fate]int64) string {
	words := v1alpha1.Count(counts[v1alpha1.Succeeded]) + " of " + v1alpha1.Count(int64(t.completions)) + " succeeded"
	if t.seen.Coverage.Pods == evidence.None {
		return words + ", " + v1alpha1.Count(int64(t.job.Status.Active)) + " active"
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
			words += ", " + v1alpha1.Count(n) + " " + under.word
		}
	}
	return words
}

// alreadyLost says why the Job can only fail, and when.
func (t *totals) alreadyLost() string {
	n := t.Failed.Len()
	words := v1alpha1.Count(n) + " indexes failed"
	if n == 1 {
		words = "index " + t.Failed.String() + " failed"
	}
	if limit := t.job.Spec.MaxFailedIndexes; limit != nil {
		if int64(*limit) < int64(t.completions) {
			return words + fmt.Sprintf("; the %s ends it early (maxFailedIndexes %d)", ordinal(int64(*limit)+1), *limit)
		}
		return words
	}
	if t.job.Spec.BackoffLimit != nil && *t.job.Spec.BackoffLimit < math.MaxInt32 {
		return words
	}
	return "already lost: " + words + "; the others still run because maxFailedIndexes is not set"
}

// decision is one sentence for each of the five failures and two successes.
func (t *totals) decision() string {
	spec := &t.job.Spec
	failed := t.Failed.Len()
	switch t.verdict.reason() {
	case batchv1.JobReasonPodFailurePolicy:
		if t.failJob.pod != "" {
			return t.failJob.sentence()
		}
		return t.verdict.condition.Message
	case batchv1.JobReasonBackoffLimitExceeded:
		limit := controller.BackoffLimit(t.job)
		switch {
		case t.failedTotal() <= limit:
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
		return fmt.Sprintf("%s index%s failed, %s allowed (maxFailedIndexes)", v1alpha1.Count(failed), es(failed), v1alpha1.Count(int64(orZero(spec.MaxFailedIndexes))))
	case batchv1.JobReasonFailedIndexes:
		if t.completions == 1 {
			return "its one index failed"
		}
		return "every index is done, " + v1alpha1.Count(failed) + " failed"
	case batchv1.JobReasonSuccessPolicy:
		if rule, met := t.successRule(); met {
			return fmt.Sprintf("successPolicy.rules[%d] is met: %s of %s succeeded", rule, v1alpha1.Count(t.Succeeded.Len()), v1alpha1.Count(int64(t.completions)))
		}
		return t.verdict.condition.Message
	}
	if t.verdict.success {
		return allSucceeded(t.completions)
	}
	return t.verdict.condition.Message
}

func allSucceeded(completions int32) string {
	switch completions {
	case 0:
		return "completions is 0: there is nothing to run"
	case 1:
		return "its one index succeeded"
	}
	return "all " + v1alpha1.Count(int64(completions)) + " indexes succeeded"
}
