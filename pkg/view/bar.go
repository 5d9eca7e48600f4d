package view

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// bar is one attempt on a timeline, and the wait that followed it.
type bar struct {
	attempt *v1alpha1.Attempt
	// place is which of the attempts of its index it is.
	place int
	// From created to acknowledged it is pending, from there to started its images and
	// init containers are on, from leaving on, if it was deleted, it terminates.
	created, acknowledged, started, ends time.Time
	leaving                              *time.Time
	// next is when the following attempt was or will be created.
	next *metav1.Time
	// waits: the next attempt is still to come.
	waits bool
}

// bars are the attempts of which the times are known.
func (s sheet) bars(record *v1alpha1.IndexFate) []bar {
	var bars []bar
	for n := range record.Attempts {
		a := &record.Attempts[n]
		end := a.LastedUntil(&s.ObservedAt)
		if a.CreationTime == nil || end == nil {
			continue
		}
		b := bar{attempt: a, place: n, created: a.CreationTime.Time, ends: later(end.Time, a.CreationTime.Time)}
		b.acknowledged, b.started = b.ends, b.ends
		if start := a.Began(); start != nil {
			b.started = later(b.created, earlier(start.Time, b.ends))
			b.acknowledged = b.started
			if a.StartTime != nil {
				b.acknowledged = later(b.created, earlier(a.StartTime.Time, b.started))
			}
		}
		if d := a.Deletion; d != nil && d.Requested != nil {
			leaving := later(b.created, earlier(d.Requested.Time, b.ends))
			b.leaving = &leaving
		}
		switch {
		case n+1 < len(record.Attempts):
			b.next = record.Attempts[n+1].CreationTime
		case record.RetryTime != nil:
			b.next, b.waits = record.RetryTime, record.RetryTime.After(s.ObservedAt.Time)
		}
		if b.next != nil && !b.next.After(b.ends) {
			b.next = nil
		}
		bars = append(bars, b)
	}
	return bars
}

// draw draws the bar to scale, its end, and the wait after a failure.
func (b bar) draw(on strip, by scale) {
	b.drawUpToEnd(on, by)
	on.paint(b.end(), by.at(b.ends), by.at(b.ends))
	if b.next != nil && hasFailed(b.attempt) {
		on.fill(strokeBackoff, by, b.ends, b.next.Time)
	}
}

// drawUpToEnd draws it without its end.
func (b bar) drawUpToEnd(on strip, by scale) {
	left := b.ends
	if b.leaving != nil {
		left = *b.leaving
		on.fill(strokeTerminating, by, left, b.ends)
	}
	on.fill(strokePending, by, b.created, earlier(b.acknowledged, left))
	on.fill(strokeInit, by, b.acknowledged, earlier(b.started, left))
	on.fill(strokeRunning, by, b.started, left)
}

// end is how the attempt ended, or what it still does.
func (b bar) end() stroke {
	switch a := b.attempt; {
	case a.Phase == corev1.PodSucceeded:
		return endSucceeded
	case a.Decision == v1alpha1.DecisionRemoved:
		return endRemoved
	case a.Decision == v1alpha1.DecisionIgnore:
		return endIgnored
	case a.Phase == corev1.PodFailed || a.Decision != "":
		return endFailed
	case b.leaving != nil:
		return strokeTerminating
	case a.Phase == corev1.PodPending:
		return strokePending
	case a.Phase == corev1.PodRunning:
		return strokeRunning
	}
	return strokeUnknown
}

// endsIndex: an index of this fate stands where its last attempt left it, and waits
// for no other.
func endsIndex(fate v1alpha1.Fate) bool {
	return !slices.Contains([]v1alpha1.Fate{v1alpha1.BackingOff, v1alpha1.Waiting, v1alpha1.NeverStarted}, fate)
}

// strip is a row of cells of a timeline.
type strip []stroke

func newStrip(cells int) strip { return slices.Repeat(strip{noStroke}, cells) }

// paint shows a stroke in some cells, but for those that show a worse one.
func (s strip) paint(with stroke, first, last int) {
	for i := max(0, first); i <= min(last, len(s)-1); i++ {
		s[i] = min(s[i], with)
	}
}

// fill paints what lasts from one instant until just before another.
func (s strip) fill(with stroke, by scale, from, to time.Time) {
	if to.After(from) {
		s.paint(with, by.at(from), by.before(to))
	}
}

// settle shows the fate of an index in a cell or, where an attempt ended in that, in
// the next one: there is always one more.
func (s strip) settle(k uint8, cell int) {
	if s[cell].isEnd() {
		cell++
	}
	s[min(cell, len(s)-1)] = fateStroke(k)
}

// line draws each stroke in its ink, and neighbours of one ink together.
func (s strip) line() line {
	var l line
	for _, stroke := range s {
		drawn := stroke.drawn()
		if last := len(l) - 1; last >= 0 && l[last].ink == drawn.ink {
			l[last].text += drawn.text
		} else {
			l = append(l, drawn)
		}
	}
	return l
}

// legend tells the strokes that were drawn, and then the fates.
func legend(drawn []strip) (states, fates []line) {
	used := map[stroke]bool{}
	for _, s := range drawn {
		for _, stroke := range s {
			used[stroke] = true
		}
	}
	for _, known := range legendOfStrokes {
		if used[known] {
			states = append(states, line{known.drawn(), text(" " + strokes[known].word)})
		}
	}
	for _, k := range kindsWorstFirst {
		if letter := fateStroke(k); used[letter] {
			fates = append(fates, line{letter.drawn(), text(" " + kinds[k].phrase)})
		}
	}
	return states, fates
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
