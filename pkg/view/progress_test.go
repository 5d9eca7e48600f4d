package view

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// sight is a Job of ten indexes at a second of the test: the given records and,
// for the rest, indexes that have succeeded.
func sight(second int, state v1alpha1.State, records ...v1alpha1.IndexFate) *v1alpha1.Explanation {
	e := &v1alpha1.Explanation{Metadata: v1alpha1.Metadata{Namespace: "ns", Name: "j"}, Counts: map[v1alpha1.Fate]int64{v1alpha1.Succeeded: 10}}
	e.ObservedAt = metav1.NewTime(time.Date(2026, 11, 22, 12, 0, second, 0, time.UTC))
	e.Spec.Completions = new(int32(10))
	e.Conclusion.State = state
	for _, record := range records {
		n := int64(record.Last()) - int64(record.Index) + 1
		e.Counts[record.Fate] += n
		e.Counts[v1alpha1.Succeeded] -= n
	}
	e.Fates = records
	return e
}

func fails(index int32, message string) v1alpha1.IndexFate {
	return v1alpha1.IndexFate{Index: index, Fate: v1alpha1.Failed, Message: message}
}

func backsOff(index int32, attempts int) v1alpha1.IndexFate {
	record := v1alpha1.IndexFate{Index: index, Fate: v1alpha1.BackingOff, Message: "its retry comes in 10s at the earliest"}
	for range attempts {
		record.Attempts = append(record.Attempts, v1alpha1.Attempt{Failure: &v1alpha1.Failure{Container: "main", ExitCode: new(int32(1))}})
	}
	return record
}

func waits(first, last int32) v1alpha1.IndexFate {
	return v1alpha1.IndexFate{Index: first, LastIndex: &last, Fate: v1alpha1.Waiting}
}

func TestProgressTellsEachChangeOnce(t *testing.T) {
	const running = v1alpha1.StateRunning
	p := NewProgress(Screen{})
	doomed := sight(3, running, fails(2, "main exited 42"), waits(4, 9))
	doomed.Conclusion.CanOnlyEnd = v1alpha1.StateFailed
	stuck := sight(4, running, fails(2, "main exited 42"), waits(4, 9))
	stuck.Conclusion.CanOnlyEnd = v1alpha1.StateFailed
	stuck.Findings = []v1alpha1.Finding{{Kind: "StuckPending", Message: "no node has room\n::error::"}}
	over := sight(200, v1alpha1.StateFailing, fails(2, "main exited 42"), fails(4, ""), fails(5, ""), fails(6, ""), fails(7, ""))
	over.Conclusion.Reason, over.Conclusion.Message = "MaxFailedIndexesExceeded", "5 indexes failed, 4 allowed"
	for _, step := range []struct {
		sight *v1alpha1.Explanation
		want  []string
	}{
		{sight(0, running, waits(3, 9)), []string{"12:00:00Z  RUNNING  job ns/j: 3 of 10 succeeded, 7 waiting"}},
		{sight(1, running, waits(4, 9)), nil},
		{sight(2, running, backsOff(3, 1), waits(4, 9)), []string{"12:00:02Z  index 3: its retry comes in 10s at the earliest"}},
		{doomed, []string{"12:00:03Z  index 2 failed: main exited 42", "12:00:03Z  the Job can only end Failed"}},
		{stuck, []string{"12:00:04Z  stuck: no node has room ::error::"}},
		{stuck, nil},
		{sight(5, running, backsOff(3, 2), fails(2, "")), nil}, // retries have their turn
		{sight(12, running, backsOff(3, 2), backsOff(4, 1), backsOff(5, 1), backsOff(6, 1)), []string{"12:00:12Z  4 indexes wait for a retry: 3-6"}},
		{sight(71, running, backsOff(3, 2)), nil},
		{sight(72, running, backsOff(3, 2)), []string{"12:01:12Z  9 of 10 succeeded, 1 waiting for a retry"}}, // a sign of life
		{over, []string{"12:03:20Z  FAILING (MaxFailedIndexesExceeded): 5 indexes failed, 4 allowed", "12:03:20Z  4 indexes failed: 4-7"}},
	} {
		got, want := p.Lines(step.sight), step.want
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("at %v:\ngot  %q\nwant %q", step.sight.ObservedAt.Time, got, want)
		}
	}
	if got, want := p.Note(time.Date(2026, 11, 22, 12, 5, 0, 0, time.UTC), "gone\x1b[2J"), "12:05:00Z  gone"; !strings.HasPrefix(got, want) || strings.Contains(got, "\x1b") {
		t.Errorf("note %q, want %q", got, want)
	}
}
