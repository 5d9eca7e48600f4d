package view

import (
	"strings"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// How many lines high the counts are, and how many of them a low screen keeps.
const mostCounts, leastCounts = 8, 3

// inAll is how many pods there were, and indexes that backed off: those hold slots too.
func inAll(b v1alpha1.Bucket) int64 { return b.Running + b.Terminating + b.Pending + b.BackingOff }

// mostOf is the most that there ever were.
func mostOf(buckets []v1alpha1.Bucket) int64 {
	var most int64
	for _, b := range buckets {
		most = max(most, inAll(b))
	}
	return most
}

// counts are the counts over time in so many lines or fewer, the most at the top: what
// runs, and on that what terminates, is pending and backs off.
func (t *timeline) counts(most int) []line {
	if t.Timeline == nil || most < 1 {
		return nil
	}
	strips := t.ofCounts()
	high := int64(len(strips))
	if int64(most) < high {
		strips = t.countsIn(int64(most))
		high = int64(most)
	}
	top := mostOf(t.Timeline.Buckets)
	lines := make([]line, high)
	for n := range lines {
		label := ""
		switch {
		case n == 0:
			label = thousands(top)
		case n == len(lines)-1 && high == top:
			label = "1"
		case n == len(lines)-1:
			label = "0"
		}
		lines[n] = append(t.lead(label), strips[n].line()...)
	}
	return lines
}

// ofCounts are the counts where there is room: no line is for less than one pod.
func (t *timeline) ofCounts() []strip {
	return t.countsIn(min(mostCounts, mostOf(t.Timeline.Buckets)))
}

func (t *timeline) countsIn(lines int64) []strip {
	top := mostOf(t.Timeline.Buckets)
	strips := make([]strip, lines)
	for n := range strips {
		strips[n] = newStrip(t.by.cells())
	}
	for cell := range t.by.cells() {
		b := t.bucketOf(cell)
		for n := range strips {
			above := float64(lines-int64(n)-1) * float64(top) / float64(lines)
			upTo := int64(0)
			for _, state := range []struct {
				n      int64
				stroke stroke
			}{{b.Running, strokeRunning}, {b.Terminating, strokeTerminating}, {b.Pending, strokePending}, {b.BackingOff, strokeBackoff}} {
				if upTo += state.n; float64(upTo) > above {
					strips[n][cell] = state.stroke
					break
				}
			}
		}
	}
	return strips
}

// bucketOf is the bucket of a cell in which there were most.
func (t *timeline) bucketOf(cell int) v1alpha1.Bucket {
	var most v1alpha1.Bucket
	length, begins := max(1, t.Timeline.BucketSeconds), t.Timeline.From.Unix()
	from := t.by.start(cell) - begins
	to := max(from+1, t.by.start(cell+1)-begins) - 1
	if to < 0 {
		return most
	}
	for i := max(0, from) / length; i <= to/length && i < int64(len(t.Timeline.Buckets)); i++ {
		if b := t.Timeline.Buckets[i]; inAll(b) > inAll(most) {
			most = b
		}
	}
	return most
}

// marked are what happened to the Job, and below that which indexes failed.
func (t *timeline) marked() section {
	if t.Timeline == nil {
		return section{}
	}
	of := marks{cells: t.by.cells() + 1}
	failures := of
	for i := range t.Timeline.Marks {
		m := &t.Timeline.Marks[i]
		switch m.Kind {
		case v1alpha1.MarkFirstFailure, v1alpha1.MarkIndexFailed:
			name := ""
			if m.Index != nil {
				name = decimal(*m.Index)
			}
			failures.add(t.by, m.Time.Time, name)
		case v1alpha1.MarkSuspended:
			of.add(t.by, m.Time.Time, "suspended")
		case v1alpha1.MarkResumed:
			of.add(t.by, m.Time.Time, "resumed")
		case v1alpha1.MarkDecision:
			of.add(t.by, m.Time.Time, "decided")
		}
	}
	var lines []line
	if failures.drawn != "" {
		failures.say("failures")
		lines = append(lines, append(t.lead(""), text(failures.drawn)))
	}
	if of.drawn != "" {
		lines = append(lines, append(t.lead(""), text(of.drawn)))
	}
	return section{lines: lines, gives: 6, least: min(1, len(lines))}
}

// marks is a line of marks, each with its name beside it where there is room.
type marks struct {
	cells int
	drawn string
}

// add marks an instant. The name stands behind the mark or, at the edge, before it.
func (m *marks) add(by scale, at time.Time, name string) {
	if m.drawn == "" {
		m.drawn = strings.Repeat(" ", m.cells)
	}
	cell := by.at(at)
	switch {
	case m.put(cell, "^"+name):
	case m.put(cell-len(name), name+"^"):
	case m.drawn[cell] == ' ':
		m.write(cell, "^")
	}
}

// say writes a word into the first gap that is wide enough.
func (m *marks) say(word string) {
	for at := range m.cells {
		if m.put(at, word) {
			return
		}
	}
}

// put writes where nothing stands, nor beside it.
func (m *marks) put(at int, words string) bool {
	from, to := max(0, at-1), min(m.cells, at+len(words)+1)
	if at < 0 || at+len(words) > m.cells || strings.Trim(m.drawn[from:to], " ") != "" {
		return false
	}
	m.write(at, words)
	return true
}

func (m *marks) write(at int, words string) {
	m.drawn = m.drawn[:at] + words + m.drawn[at+len(words):]
}
