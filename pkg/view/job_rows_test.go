package view

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// jobsLater is the list of the archive so much later, of which some things changed.
func jobsLater(t *testing.T, later time.Duration, change ...func(jobs map[string]*v1alpha1.JobSummary)) *v1alpha1.JobSummaryList {
	t.Helper()
	_, list := jobsArchive(t)
	list.ObservedAt.Time = list.ObservedAt.Add(later)
	jobs := map[string]*v1alpha1.JobSummary{}
	for i := range list.Items {
		jobs[list.Items[i].Metadata.Name] = &list.Items[i]
	}
	for _, c := range change {
		c(jobs)
	}
	kept := list.Items[:0]
	for _, job := range list.Items {
		if job.Metadata.Name != "" {
			kept = append(kept, job)
		}
	}
	list.Items = kept
	return list
}

func remove(name string) func(map[string]*v1alpha1.JobSummary) {
	return func(jobs map[string]*v1alpha1.JobSummary) { jobs[name].Metadata.Name = "" }
}

func TestJobRowsTellWhatChanges(t *testing.T) {
	r := NewJobRows(Columns{}, false, Screen{})
	told := func(list *v1alpha1.JobSummaryList, want string) {
		t.Helper()
		if diff := cmp.Diff(want, r.Lines(list)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	_, list := jobsArchive(t)
	told(list, List(list, Columns{}, Screen{}))
	told(jobsLater(t, time.Minute), "")
	advance := func(jobs map[string]*v1alpha1.JobSummary) {
		jobs["crawl"].Counts[v1alpha1.Succeeded]++
		jobs["crawl"].Counts[v1alpha1.Unknown]--
	}
	told(jobsLater(t, time.Minute, advance), "crawl            Running     o>------------------      100/100,000       0  1,000  2m\n")
	told(jobsLater(t, 2*time.Minute, advance), "")
	replaced := func(jobs map[string]*v1alpha1.JobSummary) { jobs["empty"].Metadata.UID = "another" }
	told(jobsLater(t, 3*time.Minute, advance, remove("next"), replaced), ""+
		"empty            Deleted\n"+
		"next             Deleted\n"+
		"empty            Complete                                      0/0       0      0  1d1h    CompletionsReached\n")
	// What takes more room moves what comes after it, and is not told again.
	longer := func(jobs map[string]*v1alpha1.JobSummary) {
		jobs["late"].Metadata.Name = "a-name-that-is-longer"
	}
	told(jobsLater(t, 3*time.Minute, advance, remove("next"), replaced, longer), ""+
		"late                   Deleted\n"+
		"a-name-that-is-longer  Running     ooooooooooooooooooo>            49/50       0      1  1h3m    next sync: DeadlineExceeded\n")
}

// TestJobRowsOfNothing have their titles with the first Job.
func TestJobRowsOfNothing(t *testing.T) {
	r := NewJobRows(Columns{}, false, Screen{})
	if got := r.Lines(&v1alpha1.JobSummaryList{}); got != "" {
		t.Errorf("told %q", got)
	}
	_, list := jobsArchive(t)
	if got := r.Lines(list); got != List(list, Columns{}, Screen{}) {
		t.Errorf("told\n%s", got)
	}
}

// TestJobRowsForPrograms have as many columns each, also of what is gone.
func TestJobRowsForPrograms(t *testing.T) {
	r := NewJobRows(Columns{Namespace: true, Wide: true, NoTitles: true}, true, Screen{})
	_, list := jobsArchive(t)
	if got := r.Lines(list); got != List(list, Columns{Namespace: true, Wide: true, NoTitles: true}, Screen{}) {
		t.Errorf("told\n%s", got)
	}
	got := r.Lines(jobsLater(t, 0, remove("next")))
	want := "ml next Gone <none> <none> <none> <none> <none> deleted, or its labels changed <none> <none> <none> <none>"
	if strings.Join(strings.Fields(got), " ") != want {
		t.Errorf("told %q", got)
	}
	failedPods := func(jobs map[string]*v1alpha1.JobSummary) { jobs["crawl"].Status.Failed++ }
	if got := r.Lines(jobsLater(t, 0, remove("next"), failedPods)); strings.Count(got, "\n") != 1 {
		t.Errorf("what only wide rows show: %q", got)
	}
}
