package view

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// leastScale is the least that a trace leaves to its scale, for words beside it.
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

// traceBars draws the attempts of an index below one another on one scale of time.
func (s sheet) traceBars(record *v1alpha1.IndexFate) []line {
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
	by := newScale(from, to, width)
	lines := []line{s.ends(by).fit(s.screen.Width)}
	strips := make([]strip, len(bars))
	for i, b := range bars {
		strips[i] = newStrip(by.cells())
		b.draw(strips[i], by)
		if b.place == len(record.Attempts)-1 && endsIndex(record.Fate) {
			strips[i][by.at(b.ends)] = fateStroke(kindOf(record.Fate, record.Reason))
		}
		l := append(numbered(b.attempt.Number), strips[i].line()...)
		if roomForWords {
			l = append(l, text(beforeWords+b.words()))
		}
		lines = append(lines, l.fit(s.screen.Width))
	}
	states, fates := legend(strips)
	return append(lines, shift(s.flow(append(states, fates...), "  ", s.screen.Width-detailIndent, 0), detailIndent)...)
}

// ends are the instants at which the scale begins and ends, above it.
func (s sheet) ends(by scale) line {
	left, right := s.clock(metav1.NewTime(by.from)), s.clock(metav1.NewTime(by.to))
	l := line{{strings.Repeat(" ", detailIndent), plain}, text(left)}
	if gap := by.cells() - len(left) - len(right); gap > 0 {
		l = append(l, span{strings.Repeat(" ", gap) + right, plain})
	}
	return l
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
