package replay

import (
	"cmp"
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// mostSlowest is how many of the longest runs are told.
const mostSlowest = 10

// durations are those of the attempts that succeeded, in seconds.
type durations struct {
	*totals
	run, wait []int64
	slowest   []*podFacts
	// runs and starts are told by node.
	runs, starts []nodeSeconds
}

func (t *totals) durations() *durations {
	n := len(t.groups)
	d := &durations{totals: t, run: make([]int64, 0, n), wait: make([]int64, 0, n), runs: make([]nodeSeconds, 0, n), starts: make([]nodeSeconds, 0, n)}
	for _, pod := range t.pods {
		if !pod.hasRun() {
			continue
		}
		d.run, d.wait = append(d.run, pod.ran()), append(d.wait, max(0, secondsBetween(pod.created, pod.started)))
		d.runs, d.starts = append(d.runs, nodeSeconds{pod.node, pod.ran()}), append(d.starts, nodeSeconds{pod.node, pod.startup})
		if n := len(d.slowest); n < mostSlowest || isSlower(pod, d.slowest[n-1]) < 0 {
			at, _ := slices.BinarySearchFunc(d.slowest, pod, func(a, b *podFacts) int { return isSlower(a, b) })
			d.slowest = slices.Insert(d.slowest, at, pod)[:min(n+1, mostSlowest)]
		}
	}
	slices.Sort(d.run)
	slices.Sort(d.wait)
	return d
}

// hasRun: the attempt succeeded, and it is known how long it took.
func (p *podFacts) hasRun() bool {
	return p.Succeeded() && p.ValidIndex && p.started != 0 && p.Finished >= p.started
}

// ran is for how many seconds it did.
func (p *podFacts) ran() int64 { return secondsBetween(p.started, p.Finished) }

// isSlower orders by how long attempts ran, those alike by index and age.
func isSlower(a, b *podFacts) int {
	return cmp.Or(cmp.Compare(b.ran(), a.ran()), cmp.Compare(a.Index, b.Index), older(a, b))
}

func (d *durations) told() *v1alpha1.Durations {
	told := &v1alpha1.Durations{Run: spreadOf(d.run), Wait: spreadOf(d.wait), Slowest: []v1alpha1.SlowAttempt{}}
	for _, pod := range d.slowest {
		told.Slowest = append(told.Slowest, v1alpha1.SlowAttempt{Index: pod.Index, Seconds: float64(pod.ran()), Node: pod.Node})
	}
	return told
}

// spreadOf durations in order.
func spreadOf(sorted []int64) v1alpha1.Spread {
	if len(sorted) == 0 {
		return v1alpha1.Spread{}
	}
	return v1alpha1.Spread{
		Count: int64(len(sorted)), Min: float64(sorted[0]), Max: float64(sorted[len(sorted)-1]),
		Median: float64(percentile(sorted, 50)), P95: float64(percentile(sorted, 95)),
	}
}

// percentile is the nearest rank: the least of them that so many percent do not
// exceed.
func percentile(sorted []int64, percent int) int64 {
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
