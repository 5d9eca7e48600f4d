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
		{sight(0, running, waits(3, 9)), []string{"12:00:00Z (3/10)  RUNNING  job ns/j: 3 of 10 succeeded, 7 waiting"}},
		{sight(1, running, waits(4, 9)), nil},
		{sight(2, running, backsOff(3, 1), waits(4, 9)), []string{"12:00:02Z (3/10)  index 3: its retry comes in 10s at the earliest"}},
		{doomed, []string{"12:00:03Z (3/10, 1 failed)  index 2 failed: main exited 42", "12:00:03Z (3/10, 1 failed)  the Job can only end Failed"}},
		{stuck, []string{"12:00:04Z (3/10, 1 failed)  stuck: no node has room ::error::"}},
		{stuck, nil},
		{sight(5, running, backsOff(3, 2), fails(2, "")), nil}, // retries have their turn
		{sight(12, running, backsOff(3, 2), backsOff(4, 1), backsOff(5, 1), backsOff(6, 1)), []string{"12:00:12Z (6/10)  4 indexes wait for a retry: 3-6"}},
		{sight(41, running, backsOff(3, 2)), nil},
		{sight(42, running, backsOff(3, 2)), []string{"12:00:42Z (9/10)  9 of 10 succeeded, 1 waiting for a retry"}}, // a sign of life
		{over, []string{"12:03:20Z (5/10, 5 failed)  4 indexes failed: 4-7", "12:03:20Z (5/10, 5 failed)  FAILING (MaxFailedIndexesExceeded): 5 indexes failed, 4 allowed"}},
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

// The rate is that of the last minutes, and is told from twenty ends on.
func TestTheSignOfLifeTellsThePace(t *testing.T) {
	running := func(second int, succeeded int64) *v1alpha1.Explanation {
		e := sight(second, v1alpha1.StateRunning)
		e.Spec.Completions = new(int32(2000))
		e.Counts = map[v1alpha1.Fate]int64{v1alpha1.Succeeded: succeeded, v1alpha1.Running: 2000 - succeeded}
		return e
	}
	last := func(sights ...*v1alpha1.Explanation) string {
		p, told := NewProgress(Screen{}), ""
		for _, e := range sights {
			for _, line := range p.Lines(e) {
				told = line
			}
		}
		return told
	}
	deadline := running(60, 100)
	deadline.Spec.ActiveDeadlineSeconds, deadline.Conclusion.StartTime = new(int64(660)), &metav1.Time{Time: running(0, 0).ObservedAt.Time}
	suspended := running(40, 90)
	suspended.Conclusion.State = v1alpha1.StateSuspended
	for want, sights := range map[string][]*v1alpha1.Explanation{
		"; 100 a minute, about 19m left at this rate":                                  {running(0, 0), running(60, 100)},
		"; 100 a minute; at this rate activeDeadlineSeconds ends it at 1,100 of 2,000": {running(0, 0), deadline},
		"12:01:00Z (19/2,000)  19 of 2,000 succeeded, 1,981 running":                   {running(0, 0), running(60, 19)},
		"12:01:20Z (95/2,000)  95 of 2,000 succeeded, 1,905 running":                   {running(0, 0), suspended, running(50, 95), running(80, 95)},
		"; 12 an hour, about 6d12h left at this rate":                                  {running(0, 0), running(10, 100), running(11, 101), running(311, 120), running(611, 121), running(911, 122)},
	} {
		if got := last(sights...); !strings.HasSuffix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
