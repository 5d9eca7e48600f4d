package indexes

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseStatus reads a status field as the controller does: fragments that are
// no intervals are skipped, reading stops at the first interval that begins at
// or above completions, and the last is clipped (parseIndexesFromString in
// pkg/controller/job/indexed_job_utils.go, v1.37.2). Ok is false where
// something was skipped, or the intervals do not ascend: no controller writes
// such a list, and upstream counts some of its indexes twice.
func ParseStatus(text string, completions int32) (set Set, ok bool) {
	if text == "" {
		return Set{}, true
	}
	ok = true
	var intervals []Interval
	for fragment := range strings.SplitSeq(text, ",") {
		limits := strings.Split(fragment, "-")
		first, err := strconv.Atoi(limits[0])
		if err != nil {
			ok = false
			continue
		}
		if first >= int(completions) {
			break
		}
		last := first
		if len(limits) > 1 {
			if last, err = strconv.Atoi(limits[1]); err != nil {
				ok = false
				continue
			}
			last = min(last, int(completions)-1)
		}
		if n := len(intervals); last < first || n > 0 && first <= int(intervals[n-1].Last) {
			ok = false
		}
		intervals = append(intervals, Interval{int32(first), int32(last)})
	}
	return FromIntervals(intervals), ok
}

// Parse reads what a person types: "3", "3,7-9". Every index must lie below
// completions.
func Parse(text string, completions int32) (Set, error) {
	var intervals []Interval
	for fragment := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(fragment), "-")
		first, err := strconv.ParseInt(low, 10, 64)
		last := first
		if err == nil && isRange {
			last, err = strconv.ParseInt(high, 10, 64)
		}
		if err != nil || first < 0 || last < first {
			return Set{}, fmt.Errorf("reading the index list %q: %q is neither an index nor a range\nhint: write it like 3 or 3,7-9", text, fragment)
		}
		if last >= int64(completions) {
			return Set{}, fmt.Errorf("index %d is out of range: the Job has %d completions\nhint: its indexes are 0 to %d", last, completions, int64(completions)-1)
		}
		intervals = append(intervals, Interval{int32(first), int32(last)})
	}
	return FromIntervals(intervals), nil
}
