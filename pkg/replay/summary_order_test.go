package replay

import (
	"math/rand/v2"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func in(namespace string, job batchv1.Job) batchv1.Job {
	job.Namespace = namespace
	return job
}

func TestSort(t *testing.T) {
	failedOf := func(failed string, age int) *batchv1.Job {
		return aJob(9, perIndex(0), failedIndexes(failed), failedJob(age+1, batchv1.JobReasonFailedIndexes))
	}
	list := Summarize([]batchv1.Job{
		named("c", 40, aJob(9, active(2))),
		named("b", 10, failedOf("1", 10)),
		named("a", 20, failedOf("1-3", 20)),
		in("other", named("a", 30, aJob(9, active(2)))),
		in("another", named("c", 40, aJob(9, active(2)))),
		named("d", 50, aJob(2, completed("0,1", 2), completeJob(60, batchv1.JobReasonCompletionsReached))),
	}, at(100))
	for by, want := range map[Order]string{
		ByState:  "ns/a, ns/b, another/c, ns/c, other/a, ns/d",
		ByAge:    "ns/d, another/c, ns/c, other/a, ns/a, ns/b",
		ByFailed: "ns/a, ns/b, another/c, ns/c, ns/d, other/a",
		ByName:   "ns/a, other/a, ns/b, another/c, ns/c, ns/d",
	} {
		for range 5 { // whatever the order was before
			rand.Shuffle(len(list.Items), func(i, j int) { list.Items[i], list.Items[j] = list.Items[j], list.Items[i] })
			Sort(list, by)
			if got := strings.Join(qualified(list), ", "); got != want {
				t.Errorf("by %s: %s\nwant %s", by, got, want)
			}
		}
	}
	for _, by := range Orders {
		Sort(list, by) // there is no other
	}
}

func qualified(list *v1alpha1.JobSummaryList) (names []string) {
	for i := range list.Items {
		names = append(names, list.Items[i].Metadata.Namespace+"/"+list.Items[i].Metadata.Name)
	}
	return names
}
