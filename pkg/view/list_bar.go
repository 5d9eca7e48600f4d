package view

import (
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// share is how many indexes of a Job have a kind.
type share struct {
	n    int64
	kind uint8
}

// shares splits the indexes by what the Job alone tells: succeeded, failed, with
// an active pod, and the rest. Which those are only pods could tell, but a bar
// is of shares: the rest waits or, once the Job is decided, is left unfinished.
func (s summary) shares() []share {
	rest := int64(0)
	for fate, n := range s.Counts {
		if fate != v1alpha1.Succeeded && fate != v1alpha1.Failed {
			rest += n
		}
	}
	active := min(rest, max(0, int64(s.Status.Active)))
	idle := kindOf(v1alpha1.Waiting, "")
	if s.Conclusion.State.Decided() {
		idle = kindOf(v1alpha1.Unfinished, "")
	}
	return []share{
		{s.Counts[v1alpha1.Succeeded], kindOf(v1alpha1.Succeeded, "")},
		{s.Counts[v1alpha1.Failed], kindOf(v1alpha1.Failed, "")},
		{active, kindOf(v1alpha1.Running, "")},
		{rest - active, idle},
	}
}

func total(shares []share) int64 {
	var n int64
	for _, s := range shares {
		n += s.n
	}
	return n
}

// barOf draws shares in proportion: a cell per index where there are as few, and
// otherwise at least one for every kind that there is.
func barOf(shares []share, most int64) line {
	all := total(shares)
	cells := make([]uint8, 0, most)
	for _, s := range apportion(shares, min(all, most), all) {
		for range s.n {
			cells = append(cells, s.kind)
		}
	}
	return letters(cells)
}

// apportion gives so many cells to the shares of all: the whole part of what each
// is due but one at least, and then one by one to who has most left over, or from
// who has most too much.
func apportion(shares []share, cells, all int64) []share {
	given := slices.Clone(shares)
	left := cells
	for i, s := range shares {
		if s.n > 0 {
			given[i].n = max(1, s.n*cells/all)
			left -= given[i].n
		}
	}
	for left != 0 {
		step := left / max(left, -left)
		best := -1
		for i, s := range shares {
			if s.n == 0 || step < 0 && given[i].n == 1 {
				continue
			}
			due := func(i int) int64 { return step * (shares[i].n*cells - given[i].n*all) }
			if best < 0 || due(i) > due(best) {
				best = i
			}
		}
		given[best].n += step
		left -= step
	}
	return given
}
