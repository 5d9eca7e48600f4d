package replay

import (
	"cmp"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// mostBuckets is into how many a timeline parts the time, at most.
const mostBuckets = 200

// TimelineOf draws the Job over time from the attempts that an Explanation tells
// of, which those of an Outline are not all. It is nil of a Job that has no time.
func TimelineOf(e *v1alpha1.Explanation) *v1alpha1.Timeline {
	var c changes
	for i := range e.Fates {
		c.addIndex(e, &e.Fates[i])
	}
	from, to := c.span(e)
	if from.IsZero() {
		return nil
	}
	seconds := to.Unix() - from.Unix()
	bucket := max(1, (seconds+mostBuckets-1)/mostBuckets)
	timeline := &v1alpha1.Timeline{From: metav1.Time{Time: from}, To: metav1.Time{Time: to}, BucketSeconds: bucket}
	timeline.Buckets = c.buckets(from.Unix(), bucket, max(1, (seconds+bucket-1)/bucket))
	timeline.Marks = marksOf(e, from, to)
	return timeline
}

// change is one of how many do one thing, at one second.
type change struct {
	at   int64
	what series
	by   int64
}

type series uint8

const (
	seriesRunning series = iota
	seriesPending
	seriesBackingOff
	seriesTerminating
	allSeries
)

// changes are what begins and what ends.
type changes []change

// add: from one second until another, at which it is no more.
func (c *changes) add(what series, from, to *metav1.Time) {
	if from != nil && to != nil && from.Unix() < to.Unix() {
		*c = append(*c, change{from.Unix(), what, 1}, change{to.Unix(), what, -1})
	}
}

// addIndex: each attempt is pending, runs and terminates; from the end of one to
// the next the index backs off, where a failure came before.
func (c *changes) addIndex(e *v1alpha1.Explanation, record *v1alpha1.IndexFate) {
	var failedAt *metav1.Time
	for i := range record.Attempts {
		a := &record.Attempts[i]
		c.add(seriesBackingOff, failedAt, a.CreationTime)
		if failedAt = nil; a.CreationTime == nil {
			continue
		}
		end := lastedUntil(a, &e.ObservedAt)
		leaving := end
		if a.Deletion != nil {
			leaving = earlier(a.Deletion.Requested, end)
		}
		started := leaving
		if a.StartTime != nil {
			started = earlier(a.StartTime, leaving)
		}
		c.add(seriesPending, a.CreationTime, started)
		c.add(seriesRunning, started, leaving)
		c.add(seriesTerminating, leaving, end)
		if a.Decision == v1alpha1.DecisionCount || a.Decision == v1alpha1.DecisionIgnore {
			failedAt = leaving
		}
	}
	switch {
	case record.Fate == v1alpha1.BackingOff:
		c.add(seriesBackingOff, failedAt, &e.ObservedAt)
	case record.Fate == v1alpha1.Stopped && e.Conclusion.DecidedTime != nil:
		c.add(seriesBackingOff, failedAt, e.Conclusion.DecidedTime)
	}
}

// lastedUntil is the end of an attempt, which of one that has not ended is now, and of one that is gone
// when it was created: nothing tells more.
func lastedUntil(a *v1alpha1.Attempt, now *metav1.Time) *metav1.Time {
	isTerminal := a.Phase == corev1.PodSucceeded || a.Phase == corev1.PodFailed
	switch {
	case a.Source != v1alpha1.SourcePod:
		return a.CreationTime
	case !isTerminal:
		return now
	case a.FinishTime != nil:
		return earlier(a.FinishTime, now)
	case a.BackoffFrom != nil:
		return earlier(a.BackoffFrom, now)
	}
	return a.CreationTime
}

func earlier(a, b *metav1.Time) *metav1.Time {
	if a == nil || b.Before(a) {
		return b
	}
	return a
}

// span is from the start of the Job, or of what came before it, to its end or now.
func (c changes) span(e *v1alpha1.Explanation) (from, to time.Time) {
	slices.SortFunc(c, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.by, b.by)) // what ends in a second makes room first
	})
	if start := e.Conclusion.StartTime; start != nil {
		from = start.Time
	}
	if len(c) > 0 && (from.IsZero() || c[0].at < from.Unix()) {
		from = time.Unix(c[0].at, 0).UTC()
	}
	if from.IsZero() {
		return from, to
	}
	to = e.ObservedAt.Time
	if end := e.Conclusion.FinishedTime; end != nil && end.Time.Before(to) {
		to = end.Time
		if n := len(c); n > 0 && c[n-1].at > to.Unix() {
			to = time.Unix(c[n-1].at, 0).UTC()
		}
	}
	if to.Before(from) {
		to = from
	}
	return from, to
}

// buckets sweep over the changes. A bucket shows the second in which most goes on.
func (c changes) buckets(from, length, n int64) []v1alpha1.Bucket {
	buckets := make([]v1alpha1.Bucket, n)
	var now [allSeries]int64
	next := 0
	for i := range buckets {
		begin := from + int64(i)*length
		for next < len(c) && c[next].at <= begin {
			now[c[next].what] += c[next].by
			next++
		}
		buckets[i] = bucketOf(now)
		for next < len(c) && c[next].at < begin+length {
			at := c[next].at
			for ; next < len(c) && c[next].at == at; next++ {
				now[c[next].what] += c[next].by
			}
			if most := bucketOf(now); isBusier(&most, &buckets[i]) {
				buckets[i] = most
			}
		}
	}
	return buckets
}

func bucketOf(now [allSeries]int64) v1alpha1.Bucket {
	return v1alpha1.Bucket{Running: now[seriesRunning], Pending: now[seriesPending], BackingOff: now[seriesBackingOff], Terminating: now[seriesTerminating]}
}

// isBusier by pods, those that run before all others, and then by what backs off.
func isBusier(a, b *v1alpha1.Bucket) bool {
	pods := func(b *v1alpha1.Bucket) int64 { return b.Running + b.Pending + b.Terminating }
	return cmp.Or(cmp.Compare(pods(a), pods(b)), cmp.Compare(a.Running, b.Running), cmp.Compare(a.BackingOff, b.BackingOff)) > 0
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
		if record.Fate != v1alpha1.Failed || len(record.Attempts) == 0 {
			continue
		}
		if at := record.Attempts[len(record.Attempts)-1].BackoffFrom; at != nil && !at.Time.Before(from) && !at.After(to) {
			marks = append(marks, v1alpha1.Mark{Time: *at, Kind: v1alpha1.MarkIndexFailed, Index: ptr.To(record.Index)})
		}
	}
	slices.SortStableFunc(marks, func(a, b v1alpha1.Mark) int { return a.Time.Compare(b.Time.Time) })
	return marks[:min(len(marks), mostFailedMarks)]
}
