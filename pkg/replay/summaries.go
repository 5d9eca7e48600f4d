package replay

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// Summaries are those of Jobs that are looked at again and again: what has changed
// is summarised anew, and nothing else, for there may be thousands.
type Summaries struct {
	kept map[jobKey]*keptSummary
}

type jobKey struct {
	namespace, name string
	uid             types.UID
}

// keptSummary is the summary of a version of a Job, from an instant on until
// another, if time alone changes it.
type keptSummary struct {
	summary     v1alpha1.JobSummary
	version     string
	from, until time.Time
}

// Of is what Summarize says of the Jobs, in their order. What it returns shares parts
// with what it returned before.
func (s *Summaries) Of(jobs []batchv1.Job, now time.Time) *v1alpha1.JobSummaryList {
	if s.kept == nil {
		s.kept = map[jobKey]*keptSummary{}
	}
	list := &v1alpha1.JobSummaryList{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.ListKind},
		ObservedAt: metav1.Time{Time: now.UTC().Truncate(controller.Resolution)},
		Items:      make([]v1alpha1.JobSummary, 0, len(jobs)),
	}
	for i := range jobs {
		list.Items = append(list.Items, s.of(&jobs[i], now))
	}
	if len(s.kept) > len(jobs) {
		s.forgetOthers(jobs)
	}
	return list
}

func (s *Summaries) of(job *batchv1.Job, now time.Time) v1alpha1.JobSummary {
	key := keyOf(job)
	kept := s.kept[key]
	if kept == nil || !kept.holds(job, now) {
		kept = &keptSummary{summary: summaryOf(job, now), version: job.ResourceVersion, from: now}
		if next := kept.summary.Conclusion.NextChange; next != nil {
			kept.until = next.Time.Time
		}
		s.kept[key] = kept
	}
	return kept.summary
}

// holds reports whether it is of this version, of a server that gives any.
func (k *keptSummary) holds(job *batchv1.Job, now time.Time) bool {
	return k.version == job.ResourceVersion && k.version != "" &&
		!now.Before(k.from) && (k.until.IsZero() || now.Before(k.until))
}

func (s *Summaries) forgetOthers(than []batchv1.Job) {
	kept := make(map[jobKey]*keptSummary, len(than))
	for i := range than {
		key := keyOf(&than[i])
		kept[key] = s.kept[key]
	}
	s.kept = kept
}

func keyOf(job *batchv1.Job) jobKey { return jobKey{job.Namespace, job.Name, job.UID} }
