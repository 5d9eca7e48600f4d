package view

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// timeline is a Job over time, about to be drawn.
type timeline struct {
	sheet
	by scale
	// label is how wide what stands before the cells is, and beside how wide the
	// nodes behind them.
	label, beside int
	rows          []*v1alpha1.IndexFate
	// hidden are the indexes that have no row because there would be too many.
	hidden int
	// strips are those of each row, and shown how many rows had room.
	strips [][]strip
	shown  int
}

// The least width of a screen that has the nodes beside the rows, and their share.
const (
	leastBesideNodes = 60
	shareOfNodes     = 5
)

// Timeline draws a Job over time: how many pods there were, and a row for each of the
// indexes that failed, took most attempts or longest or, where some are chosen, for
// each of those; then how long attempts took, and what they used.
func Timeline(e *v1alpha1.Explanation, chosen *indexes.Set, screen Screen) string {
	return render(newTimeline(newSheet(e, screen), chosen).lines(), screen.Color)
}

// TimelineLines are the lines of a Timeline that is scrolled over.
func TimelineLines(e *v1alpha1.Explanation, chosen *indexes.Set, screen Screen) []string {
	screen.Height = Unbounded
	return linesOf(Timeline(e, chosen, screen))
}

func newTimeline(s sheet, chosen *indexes.Set) *timeline {
	t := &timeline{sheet: s}
	t.rows, t.hidden = s.timelineRows(chosen)
	for _, record := range t.rows {
		t.label = max(t.label, len(runOf(record.Index, record.Last())))
	}
	if s.Timeline != nil {
		t.label = max(t.label, len(thousands(mostOf(s.Timeline.Buckets))))
	}
	if s.screen.Width >= leastBesideNodes {
		for _, record := range t.rows {
			t.beside = max(t.beside, nodesOf(record, s.screen.Width/shareOfNodes).width())
		}
	}
	room := s.screen.Width - t.label - 1
	if t.beside > 0 {
		room -= len(columnGap) + t.beside
	}
	from, to := s.lasts()
	t.by = newScale(from, to, max(1, room-1)) // one cell more is for a fate that settles behind an end
	for _, record := range t.rows {
		t.strips = append(t.strips, s.strips(record, t.by))
	}
	return t
}

// lasts is from when until when there is something to draw.
func (s sheet) lasts() (from, to time.Time) {
	var all reach
	c := &s.Conclusion
	all.see(c.StartTime)
	all.see(c.DecidedTime)
	all.see(c.FinishedTime)
	if !c.State.Decided() && c.StartTime != nil {
		all.see(&s.ObservedAt)
	}
	if s.Timeline != nil {
		all.see(&s.Timeline.From)
		all.see(&s.Timeline.To)
	}
	for i := range s.Fates {
		for n := range s.Fates[i].Attempts {
			a := &s.Fates[i].Attempts[n]
			all.see(a.CreationTime)
			all.see(a.LastedUntil(&s.ObservedAt))
		}
	}
	return all.from, all.to
}

// settledAt is until when an index may have had a pod that nobody saw.
func (s sheet) settledAt() time.Time {
	if at := s.Conclusion.DecidedTime; at != nil {
		return at.Time
	}
	return s.ObservedAt.Time
}

// lines are those of the whole, as many as the screen has.
func (t *timeline) lines() []line {
	if t.by.to.IsZero() {
		nothing := t.wrap(sentence("Nothing has run yet, so far as is known."), t.screen.Width, 0)
		return brokenOff(t.fitted(append(t.heading(), nothing...), t.screen.Width), t.screen.Height, t.screen.Width)
	}
	lines := t.squeezed()
	if t.shown < len(t.rows) { // once more without them, for a legend that tells of no others
		t.hidden += len(t.rows) - t.shown
		t.rows, t.strips = t.rows[:t.shown], t.strips[:t.shown]
		lines = t.squeezed()
	}
	for i := range lines {
		lines[i] = lines[i].fit(t.screen.Width)
	}
	return lines
}

// squeezed is the whole in as many lines as there are.
func (t *timeline) squeezed() []line {
	t.shown = len(t.rows)
	blank := section{lines: []line{nil}, gives: 1}
	durations, usage, spent := t.durations(), t.usage(), t.spent()
	between := blank
	if len(durations)+len(usage) == 0 {
		between = section{}
	}
	return squeeze([]section{
		{lines: t.heading(), gives: lastTurn, least: 1},
		{lines: t.counts(mostCounts), gives: 5, least: leastCounts, cut: t.counts},
		t.marked(),
		t.rowsSection(),
		{lines: t.legend(), gives: 6},
		between,
		{lines: durations, gives: 3, cut: func(int) []line { return nil }},
		{lines: usage, gives: 2, least: len(spent), cut: func(most int) []line { return wholly(spent, most) }},
	}, t.screen.Height)
}

// wholly is all of the lines or none.
func wholly(lines []line, most int) []line {
	if len(lines) > most {
		return nil
	}
	return lines
}

// heading is which Job it is, from when until when, and how long a cell is.
func (t *timeline) heading() []line {
	pieces := []line{t.jobWords()}
	if !t.by.to.IsZero() {
		from, to := metav1.NewTime(t.by.from), metav1.NewTime(t.by.to)
		pieces = append(pieces,
			sentence(t.clock(from)+" to "+t.clock(to)+" ("+lasted(to.Sub(from.Time))+")"),
			sentence(t.by.words()))
	}
	return t.flow(folded(pieces, t.screen.Width), "  ", t.screen.Width, 0)
}

// legend tells the letters of the rows and, on lines of their own, the fates that end
// them.
func (t *timeline) legend() []line {
	drawn := slices.Concat(t.strips...)
	if t.Timeline != nil {
		drawn = append(drawn, t.ofCounts()...)
	}
	states, fates := legend(drawn)
	indent := t.label + 1
	width := t.screen.Width - indent
	lines := flow(states, "  ", width, 0)
	if len(fates) > 0 {
		fates[0] = append(line{text("fate: ")}, fates[0]...)
		lines = append(lines, flow(fates, "  ", width, len("fate: "))...)
	}
	return shift(lines, indent)
}
