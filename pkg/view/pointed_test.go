package view

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// waitingJob is a Job of so many indexes of which nothing has begun.
func waitingJob(completions int32) *v1alpha1.Explanation {
	return &v1alpha1.Explanation{
		Spec:  v1alpha1.Spec{Completions: &completions},
		Fates: []v1alpha1.IndexFate{{Fate: v1alpha1.Waiting, LastIndex: new(completions - 1)}},
	}
}

// TestAGridIsPointedAt: where a cell is drawn as the chosen one is where it is found,
// its indexes lead back to it, and the grid fits, whatever the sizes.
func TestAGridIsPointedAt(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		completions := 1 + random.Int32N(1<<random.IntN(31))
		screen := Screen{Width: 40 + random.IntN(200), Height: 6 + random.IntN(50)}
		first := random.Int32N(completions)
		last := first + random.Int32N(completions-first)
		grid := NewGrid(waitingJob(completions), first, last, nil, screen)
		cell := random.IntN(grid.Cells())
		lines := grid.Lines(cell)
		if len(lines) > screen.Height {
			t.Fatalf("%d-%d at %dx%d: %d lines", first, last, screen.Width, screen.Height, len(lines))
		}
		for y, line := range lines {
			if x := strings.Index(line, "\x1b[1;7m"); x >= 0 {
				if at, ok := grid.At(x, y); !ok || at != cell {
					t.Fatalf("%d-%d: cell %d is found as %d at %d,%d:\n%s", first, last, cell, at, x, y, strings.Join(lines, "\n"))
				}
				if lines[0] != strings.Repeat(" ", x)+"v" {
					t.Fatalf("the ruler points elsewhere:\n%s", strings.Join(lines, "\n"))
				}
			}
		}
		from, to := grid.Of(cell)
		if from > to || from < first || to > last || grid.CellOf(from) != cell || grid.CellOf(to) != cell {
			t.Fatalf("%d-%d: cell %d is of %d-%d", first, last, cell, from, to)
		}
	}
}

// TestAGridOfSome shows no others, and counts no others.
func TestAGridOfSome(t *testing.T) {
	only := indexes.Of(3, 7, 42)
	grid := NewGrid(waitingJob(50), 0, 49, &only, Screen{Width: 80, Height: 10})
	got := strings.Join(grid.Lines(0), "\n")
	want := "     v\n  0> \x1b[1;7m \x1b[m  -   -" + strings.Repeat(" ", 38) + "-\n- 3 waiting"
	if got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

// TestTheBannerTellsThePace once enough has ended.
func TestTheBannerTellsThePace(t *testing.T) {
	var banner Banner
	e := waitingJob(2000)
	e.Conclusion.State = v1alpha1.StateRunning
	e.Metadata.Name = "nightly"
	for minute, done := range []int64{0, 100, 200} {
		e.ObservedAt = metav1.NewTime(time.Date(2026, 11, 22, 12, minute, 0, 0, time.UTC))
		e.Counts = map[v1alpha1.Fate]int64{v1alpha1.Succeeded: done, v1alpha1.Waiting: 2000 - done}
		banner.See(e)
	}
	got := strings.Join(banner.Lines(e, Screen{Width: 80, Height: 2}), "\n")
	want := "RUNNING  job nightly  2,000 indexes\n200/2,000; 100 a minute, about 18m left at this rate; 1,800 waiting"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
