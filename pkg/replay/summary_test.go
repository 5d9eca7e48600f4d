package replay

import (
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func named(name string, created int, job *batchv1.Job) batchv1.Job {
	job.Name, job.CreationTimestamp = name, metav1.Time{Time: at(created)}
	return *job
}

func TestSummarizeTellsTheWorstFirst(t *testing.T) {
	list := Summarize([]batchv1.Job{
		named("complete", 0, aJob(2, completed("0,1", 2), completeJob(20, batchv1.JobReasonCompletionsReached))),
		named("suspended", 0, aJob(2, suspended)),
		named("older", 0, aJob(2, active(2))),
		named("younger", 5, aJob(2, active(2))),
		named("doomed", 0, aJob(9, perIndex(0), failedIndexes("1-3"), active(2))),
		named("overdue", 0, aJob(9, activeDeadline(60), active(2))),
		named("saved by its policy", 0, aJob(3, perIndex(0), failedIndexes("1"), active(2), func(job *batchv1.Job) {
			leader := "0"
			job.Spec.SuccessPolicy = &batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededIndexes: &leader}}}
		})),
		named("failed", 0, aJob(9, perIndex(0), failedIndexes("1"), failedJob(50, batchv1.JobReasonFailedIndexes))),
		named("failed most", 0, aJob(9, perIndex(0), failedIndexes("1-7"), failing(50, batchv1.JobReasonMaxFailedIndexesExceeded))),
	}, at(100))
	var names []string
	for i := range list.Items {
		item := &list.Items[i]
		names = append(names, item.Metadata.Name)
		var sum int64
		for _, n := range item.Counts {
			sum += n
		}
		if sum != int64(*item.Spec.Completions) {
			t.Errorf("%s: the counts %v do not add up to %d", item.Metadata.Name, item.Counts, *item.Spec.Completions)
		}
	}
	want := "failed most, failed, doomed, overdue, saved by its policy, younger, older, suspended, complete"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestSummarizeTakesActivePodsFromTheStatus(t *testing.T) {
	list := Summarize([]batchv1.Job{*aJob(5, completed("0", 1), active(3))}, at(100))
	if got, want := list.Items[0].Conclusion.Message, "1 of 5 succeeded, 3 active"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if list.Items[0].Counts[v1alpha1.Unknown] != 4 {
		t.Errorf("without pods four indexes are not known: %v", list.Items[0].Counts)
	}
}
