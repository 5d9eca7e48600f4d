package replay

import "testing"

// A few failures on one of few nodes are no news, twelve of fourteen are.
func TestIsChance(t *testing.T) {
	for _, c := range []struct {
		n, all int64
		nodes  int
		want   bool
	}{
		{3, 4, 3, true},
		{4, 4, 3, true},
		{5, 5, 3, true},
		{6, 6, 3, false},
		{4, 4, 40, false},
		{8, 8, 2, false},
		{9, 12, 2, true},
		{12, 14, 40, false},
		{225_000, 300_000, 4, false},
	} {
		if got := isChance(c.n, c.all, 1/float64(c.nodes), c.nodes); got != c.want {
			t.Errorf("%d of %d on one of %d nodes: %v", c.n, c.all, c.nodes, got)
		}
	}
}
