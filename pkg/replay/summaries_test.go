package replay

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestSummariesAreThoseOfTheJobs: whatever was kept of Jobs that change, come, go
// and grow old, it is what their summaries are.
func TestSummariesAreThoseOfTheJobs(t *testing.T) {
	random := rand.New(rand.NewPCG(18, 1))
	var kept Summaries
	jobs := map[string]batchv1.Job{}
	version := 0
	for second := range 400 {
		for range random.IntN(4) {
			name := fmt.Sprintf("job-%d", random.IntN(20))
			switch version++; random.IntN(4) {
			case 0:
				delete(jobs, name)
			default:
				job := aJob(9, perIndex(1), active(random.Int32N(9)), activeDeadline(1+random.Int64N(300)))
				job.UID, job.ResourceVersion = types.UID(strconv.Itoa(random.IntN(2))), strconv.Itoa(version)
				jobs[name] = named(name, 0, job)
			}
		}
		var there []batchv1.Job
		for _, job := range jobs {
			there = append(there, job)
		}
		now := at(second - random.IntN(2)*random.IntN(60)) // a clock may go back
		got := kept.Of(there, now)
		Sort(got, ByState)
		if diff := cmp.Diff(Summarize(there, now), got); diff != "" {
			t.Fatalf("at second %d (-want +got):\n%s", second, diff)
		}
		if len(kept.kept) > len(there) {
			t.Fatalf("%d are kept of %d", len(kept.kept), len(there))
		}
	}
}

// TestWhatHasNotChangedIsNotSummarisedAnew, but for what no version is known of.
func TestWhatHasNotChangedIsNotSummarisedAnew(t *testing.T) {
	for version, anew := range map[string]bool{"7": false, "": true} {
		job := aJob(9, active(1))
		job.ResourceVersion = version
		var kept Summaries
		kept.Of([]batchv1.Job{*job}, at(100))
		job.Status.Active = 5 // as no server would: the version is the same
		list := kept.Of([]batchv1.Job{*job}, at(200))
		if got := list.Items[0].Status.Active == 5; got != anew {
			t.Errorf("version %q: anew %v, want %v", version, got, anew)
		}
		if !list.ObservedAt.Time.Equal(at(200)) {
			t.Errorf("observed at %v", list.ObservedAt)
		}
	}
}

// BenchmarkSummaries: one Job of 5,000 has changed.
func BenchmarkSummaries(b *testing.B) {
	jobs := make([]batchv1.Job, 5000)
	for i := range jobs {
		job := aJob(2000, perIndex(1), completed("0-900", 901), failedIndexes("1000-1003"), active(100))
		job.UID, job.ResourceVersion = types.UID(strconv.Itoa(i)), "1"
		jobs[i] = named(fmt.Sprintf("job-%d", i), i, job)
	}
	var kept Summaries
	now := at(10000)
	kept.Of(jobs, now)
	for n := 0; b.Loop(); n++ {
		jobs[n%len(jobs)].ResourceVersion = strconv.Itoa(n + 2)
		kept.Of(jobs, now.Add(time.Duration(n)*time.Second))
	}
}
