package replay

import (
	"fmt"
	"time"
)

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// inWords is a duration as people write it: 14s, 2m5s, 1h12m.
func inWords(d time.Duration) string {
	d = d.Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return fmt.Sprintf("%dh%dm", h, m)
	case m > 0:
		return fmt.Sprintf("%dm%ds", m, s)
	}
	return fmt.Sprintf("%ds", s)
}
