package cluster

import (
	"fmt"
	"slices"
	"strings"
)

// count is "1 pod", "3 pods".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// tally is "3 Failed, 1 Running", the most frequent first.
func tally(counts map[string]int) string {
	keys := make([]string, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for i, key := range keys {
		keys[i] = fmt.Sprintf("%d %s", counts[key], key)
	}
	return strings.Join(keys, ", ")
}
