package view

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// overTheCorpus calls a test with every archive, and with every recorded Job as it was
// seen last.
func overTheCorpus(t *testing.T, test func(t *testing.T, e *v1alpha1.Explanation)) {
	t.Helper()
	for name, archive := range archives(t) {
		t.Run(name, func(t *testing.T) { test(t, explanationOf(t, archive)) })
	}
	all, err := recording.ReadDir(recordings)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		t.Run(r.Name, func(t *testing.T) {
			seen, err := claims.Read(r, r.Moments[len(r.Moments)-1])
			if err != nil {
				t.Fatal(err)
			}
			if seen == nil { // it was deleted
				return
			}
			test(t, replay.Explain(seen, seen.ObservedAt))
		})
	}
}

var timelineWidths = []int{40, 41, 60, 80, 137, 200}

func TestTimelinesOverTheCorpus(t *testing.T) {
	overTheCorpus(t, func(t *testing.T, e *v1alpha1.Explanation) {
		for _, width := range timelineWidths {
			for _, height := range []int{1, 8, 23, 49, Unbounded} {
				drawn := Timeline(e, nil, Screen{Width: width, Height: height})
				lines := strings.Split(strings.TrimSuffix(drawn, "\n"), "\n")
				if len(lines) > height {
					t.Errorf("%dx%d: %d lines:\n%s", width, height, len(lines), drawn)
				}
				for _, l := range lines {
					if lipgloss.Width(l) > width {
						t.Errorf("%dx%d: %q", width, height, l)
					}
				}
			}
			tl := newTimeline(newSheet(e, Screen{Width: width, Height: Unbounded}), nil)
			for i, record := range tl.rows {
				everyEndShows(t, tl, record, tl.strips[i])
				theUnknownIsNeverIdle(t, tl, record, tl.strips[i][0])
			}
		}
	})
}

// everyEndShows: in the cell in which an attempt ended stands an end, or the fate of
// the index in the cell behind it.
func everyEndShows(t *testing.T, tl *timeline, record *v1alpha1.IndexFate, lanes []strip) {
	t.Helper()
	isFate := func(s stroke) bool { return s >= firstFateStroke }
	for _, b := range tl.bars(record) {
		cell := tl.by.at(b.ends)
		shows := func(lane strip) bool { return lane[cell].isEnd() || isFate(lane[cell+1]) }
		if b.end().isEnd() && !slices.ContainsFunc(lanes, shows) {
			t.Errorf("index %d: the end of attempt %d is not in %q", record.Index, b.attempt.Number, render([]line{lanes[0].line()}, false))
		}
	}
	fates := 0
	for _, s := range slices.Concat(lanes...) {
		if isFate(s) {
			fates++
		}
	}
	if fates != 1 {
		t.Errorf("index %d has %d fates", record.Index, fates)
	}
}

// theUnknownIsNeverIdle: between the attempts whose times are known there is no blank
// cell where annotations tell of another.
func theUnknownIsNeverIdle(t *testing.T, tl *timeline, record *v1alpha1.IndexFate, lane strip) {
	t.Helper()
	bars := tl.bars(record)
	for n := range record.Attempts {
		if record.Attempts[n].Source != v1alpha1.SourceAnnotation {
			continue
		}
		first, last := 0, tl.by.at(tl.settledAt())
		if created := record.Attempts[n].CreationTime; created != nil {
			first = tl.by.at(created.Time)
		}
		for _, b := range bars {
			if b.place < n {
				first = max(first, tl.by.at(b.ends))
			} else if b.place > n {
				last = min(last, tl.by.at(b.created))
			}
		}
		for cell := first; cell <= last; cell++ {
			if lane[cell] == noStroke {
				t.Errorf("index %d: attempt %d leaves cell %d blank in %q", record.Index, n+1, cell, render([]line{lane.line()}, false))
			}
		}
	}
}

func TestTheOrderOfTimelineRows(t *testing.T) {
	overTheCorpus(t, func(t *testing.T, e *v1alpha1.Explanation) {
		s := newSheet(e, Screen{})
		rows, hidden := s.timelineRows(nil)
		if len(rows) > mostTimelineRows || hidden > 0 && len(rows) < mostTimelineRows {
			t.Errorf("%d rows, and %d more", len(rows), hidden)
		}
		ofFailure := func(record *v1alpha1.IndexFate) int {
			if isFailure(record) {
				return 0
			}
			return 1
		}
		if !slices.IsSortedFunc(rows, func(a, b *v1alpha1.IndexFate) int {
			return cmp.Or(
				cmp.Compare(ofFailure(a), ofFailure(b)),
				cmp.Compare(len(b.Attempts), len(a.Attempts)),
				cmp.Compare(s.took(b), s.took(a)),
				cmp.Compare(a.Index, b.Index))
		}) {
			t.Errorf("not in order: %v", rows)
		}
	})
}
