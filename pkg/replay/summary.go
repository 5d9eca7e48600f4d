package replay

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Summarize says what Indexed Jobs tell of themselves, without their pods: the
// worst first.
func Summarize(jobs []batchv1.Job, now time.Time) *v1alpha1.JobSummaryList {
	list := new(Summaries).Of(jobs, now)
	Sort(list, ByState)
	return list
}

// summaryOf explains a Job of which nothing but itself was read.
func summaryOf(job *batchv1.Job, now time.Time) v1alpha1.JobSummary {
	e := Explain(&evidence.Job{
		Job: job, ObservedAt: now,
		Coverage: evidence.Coverage{Pods: evidence.None, Events: evidence.None},
		Order:    evidence.OrderUnknown, EventsOrder: evidence.EventsOrderUnknown,
	}, now)
	return v1alpha1.JobSummary{
		Metadata: e.Metadata, CreationTime: stamp(job.CreationTimestamp.Time),
		Spec: e.Spec, Status: e.Status, Owner: e.Owner, Conclusion: e.Conclusion, Counts: e.Counts,
	}
}
