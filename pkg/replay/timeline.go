package replay

import (
	"math"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// TimelineOf draws the Job over time from the attempts that an Explanation tells
// of, which those of an Outline are not all. It is nil of a Job that has no time.
func TimelineOf(e *v1alpha1.Explanation) *v1alpha1.Timeline {
	from, to := spanOf(e)
	if from.IsZero() {
		return nil
	}
	m := momentsBetween(from.Unix(), to.Unix())
	eachStretch(e, m.add)
	return &v1alpha1.Timeline{
		From: metav1.Time{Time: from}, To: metav1.Time{Time: to},
		BucketSeconds: m.perBucket * m.seconds, Buckets: m.buckets(), Marks: marksOf(e, from, to),
	}
}

// spanOf is from the start of the Job, or of what came before it, to its end or now.
func spanOf(e *v1alpha1.Explanation) (from, to time.Time) {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range e.Fates {
		for n := range e.Fates[i].Attempts {
			a := &e.Fates[i].Attempts[n]
			if end := a.LastedUntil(&e.ObservedAt); a.CreationTime != nil && end != nil {
				first, last = min(first, a.CreationTime.Unix()), max(last, earlier(end, &e.ObservedAt).Unix())
			}
		}
	}
	isEmpty := first > last
	if start := e.Conclusion.StartTime; start != nil {
		from = start.Time
	}
	if !isEmpty && (from.IsZero() || first < from.Unix()) {
		from = time.Unix(first, 0).UTC()
	}
	if from.IsZero() {
		return from, to
	}
	to = e.ObservedAt.Time
	if end := e.Conclusion.FinishedTime; end != nil && end.Time.Before(to) {
		to = end.Time
		if !isEmpty && last > to.Unix() {
			to = time.Unix(last, 0).UTC()
		}
	}
	if to.Before(from) {
		to = from
	}
	return from, to
}

// mostFailedMarks is how many failed indexes are marked.
const mostFailedMarks = 50

// marksOf are in order of time, and of one second in that of the kinds.
func marksOf(e *v1alpha1.Explanation, from, to time.Time) []v1alpha1.Mark {
	marks := []v1alpha1.Mark{}
	add := func(at *metav1.Time, kind v1alpha1.MarkKind, index *int32) {
		if at != nil && !at.Time.Before(from) && !at.After(to) {
			marks = append(marks, v1alpha1.Mark{Time: *at, Kind: kind, Index: index})
		}
	}
	add(e.Conclusion.StartTime, v1alpha1.MarkStart, nil)
	if first := e.Conclusion.FirstFailure; first != nil {
		add(first.Time, v1alpha1.MarkFirstFailure, first.Index)
	}
	for i := range e.Status.Conditions {
		if c := &e.Status.Conditions[i]; c.Type == batchv1.JobSuspended {
			kind := v1alpha1.MarkResumed
			if c.Status == corev1.ConditionTrue {
				kind = v1alpha1.MarkSuspended
			}
			add(c.LastTransitionTime, kind, nil)
		}
	}
	marks = append(marks, failedMarks(e, from, to)...)
	add(e.Conclusion.DecidedTime, v1alpha1.MarkDecision, nil)
	add(e.Conclusion.FinishedTime, v1alpha1.MarkEnd, nil)
	slices.SortStableFunc(marks, func(a, b v1alpha1.Mark) int { return a.Time.Compare(b.Time.Time) })
	return marks
}

// failedMarks are of the first indexes that failed, when their last attempt ended.
func failedMarks(e *v1alpha1.Explanation, from, to time.Time) []v1alpha1.Mark {
	var marks []v1alpha1.Mark
	for i := range e.Fates {
		record := &e.Fates[i]
		if record.Fate != v1alpha1.Failed || e.IsLastGone(record) || len(record.Attempts) == 0 {
			continue
		}
		if at := record.Attempts[len(record.Attempts)-1].BackoffFrom; at != nil && !at.Time.Before(from) && !at.After(to) {
			marks = append(marks, v1alpha1.Mark{Time: *at, Kind: v1alpha1.MarkIndexFailed, Index: ptr.To(record.Index)})
		}
	}
	slices.SortStableFunc(marks, func(a, b v1alpha1.Mark) int { return a.Time.Compare(b.Time.Time) })
	return marks[:min(len(marks), mostFailedMarks)]
}
