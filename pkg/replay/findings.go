package replay

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// findings explain, one line each, what the reader sees: first what is stuck,
// then what the rules made of the failures.
func (f *facts) findings(e *v1alpha1.Explanation) []v1alpha1.Finding {
	findings := []v1alpha1.Finding{}
	if f.isForeign() {
		return findings
	}
	for _, find := range []func(*v1alpha1.Explanation) []v1alpha1.Finding{
		f.findStandstill, f.findStuck, f.findBackoff, f.findDisruptions, f.findSidecars, f.findOOM, f.findGathered, f.findLimits,
	} {
		findings = append(findings, find(e)...)
	}
	return findings
}

// findStandstill: the controller repeats a status that is refused, and neither
// accounts for a pod nor ends the Job.
func (f *facts) findStandstill(*v1alpha1.Explanation) []v1alpha1.Finding {
	refused := f.sync.refused
	if refused.Empty() {
		return nil
	}
	return []v1alpha1.Finding{{
		Kind: "StuckStatus", Indexes: refused.String(),
		Message: "has a pod that fails it beside one that succeeded, neither accounted for: the API server refuses the status, and the Job stands still until somebody takes the finalizer " + batchv1.JobTrackingFinalizer + " from one of the two",
	}}
}

func finding(kind string, members []int32, format string, args ...any) []v1alpha1.Finding {
	return []v1alpha1.Finding{{Kind: kind, Indexes: indexes.Of(members...).String(), Message: fmt.Sprintf(format, args...)}}
}

// findBackoff: a low index in backoff holds a slot and keeps higher ones
// waiting, and ignored failures lengthen its delay.
func (f *facts) findBackoff(*v1alpha1.Explanation) []v1alpha1.Finding {
	if f.sync.predicted != nil {
		return nil // there will be no retry
	}
	var found []v1alpha1.Finding
	if held := f.queue.inBackoff; f.perIndex() && !held.Empty() && !f.open().Minus(f.withPods).Empty() {
		found = append(found, v1alpha1.Finding{
			Kind: "BackoffHoldsSlots", Indexes: held.String(),
			Message: fmt.Sprintf("%d index%s in backoff hold%s %d of %d slots and keep%s higher ones waiting", held.Len(), es(held.Len()), verbS(held.Len()), held.Len(), f.parallelism(), verbS(held.Len())),
		})
	}
	var lengthened []int32
	for _, ix := range sortedIndexes(f.sync.delayed) {
		if f.sync.delayed[ix].born.Ignored > 0 {
			lengthened = append(lengthened, ix)
		}
	}
	if len(lengthened) > 0 {
		found = append(found, finding("IgnoredLengthensBackoff", lengthened, "ignored failures lengthen the backoff, though they do not count against the limit")...)
	}
	return found
}

func verbS(n int64) string {
	if n == 1 {
		return "s"
	}
	return ""
}

// findDisruptions: attempts that were disrupted and counted all the same.
func (f *facts) findDisruptions(*v1alpha1.Explanation) []v1alpha1.Finding {
	var counted, suspected []int32
	rules := map[int32]bool{}
	for _, pod := range f.pods {
		if !pod.hasValidIndex || !pod.isOwnFailure {
			continue
		}
		switch {
		case !pod.ending.match.Counted():
		case pod.ending.isDisrupted && isMeant(pod.ending.match):
		case pod.ending.isDisrupted:
			counted = append(counted, pod.index)
			rules[pod.ending.match.Rule] = true
		case f.suspicion(pod) != "" && f.job.DeletionTimestamp == nil:
			suspected = append(suspected, pod.index)
		}
	}
	var found []v1alpha1.Finding
	if len(counted) > 0 {
		why := "no rule of podFailurePolicy ignores DisruptionTarget"
		if !rules[-1] && f.ignoresDisruptions() {
			why = fmt.Sprintf("rule %d took %s first", sortedIndexes(rules)[0], itOrThem(len(counted)))
		}
		found = finding("DisruptionCounted", counted, "%d disrupted attempt%s counted as a failure: %s", len(counted), s(int64(len(counted))), why)
	}
	if len(suspected) > 0 {
		found = append(found, finding("SuspectedDisruption", suspected, "%d counted attempt%s perhaps disrupted, without a DisruptionTarget condition that a rule could ignore", len(suspected), s(int64(len(suspected))))...)
	}
	return found
}

// isMeant: the rule that took the disrupted pod is for disruptions.
func isMeant(match Match) bool {
	return match.Condition != nil && match.Condition.Type == corev1.DisruptionTarget
}

// ignoresDisruptions: a rule ignores what is disrupted, where no other comes first.
func (f *facts) ignoresDisruptions() bool {
	if f.job.Spec.PodFailurePolicy == nil {
		return false
	}
	return slices.ContainsFunc(f.job.Spec.PodFailurePolicy.Rules, func(rule batchv1.PodFailurePolicyRule) bool {
		return rule.Action == batchv1.PodFailurePolicyActionIgnore && slices.ContainsFunc(rule.OnPodConditions, func(pattern batchv1.PodFailurePolicyOnPodConditionsPattern) bool {
			return pattern.Type == corev1.DisruptionTarget && pattern.Status == corev1.ConditionTrue
		})
	})
}

// findSidecars: a rule without containerName matched on a sidecar.
func (f *facts) findSidecars(*v1alpha1.Explanation) []v1alpha1.Finding {
	matched := map[int32][]int32{}
	names := map[int32]string{}
	for _, pod := range f.pods {
		if !pod.hasValidIndex || !pod.isOwnFailure {
			continue
		}
		match := pod.ending.match
		if match.Container == nil || match.Container.Type != evidence.Sidecar {
			continue
		}
		if f.job.Spec.PodFailurePolicy.Rules[match.Rule].OnExitCodes.ContainerName == nil {
			matched[match.Rule] = append(matched[match.Rule], pod.index)
			names[match.Rule] = match.Container.Name
		}
	}
	var found []v1alpha1.Finding
	for _, rule := range sortedIndexes(matched) {
		found = append(found, finding("SidecarMatched", matched[rule], "rule %d names no container and matched the exit code of sidecar %s", rule, names[rule])...)
	}
	return found
}

// findOOM: containers that ran out of memory, with their limit.
func (f *facts) findOOM(*v1alpha1.Explanation) []v1alpha1.Finding {
	killed := map[string][]int32{}
	var order []string
	for _, pod := range f.pods {
		if !pod.wasOOMKilled || !pod.hasValidIndex {
			continue
		}
		for i := range pod.Containers {
			c := &pod.Containers[i]
			if c.Terminated == nil || c.Terminated.Reason != reasonOOMKilled {
				continue
			}
			if killed[c.Name] == nil {
				order = append(order, c.Name)
			}
			killed[c.Name] = append(killed[c.Name], pod.index)
		}
	}
	var found []v1alpha1.Finding
	for _, name := range order {
		limit := "it has no memory limit of its own: the node or the pod ran out"
		if quantity := f.memoryLimit(name); quantity != "" {
			limit = "its memory limit is " + quantity
		}
		n := int64(len(killed[name]))
		found = append(found, finding("OOMKilled", killed[name], "container %s was OOMKilled in %d attempt%s; %s", name, n, s(n), limit)...)
	}
	return found
}

const reasonOOMKilled = "OOMKilled"

func wasOOMKilled(pod *evidence.Attempt) bool {
	for i := range pod.Containers {
		if t := pod.Containers[i].Terminated; t != nil && t.Reason == reasonOOMKilled {
			return true
		}
	}
	return false
}

func (f *facts) memoryLimit(container string) string {
	spec := &f.job.Spec.Template.Spec
	for _, list := range [][]corev1.Container{spec.Containers, spec.InitContainers} {
		for i := range list {
			if limit, ok := list[i].Resources.Limits[corev1.ResourceMemory]; ok && list[i].Name == container {
				return limit.String()
			}
		}
	}
	return ""
}

// gathered is from how many attempts, and which share of them on one node or
// within a minute, failures stand out; and how long a Job must run for a minute
// to be short.
const (
	gatheredAttempts = 4
	gatheredPercent  = 75
	gatheredAmid     = 10 * time.Minute
)

// findGathered: failures of one cause on one node, though the Job ran on more,
// or within a minute, though it ran for many.
func (f *facts) findGathered(e *v1alpha1.Explanation) []v1alpha1.Finding {
	var found []v1alpha1.Finding
	for i := range e.Signatures {
		sig := &e.Signatures[i]
		if sig.Attempts < gatheredAttempts {
			continue
		}
		standsOut := func(n int64) bool { return n*100 >= sig.Attempts*gatheredPercent }
		if len(sig.Nodes) > 0 && standsOut(sig.Nodes[0].Attempts) {
			if nodes := f.nodes(); nodes > 1 && !isChance(sig.Nodes[0].Attempts, sig.Attempts, nodes) {
				found = append(found, v1alpha1.Finding{
					Kind: "GatheredOnNode", Indexes: sig.Indexes,
					Message: fmt.Sprintf("%d of the %d attempts with %s ran on node %s, one of %d", sig.Nodes[0].Attempts, sig.Attempts, sig.Text, sig.Nodes[0].Name, nodes),
				})
			}
		}
		if m := sig.Busiest; m != nil && standsOut(m.Attempts) && f.ranFor() >= gatheredAmid {
			found = append(found, v1alpha1.Finding{
				Kind: "GatheredInTime", Indexes: sig.Indexes,
				Message: fmt.Sprintf("%d of the %d attempts with %s ended within a minute from %s", m.Attempts, sig.Attempts, sig.Text, m.Time.UTC().Format(time.TimeOnly)+"Z"),
			})
		}
	}
	return found
}

// nodes is how many the Job's pods ran on.
func (f *facts) nodes() int {
	nodes := map[string]bool{}
	for _, pod := range f.pods {
		if pod.Node != "" {
			nodes[pod.Node] = true
		}
	}
	return len(nodes)
}

// ranFor is how long the Job has been running, or did.
func (f *facts) ranFor() time.Duration {
	switch start := f.job.Status.StartTime; {
	case start == nil:
		return 0
	case f.verdict.isDecided():
		return f.verdict.decided.Sub(start.Time)
	default:
		return f.now.Sub(start.Time)
	}
}

// findLimits: what the Job's own limits make of failed indexes.
func (f *facts) findLimits(e *v1alpha1.Explanation) []v1alpha1.Finding {
	var found []v1alpha1.Finding
	var byRule []int32
	for i := range e.Fates {
		if e.Fates[i].Reason == v1alpha1.ReasonFailIndexRule {
			byRule = append(byRule, e.Fates[i].Index)
		}
	}
	if len(byRule) > 0 && orZero(f.job.Spec.BackoffLimitPerIndex) > 0 {
		found = finding("FailIndexNoRetry", byRule, "FailIndex fails an index at once, whatever its limit still allows")
	}
	ranAll := f.verdict.isDecided() && f.verdict.condition.Reason == batchv1.JobReasonFailedIndexes
	if f.perIndex() && f.job.Spec.MaxFailedIndexes == nil && ranAll && f.completions > 1 {
		found = append(found, v1alpha1.Finding{
			Kind: "NoMaxFailedIndexes", Indexes: f.sync.failed.String(),
			Message: "without maxFailedIndexes every index ran before the Job failed",
		})
	}
	return found
}
