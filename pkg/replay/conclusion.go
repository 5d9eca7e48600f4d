package replay

import (
	"fmt"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

func (t *totals) conclude(fates []v1alpha1.IndexFate) v1alpha1.Conclusion {
	c := v1alpha1.Conclusion{
		State:        t.verdict.state,
		DecidedTime:  stamp(t.verdict.decided),
		FinishedTime: stamp(t.verdict.finished),
		DeletedTime:  t.shared.stamp(t.seen.Vanished),
	}
	if start := t.job.Status.StartTime; start != nil {
		c.StartTime = stamp(start.Time)
	}
	switch {
	case t.verdict.isDecided():
		c.Reason = t.verdict.condition.Reason
		c.Trigger = t.triggerOf()
		c.Effect = effectOf(fates)
	case t.hasRules() && !t.isGone():
		c.Predicted = t.predicted
		c.NextChange = t.nextChange(fates)
		c.CanOnlyEnd = t.canOnlyEnd()
	}
	if t.hasRules() {
		c.FirstFailure = t.firstFailure(fates)
	}
	c.Message = t.sentence(c, fates)
	return c
}

// canOnlyEnd: with a failed index a Job fails at the latest when the others are
// done, unless a successPolicy that can still be met ends it before.
func (t *totals) canOnlyEnd() v1alpha1.State {
	lost := t.lost()
	if lost.Empty() || t.willSucceed() || !t.Refused.Empty() || controller.CanStillMeet(t.job.Spec.SuccessPolicy, t.completions, lost.Minus(t.Succeeded)) {
		return ""
	}
	return v1alpha1.StateFailed
}

// lost are the indexes that can only stay failed: recorded, or failed by a pod
// whose phase is terminal. One that is failed for being deleted may still end
// with success before the next sync.
func (t *totals) lost() indexes.Set {
	var ended []*controller.Pod
	for _, pod := range t.pods {
		if pod.hasFailed() {
			ended = append(ended, &pod.Pod)
		}
	}
	return controller.FailedIndexes(t.job, ended).Union(t.failed)
}

// nextChange is the earliest instant, after now, at which a retry or the
// deadline changes the answer without anybody's doing.
func (t *totals) nextChange(fates []v1alpha1.IndexFate) *v1alpha1.NextChange {
	if t.predicted != nil {
		return nil
	}
	var next *v1alpha1.NextChange
	sooner := func(at time.Time, estimated bool, what string) {
		if at.After(t.now) && (next == nil || at.Before(next.Time.Time)) {
			next = &v1alpha1.NextChange{Time: *stamp(at), What: what, Estimated: estimated}
		}
	}
	for i := range fates {
		if record := &fates[i]; record.RetryTime != nil && record.Reason == v1alpha1.ReasonBackoffDelay {
			if next == nil || record.RetryTime.Time.Before(next.Time.Time) {
				sooner(record.RetryTime.Time, *record.RetryTimeEstimated, fmt.Sprintf("next retry: index %d", record.Index))
			}
		}
	}
	if deadline := controller.Deadline(t.job); !deadline.IsZero() {
		sooner(deadline, false, "activeDeadlineSeconds ends the Job")
	}
	return next
}

// effectOf counts the unfinished indexes by how the decision cut them off. They
// add up to all that are in neither list, the one whose pod decided the Job too.
func effectOf(fates []v1alpha1.IndexFate) *v1alpha1.Effect {
	var effect v1alpha1.Effect
	for i := range fates {
		record := &fates[i]
		n := int64(record.Last()) - int64(record.Index) + 1
		switch record.Fate {
		case v1alpha1.Stopped:
			if record.Reason == v1alpha1.ReasonAfterFailure {
				effect.BackingOff += n
			} else {
				effect.Stopped += n
			}
		case v1alpha1.NeverStarted:
			effect.NeverStarted += n
		case v1alpha1.Unfinished:
			effect.Unfinished += n
		}
	}
	return &effect
}

// successRule is the rule of successPolicy that was met: the one that the
// condition names, since the list may have grown after.
func (t *totals) successRule() (rule int32, met bool) {
	if n, _ := fmt.Sscanf(t.verdict.condition.Message, "Matched rules at index %d", &rule); n == 1 {
		policy := t.job.Spec.SuccessPolicy
		return rule, policy != nil && int(rule) < len(policy.Rules)
	}
	return controller.MatchSuccessPolicy(t.job.Spec.SuccessPolicy, t.completions, t.completed)
}
