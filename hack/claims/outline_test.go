package claims_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// TestAnOutlineLeavesOutFirstAttemptsAlone: all else is as in an Explanation.
func TestAnOutlineLeavesOutFirstAttemptsAlone(t *testing.T) {
	runs := 0
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, seen *evidence.Job) {
		whole, outline := replay.Explain(seen, seen.ObservedAt), replay.Outline(seen, seen.ObservedAt)
		at := func(index int32) *v1alpha1.IndexFate {
			for i := range outline.Fates {
				if record := &outline.Fates[i]; record.Index <= index && index <= record.Last() {
					return record
				}
			}
			t.Fatalf("index %d has no record", index)
			return nil
		}
		for i := range whole.Fates {
			record := &whole.Fates[i]
			told := *at(record.Index)
			if len(record.Attempts) == 1 && len(told.Attempts) == 0 {
				if record.Reason != v1alpha1.ReasonFirstAttempt {
					t.Errorf("index %d has no attempts", record.Index)
				}
				runs++
				told.Index, told.LastIndex, told.Attempts = record.Index, nil, record.Attempts
			}
			if diff := cmp.Diff(record, &told); diff != "" {
				t.Errorf("index %d (-whole +outline):\n%s", record.Index, diff)
			}
		}
		whole.Fates, outline.Fates = nil, nil
		if diff := cmp.Diff(whole, outline); diff != "" {
			t.Errorf("(-whole +outline):\n%s", diff)
		}
	})
	if runs == 0 {
		t.Error("nothing was left out")
	}
}
