package replay

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// A node is slow if the median of its attempts, so many at least, is more than so many
// times that of the others, who are as many at least.
const (
	slowTimesElsewhere = 2
	slowNodeAttempts   = 5
	slowSeconds        = int64(v1alpha1.SlowAfter / time.Second)
)

// nodeSeconds are how many seconds something took, and on which node; below 0 that is not known.
type nodeSeconds struct {
	node    int32
	seconds int64
}

func (o nodeSeconds) isKnown() bool { return o.node != 0 && o.seconds >= 0 }

// slowNode has a median far above that elsewhere.
type slowNode struct {
	node              int32
	name              string
	median, elsewhere int64
	attempts, others  int64
}

// slowNodes among those of these names, by number; the slowest first.
func slowNodes(of []nodeSeconds, names []string) []slowNode {
	if !slices.ContainsFunc(of, func(o nodeSeconds) bool { return o.isKnown() && o.seconds > slowSeconds }) {
		return nil
	}
	all := make([]int64, 0, len(of))
	for _, o := range of {
		if o.isKnown() {
			all = append(all, o.seconds)
		}
	}
	slices.Sort(all)
	var slow []slowNode
	for _, node := range slowCandidates(of, all, len(names)) {
		if s, isSlow := compareNode(node, of, all, len(names)); isSlow {
			s.name = names[node]
			slow = append(slow, s)
		}
	}
	slices.SortFunc(slow, func(a, b slowNode) int { return cmp.Or(cmp.Compare(b.median, a.median), cmp.Compare(a.name, b.name)) })
	return slow
}

// slowCandidates saves looking at most nodes one by one: half of the others are no longer
// than their median, which is a quarter of all at least.
func slowCandidates(of []nodeSeconds, all []int64, numbers int) (candidates []int32) {
	limit := max(slowSeconds, slowTimesElsewhere*percentile(all, 25))
	attempts, slow := make([]int, numbers), make([]int, numbers)
	for _, o := range of {
		if o.isKnown() {
			attempts[o.node]++
			if o.seconds > limit {
				slow[o.node]++
			}
		}
	}
	for node, n := range attempts {
		if n >= slowNodeAttempts && len(all)-n >= n && slow[node] > n/2 {
			candidates = append(candidates, int32(node))
		}
	}
	return candidates
}

// compareNode with the others. It may be slow by chance, where attempts are often enough
// as long elsewhere; one more there is taken to be, since that none is proves little.
func compareNode(node int32, of []nodeSeconds, all []int64, numbers int) (s slowNode, isSlow bool) {
	var here []int64
	for _, o := range of {
		if o.isKnown() && o.node == node {
			here = append(here, o.seconds)
		}
	}
	slices.Sort(here)
	s = slowNode{node: node, median: percentile(here, 50), attempts: int64(len(here)), others: int64(len(all) - len(here))}
	s.elsewhere = medianWithout(all, here)
	limit := slowTimesElsewhere * s.elsewhere
	slow := above(here, limit)
	often := float64(above(all, limit)-slow+1) / float64(s.others+2)
	return s, s.median > max(limit, slowSeconds) && !isChance(slow, s.attempts, often, numbers-1)
}

// medianWithout is that of all but some of them; both are in order.
func medianWithout(all, some []int64) int64 {
	half := int64(len(all)-len(some)+1) / 2
	upTo := func(sorted []int64, limit int64) int64 { return int64(len(sorted)) - above(sorted, limit) }
	return all[sort.Search(len(all), func(i int) bool { return upTo(all, all[i])-upTo(some, all[i]) >= half })]
}

// above is how many of them, in order, are above the limit.
func above(sorted []int64, limit int64) int64 {
	return int64(len(sorted) - sort.Search(len(sorted), func(i int) bool { return sorted[i] > limit }))
}
