package view

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// bar is one attempt on the timeline, and the wait that followed it.
type bar struct {
	attempt                *v1alpha1.Attempt
	created, started, ends time.Time
	// next is when the following attempt was or will be created.
	next *metav1.Time
	// waits: the next attempt is still to come.
	waits bool
}

// leastScale is the least that a timeline leaves to its scale, for words beside it.
const leastScale = 30

const beforeWords = "  "

// wordsOf is how wide the words beside the bars are.
func wordsOf(bars []bar) int {
	widest := 0
	for _, b := range bars {
		widest = max(widest, len(beforeWords)+len(b.words()))
	}
	return widest
}

// timeline draws the attempts below one another on one scale of time.
func (s sheet) timeline(record *v1alpha1.IndexFate) []line {
	bars := s.bars(record)
	if len(bars) == 0 {
		return nil
	}
	from, to := bars[0].created, bars[0].ends
	for _, b := range bars {
		from, to = earlier(from, b.created), later(to, b.ends)
		if b.next != nil {
			to = later(to, b.next.Time)
		}
	}
	if !to.After(from) {
		return nil
	}
	width := s.screen.Width - detailIndent
	roomForWords := width-wordsOf(bars) >= leastScale
	if roomForWords {
		width -= wordsOf(bars)
	}
	used := map[byte]bool{}
	left, right := s.clock(metav1.NewTime(from)), s.clock(metav1.NewTime(to))
	lines := []line{{span{strings.Repeat(" ", detailIndent), plain}, text(left)}}
	if gap := width - len(left) - len(right); gap > 0 {
		lines[0] = append(lines[0], span{strings.Repeat(" ", gap) + right, plain})
	}
	lines[0] = lines[0].fit(s.screen.Width)
	for _, b := range bars {
		drawn := b.draw(width, from, to)
		for _, stroke := range drawn {
			used[stroke] = true
		}
		l := append(numbered(b.attempt.Number), inStrokes(drawn)...)
		if roomForWords {
			l = append(l, text(beforeWords+b.words()))
		}
		lines = append(lines, l.fit(s.screen.Width))
	}
	var legend []line
	for _, known := range strokes {
		if used[known.stroke] {
			legend = append(legend, line{{string(known.stroke), known.ink}, text(" " + known.word)})
		}
	}
	return append(lines, shift(s.flow(legend, "  ", s.screen.Width-detailIndent, 0), detailIndent)...)
}

// bars are the attempts of which the times are known.
func (s sheet) bars(record *v1alpha1.IndexFate) []bar {
	var bars []bar
	for n := range record.Attempts {
		a := &record.Attempts[n]
		end := s.lastedUntil(a)
		if a.CreationTime == nil || end == nil {
			continue
		}
		b := bar{attempt: a, created: a.CreationTime.Time, ends: later(end.Time, a.CreationTime.Time)}
		b.started = b.ends
		if start := began(a); start != nil {
			b.started = later(b.created, earlier(start.Time, b.ends))
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

// draw is the bar as text of a width: to scale, and at least its end.
func (b bar) draw(width int, from, to time.Time) []byte {
	at := func(t time.Time) int {
		return int(float64(t.Sub(from)) / float64(to.Sub(from)) * float64(width-1))
	}
	drawn := []byte(strings.Repeat(" ", width))
	fill := func(stroke byte, first, last int) {
		for i := first; i < last; i++ {
			drawn[i] = stroke
		}
	}
	fill(strokePending, at(b.created), at(b.started))
	fill(strokeRunning, at(b.started), at(b.ends))
	drawn[at(b.ends)] = b.end()
	if b.next != nil {
		fill(strokeWaiting, at(b.ends)+1, at(b.next.Time)+1)
	}
	return drawn
}

// inStrokes draws each stroke in its ink.
func inStrokes(drawn []byte) line {
	var l line
	for _, stroke := range drawn {
		of := plain
		for _, known := range strokes {
			if known.stroke == stroke {
				of = known.ink
			}
		}
		if last := len(l) - 1; last >= 0 && l[last].ink == of {
			l[last].text += string(stroke)
		} else {
			l = append(l, span{string(stroke), of})
		}
	}
	return l
}

func (b bar) end() byte {
	switch {
	case b.attempt.Phase == corev1.PodSucceeded:
		return endSucceeded
	case b.attempt.Decision == v1alpha1.DecisionRemoved:
		return endRemoved
	case b.attempt.Phase == corev1.PodFailed || b.attempt.Decision != "":
		return endFailed
	}
	return endNone
}

// words tell how long the parts of the bar lasted.
func (b bar) words() string {
	var parts []string
	if pending := b.started.Sub(b.created); pending >= 10*time.Second {
		parts = append(parts, "pending "+lasted(pending))
	}
	// Where the kubelet lost the container, only the controller says when it ended.
	if b.attempt.FinishTime != nil || b.started.Before(b.ends) && b.attempt.Phase == corev1.PodRunning {
		parts = append(parts, "ran "+runTime(b.ends.Sub(b.started)))
	}
	if b.next != nil {
		verb := "then waited "
		if b.waits {
			verb = "then waits "
		}
		parts = append(parts, verb+lasted(b.next.Sub(b.ends)))
	}
	return strings.Join(parts, ", ")
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
