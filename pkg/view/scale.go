package view

import (
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// scale lays a span of time over cells, all of the same whole number of seconds or,
// where there is room for more, so many to a second: times are kept to the second.
type scale struct {
	from, to time.Time
	// seconds are those of a cell, where it has a whole one.
	seconds int64
	// perSecond is how many cells a second has, 1 where a cell has more than that.
	perSecond int64
}

// newScale is the span in so many cells or fewer.
func newScale(from, to time.Time, cells int) scale {
	most, lasts := int64(max(1, cells-1)), max(0, to.Unix()-from.Unix())
	s := scale{from: from, to: to, seconds: 1, perSecond: 1}
	if lasts > most {
		s.seconds = (lasts + most - 1) / most
	} else {
		s.perSecond = min(mostCells, most/max(1, lasts))
	}
	return s
}

// mostCells is how wide a second is drawn at the most.
const mostCells = 8

// at is the cell of an instant; what lies outside is at the edge.
func (s scale) at(t time.Time) int {
	return int(max(0, min(t.Unix(), s.to.Unix())-s.from.Unix()) * s.perSecond / s.seconds)
}

// before is the last cell before an instant.
func (s scale) before(t time.Time) int {
	return int((max(0, min(t.Unix(), s.to.Unix())-s.from.Unix())*s.perSecond - 1) / s.seconds)
}

// cells is how many there are.
func (s scale) cells() int { return s.at(s.to) + 1 }

// start is where a cell begins, in seconds of Unix.
func (s scale) start(cell int) int64 { return s.from.Unix() + int64(cell)*s.seconds/s.perSecond }

// words say how long a cell is.
func (s scale) words() string {
	switch {
	case s.perSecond > 1:
		return "1s = " + many(s.perSecond, "cell", "cells")
	case s.seconds > math.MaxInt64/int64(time.Second):
		return "cell = " + lasted(math.MaxInt64)
	}
	return "cell = " + lasted(time.Duration(s.seconds)*time.Second)
}

// reach is from the earliest to the latest of the instants that it was shown.
type reach struct{ from, to time.Time }

func (r *reach) see(t *metav1.Time) {
	if t == nil || t.IsZero() {
		return
	}
	if r.from.IsZero() || t.Time.Before(r.from) {
		r.from = t.Time
	}
	if r.to.IsZero() || t.Time.After(r.to) {
		r.to = t.Time
	}
}
