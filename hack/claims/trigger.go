package claims

import (
	"maps"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// trigger: the pod named lived, and its end tipped the Job.
func (c *check) trigger(trigger *v1alpha1.Trigger) {
	pod := c.byName[trigger.Pod]
	if pod == nil {
		c.claim(false, "trigger %s: never lived", trigger.Pod)
		return
	}
	// A FailJob rule matches a pod that the controller removed as surplus too.
	c.claim(!c.isKilled(pod) || c.e.Conclusion.Reason == batchv1.JobReasonPodFailurePolicy, "trigger %s: killed by the decision", trigger.Pod)
	decided := c.decided()
	c.claim(!pod.CreationTime.After(decided), "trigger %s: created after the decision", trigger.Pod)
	if trigger.Time == nil || len(c.specChanges()) > 0 {
		return
	}
	switch c.e.Conclusion.Reason {
	case batchv1.JobReasonMaxFailedIndexesExceeded, batchv1.JobReasonFailedIndexes:
		c.failedIndexesTrigger(trigger)
	case batchv1.JobReasonBackoffLimitExceeded:
		c.backoffLimitTrigger(trigger)
	}
}

// backoffLimitTrigger: it was the first counted failure above the limit.
func (c *check) backoffLimitTrigger(trigger *v1alpha1.Trigger) {
	before, upTo := 0, 0
	for i := range c.ledger.Pods {
		p := &c.ledger.Pods[i]
		if c.isKilled(p) || p.DeletedBy == recording.DeletedByController || matchOf(c.e, p) == v1alpha1.DecisionIgnore {
			continue
		}
		if p.Status.Phase != corev1.PodFailed && !(c.countsDeleted() && cutShort(p)) {
			continue
		}
		end := c.countedEnd(p, trigger)
		if end.Before(trigger.Time.Time) && p.Status.Phase != corev1.PodSucceeded {
			before++ // one that succeeded all the same was perhaps never seen on its way out
		}
		if !end.After(trigger.Time.Time) {
			upTo++
		}
	}
	limit := int(*c.e.Spec.BackoffLimit)
	c.claim(before <= limit && upTo > limit, "trigger %s: %d to %d failures came first, %d are allowed", trigger.Pod, before, upTo-1, limit)
}

// cutShort: the pod was deleted before it ended.
func cutShort(pod *recording.Pod) bool {
	return pod.DeletionSeenTime != nil && (pod.FinishTime == nil || pod.DeletionSeenTime.Before(pod.FinishTime))
}

// countsDeleted: a pod on its way out counts as a failure.
func (c *check) countsDeleted() bool {
	return c.e.Spec.PodFailurePolicy == nil && (c.e.Spec.PodReplacementPolicy == nil || *c.e.Spec.PodReplacementPolicy != batchv1.Failed)
}

// firstFailure: no pod that was there had failed before it, unless one that is
// gone is granted to. What ended in one second has no order.
func (c *check) firstFailure(first *v1alpha1.FirstFailure) {
	if first.EarlierGone || first.Time == nil {
		return
	}
	for _, ix := range slices.Sorted(maps.Keys(c.byIndex)) {
		for _, pod := range c.byIndex[ix] {
			c.claim(pod.Name == first.Pod || !c.failedBefore(pod, first.Time.Time), "first failure %s: %s of index %d had failed before", first.Pod, pod.Name, ix)
		}
	}
}

// failedBefore: the pod failed by itself before that instant, and by the reading.
func (c *check) failedBefore(pod *recording.Pod, t time.Time) bool {
	ended := pod.Status.Phase == corev1.PodFailed && pod.FinishTime != nil && pod.FinishTime.Time.Before(c.at) && matchOf(c.e, pod) != v1alpha1.DecisionIgnore
	return ended && !endedUnaccounted(pod) && pod.DeletedBy != recording.DeletedByController && endOf(pod).Before(t.Add(-time.Second))
}

// failedIndexesTrigger: the index that is named tipped the Job. Of those that
// came into a list as many came before it as the limit allows, or all others;
// what ended in one second has no order.
func (c *check) failedIndexesTrigger(trigger *v1alpha1.Trigger) {
	failed, _ := indexes.ParseStatus(failedOf(&c.ledger.Job.Status), *c.e.Spec.Completions)
	completed, _ := indexes.ParseStatus(completedOf(&c.ledger.Job.Status), *c.e.Spec.Completions)
	if trigger.Index == nil {
		c.claim(false, "trigger %s: of no index", trigger.Pod)
		return
	}
	c.claim(failed.Has(*trigger.Index), "trigger %s: index %d is not in failedIndexes", trigger.Pod, *trigger.Index)
	before, upTo, after := 0, 0, 0
	for i := range c.ledger.Pods {
		pod := &c.ledger.Pods[i]
		if pod.Index == nil || c.isKilled(pod) {
			continue
		}
		failedIt := failed.Has(*pod.Index) && c.failsIndex(pod)
		if !failedIt && !(completed.Has(*pod.Index) && pod.Status.Phase == corev1.PodSucceeded) {
			continue
		}
		end := c.countedEnd(pod, trigger)
		if end.Before(trigger.Time.Time) && failedIt {
			before++
		}
		if !end.After(trigger.Time.Time) && failedIt {
			upTo++
		}
		if end.After(trigger.Time.Time) {
			after++
		}
	}
	if c.e.Conclusion.Reason == batchv1.JobReasonFailedIndexes {
		c.claim(after == 0, "trigger %s: %d indexes were done after it", trigger.Pod, after)
		return
	}
	limit := int(*c.e.Spec.MaxFailedIndexes)
	c.claim(before <= limit && upTo > limit, "trigger %s: %d to %d indexes failed first, %d are allowed", trigger.Pod, before, upTo-1, limit)
}

func (c *check) failsIndex(pod *recording.Pod) bool {
	if pod.Status.Phase != corev1.PodFailed && !(c.countsDeleted() && pod.DeletionSeenTime != nil) {
		return false
	}
	decision := matchOf(c.e, pod)
	return decision == v1alpha1.DecisionFailIndex || decision != v1alpha1.DecisionIgnore && count(pod.FailureCount) >= *c.e.Spec.BackoffLimitPerIndex
}

// late is by how much a watch may tell later than the pod says itself.
const late = 5 * time.Second

// countedEnd is when the controller took the pod for ended: at its deletion
// already, where that counts as a failure. When that was, the evidence knows of
// the trigger; the ledger only when a watch told of it.
func (c *check) countedEnd(pod *recording.Pod, trigger *v1alpha1.Trigger) time.Time {
	if !c.countsDeleted() || !cutShort(pod) {
		return endOf(pod)
	}
	seen := pod.DeletionSeenTime.Time
	if told := trigger.Time.Time; pod.Name == trigger.Pod && told.Before(seen) && seen.Sub(told) < late {
		return told
	}
	return seen
}
