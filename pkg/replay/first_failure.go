package replay

import (
	"slices"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// firstFailure is the earliest counted failure that can be seen.
func (t *totals) firstFailure(fates []v1alpha1.IndexFate) *v1alpha1.FirstFailure {
	var first *podFacts
	for _, pod := range t.pods {
		if pod.ValidIndex && pod.counts() && (first == nil || t.cameDown(pod) < t.cameDown(first)) && !t.mayBeKilled(pod) {
			first = pod
		}
	}
	if first == nil {
		return nil
	}
	return &v1alpha1.FirstFailure{AttemptEnd: t.endInWords(first), EarlierGone: t.mayHaveFailedBefore(first, fates)}
}

// mayHaveFailedBefore: an attempt that is gone may have failed before this one
// ended, since something tells of it or nothing rules it out; or one may of which
// nothing says when it did.
func (t *totals) mayHaveFailedBefore(first *podFacts, fates []v1alpha1.IndexFate) bool {
	if !t.isUndisturbed() || !t.creationsTold && t.mayHaveFailedUntold(fates) {
		return true // perhaps of an index that was scaled away
	}
	for _, pod := range t.pods {
		if pod != first && pod.isDeleted() && t.isEndUnknown(pod) && pod.created.Time().Before(first.finished()) {
			return true // its end is reckoned from its deletion
		}
		if pod.ValidIndex && pod.counts() && t.cameDown(pod) < t.cameDown(first) {
			return true // the decision may have killed it, or else it was the first
		}
		if pod.standing == notCounted && pod.hasFailed() && !pod.finished().After(first.finished()) {
			return true // it may have counted, and a suspension have removed its replacement
		}
	}
	for i := range fates {
	attempts:
		for j := range fates[i].Attempts {
			a := &fates[i].Attempts[j]
			isCounted := a.Decision != v1alpha1.DecisionIgnore && a.Decision != v1alpha1.DecisionRemoved
			switch {
			case a.Source != v1alpha1.SourcePod && isCounted && !t.cameAfter(a, first.finished()):
				return true
			case a.Source == v1alpha1.SourcePod && a.Decision != "" && isCounted:
				break attempts // those that followed it failed later
			}
		}
	}
	return false
}

// mayHaveFailedUntold: a pod of which nothing tells may have failed.
func (t *totals) mayHaveFailedUntold(fates []v1alpha1.IndexFate) bool {
	if t.unexplained > t.goneByEvents()-t.killedByEvents() || !t.isSettled() || !t.perIndex() && t.ignores() {
		return true
	}
	return slices.ContainsFunc(fates, func(record v1alpha1.IndexFate) bool {
		return record.Reason == v1alpha1.ReasonHistoryGone || record.Fate == v1alpha1.Unknown || record.Fate == v1alpha1.Unfinished
	})
}

// cameAfter: the attempt that is gone was created, or the controller deleted it,
// after that instant.
func (t *totals) cameAfter(gone *v1alpha1.Attempt, at time.Time) bool {
	if gone.CreationTime != nil && gone.CreationTime.After(at) {
		return true
	}
	deleted, told := t.events.deleted[gone.Pod]
	return told && deleted.After(at)
}
