package replay

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// findings explain, one line each, what the reader sees: first what is stuck,
// then what the rules made of the failures.
func (t *totals) findings(e *v1alpha1.Explanation) []v1alpha1.Finding {
	findings := []v1alpha1.Finding{}
	if !t.hasRules() {
		return append(findings, t.findDeletion()...)
	}
	for _, find := range []func(*v1alpha1.Explanation) []v1alpha1.Finding{
		t.findStandstill, t.findStuck, t.findOdd, t.findMarkedLater, t.findBackoff, t.findDisruptions, t.findSidecars, t.findOOM, t.findGathered, t.findLimits,
	} {
		findings = append(findings, find(e)...)
	}
	return findings
}

// findStandstill: the controller repeats a status that is refused, and neither
// accounts for a pod nor ends the Job.
func (t *totals) findStandstill(*v1alpha1.Explanation) []v1alpha1.Finding {
	refused := t.Refused
	if refused.Empty() {
		return nil
	}
	return []v1alpha1.Finding{{
		Kind: v1alpha1.StuckStatus, Indexes: refused.String(),
		Message: "has a pod that fails it beside one that succeeded, neither accounted for: the API server refuses the status, and the Job stands still until somebody takes the finalizer " + batchv1.JobTrackingFinalizer + " from one of the two",
	}}
}

// findOdd tells of what a status says that is not what its name says.
func (t *totals) findOdd(*v1alpha1.Explanation) []v1alpha1.Finding {
	var found []v1alpha1.Finding
	if both := t.completed.Intersect(t.failed); !both.Empty() {
		found = append(found, v1alpha1.Finding{
			Kind: v1alpha1.InBothLists, Indexes: both.String(),
			Message: "in completedIndexes and in failedIndexes: a pod succeeded beside one that failed the index; both count toward the end of the Job",
		})
	}
	// The next status up to 1.36 is 0 for as long as a creation is delayed.
	if !t.rules.WritesActive() && !t.verdict.isDecided() && t.job.Status.Active == 0 && t.Active > 0 && !t.InBackoff.Empty() && t.isWhole() {
		found = append(found, v1alpha1.Finding{
			Kind:    v1alpha1.ActiveStandsStill,
			Message: fmt.Sprintf("status.active is 0 although %d pod%s active: before 1.37 it is while a retry waits for its backoff", t.Active, areS(t.Active)),
		})
	}
	return found
}

// findMarkedLater: pods that succeeded and are Failed all the same.
func (t *totals) findMarkedLater(*v1alpha1.Explanation) []v1alpha1.Finding {
	var members []int32
	words := ""
	for _, pod := range t.pods {
		if pod.standing == markedLater {
			members, words = append(members, pod.Index), pod.ending.words
		}
	}
	if members == nil {
		return nil
	}
	return finding(v1alpha1.MarkedFailedLater, members, "succeeded and counted as such; the kubelet marked %s as failed later: %s", itsPod(len(members)), words)
}

func itsPod(n int) string {
	if n == 1 {
		return "its pod"
	}
	return "their pods"
}

func finding(kind v1alpha1.FindingKind, members []int32, format string, args ...any) []v1alpha1.Finding {
	return []v1alpha1.Finding{{Kind: kind, Indexes: indexes.Of(members...).String(), Message: fmt.Sprintf(format, args...)}}
}

// findBackoff: a low index in backoff holds a slot and keeps higher ones
// waiting, and ignored failures lengthen its delay.
func (t *totals) findBackoff(*v1alpha1.Explanation) []v1alpha1.Finding {
	if t.predicted != nil {
		return nil // there will be no retry
	}
	var found []v1alpha1.Finding
	if held := t.InBackoff; t.perIndex() && !held.Empty() && !t.unfinished().Minus(t.withPods).Empty() {
		found = append(found, v1alpha1.Finding{
			Kind: v1alpha1.BackoffHoldsSlots, Indexes: held.String(),
			Message: fmt.Sprintf("%s of %s slots %s held by %s waiting for a retry", v1alpha1.Count(held.Len()), v1alpha1.Count(controller.Parallelism(t.job)), isOrAre(held.Len()), anIndexOrIndexes(held.Len())),
		})
	}
	var lengthened []int32
	for _, pod := range t.Delayed {
		if pod.IgnoredFailureCount > 0 {
			lengthened = append(lengthened, pod.Index)
		}
	}
	if len(lengthened) > 0 {
		found = append(found, finding(v1alpha1.IgnoredLengthensBackoff, lengthened, "ignored failures lengthen the backoff, though they do not count against the limit")...)
	}
	return found
}
