package replay

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// trigger is the attempt that tipped the Job. It is told only where the
// evidence leaves no other: attempts that are gone might have come later, and
// a change of the spec may itself have tipped the Job, such as a maxFailedIndexes
// that was lowered.
func (f *facts) trigger() *v1alpha1.Trigger {
	reason := f.verdict.condition.Reason
	if reason == batchv1.JobReasonPodFailurePolicy {
		return f.failJobTrigger()
	}
	if !f.isUndisturbed() {
		return nil
	}
	switch reason {
	case batchv1.JobReasonBackoffLimitExceeded:
		return f.backoffLimitTrigger()
	case batchv1.JobReasonMaxFailedIndexesExceeded:
		return f.maxFailedIndexesTrigger()
	case batchv1.JobReasonFailedIndexes:
		if last := lastOf(f.ends(f.completed.Union(f.failed))); last != nil && last.isFailed {
			return f.triggerOf(last)
		}
	case batchv1.JobReasonSuccessPolicy:
		return f.successPolicyTrigger()
	case batchv1.JobReasonCompletionsReached:
		if last := lastOf(f.ends(f.completed)); last != nil {
			return f.triggerOf(last)
		}
	}
	return nil
}

func (f *facts) failJobTrigger() *v1alpha1.Trigger {
	told := f.failJob
	if told.pod == "" {
		return nil
	}
	for _, pod := range f.pods {
		if pod.Name == told.pod {
			return f.triggerOf(pod)
		}
	}
	trigger := &v1alpha1.Trigger{Pod: told.pod, Container: told.container, ExitCode: told.exitCode, Condition: told.condition, Rule: ptr.To(told.rule)}
	if told.named {
		trigger.Index = ptr.To(told.index)
	}
	return trigger
}

// backoffLimitTrigger is the first counted failure above the limit, in the
// order in which they came.
func (f *facts) backoffLimitTrigger() *v1alpha1.Trigger {
	limit := int64(orZero(f.job.Spec.BackoffLimit))
	var failed []*podFacts
	for _, pod := range f.pods {
		if pod.isOwnFailure && pod.hasValidIndex && pod.ending.match.Counted() {
			failed = append(failed, pod)
		}
	}
	if int64(len(failed)) <= limit || f.failuresAreGone() {
		return nil
	}
	return f.triggerAt(int(limit), failed)
}

// failuresAreGone: one that nobody sees may have come before those that are
// seen. Killed pods that only events know are in the account already. A policy
// may have forgiven any of them: then all pods that are gone must be such.
func (f *facts) failuresAreGone() bool {
	if f.ignores() && f.accounts.creationsTold && f.goneByEvents() == f.killedByEvents() {
		return false
	}
	return f.accounts.unexplained > 0
}

// maxFailedIndexesTrigger is the end of the first index above the limit, in
// the order in which they failed; not told unless every one can be seen.
func (f *facts) maxFailedIndexesTrigger() *v1alpha1.Trigger {
	limit := int64(orZero(f.job.Spec.MaxFailedIndexes))
	ends := f.ends(f.failed)
	if ends == nil || int64(len(ends)) <= limit {
		return nil
	}
	return f.triggerAt(int(limit), ends)
}

// successPolicyTrigger is the success that met the rule.
func (f *facts) successPolicyTrigger() *v1alpha1.Trigger {
	rule, met := f.successRule()
	if !met {
		return nil
	}
	set, count := f.completed, f.job.Spec.SuccessPolicy.Rules[rule].SucceededCount
	if wanted := f.job.Spec.SuccessPolicy.Rules[rule].SucceededIndexes; wanted != nil {
		listed, _ := indexes.ParseStatus(*wanted, f.completions)
		set = set.Intersect(listed)
	}
	ends := f.ends(set)
	nth := len(ends)
	if count != nil {
		nth = min(nth, max(1, int(*count)))
	}
	if nth == 0 {
		return nil
	}
	return f.triggerAt(nth-1, ends)
}

// ends are the attempts that brought each index of the set into its list, by
// index; nil unless every one is there to be seen.
func (f *facts) ends(set indexes.Set) []*podFacts {
	var ends []*podFacts
	for _, interval := range set.Intervals() {
		for ix := int64(interval.First); ix <= int64(interval.Last); ix++ {
			end := f.endOf(int32(ix))
			if end == nil {
				return nil
			}
			ends = append(ends, end)
		}
	}
	return ends
}

func (f *facts) endOf(index int32) *podFacts {
	for _, pod := range f.podsOf(index) {
		if f.completed.Has(index) && pod.hasSucceeded || !f.completed.Has(index) && pod.failsIndex {
			return pod
		}
	}
	return nil
}

// lastOf is the one that ended last, nil where several did in one second: they
// have no order.
func lastOf(ends []*podFacts) *podFacts {
	var last *podFacts
	alone := false
	for _, end := range ends {
		switch {
		case last == nil || end.finished.After(last.finished):
			last, alone = end, true
		case end.finished.Equal(last.finished):
			alone = false
		}
	}
	if !alone {
		return nil
	}
	return last
}

// triggerAt is the nth to end, counted from 0; not told where another ended in
// the same second.
func (f *facts) triggerAt(n int, ends []*podFacts) *v1alpha1.Trigger {
	slices.SortStableFunc(ends, func(a, b *podFacts) int { return a.finished.Compare(b.finished) })
	at := ends[n].finished
	if n > 0 && ends[n-1].finished.Equal(at) || n+1 < len(ends) && ends[n+1].finished.Equal(at) {
		return nil
	}
	return f.triggerOf(ends[n])
}

// firstFailure is the earliest failure that can be seen.
func (f *facts) firstFailure(fates []v1alpha1.IndexFate) *v1alpha1.FirstFailure {
	var first *podFacts
	for _, pod := range f.pods {
		if pod.hasValidIndex && pod.isOwnFailure && (first == nil || pod.finished.Before(first.finished)) {
			first = pod
		}
	}
	if first == nil {
		return nil
	}
	return &v1alpha1.FirstFailure{Trigger: *f.triggerOf(first), EarlierGone: f.mayHaveFailedBefore(first, fates)}
}

// mayHaveFailedBefore: an attempt that is gone may have failed before this one
// ended, since something tells of it or nothing rules it out; or one may of which
// nothing says when it did.
func (f *facts) mayHaveFailedBefore(first *podFacts, fates []v1alpha1.IndexFate) bool {
	if !f.isUndisturbed() || !f.accounts.creationsTold && f.mayHaveFailedUntold(fates) {
		return true // perhaps of an index that was scaled away
	}
	for _, pod := range f.pods {
		if pod != first && pod.isDeleted && f.isEndUnknown(pod) && pod.CreationTime.Time().Before(first.finished) {
			return true // its end is reckoned from its deletion
		}
	}
	for i := range fates {
		for j := range fates[i].Attempts {
			a := &fates[i].Attempts[j]
			if a.Source == v1alpha1.SourcePod && a.Decision != "" {
				break // those that followed it failed later
			}
			if a.Source != v1alpha1.SourcePod && !f.cameAfter(a, first.finished) {
				return true
			}
		}
	}
	return false
}

// mayHaveFailedUntold: a pod of which nothing tells may have failed.
func (f *facts) mayHaveFailedUntold(fates []v1alpha1.IndexFate) bool {
	if f.accounts.unexplained > f.goneByEvents()-f.killedByEvents() || !f.perIndex() && (f.ignores() || f.lagsBehind()) {
		return true
	}
	return slices.ContainsFunc(fates, func(record v1alpha1.IndexFate) bool {
		switch record.Reason {
		case v1alpha1.ReasonHistoryGone, v1alpha1.ReasonPodMissing, v1alpha1.ReasonUnfinished:
			return true
		}
		return false
	})
}

// cameAfter: the attempt that is gone was created, or the controller deleted it,
// after that instant.
func (f *facts) cameAfter(gone *v1alpha1.Attempt, t time.Time) bool {
	if gone.CreationTime != nil && gone.CreationTime.After(t) {
		return true
	}
	deleted, told := f.events.deleted[gone.Pod]
	return told && deleted.After(t)
}

func (f *facts) triggerOf(pod *podFacts) *v1alpha1.Trigger {
	trigger := &v1alpha1.Trigger{Pod: pod.Name, Node: pod.Node, Time: stamp(pod.finished)}
	if pod.hasValidIndex {
		trigger.Index = ptr.To(pod.index)
	}
	if pod.hasSucceeded {
		return trigger
	}
	ending := f.endingOf(pod)
	failure := &ending.failure
	trigger.Container, trigger.ExitCode, trigger.Reason, trigger.Condition = failure.Container, failure.ExitCode, failure.Reason, failure.Condition
	trigger.Rule = ending.rule
	return trigger
}
