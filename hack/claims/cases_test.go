package claims_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// Files rebuilt from public reports, and what has to be said of them.
func TestCasesFromPublicReports(t *testing.T) {
	for _, c := range []struct {
		name, files string
		partial     bool
		fates       string
		// says are in the answer, silent is not.
		says   []string
		silent []string
	}{
		{
			name: "pods removed for a suspension are on their way out and cost nothing", files: "09d-suspend-blpi0-terminating.yaml",
			fates: "0 Succeeded/HistoryGone; 1 Terminating/JobSuspended Removed; 2 Terminating/JobSuspended Removed",
			says:  []string{"not counted"}, silent: []string{"counts as a failure"},
		},
		{
			name: "and when they have ended their indexes wait", files: "09d-suspend-pfp-ended.yaml",
			fates: "0 Succeeded/HistoryGone; 1 Waiting/JobSuspended Removed; 2 Waiting/JobSuspended Removed",
		},
		{
			name: "surplus pods cost nothing", files: "07-parallelism-lowered.yaml",
			fates: "7 Terminating/ParallelismLimit Removed; 8 Terminating/ParallelismLimit Removed; 9 Terminating/ParallelismLimit Removed",
		},
		{
			name: "who was preempted took the Job down", files: "14d-preempted-kills-all-1s.yaml",
			fates: "0 Stopped/WhileRunning; 1 Stopped/WhileRunning; 2 Stopped/AfterFailure; 3 Stopped/WhileRunning",
			says:  []string{"trigger 2 at 10:01:40"},
		},
		{
			name: "an index that fails by the deletion of its pod has no trigger", files: "14-preempted-blpi0-no-policy.yaml",
			fates: "0 Failed/BackoffLimitPerIndexExceeded", silent: []string{"trigger", "10:02:10"},
		},
		{
			name: "the failure that tipped the Job had no retry", files: "26-disr-noevents.yaml",
			fates: "0 Stopped/AfterFailure; 1 Succeeded/HistoryGone", silent: []string{"not known"},
		},
		{
			name: "a cluster older than the rules shows what runs", files: "02-completed-shrinks-1.22.yaml",
			fates: "0 Running/Retry; 1 Running/Retry; 2 Running/Retry; 3 Succeeded/HistoryGone",
			says:  []string{"rules are known from 1.28 on"}, silent: []string{"rules of 1.37"},
		},
		{name: "a pod that was scaled away explains its failure", files: "21b-elastic-down.yaml", fates: "0 Succeeded/HistoryGone; 1 Running/HistoryGone; 2 Running/HistoryGone", silent: []string{"more than the pods"}},
		{
			name: "pods that were read before the Job disagree with nothing", files: "41-job-late.yaml 41-pods-early.yaml",
			fates: "0 Failed/BackoffLimitPerIndexExceeded; 1 Succeeded/HistoryGone", says: []string{"the pods were read before the Job ended"}, silent: []string{"Disagrees"},
		},
		{name: "forgotten ended pods are no disagreement", files: "disagrees-ended-gone.json", silent: []string{"Disagrees", "Unknown"}},
		{name: "nor is any forgotten pod of partial files", files: "disagrees-partial.json", partial: true, silent: []string{"Disagrees"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var files []string
			for _, file := range strings.Fields(c.files) {
				files = append(files, filepath.Join("..", "cases", file))
			}
			var options []cluster.FileOption
			if c.partial {
				options = append(options, cluster.Partial())
			}
			seen, err := cluster.ReadFiles(t.Context(), files, nil, "", cluster.Reference{}, options...)
			if err != nil {
				t.Fatal(err)
			}
			got := told(replay.Explain(seen, seen.ObservedAt))
			for _, fate := range strings.Split(c.fates, "; ") {
				if !strings.Contains(got, fate) {
					t.Errorf("no %q in\n%s", fate, got)
				}
			}
			for _, words := range c.says {
				if !strings.Contains(got, words) {
					t.Errorf("no %q in\n%s", words, got)
				}
			}
			for _, words := range c.silent {
				if strings.Contains(got, words) {
					t.Errorf("%q in\n%s", words, got)
				}
			}
		})
	}
}

// told is what a person would read of an answer, a line an index.
func told(e *v1alpha1.Explanation) string {
	var text strings.Builder
	for i := range e.Fates {
		record := &e.Fates[i]
		fmt.Fprintf(&text, "%d %s/%s", record.Index, record.Fate, record.Reason)
		if n := len(record.Attempts); n > 0 && record.Attempts[n-1].Decision == v1alpha1.DecisionRemoved {
			text.WriteString(" Removed")
		}
		fmt.Fprintf(&text, " %s\n", record.Message)
	}
	if trigger := e.Conclusion.Trigger; trigger != nil && trigger.Index != nil {
		fmt.Fprintf(&text, "trigger %d at %s\n", *trigger.Index, trigger.Time.UTC().Format("15:04:05"))
	}
	fmt.Fprintf(&text, "%s, rules of %s\n", e.Agreement.Result, e.Evidence.RulesOf)
	for _, gap := range e.Evidence.Gaps {
		text.WriteString(gap.Message + "\n")
	}
	return text.String()
}
