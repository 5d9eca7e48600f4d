package replay

import (
	"cmp"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// trigger is the attempt that decided the Job, by definition: the one that the
// message names, or the first above the limit in the order in which they ended;
// those that ended in the same second come with it. Which one a sync saw first
// cannot be known: syncs gather changes, and clocks differ. Nothing is told where
// one that is gone may have come before, or where the spec changed: a limit that
// was lowered may have decided the Job by itself.
func (t *totals) trigger() []*podFacts {
	if !t.verdict.isDecided() || !t.hasRules() || !t.isUndisturbed() {
		return nil
	}
	switch t.verdict.reason() {
	case batchv1.JobReasonBackoffLimitExceeded:
		return t.backoffLimitTrigger()
	case batchv1.JobReasonMaxFailedIndexesExceeded:
		return t.tied(t.ends(t.failed), int(orZero(t.job.Spec.MaxFailedIndexes)))
	case batchv1.JobReasonSuccessPolicy:
		return t.successPolicyTrigger()
	}
	return nil
}

// backoffLimitTrigger is the first counted failure above the limit. Restarts
// within pods may have decided instead, and then they are no more than it allows.
func (t *totals) backoffLimitTrigger() []*podFacts {
	var failed []*podFacts
	for _, pod := range t.pods {
		if pod.counts() && pod.ValidIndex {
			failed = append(failed, pod)
		}
	}
	if t.failuresAreGone() || t.failedTotal() <= controller.BackoffLimit(t.job) {
		return nil
	}
	return t.tied(failed, int(controller.BackoffLimit(t.job)))
}

// failuresAreGone: one that nobody sees may have come before those that are
// seen. Killed pods that only events know are in the account already. A policy
// may have forgiven any of them: then all pods that are gone must be such.
func (t *totals) failuresAreGone() bool {
	if t.ignores() && t.creationsTold && t.goneByEvents() == t.killedByEvents() {
		return false
	}
	return t.unexplained > 0
}

// successPolicyTrigger is the success that met the rule.
func (t *totals) successPolicyTrigger() []*podFacts {
	rule, met := t.successRule()
	if !met {
		return nil
	}
	set, count := t.completed, t.job.Spec.SuccessPolicy.Rules[rule].SucceededCount
	if wanted := t.job.Spec.SuccessPolicy.Rules[rule].SucceededIndexes; wanted != nil {
		listed, _ := indexes.ParseStatus(*wanted, t.completions)
		set = set.Intersect(listed)
	}
	ends := t.ends(set)
	nth := len(ends)
	if count != nil {
		nth = min(nth, max(1, int(*count)))
	}
	return t.tied(ends, nth-1)
}

// ends are the attempts that brought each index of the set into its list, by
// index; nil unless every one is there to be seen.
func (t *totals) ends(set indexes.Set) []*podFacts {
	var ends []*podFacts
	for _, interval := range set.Intervals() {
		for ix := int64(interval.First); ix <= int64(interval.Last); ix++ {
			end := t.endOf(int32(ix))
			if end == nil {
				return nil
			}
			ends = append(ends, end)
		}
	}
	return ends
}

func (t *totals) endOf(index int32) *podFacts {
	for _, pod := range t.podsOf(index) {
		if t.completed.Has(index) && pod.Succeeded() || !t.completed.Has(index) && pod.FailsIndex && pod.standing != removed {
			return pod
		}
	}
	return nil
}

// tied is the nth to end, counted from 0, and all that ended in the same second;
// nil where the decision came before.
func (t *totals) tied(ends []*podFacts, n int) []*podFacts {
	if n < 0 || n >= len(ends) {
		return nil
	}
	slices.SortStableFunc(ends, func(a, b *podFacts) int { return cmp.Compare(t.cameDown(a), t.cameDown(b)) })
	at := t.cameDown(ends[n])
	if at.Time().After(t.verdict.decided) {
		return nil
	}
	tied := filter(ends, func(p *podFacts) bool { return t.cameDown(p) == at })
	if slices.ContainsFunc(ends[:n+1], t.mayBeKilled) || slices.ContainsFunc(tied, t.mayBeKilled) {
		return nil
	}
	return tied
}

// cameDown is when the controller took the pod for ended: when its deletion was
// requested, where that counts as a failure and came first.
func (t *podTable) cameDown(pod *podFacts) evidence.Instant {
	if pod.Deleted && pod.Failed && !controller.OnlyReplaceFailedPods(t.job) {
		return min(controller.DeletionRequested(pod.Attempt), pod.Finished)
	}
	return pod.Finished
}

// triggerOf names the attempt that decided the Job, and those tied with it.
func (t *totals) triggerOf() *v1alpha1.Trigger {
	if t.verdict.is(batchv1.JobReasonPodFailurePolicy) {
		return t.failJobTrigger()
	}
	pods := t.tippedBy
	if len(pods) == 0 {
		return nil
	}
	trigger := &v1alpha1.Trigger{AttemptEnd: t.endInWords(pods[0])}
	if len(pods) > 1 {
		var members indexes.Builder
		for _, pod := range pods {
			members.Add(pod.Index)
		}
		trigger.Candidates = members.Set().String()
	}
	return trigger
}

func (t *totals) failJobTrigger() *v1alpha1.Trigger {
	told := t.failJob
	if told.pod == "" || t.isForeign() {
		return nil
	}
	if pod := t.failJobPod(told.pod); pod != nil {
		return &v1alpha1.Trigger{AttemptEnd: t.endInWords(pod)}
	}
	end := v1alpha1.AttemptEnd{Pod: told.pod, Container: told.container, ExitCode: told.exitCode, Condition: told.condition, Rule: ptr.To(told.rule)}
	if told.named {
		end.Index = ptr.To(told.index)
	}
	return &v1alpha1.Trigger{AttemptEnd: end}
}

func (t *totals) endInWords(pod *podFacts) v1alpha1.AttemptEnd {
	end := v1alpha1.AttemptEnd{Pod: pod.Name, Node: pod.Node, Time: t.shared.stamp(t.cameDown(pod))}
	if pod.ValidIndex {
		end.Index = ptr.To(pod.Index)
	}
	if pod.ending == nil {
		return end
	}
	failure := &pod.ending.failure
	end.Container, end.ExitCode, end.Reason, end.Condition = failure.Container, failure.ExitCode, failure.Reason, failure.Condition
	end.Rule = pod.ending.rule
	return end
}

func filter(pods []*podFacts, is func(*podFacts) bool) []*podFacts {
	var left []*podFacts
	for _, pod := range pods {
		if is(pod) {
			left = append(left, pod)
		}
	}
	return left
}
