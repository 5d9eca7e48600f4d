package view

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// htmlTime is where the time went: the Job over time, how long attempts took, and
// what they reserved.
type htmlTime struct {
	Heading, Scale   string
	Nothing          bool
	Counts           *htmlCounts
	Rows             *htmlRows
	Legend           []htmlLegend
	Durations, Usage *htmlTable
	Slowest          []string
	NotCounted       string
}

// htmlLegend is a look of a picture, and what it means.
type htmlLegend struct{ Ink, Fill, Letter, Word string }

func (s sheet) htmlTime() htmlTime {
	t := htmlTime{}
	from, to := s.lasts()
	if to.IsZero() {
		t.Nothing = true
		return t
	}
	by := axis{from, to, plotWidth}
	t.Heading = s.clock(metav1.NewTime(from)) + " to " + s.clock(metav1.NewTime(to)) + ", " + lasted(to.Sub(from))
	t.Counts = s.htmlCounts(by)
	t.Rows = s.htmlRows(by)
	t.Legend = t.Rows.legend(t.Counts)
	if s.Durations != nil {
		titles, rows := durationsTable(s.Durations)
		t.Durations = numbers(titles, rows)
		for _, words := range slowestWords(s.Durations) {
			t.Slowest = append(t.Slowest, bare(words))
		}
	}
	if u := s.Usage; u != nil && u.PodSeconds.Total > 0 {
		titles, rows := usageTable(u)
		t.Usage = numbers(titles, rows)
		if len(u.NotCounted) > 0 {
			t.NotCounted = bare(strings.Join(u.NotCounted, ", "))
		}
	}
	return t
}

// numbers is a table of a name and numbers, nil without any.
func numbers(titles []string, rows [][]string) *htmlTable {
	if len(rows) == 0 {
		return nil
	}
	t := &htmlTable{Class: "numbers", Titles: spoken(titles)}
	for _, row := range rows {
		var cells []htmlCell
		for _, cell := range row {
			cells = append(cells, htmlCell{Text: bare(cell)})
		}
		t.Rows = append(t.Rows, htmlRow{Cells: cells})
	}
	return t
}

// The layout of the pictures of time, in pixels.
const (
	plotLeft, plotWidth, plotRight = 76, 760, 150
	countsTop, countsHeight        = 18, 120
	laneHeight, barHeight          = 18, 11
	pictureWidth                   = plotLeft + plotWidth + plotRight
)

// axis lays a span of time over a width in pixels.
type axis struct {
	from, to time.Time
	width    float64
}

// at is where an instant lies; what lies outside is at the edge.
func (a axis) at(t time.Time) float64 {
	lasts := a.to.Sub(a.from).Seconds()
	if lasts <= 0 {
		return plotLeft
	}
	return plotLeft + a.width*max(0, min(1, t.Sub(a.from).Seconds()/lasts))
}

// steps are how far ticks may be apart.
var steps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// mostTicks is how many stand side by side.
const mostTicks = 8

// ticks are the round instants of the axis.
func (a axis) ticks(in *time.Location) []htmlText {
	lasts := a.to.Sub(a.from)
	n := slices.IndexFunc(steps, func(step time.Duration) bool { return lasts/step <= mostTicks })
	step := 24 * time.Hour * time.Duration(max(1, int64(lasts/(24*time.Hour)/mostTicks)+1))
	if n >= 0 {
		step = steps[n]
	}
	layout := "15:04:05"
	switch {
	case lasts >= 24*time.Hour:
		layout = "01-02 15:04"
	case step >= time.Minute:
		layout = "15:04"
	}
	var ticks []htmlText
	for t := a.from.Truncate(step); !t.After(a.to) && len(ticks) <= 2*mostTicks; t = t.Add(step) {
		if !t.Before(a.from) {
			ticks = append(ticks, htmlText{X: a.at(t), Text: t.In(in).Format(layout)})
		}
	}
	return ticks
}
