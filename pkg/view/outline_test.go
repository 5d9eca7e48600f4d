package view

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// TestAnOutlineLooksTheSame: on the screen that is repainted, and in the log of what
// changes.
func TestAnOutlineLooksTheSame(t *testing.T) {
	all, err := recording.ReadDir(recordings)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		screen := Screen{Width: 80, Height: 24}
		whole, outline := NewProgress(screen), NewProgress(screen)
		for _, m := range r.Moments {
			seen, err := claims.Read(r, m)
			if err != nil {
				t.Fatal(err)
			}
			if seen == nil {
				continue
			}
			t.Run(r.Name+"/"+m.Name, func(t *testing.T) {
				all, some := replay.Explain(seen, seen.ObservedAt), replay.Outline(seen, seen.ObservedAt)
				if diff := cmp.Diff(Text(all, nil, screen), Text(some, nil, screen)); diff != "" {
					t.Errorf("the screen (-whole +outline):\n%s", diff)
				}
				if diff := cmp.Diff(whole.Lines(all), outline.Lines(some)); diff != "" {
					t.Errorf("the log (-whole +outline):\n%s", diff)
				}
			})
		}
	}
}
