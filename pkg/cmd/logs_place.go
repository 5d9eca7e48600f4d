package cmd

import (
	"strings"
	"time"
)

// logPlace is how far a log was read, so that one that broke off is gone on with.
// Servers read from a second on, not from a line: what was read since comes again,
// and is told by the time that kubelets give each line.
type logPlace struct {
	lines int       // that were read
	last  time.Time // the latest of their times
	same  int       // how many of them bear it
	// again is how many of the same are still to come again, once the log was
	// opened anew.
	again    int
	resuming bool
}

// resume is told that the log is opened anew.
func (p *logPlace) resume() { p.again, p.resuming = p.same, p.lines > 0 }

// take reports whether a line is new, and whether others may be missing before it:
// the last one that was read has not come again.
func (p *logPlace) take(written time.Time) (isNew, isGap bool) {
	if p.resuming {
		switch {
		case written.Before(p.last):
			return false, false
		case written.Equal(p.last) && p.again > 0:
			p.again--
			return false, false
		}
		p.resuming, isGap = false, p.again > 0
	}
	p.lines++
	switch {
	case written.Equal(p.last):
		p.same++
	case written.After(p.last):
		p.last, p.same = written, 1
	}
	return true, isGap
}

// stamped parts a line from the time that the kubelet was asked for, which is zero
// where it gave none.
func stamped(line string) (written time.Time, text string) {
	word, text, _ := strings.Cut(line, " ")
	written, err := time.Parse(time.RFC3339Nano, word)
	if err != nil {
		return time.Time{}, line
	}
	return written, text
}
