package replay

import (
	"fmt"
	"slices"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// nodeNumbers count the nodes from 1, as they are met. No node has 0.
type nodeNumbers struct {
	names   []string
	numbers map[string]int32
}

func newNodeNumbers() *nodeNumbers {
	return &nodeNumbers{names: []string{""}, numbers: map[string]int32{"": 0}}
}

func (n *nodeNumbers) of(name string) int32 {
	number, isKnown := n.numbers[name]
	if !isKnown {
		number = int32(len(n.names))
		n.names, n.numbers[name] = append(n.names, name), number
	}
	return number
}

// findings: a node on which attempts run for longer than on the others, and one on which
// they start later.
func (d *durations) findings() []v1alpha1.Finding {
	return slices.Concat(
		d.findSlowNode(v1alpha1.SlowOnNode, d.runs, (*podFacts).ran, "attempts on node %s take %s, those elsewhere %s (medians of %s and %s that succeeded)"),
		d.findSlowNode(v1alpha1.SlowStartOnNode, d.starts, func(p *podFacts) int64 { return p.startup }, "pods on node %s start within %s of being scheduled, those elsewhere within %s (medians of %s and %s that succeeded)"),
	)
}

// findSlowNode names the slowest, and the indexes for which it is.
func (d *durations) findSlowNode(kind v1alpha1.FindingKind, all []nodeSeconds, of func(*podFacts) int64, format string) []v1alpha1.Finding {
	slow := slowNodes(all, d.nodes.names)
	if len(slow) == 0 {
		return nil
	}
	n := slow[0]
	var members []int32
	for _, pod := range d.pods {
		if pod.node == n.node && pod.hasRun() && of(pod) > slowTimesElsewhere*n.elsewhere {
			members = append(members, pod.Index)
		}
	}
	told := func(seconds int64) string { return v1alpha1.Duration(time.Duration(seconds) * time.Second) }
	found := finding(kind, members, format, n.name, told(n.median), told(n.elsewhere), v1alpha1.Count(n.attempts), v1alpha1.Count(n.others))
	found[0].Node = n.name
	if more := int64(len(slow) - 1); more > 0 {
		found[0].Message += fmt.Sprintf("; %s more node%s slow, too", v1alpha1.Count(more), areS(more))
	}
	return found
}
