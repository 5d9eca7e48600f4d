package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// mostTimelineRows is how many indexes have a row where none is chosen, and
// leastTimelineRows how many a low screen keeps.
const mostTimelineRows, leastTimelineRows = 40, 4

// timelineRows are the indexes that have a row, and how many more there would be.
func (s sheet) timelineRows(chosen *indexes.Set) (rows []*v1alpha1.IndexFate, hidden int) {
	if chosen != nil {
		rows = s.chosenRows(*chosen)
		shown := min(len(rows), s.screen.Height)
		return rows[:shown], len(rows) - shown
	}
	type ranked struct {
		record    *v1alpha1.IndexFate
		hasFailed bool
		took      time.Duration
	}
	var all []ranked
	for i := range s.Fates {
		record := &s.Fates[i]
		if r := (ranked{record, isFailure(record), s.took(record)}); r.hasFailed || len(record.Attempts) > 0 {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		switch {
		case a.hasFailed != b.hasFailed && a.hasFailed:
			return -1
		case a.hasFailed != b.hasFailed:
			return 1
		}
		return cmp.Or(
			cmp.Compare(len(b.record.Attempts), len(a.record.Attempts)),
			cmp.Compare(b.took, a.took),
			cmp.Compare(a.record.Index, b.record.Index))
	})
	for _, r := range all {
		if len(rows) < mostTimelineRows {
			rows = append(rows, r.record)
		} else {
			hidden++
		}
	}
	return rows, hidden
}

// chosenRows are the records of the chosen indexes, in their order; one that stands
// for a run is cut to what was chosen of it.
func (s sheet) chosenRows(chosen indexes.Set) []*v1alpha1.IndexFate {
	var rows []*v1alpha1.IndexFate
	first, _ := chosen.First()
	rest := chosen.Intervals()
	for i := s.RecordFrom(first); i < len(s.Fates) && len(rest) > 0; i++ {
		record := &s.Fates[i]
		for len(rest) > 0 && rest[0].Last < record.Index {
			rest = rest[1:]
		}
		for _, part := range rest {
			if part.First > record.Last() {
				break
			}
			of, last := *record, min(part.Last, record.Last())
			of.Index, of.LastIndex = max(part.First, record.Index), &last
			rows = append(rows, &of)
		}
	}
	return rows
}

// isFailure: the index failed, or would have if the Job had gone on.
func isFailure(record *v1alpha1.IndexFate) bool {
	i := kinds[kindOf(record.Fate, record.Reason)].ink
	return i == bad || i == given
}

// took is how long it was from the first known pod of an index to the end of the last.
func (s sheet) took(record *v1alpha1.IndexFate) time.Duration {
	var all reach
	for n := range record.Attempts {
		all.see(record.Attempts[n].CreationTime)
		all.see(record.Attempts[n].LastedUntil(&s.ObservedAt))
	}
	return all.to.Sub(all.from)
}

// lane is where a bar of an index stands: in the first row of it or, where its pod was
// there at the same time as another, in the second.
type lane struct {
	bar
	row int
	// settles: the index stands where this attempt left it.
	settles bool
}

// lanes are the bars of an index where they stand, and when its fate was settled.
func (s sheet) lanes(record *v1alpha1.IndexFate) (lanes []lane, settled time.Time) {
	settled = s.settledAt()
	var busy [2]time.Time
	for _, b := range s.bars(record) {
		l := lane{bar: b}
		if b.created.Before(busy[0]) {
			l.row = 1
		}
		busy[l.row] = later(busy[l.row], b.ends)
		isLast := b.place == len(record.Attempts)-1 && !s.IsLastGone(record)
		switch {
		case isLast && endsIndex(record.Fate):
			l.settles, settled = true, b.ends
		case isLast && record.Fate == v1alpha1.BackingOff:
			now := metav1.NewTime(s.settledAt()) // what lies ahead is not drawn
			l.next = &now
		}
		lanes = append(lanes, l)
	}
	return lanes, settled
}

// strips are the lanes of an index in rows of cells.
func (s sheet) strips(record *v1alpha1.IndexFate, by scale) []strip {
	rows := []strip{newStrip(by.cells() + 1)}
	for _, gap := range s.unknownTimes(record, by.from) {
		first := by.at(gap.from)
		rows[0].paint(strokeUnknown, first, max(first, by.before(gap.to)))
	}
	on := 0
	lanes, settled := s.lanes(record)
	for _, l := range lanes {
		if on = l.row; on == len(rows) {
			rows = append(rows, newStrip(by.cells()+1))
		}
		if l.settles {
			l.drawUpToEnd(rows[on], by)
		} else {
			l.draw(rows[on], by)
		}
	}
	rows[on].settle(kindOf(record.Fate, record.Reason), by.at(settled))
	return rows
}

// unknownTimes are when the attempts of which no times are known may have been:
// between those before and after them that are.
func (s sheet) unknownTimes(record *v1alpha1.IndexFate, from time.Time) []reach {
	var unknown []reach
	bars, known := s.bars(record), 0
	for n := range record.Attempts {
		if known < len(bars) && bars[known].place == n {
			from = later(from, bars[known].ends)
			known++
			continue
		}
		if created := record.Attempts[n].CreationTime; created != nil {
			from = later(from, created.Time)
		}
		to := s.settledAt()
		if known < len(bars) {
			to = bars[known].created
		}
		unknown = append(unknown, reach{from, to})
	}
	if len(record.Attempts) == 0 && hadPod(record) || s.IsLastGone(record) && known == len(bars) && known > 0 && bars[known-1].place == len(record.Attempts)-1 {
		unknown = append(unknown, reach{from, s.settledAt()})
	}
	return unknown
}

// hadPod: an index of this fate had a pod, or may have had one, even if none is known.
func hadPod(record *v1alpha1.IndexFate) bool {
	return endsIndex(record.Fate) || record.Fate == v1alpha1.BackingOff
}

// rowsSection are the rows, as many as there is room for.
func (t *timeline) rowsSection() section {
	var lines []line
	var starts []int // of each index, in lines
	for i, record := range t.rows {
		starts = append(starts, len(lines))
		for n, lane := range t.strips[i] {
			l := t.lead(runOf(record.Index, record.Last()))
			if n > 0 {
				l = t.lead("")
			}
			l = append(l, lane.line()...)
			if nodes := nodesOf(record, t.beside); n == 0 && nodes.width() > 0 {
				l = append(append(l, span{columnGap, plain}), nodes...)
			}
			lines = append(lines, l)
		}
	}
	more := func(shown, hidden int) []line {
		if hidden == 0 {
			return lines[:shown]
		}
		return append(lines[:shown:shown], line{inked(strings.Repeat(" ", t.label+1)+many(int64(hidden), "more index has attempts", "more indexes have attempts"), faint)})
	}
	return section{lines: more(len(lines), t.hidden), gives: 4, least: min(len(lines), leastTimelineRows), cut: func(most int) []line {
		n := len(starts)
		for n > 0 && (n == len(starts) || starts[n] > most-1) {
			n--
		}
		if t.shown = n; most < 1 || n == 0 {
			return nil
		}
		return more(starts[n], t.hidden+len(starts)-n)
	}}
}

// lead is what stands before the cells.
func (t *timeline) lead(label string) line {
	return append(line{{label, plain}}.pad(t.label, true), span{" ", plain})
}

// nodesOf names the nodes that an index was on, in order, and counts those that find
// no room.
func nodesOf(record *v1alpha1.IndexFate, most int) line {
	var nodes []string
	for n := range record.Attempts {
		if node := record.Attempts[n].Node; node != "" && !slices.Contains(nodes, node) {
			nodes = append(nodes, node)
		}
	}
	if len(nodes) == 0 || most <= 0 {
		return nil
	}
	for shown := len(nodes); shown > 1; shown-- {
		if l := sentence(strings.Join(nodes[:shown], ",") + plus(len(nodes)-shown)); l.width() <= most {
			return l
		}
	}
	rest := plus(len(nodes) - 1)
	return append(sentence(nodes[0]).fitMiddle(most-len(rest)), text(rest))
}

func plus(more int) string {
	if more == 0 {
		return ""
	}
	return ",+" + decimal(more)
}
