package replay

import (
	"fmt"
	"maps"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// findDisruptions: attempts that were disrupted and counted all the same.
func (t *totals) findDisruptions(*v1alpha1.Explanation) []v1alpha1.Finding {
	var counted, suspected, succeeded []int32
	rules := map[int32]bool{}
	for _, pod := range t.pods {
		if pod.Succeeded() && pod.ValidIndex && !pod.costsNothing() && pod.isDisrupted {
			succeeded = append(succeeded, pod.Index)
		}
		if !pod.ValidIndex || !pod.isJudged() {
			continue
		}
		switch {
		case !pod.Match.Counts():
		case pod.isDisrupted && isMeant(pod.Match):
		case pod.isDisrupted:
			counted = append(counted, pod.Index)
			rules[pod.Match.Rule] = true
		case suspicion(pod) != "" && t.job.DeletionTimestamp == nil:
			suspected = append(suspected, pod.Index)
		}
	}
	var found []v1alpha1.Finding
	if len(counted) > 0 {
		why := "no rule of podFailurePolicy ignores DisruptionTarget"
		if !rules[-1] && t.ignoresDisruptions() {
			why = fmt.Sprintf("podFailurePolicy.rules[%d] took %s first", slices.Min(slices.Collect(maps.Keys(rules))), itOrThem(len(counted)))
		}
		found = finding(v1alpha1.DisruptionCounted, counted, "%d disrupted attempt%s counted as a failure: %s", len(counted), s(int64(len(counted))), why)
	}
	if len(suspected) > 0 {
		found = append(found, finding(v1alpha1.SuspectedDisruption, suspected, "%d counted attempt%s perhaps disrupted, without a DisruptionTarget condition that a rule could ignore", len(suspected), s(int64(len(suspected))))...)
	}
	if len(succeeded) > 0 {
		found = append(found, finding(v1alpha1.DisruptedSucceeded, succeeded, "exited 0 while being evicted, which counts as a success even if %s work was cut short", itsOrTheir(len(succeeded)))...)
	}
	return found
}

func itsOrTheir(n int) string {
	if n == 1 {
		return "its"
	}
	return "their"
}

// isMeant: the rule that took the disrupted pod is for disruptions.
func isMeant(match controller.Match) bool {
	return match.Condition != nil && match.Condition.Type == corev1.DisruptionTarget
}

// ignoresDisruptions: a rule ignores what is disrupted, where no other comes first.
func (t *totals) ignoresDisruptions() bool {
	if t.job.Spec.PodFailurePolicy == nil {
		return false
	}
	return slices.ContainsFunc(t.job.Spec.PodFailurePolicy.Rules, func(rule batchv1.PodFailurePolicyRule) bool {
		return rule.Action == batchv1.PodFailurePolicyActionIgnore && slices.ContainsFunc(rule.OnPodConditions, func(pattern batchv1.PodFailurePolicyOnPodConditionsPattern) bool {
			return pattern.Type == corev1.DisruptionTarget && pattern.Status == corev1.ConditionTrue
		})
	})
}

// findSidecars: a rule without containerName matched on a sidecar.
func (t *totals) findSidecars(*v1alpha1.Explanation) []v1alpha1.Finding {
	matched := map[int32][]int32{}
	names := map[int32]string{}
	for _, pod := range t.pods {
		if !pod.ValidIndex || !pod.isJudged() {
			continue
		}
		match := pod.Match
		if match.Container == nil || match.Container.Type != evidence.Sidecar {
			continue
		}
		if t.job.Spec.PodFailurePolicy.Rules[match.Rule].OnExitCodes.ContainerName == nil {
			matched[match.Rule] = append(matched[match.Rule], pod.Index)
			names[match.Rule] = match.Container.Name
		}
	}
	var found []v1alpha1.Finding
	for _, rule := range slices.Sorted(maps.Keys(matched)) {
		found = append(found, finding(v1alpha1.SidecarMatched, matched[rule], "podFailurePolicy.rules[%d] names no container and matched the exit code of sidecar %s", rule, names[rule])...)
	}
	return found
}
