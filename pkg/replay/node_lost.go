package replay

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// nodeLostSince is when the node of a pod that has not ended was taken for lost, by
// the node controller's mark on the pod or its event; zero where it was not, or
// where the kubelet has spoken since.
func (t *podTable) nodeLostSince(pod *podFacts) evidence.Instant {
	if pod.Terminal || pod.Node == "" {
		return 0
	}
	since, events := pod.NodeNotReady, t.podEvents.of(pod.Attempt)
	if lost := lastOf(events, func(e *evidence.Event) bool { return e.Reason == "NodeNotReady" }); lost != nil && since.IsZero() {
		since = evidence.InstantOf(lost.Last)
	}
	if c := condition(pod.Attempt, corev1.PodReady); since.IsZero() && pod.Reason == "NodeLost" && c != nil {
		since = c.LastTransitionTime
	}
	if heard := lastHeard(events); heard != nil && evidence.InstantOf(heard.Last) > since {
		return 0
	}
	return since
}

// lastHeard is the newest event of the pod's kubelet.
func lastHeard(events []*evidence.Event) *evidence.Event {
	return lastOf(events, func(e *evidence.Event) bool { return e.Source == "kubelet" })
}

func notReady(since evidence.Instant) string {
	return "has not been ready since " + clock(since.Time())
}

// mostNodes get a finding each; of more it is not the single node that matters.
const mostNodes = 3

// lostNode is a node that is not ready, and the indexes whose pods are on it.
type lostNode struct {
	name    string
	members []int32
	since   evidence.Instant
}

// findLostNodes: pods on nodes that are not ready. Those past their grace period
// are told of as such.
func (t *totals) findLostNodes() []v1alpha1.Finding {
	var nodes []*lostNode
	known := map[string]*lostNode{}
	for _, pod := range t.pods {
		since := t.nodeLostSince(pod)
		if since.IsZero() || !pod.ValidIndex || t.isOverdue(pod) {
			continue
		}
		node := known[pod.Node]
		if node == nil {
			node = &lostNode{name: pod.Node, since: since}
			known[pod.Node] = node
			nodes = append(nodes, node)
		}
		node.members, node.since = append(node.members, pod.Index), min(node.since, since)
	}
	if len(nodes) > mostNodes {
		return t.findManyLost(nodes)
	}
	slices.SortFunc(nodes, func(a, b *lostNode) int { return cmp.Compare(a.name, b.name) })
	var found []v1alpha1.Finding
	for _, node := range nodes {
		n := int64(len(node.members))
		told := finding(v1alpha1.StuckNode, node.members, "%s: node %s %s; its kubelet no longer reports on %d pod%s",
			v1alpha1.Duration(t.now.Sub(node.since.Time())), node.name, notReady(node.since), n, s(n))
		told[0].Node = node.name
		found = append(found, told...)
	}
	return found
}

func (t *totals) findManyLost(nodes []*lostNode) []v1alpha1.Finding {
	var members []int32
	since := nodes[0].since
	for _, node := range nodes {
		members, since = append(members, node.members...), min(since, node.since)
	}
	return finding(v1alpha1.StuckNode, members, "%s: %d nodes are not ready, the first since %s; their kubelets no longer report on %d pods",
		v1alpha1.Duration(t.now.Sub(since.Time())), len(nodes), clock(since.Time()), len(members))
}
