package indexes

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Interval is a run of indexes, both ends included.
type Interval struct{ First, Last int32 }

// Set is a set of indexes: ascending intervals that neither overlap nor touch.
// The zero value is the empty set. Sets are values: no method changes one.
type Set struct{ intervals []Interval }

// Range is the set of all indexes from first to last, empty if last < first.
func Range(first, last int32) Set {
	if last < first {
		return Set{}
	}
	return Set{[]Interval{{first, last}}}
}

// Of is the set of the given indexes, in any order.
func Of(indexes ...int32) Set {
	var b Builder
	for _, index := range indexes {
		b.Add(index)
	}
	return b.Set()
}

// Builder gathers a set. Indexes that ascend cost no more than their intervals.
type Builder struct{ intervals []Interval }

// Add puts one index into the set.
func (b *Builder) Add(index int32) {
	if n := len(b.intervals); n > 0 {
		last := &b.intervals[n-1]
		if last.First <= index && int64(index) <= int64(last.Last)+1 {
			last.Last = max(last.Last, index)
			return
		}
	}
	b.intervals = append(b.intervals, Interval{index, index})
}

// Join adds what was put into another builder, which may not be used any more.
func (b *Builder) Join(other *Builder) { b.intervals = append(b.intervals, other.intervals...) }

// Set is what was added; after it nothing may be.
func (b *Builder) Set() Set { return FromIntervals(b.intervals) }

// FromIntervals is the union of intervals in any order. It takes the slice over.
func FromIntervals(intervals []Interval) Set {
	if isOrdered(intervals) {
		return Set{intervals}
	}
	slices.SortFunc(intervals, func(a, b Interval) int { return cmp.Compare(a.First, b.First) })
	var merged []Interval
	for _, next := range intervals {
		if next.Last < next.First {
			continue
		}
		if n := len(merged); n > 0 && int64(next.First) <= int64(merged[n-1].Last)+1 {
			merged[n-1].Last = max(merged[n-1].Last, next.Last)
			continue
		}
		merged = append(merged, next)
	}
	return Set{merged}
}

// isOrdered: the intervals are those of a set already.
func isOrdered(intervals []Interval) bool {
	for i, next := range intervals {
		if next.Last < next.First || i > 0 && int64(next.First) <= int64(intervals[i-1].Last)+1 {
			return false
		}
	}
	return true
}

// Intervals are the runs of the set, ascending. They must not be changed.
func (s Set) Intervals() []Interval { return s.intervals }

// Empty reports whether the set has no index.
func (s Set) Empty() bool { return len(s.intervals) == 0 }

// Len is the number of indexes in the set.
func (s Set) Len() int64 {
	var n int64
	for _, i := range s.intervals {
		n += int64(i.Last) - int64(i.First) + 1
	}
	return n
}

// Has reports whether the set holds index.
func (s Set) Has(index int32) bool {
	n := sort.Search(len(s.intervals), func(i int) bool { return s.intervals[i].Last >= index })
	return n < len(s.intervals) && s.intervals[n].First <= index
}

// First is the lowest index of the set; ok is false for the empty set.
func (s Set) First() (index int32, ok bool) {
	if s.Empty() {
		return 0, false
	}
	return s.intervals[0].First, true
}

// Last is the highest index of the set; ok is false for the empty set.
func (s Set) Last() (index int32, ok bool) {
	if s.Empty() {
		return 0, false
	}
	return s.intervals[len(s.intervals)-1].Last, true
}

// Union is the set of the indexes in s or in t.
func (s Set) Union(t Set) Set {
	if t.Empty() {
		return s
	}
	if s.Empty() {
		return t
	}
	both := make([]Interval, 0, len(s.intervals)+len(t.intervals))
	return FromIntervals(append(append(both, s.intervals...), t.intervals...))
}

// Minus is the set of the indexes in s that are not in t.
func (s Set) Minus(t Set) Set {
	var rest []Interval
	j := 0
	for _, i := range s.intervals {
		first := int64(i.First)
		for j < len(t.intervals) && t.intervals[j].Last < i.First {
			j++
		}
		for k := j; k < len(t.intervals) && t.intervals[k].First <= i.Last; k++ {
			if cut := t.intervals[k]; int64(cut.First) > first {
				rest = append(rest, Interval{int32(first), cut.First - 1})
			}
			first = max(first, int64(t.intervals[k].Last)+1)
		}
		if first <= int64(i.Last) {
			rest = append(rest, Interval{int32(first), i.Last})
		}
	}
	return Set{rest}
}

// Intersect is the set of the indexes in both s and t.
func (s Set) Intersect(t Set) Set { return s.Minus(s.Minus(t)) }

// Take is the set of the n lowest indexes of s.
func (s Set) Take(n int64) Set {
	var taken []Interval
	for _, i := range s.intervals {
		if n <= 0 {
			break
		}
		last := min(int64(i.Last), int64(i.First)+n-1)
		taken = append(taken, Interval{i.First, int32(last)})
		n -= last - int64(i.First) + 1
	}
	return Set{taken}
}

// String is the set in the controller's syntax: decimals joined by commas, a
// run of three or more as "first-last", a run of two as "a,b"
// (orderedIntervals.String in pkg/controller/job/indexed_job_utils.go, v1.37.2).
func (s Set) String() string {
	var b strings.Builder
	for n, i := range s.intervals {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(i.First)))
		if i.Last == i.First {
			continue
		}
		if i.Last == i.First+1 {
			b.WriteByte(',')
		} else {
			b.WriteByte('-')
		}
		b.WriteString(strconv.Itoa(int(i.Last)))
	}
	return b.String()
}
