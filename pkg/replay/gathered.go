package replay

import "math"

// isChance: that so many of all attempts, more than its share, ended on one of
// some nodes may well be chance, if each node is as likely as the others.
func isChance(n, all int64, nodes int) bool {
	const seldom = 0.01
	share := 1 / float64(nodes)
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
