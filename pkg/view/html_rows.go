package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// htmlRows are the rows of attempts: for each index that failed, took most attempts
// or longest. Each look of a bar has one path, whatever the number of bars.
type htmlRows struct {
	Width, Height, Left, Right int
	Labels, Nodes              []htmlText
	Layers                     []htmlLayer
	Ticks                      []htmlText
	More                       string
	drawn                      map[stroke]*drawnStroke
}

// Bottom is where the lines of the ticks end, and Base where their names stand.
func (r *htmlRows) Bottom() int { return r.Height - 18 }

func (r *htmlRows) Base() int { return r.Height - 4 }

// drawnStroke is all that was drawn of one stroke.
type drawnStroke struct{ path, x, y, letters strings.Builder }

func (s sheet) htmlRows(by axis) *htmlRows {
	records, hidden := s.timelineRows(nil)
	r := &htmlRows{Width: pictureWidth, Left: plotLeft, Right: plotLeft + plotWidth, drawn: map[stroke]*drawnStroke{}}
	top := 4
	for _, record := range records {
		name := runOf(record.Index, record.Last())
		r.Labels = append(r.Labels, htmlText{X: plotLeft - 8, Y: float64(top + 10), Text: name, Href: "#index=" + decimal(record.Index)})
		if nodes := nodesOf(record, 18); nodes.width() > 0 {
			r.Nodes = append(r.Nodes, htmlText{X: plotLeft + plotWidth + 20, Y: float64(top + 10), Text: bareLine(nodes)})
		}
		for _, gap := range s.unknownTimes(record, by.from) {
			r.span(strokeUnknown, by, top, gap.from, gap.to)
			r.letter(strokeUnknown, by.at(gap.from)+2, top)
		}
		lanes, settled := s.lanes(record)
		lower := 0
		for _, l := range lanes {
			lower = max(lower, l.row)
			r.bar(l, by, top+l.row*laneHeight)
		}
		if len(lanes) > 0 || endsIndex(record.Fate) {
			last := 0
			if len(lanes) > 0 {
				last = lanes[len(lanes)-1].row
			}
			r.mark(fateStroke(kindOf(record.Fate, record.Reason)), by.at(settled), top+last*laneHeight)
		}
		top += (lower + 1) * laneHeight
	}
	r.Height = top + 22
	r.Ticks = by.ticks(s.screen.Location)
	if hidden > 0 {
		r.More = many(int64(hidden), "more index has attempts", "more indexes have attempts") + "."
	}
	r.finish()
	return r
}

// bar draws an attempt and the wait after it.
func (r *htmlRows) bar(l lane, by axis, top int) {
	left := l.ends
	if l.leaving != nil {
		left = *l.leaving
		r.span(strokeTerminating, by, top, left, l.ends)
	}
	r.span(strokePending, by, top, l.created, earlier(l.acknowledged, left))
	r.span(strokeInit, by, top, l.acknowledged, earlier(l.started, left))
	r.span(strokeRunning, by, top, l.started, left)
	if l.settles {
		return
	}
	if l.next != nil && hasFailed(l.attempt) {
		r.span(strokeBackoff, by, top, l.ends, l.next.Time)
	}
	if end := l.end(); end.isEnd() {
		r.mark(end, by.at(l.ends), top)
	}
}

// span draws what lasts, a pixel wide at least.
func (r *htmlRows) span(with stroke, by axis, top int, from, to time.Time) {
	if !to.After(from) {
		return
	}
	height := strokeLooks[with].height
	x, until := by.at(from), by.at(to)
	fmt.Fprintf(&r.of(with).path, "M%.1f %.1fh%.1fv%dh-%.1fz", x, float64(top)+float64(barHeight+4-height)/2, max(1, until-x), height, max(1, until-x))
}

// mark draws a letter in a box of its own.
func (r *htmlRows) mark(with stroke, x float64, top int) {
	fmt.Fprintf(&r.of(with).path, "M%.1f %dh12v15h-12z", x, top)
	r.letter(with, x, top)
}

func (r *htmlRows) letter(with stroke, x float64, top int) {
	drawn := r.of(with)
	fmt.Fprintf(&drawn.x, " %.1f", x+6)
	fmt.Fprintf(&drawn.y, " %d", top+12)
	drawn.letters.WriteString(with.drawn().text)
}

func (r *htmlRows) of(with stroke) *drawnStroke {
	if r.drawn[with] == nil {
		r.drawn[with] = &drawnStroke{}
	}
	return r.drawn[with]
}

// finish makes layers of what was drawn, letters on top.
func (r *htmlRows) finish() {
	order := slices.SortedFunc(maps.Keys(r.drawn), func(a, b stroke) int {
		switch {
		case a.isEnd() && !b.isEnd():
			return 1
		case b.isEnd() && !a.isEnd():
			return -1
		}
		return cmp.Compare(b, a) // the worst is drawn last, above all others
	})
	for _, with := range order {
		drawn := r.drawn[with]
		l := htmlLayer{Path: drawn.path.String(), X: strings.TrimSpace(drawn.x.String()), Y: strings.TrimSpace(drawn.y.String()), Letters: drawn.letters.String()}
		if with.isEnd() {
			p := paints[with.drawn().ink]
			l.Name, l.Fill, l.Ink = p.name, p.light[0], p.light[1]
		} else {
			look := strokeLooks[with]
			l.Name, l.Fill, l.Ink = look.name, look.light, paints[plain].light[1]
		}
		r.Layers = append(r.Layers, l)
	}
}

// legend tells what was drawn, the fates last; counts are the picture above, if there is one.
func (r *htmlRows) legend(counts *htmlCounts) []htmlLegend {
	var all []htmlLegend
	for _, known := range legendOfStrokes {
		switch {
		case known.isEnd() && r.drawn[known] != nil:
			drawn := known.drawn()
			all = append(all, htmlLegend{Ink: paints[drawn.ink].name, Letter: drawn.text, Word: strokes[known].word})
		case !known.isEnd() && (r.drawn[known] != nil || counts.has(known)):
			all = append(all, htmlLegend{Ink: strokeLooks[known].name, Fill: strokeLooks[known].light, Word: strokes[known].word})
		}
	}
	for _, k := range kindsWorstFirst {
		if r.drawn[fateStroke(k)] != nil {
			all = append(all, htmlLegend{Ink: paints[kinds[k].ink].name, Letter: string(kinds[k].letter), Word: kinds[k].phrase})
		}
	}
	return all
}
