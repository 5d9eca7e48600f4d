package v1alpha1

import (
	"fmt"
	"math"
	"time"
)

// Duration writes a duration in its two largest units, as every message does:
// 14s, 2m5s, 1d2h. What is longer than a time.Duration can be, of which Go makes
// the longest one, is told as that.
func Duration(d time.Duration) string {
	if d == math.MaxInt64 {
		return "over 292y"
	}
	d = max(0, d.Round(time.Second))
	units := []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}
	for i, unit := range units {
		n := d / unit.size
		if n == 0 {
			continue
		}
		told := fmt.Sprintf("%d%s", n, unit.name)
		if i+1 < len(units) {
			if rest := d % unit.size / units[i+1].size; rest > 0 {
				told += fmt.Sprintf("%d%s", rest, units[i+1].name)
			}
		}
		return told
	}
	return "0s"
}
