package replay

import (
	"cmp"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Summarize says what Indexed Jobs tell of themselves, without their pods: the
// worst first.
func Summarize(jobs []batchv1.Job, now time.Time) *v1alpha1.JobSummaryList {
	list := &v1alpha1.JobSummaryList{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.ListKind},
		ObservedAt: metav1.Time{Time: now.UTC().Truncate(controller.Resolution)},
		Items:      make([]v1alpha1.JobSummary, 0, len(jobs)),
	}
	for i := range jobs {
		list.Items = append(list.Items, summaryOf(&jobs[i], now))
	}
	slices.SortFunc(list.Items, worseFirst)
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

// worseFirst goes by how a Job stands, then by how many indexes failed; of
// equals the youngest comes first.
func worseFirst(a, b v1alpha1.JobSummary) int {
	return cmp.Or(
		cmp.Compare(badness(&a.Conclusion), badness(&b.Conclusion)),
		cmp.Compare(b.Counts[v1alpha1.Failed], a.Counts[v1alpha1.Failed]),
		createdOf(&b).Compare(createdOf(&a)),
		cmp.Compare(a.Metadata.Namespace, b.Metadata.Namespace),
		cmp.Compare(a.Metadata.Name, b.Metadata.Name),
	)
}

func badness(c *v1alpha1.Conclusion) int {
	willFail := c.CanOnlyEnd == v1alpha1.StateFailed
	if p := c.Predicted; p != nil {
		willFail = willFail || p.Reason != batchv1.JobReasonCompletionsReached && p.Reason != batchv1.JobReasonSuccessPolicy
	}
	switch c.State {
	case v1alpha1.StateFailed, v1alpha1.StateFailing:
		return 0
	case v1alpha1.StateSucceeding, v1alpha1.StateComplete:
		return 4
	}
	switch {
	case willFail:
		return 1
	case c.State == v1alpha1.StateRunning:
		return 2
	}
	return 3
}

func createdOf(s *v1alpha1.JobSummary) time.Time {
	if s.CreationTime == nil {
		return time.Time{}
	}
	return s.CreationTime.Time
}
