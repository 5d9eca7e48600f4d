package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// htmlCounts are the counts over time: what runs, and on that what terminates, is
// pending and backs off, as areas.
type htmlCounts struct {
	Width, Height, Left, Right int
	Areas                      []htmlLayer
	Levels                     []htmlText
	Ticks                      []htmlText
	Marks                      []htmlText
	Label                      string
}

// stackedState is one of the states that a bucket counts.
type stackedState struct {
	stroke stroke
	of     func(v1alpha1.Bucket) int64
}

// stacked are the states of a bucket, from the ground up.
var stacked = []stackedState{
	{strokeRunning, func(b v1alpha1.Bucket) int64 { return b.Running }},
	{strokeTerminating, func(b v1alpha1.Bucket) int64 { return b.Terminating }},
	{strokePending, func(b v1alpha1.Bucket) int64 { return b.Pending }},
	{strokeBackoff, func(b v1alpha1.Bucket) int64 { return b.BackingOff }},
}

func (s sheet) htmlCounts(by axis) *htmlCounts {
	if s.Timeline == nil || len(s.Timeline.Buckets) == 0 {
		return nil
	}
	top := max(1, mostOf(s.Timeline.Buckets))
	y := func(n float64) float64 { return countsTop + countsHeight*(1-max(0, min(1, n/float64(top)))) }
	c := &htmlCounts{Width: pictureWidth, Height: countsTop + countsHeight + 22, Left: plotLeft, Right: plotLeft + plotWidth, Ticks: by.ticks(s.screen.Location)}
	below := make([]float64, len(s.Timeline.Buckets))
	for _, state := range stacked {
		if area := s.area(by, y, below, state.of); area != "" {
			look := strokeLooks[state.stroke]
			c.Areas = append(c.Areas, htmlLayer{Name: look.name, Fill: look.light, Path: area})
		}
	}
	c.Levels = append(c.Levels, htmlText{X: plotLeft - 8, Y: y(float64(top)), Text: thousands(top)}, htmlText{X: plotLeft - 8, Y: y(0), Text: "0"})
	if top > 1 {
		c.Levels = append(c.Levels, htmlText{X: plotLeft - 8, Y: y(float64(top / 2)), Text: thousands(top / 2)})
	}
	c.Marks = s.htmlMarks(by)
	c.Label = "Pods over time, " + thousands(top) + " at once at most"
	return c
}

// has reports whether a stroke is on the picture.
func (c *htmlCounts) has(with stroke) bool {
	return c != nil && slices.ContainsFunc(c.Areas, func(l htmlLayer) bool { return l.Name == strokeLooks[with].name })
}

// area is the outline of one state on those below it, which grow by it: up along
// what it reaches and back along what it stands on. It is empty where it never is.
func (s sheet) area(by axis, y func(float64) float64, below []float64, of func(v1alpha1.Bucket) int64) string {
	var there strings.Builder
	var back []string
	reached := false
	for n, bucket := range s.Timeline.Buckets {
		begin := s.Timeline.From.Add(time.Duration(n) * time.Duration(s.Timeline.BucketSeconds) * time.Second)
		end := begin.Add(time.Duration(s.Timeline.BucketSeconds) * time.Second)
		base := below[n]
		below[n] += float64(of(bucket))
		reached = reached || of(bucket) > 0
		fmt.Fprintf(&there, "L%.1f %.1fH%.1f", by.at(begin), y(below[n]), by.at(end))
		back = append(back, fmt.Sprintf("L%.1f %.1fH%.1f", by.at(end), y(base), by.at(begin)))
	}
	if !reached {
		return ""
	}
	for n := len(back) - 1; n >= 0; n-- {
		there.WriteString(back[n])
	}
	return "M" + there.String()[1:] + "z"
}

// leastBetweenMarks is how far apart the names of two marks stand.
const leastBetweenMarks = 70

// htmlMarks are what happened to the Job; a name that would stand in another is left
// out, its mark is not.
func (s sheet) htmlMarks(by axis) []htmlText {
	words := map[v1alpha1.MarkKind]string{v1alpha1.MarkFirstFailure: "first failure", v1alpha1.MarkSuspended: "suspended", v1alpha1.MarkResumed: "resumed", v1alpha1.MarkDecision: "decided"}
	var marks []htmlText
	named := -float64(leastBetweenMarks)
	for i := range s.Timeline.Marks {
		m := &s.Timeline.Marks[i]
		word, told := words[m.Kind]
		if !told {
			continue
		}
		mark := htmlText{X: by.at(m.Time.Time)}
		if mark.X-named >= leastBetweenMarks || m.Kind == v1alpha1.MarkDecision {
			mark.Text, named = word, mark.X
		}
		marks = append(marks, mark)
	}
	return marks
}
