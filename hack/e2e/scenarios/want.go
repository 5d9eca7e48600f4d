package scenarios

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Differences are what the recorded end of the Job has of another kind than
// wanted.
func (w Want) Differences(r *recording.Recording) []string {
	job := &r.Ledger.Job
	var differences []string
	differ := func(field, got, want string) {
		if got != want {
			differences = append(differences, fmt.Sprintf("%s: %s is %q, want %q", r.Name, field, got, want))
		}
	}
	differ("reason", Reason(job), w.Reason)
	differ("completedIndexes", job.Status.CompletedIndexes, w.Completed)
	differ("failedIndexes", orAbsent(job.Status.FailedIndexes), orAbsent(w.Failed))
	return differences
}

// Reason is that of the terminal condition. A Complete Job has none before 1.31.
func Reason(job *batchv1.Job) string {
	if c := Condition(job, batchv1.JobFailed); c != nil {
		return c.Reason
	}
	if c := Condition(job, batchv1.JobComplete); c != nil {
		if c.Reason == "" {
			return batchv1.JobReasonCompletionsReached
		}
		return c.Reason
	}
	return ""
}

func orAbsent(s *string) string {
	if s == nil {
		return "absent"
	}
	return *s
}
