package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// findRestarting: containers that fail and are started again, ever more slowly.
func (t *totals) findRestarting() []v1alpha1.Finding {
	type loop struct {
		members  []int32
		since    time.Time
		restarts int64
	}
	loops := map[string]*loop{}
	for _, pod := range t.pods {
		c := restarting(pod)
		if !pod.Active || !pod.ValidIndex || c == nil || !isCrashLooping(c) {
			continue
		}
		what := c.Name + " fails and restarts"
		if last := cmp.Or(c.Terminated, c.LastTerminated); last != nil {
			what += fmt.Sprintf(", last exited %d", last.ExitCode)
		}
		l := loops[what]
		if l == nil {
			l = &loop{since: pod.created.Time()}
			loops[what] = l
		}
		l.members, l.restarts = append(l.members, pod.Index), l.restarts+int64(restartsOf(c))
		if created := pod.created.Time(); created.Before(l.since) {
			l.since = created
		}
	}
	var found []v1alpha1.Finding
	for _, what := range slices.Sorted(maps.Keys(loops)) {
		l := loops[what]
		found = append(found, finding(v1alpha1.StuckRestarting, l.members, "%s: %s (CrashLoopBackOff), %d restart%s so far",
			v1alpha1.Duration(t.now.Sub(l.since)), what, l.restarts, s(l.restarts))...)
	}
	return found
}

// findKeptRunning: pods whose main container has ended, and which go on. A kubelet
// stops native sidecars itself, within the grace period.
func (t *totals) findKeptRunning() []v1alpha1.Finding {
	type keep struct {
		members []int32
		first   *evidence.Container
	}
	keeps := map[string]*keep{}
	for _, pod := range t.pods {
		kept := t.keptRunning(pod)
		if kept == nil || !pod.ValidIndex || !kept.byApp && t.now.Sub(kept.ended.FinishedAt.Time()) < v1alpha1.StuckAfter {
			continue
		}
		by := strings.Join(kept.by, ", ")
		k := keeps[by]
		if k == nil {
			k = &keep{first: kept.ended}
			keeps[by] = k
		}
		k.members = append(k.members, pod.Index)
		if kept.ended.FinishedAt < k.first.FinishedAt {
			k.first = kept.ended
		}
	}
	var found []v1alpha1.Finding
	for _, by := range slices.Sorted(maps.Keys(keeps)) {
		k := keeps[by]
		its, more := "its pod", ""
		if n := len(k.members) - 1; n > 0 {
			its, more = "their pods", fmt.Sprintf(", and in %d more pod%s", n, s(int64(n)))
		}
		found = append(found, finding(v1alpha1.StuckSidecar, k.members, "%s: %s%s; %s keeps %s running",
			v1alpha1.Duration(t.now.Sub(k.first.FinishedAt.Time())), containerEnd(k.first), more, by, its)...)
	}
	return found
}

// findLostNodes: pods on nodes that are not ready. Those past their grace period
// are told of as such.
func (t *totals) findLostNodes() []v1alpha1.Finding {
	type lost struct {
		members []int32
		since   evidence.Instant
	}
	nodes := map[string]*lost{}
	for _, pod := range t.pods {
		since := t.nodeLostSince(pod)
		if since.IsZero() || !pod.ValidIndex || t.isOverdue(pod) {
			continue
		}
		l := nodes[pod.Node]
		if l == nil {
			l = &lost{since: since}
			nodes[pod.Node] = l
		}
		l.members, l.since = append(l.members, pod.Index), min(l.since, since)
	}
	var found []v1alpha1.Finding
	for _, node := range slices.Sorted(maps.Keys(nodes)) {
		l := nodes[node]
		n := int64(len(l.members))
		told := finding(v1alpha1.StuckNode, l.members, "%s: node %s is not ready since %s; %d pod%s on it, of which its kubelet reports nothing",
			v1alpha1.Duration(t.now.Sub(l.since.Time())), node, clock(l.since.Time()), n, s(n))
		told[0].Node = node
		found = append(found, told...)
	}
	return found
}

// findRestarts: containers that restarted within their pods, also in such as ended.
func (t *totals) findRestarts() []v1alpha1.Finding {
	var members []int32
	var n int64
	var most *evidence.Container
	for _, pod := range t.pods {
		if !pod.ValidIndex || pod.restarts == 0 {
			continue
		}
		members, n = append(members, pod.Index), n+int64(pod.restarts)
		if c := restarting(pod); c != nil && (most == nil || c.Restarts > most.Restarts) {
			most = c
		}
	}
	if most == nil {
		return nil
	}
	words := fmt.Sprintf("%d restart%s within pods", n, s(n))
	if last := cmp.Or(most.LastTerminated, most.Terminated); last != nil {
		words += fmt.Sprintf(" (%s last exited %d)", most.Name, last.ExitCode)
	}
	if t.job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure {
		return finding(v1alpha1.RestartsInPlace, members, "%s: the kubelet's doing, no retries by the Job", words)
	}
	if t.perIndex() && orZero(t.job.Spec.BackoffLimit) == 1<<31-1 {
		return finding(v1alpha1.RestartsInPlace, members, "%s: under OnFailure they never count against backoffLimitPerIndex", words)
	}
	counted := controller.Restarts(t.present())
	return finding(v1alpha1.RestartsCounted, members, "%s: backoffLimit %d counts them while their pods run, %d now, and ends the Job when they reach it",
		words, orZero(t.job.Spec.BackoffLimit), counted)
}
