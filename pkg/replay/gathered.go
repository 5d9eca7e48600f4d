package replay

import (
	"fmt"
	"math"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// gathered is from how many attempts, and which share of them on one node or
// within a minute, failures stand out;
const (
	gatheredAttempts = 4
	gatheredPercent  = 75
)

// findGathered: failures of one cause on one node, though the Job ran on more,
// or within a minute, though it ran for many.
func (t *totals) findGathered(e *v1alpha1.Explanation) []v1alpha1.Finding {
	var found []v1alpha1.Finding
	for i := range e.Signatures {
		sig := &e.Signatures[i]
		if sig.Attempts < gatheredAttempts {
			continue
		}
		standsOut := func(n int64) bool { return n*100 >= sig.Attempts*gatheredPercent }
		if len(sig.Nodes) > 0 && standsOut(sig.Nodes[0].Attempts) {
			if nodes := t.nodesUsed(); nodes > 1 && !isChance(sig.Nodes[0].Attempts, sig.Attempts, 1/float64(nodes), nodes) {
				found = append(found, v1alpha1.Finding{
					Kind: v1alpha1.GatheredOnNode, Indexes: sig.Indexes, Node: sig.Nodes[0].Name,
					Message: fmt.Sprintf("%s of the %s attempts with %s ran on node %s, one of %s", v1alpha1.Count(sig.Nodes[0].Attempts), v1alpha1.Count(sig.Attempts), sig.Text, sig.Nodes[0].Name, v1alpha1.Count(int64(nodes))),
				})
			}
		}
		if m := sig.Busiest; m != nil && standsOut(m.Attempts) && t.ranFor() >= v1alpha1.GatheredAfter {
			found = append(found, v1alpha1.Finding{
				Kind: v1alpha1.GatheredInTime, Indexes: sig.Indexes,
				Message: fmt.Sprintf("%s of the %s attempts with %s ended within a minute from %s", v1alpha1.Count(m.Attempts), v1alpha1.Count(sig.Attempts), sig.Text, m.Time.UTC().Format(time.TimeOnly)+"Z"),
			})
		}
	}
	return found
}

// nodesUsed is how many the Job's pods ran on.
func (t *totals) nodesUsed() int {
	nodes := map[string]bool{}
	for _, pod := range t.pods {
		if pod.Node != "" {
			nodes[pod.Node] = true
		}
	}
	return len(nodes)
}

// ranFor is how long the Job has been running, or did.
func (t *totals) ranFor() time.Duration {
	switch start := t.job.Status.StartTime; {
	case start == nil:
		return 0
	case t.verdict.isDecided():
		return t.verdict.decided.Sub(start.Time)
	default:
		return t.now.Sub(start.Time)
	}
}

// isChance: that something is so of n of all attempts on one of some nodes may well be
// chance, if it is so of that share of attempts wherever they are.
func isChance(n, all int64, share float64, nodes int) bool {
	const seldom = 0.01
	probability := 0.0
	for k := n; k <= all; k++ {
		exactly := math.Exp(ways(all, k) + float64(k)*math.Log(share) + float64(all-k)*math.Log1p(-share))
		if probability += exactly; exactly < seldom/1e6 {
			break // above its share of all, more is ever less likely
		}
	}
	return probability*float64(nodes) > seldom
}

// ways is the logarithm of how many ways there are to choose k of n.
func ways(n, k int64) float64 {
	factorial := func(n int64) float64 {
		v, _ := math.Lgamma(float64(n) + 1)
		return v
	}
	return factorial(n) - factorial(k) - factorial(n-k)
}
