package replay

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// isOverdue: the pod's grace period is over, and it is still there.
func (t *podTable) isOverdue(pod *podFacts) bool {
	return pod.Terminating && t.now.Sub(pod.DeletionTime.Time()) > v1alpha1.StuckAfter
}

// findTerminating: pods past their grace period, by node: why it takes long, and
// what it costs.
func (t *totals) findTerminating() []v1alpha1.Finding {
	nodes := map[string][]*podFacts{}
	var all []*podFacts
	for _, pod := range t.pods {
		if t.isOverdue(pod) && pod.ValidIndex {
			nodes[pod.Node], all = append(nodes[pod.Node], pod), append(all, pod)
		}
	}
	if len(nodes) > mostNodes {
		return t.overdue(all, fmt.Sprintf(" on %d nodes, perhaps lost", len(nodes)))
	}
	var found []v1alpha1.Finding
	for _, node := range slices.Sorted(maps.Keys(nodes)) {
		where := ""
		if node != "" {
			where = " on node " + node + t.howNodeIs(nodes[node])
		}
		told := t.overdue(nodes[node], where)
		told[0].Node = node
		found = append(found, told...)
	}
	return found
}

func (t *totals) overdue(pods []*podFacts, where string) []v1alpha1.Finding {
	var members []int32
	since := pods[0].DeletionTime
	for _, pod := range pods {
		members, since = append(members, pod.Index), min(since, pod.DeletionTime)
	}
	return finding(v1alpha1.StuckTerminating, members, "%s past its grace: %d terminating%s; %s",
		v1alpha1.Duration(t.now.Sub(since.Time())), len(pods), where, t.costOfTerminating(len(pods)))
}

// howNodeIs tells a node that is lost from one whose kubelet still reports, of which
// then some container does not end.
func (t *totals) howNodeIs(pods []*podFacts) string {
	var heard *evidence.Event
	var unready []string
	for _, pod := range pods {
		if since := t.nodeLostSince(pod); !since.IsZero() {
			return ", which " + notReady(since)
		}
		e := lastHeard(t.podEvents.of(pod.Attempt))
		if e == nil || !e.Last.After(pod.DeletionTime.Time()) {
			continue
		}
		if heard == nil || e.Last.After(heard.Last) {
			heard = e
		}
		for i := range pod.Containers {
			if c := &pod.Containers[i]; c.Running && !c.Ready && !slices.Contains(unready, c.Name) {
				unready = append(unready, c.Name)
			}
		}
	}
	if heard == nil {
		return ", perhaps lost"
	}
	words := ", whose kubelet still reports, last at " + clock(heard.Last)
	if len(unready) > 0 {
		words += "; " + strings.Join(unready, ", ") + " runs and is not ready"
	}
	if message := strings.TrimSpace(heard.Message); message != "" {
		words += ": " + message
	}
	return words
}

// costOfTerminating is what so many pods on their way out hold up.
func (t *totals) costOfTerminating(pods int) string {
	words := []string{"the Job ends when it is gone", "podReplacementPolicy Failed waits for it, which holds its index and a slot", "it is replaced meanwhile"}
	if pods > 1 {
		words = []string{"the Job ends when they are gone", "podReplacementPolicy Failed waits for them, each of which holds its index and a slot", "they are replaced meanwhile"}
	}
	switch {
	case t.verdict.isDecided():
		return words[0]
	case controller.OnlyReplaceFailedPods(t.job):
		return words[1]
	}
	return words[2]
}

// findFinalizer: pods that ended long ago, that the Job counts, and that keep the
// controller's finalizer. A failed pod keeps it while its retry waits.
func (t *totals) findFinalizer() []v1alpha1.Finding {
	var members []int32
	var since time.Time
	for _, pod := range t.pods {
		if !pod.Terminal || !pod.Finalizer || pod.isGone || !pod.ValidIndex {
			continue
		}
		isListed := t.completed.Has(pod.Index) && pod.Succeeded() || t.failed.Has(pod.Index) && pod.hasFailed()
		if !isListed && !t.verdict.isDecided() {
			continue
		}
		ended := pod.finished()
		if t.verdict.decided.After(ended) {
			ended = t.verdict.decided
		}
		if t.now.Sub(ended) <= v1alpha1.IdleAfter {
			continue
		}
		members = append(members, pod.Index)
		if since.IsZero() || ended.Before(since) {
			since = ended
		}
	}
	if members == nil {
		return nil
	}
	which := fmt.Sprintf("%d pods have ended and still bear", len(members))
	switch len(members) {
	case 1:
		which = "its pod has ended and still bears"
	case len(t.pods):
		which = "every pod has ended and still bears"
	}
	return finding(v1alpha1.StuckFinalizer, members, "%s: %s the finalizer %s; something refuses its removal, such as an admission webhook",
		v1alpha1.Duration(t.now.Sub(since)), which, batchv1.JobTrackingFinalizer)
}

// findDeletion: the Job is being deleted, and a pod holds it that has ended.
func (t *totals) findDeletion() []v1alpha1.Finding {
	if t.job.DeletionTimestamp == nil || t.isGone() {
		return nil
	}
	var members []int32
	first := ""
	for _, pod := range t.pods {
		if pod.Finalizer && pod.Terminal && !pod.isGone && pod.ValidIndex {
			members = append(members, pod.Index)
			if first == "" {
				first = pod.Name
			}
		}
	}
	if members == nil {
		return nil
	}
	holds := "pod " + first + ", which has ended, holds it"
	if n := len(members) - 1; n > 0 {
		holds = fmt.Sprintf("pod %s and %d more, which have ended, hold it", first, n)
	}
	return finding(v1alpha1.StuckDeletion, members, "%s: the Job is being deleted; %s by the finalizer %s",
		v1alpha1.Duration(t.now.Sub(t.job.DeletionTimestamp.Time)), holds, batchv1.JobTrackingFinalizer)
}
