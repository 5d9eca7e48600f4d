package cluster

import (
	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// The order of reading is that in which objects stand in a file: kubectl reads
// one kind after the other and prints them in that order. Of two files nobody
// knows which was written first.

// span is where in a file one version of an object stands first and last. It was
// like that when the one was read and when the other was.
type span struct{ file, first, last int32 }

// window is the spans of all objects of a kind. Scattered: they are of several
// files.
type window struct {
	isRead, isScattered            bool
	file, latestFirst, earliestEnd int32
}

func (w *window) add(s span) {
	if !w.isRead {
		*w = window{isRead: true, file: s.file, latestFirst: s.first, earliestEnd: s.last}
		return
	}
	w.isScattered = w.isScattered || w.file != s.file
	w.latestFirst, w.earliestEnd = max(w.latestFirst, s.first), min(w.earliestEnd, s.last)
}

// begins: what stands here was read before all of the window.
func (w window) begins(s span) bool { return w.isBeside(s) && s.first < w.earliestEnd }

// ends: what stands here was read after all of the window.
func (w window) ends(s span) bool { return w.isBeside(s) && s.last > w.latestFirst }

// isBeside: both stand in one file.
func (w window) isBeside(s span) bool { return !w.isScattered && w.file == s.file }

// jobReading is one version of a Job.
type jobReading struct {
	job batchv1.Job
	span
}

// sameVersion tells two readings of one Job without a change between them. What
// has been stripped of its version is compared.
func sameVersion(a, b *batchv1.Job) bool {
	if a.ResourceVersion != "" || b.ResourceVersion != "" {
		return a.ResourceVersion == b.ResourceVersion
	}
	return !hasMoved(a, b)
}

// orderOf is the order of a Job and its pods, and the Job before them where it
// was read again after them and had moved. Where an older version stands behind
// the pods and the newest before them, the files are in no order of reading.
func orderOf(newest *batchv1.Job, readings []jobReading, pods window) (evidence.Order, *batchv1.Job) {
	var before *batchv1.Job
	var begins, ends, olderEnds bool
	for i := range readings {
		r := &readings[i]
		switch {
		case sameVersion(&r.job, newest):
			begins, ends = begins || pods.begins(r.span), ends || pods.ends(r.span)
		case pods.ends(r.span):
			olderEnds = true
		case pods.begins(r.span):
			before = &r.job
		}
	}
	switch {
	case begins && ends:
		return evidence.Bracketed, nil
	case ends:
		return evidence.JobAfterPods, before
	case begins && !olderEnds:
		return evidence.JobBeforePods, nil
	}
	return evidence.OrderUnknown, nil
}

// lastOther is the last other version of a Job, or nil.
func lastOther(newest *batchv1.Job, readings []jobReading) (other *batchv1.Job) {
	for i := range readings {
		if !sameVersion(&readings[i].job, newest) {
			other = &readings[i].job
		}
	}
	return other
}

func eventsOrderOf(events, pods window) evidence.EventsOrder {
	switch {
	case events.isScattered || pods.isScattered || events.file != pods.file:
	case events.latestFirst < pods.earliestEnd:
		return evidence.EventsBeforePods
	case events.earliestEnd > pods.latestFirst:
		return evidence.EventsAfterPods
	}
	return evidence.EventsOrderUnknown
}

// setOrder sets both orders. Of no pods or no events the place is that of the
// list which has none, or what a snapshot says.
func (o *fileObjects) setOrder(seen *evidence.Job, readings []jobReading, pods, events window) {
	seen.Order, seen.EventsOrder = evidence.OrderUnknown, evidence.EventsOrderUnknown
	switch {
	case o.marks.order == evidence.OrderUnknown:
	case pods.isRead:
		seen.Order, seen.Before = orderOf(seen.Job, readings, pods)
	case o.marks.order != "":
		seen.Order = o.marks.order
		if seen.Order == evidence.JobAfterPods {
			seen.Before = lastOther(seen.Job, readings)
		}
	}
	switch {
	case o.marks.eventsOrder == evidence.EventsOrderUnknown:
	case pods.isRead && events.isRead:
		seen.EventsOrder = eventsOrderOf(events, pods)
	case o.marks.eventsOrder != "":
		seen.EventsOrder = o.marks.eventsOrder
	}
}
