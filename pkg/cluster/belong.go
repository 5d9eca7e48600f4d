package cluster

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// evidence keeps of the files what belongs to the Job, by the same rules as
// Client.Observe.
func (o *fileObjects) evidence(job *batchv1.Job) (*evidence.Job, error) {
	readings := o.readings[o.known[identify("Job", &job.ObjectMeta)].at]
	setDefaults(job)
	for i := range readings {
		setDefaults(&readings[i].job)
	}
	seen := &evidence.Job{Job: job, ServerVersion: o.serverVersion}
	pods, err := o.attemptsOf(seen)
	if err != nil {
		return nil, err
	}
	events := o.eventsOf(seen)
	o.setOrder(seen, readings, pods.window, events)
	o.setCoverage(seen, pods)

	seen.ObservedAt = o.observedAt
	if seen.ObservedAt.IsZero() {
		seen.ObservedAt = later(newestInstant(seen), o.newestEvent)
	}
	seen.ObservedAt = seen.ObservedAt.UTC().Truncate(time.Second)
	if seen.Order == evidence.OrderUnknown && len(readings) > 1 {
		o.conflicts++
	}
	seen.Gaps = o.gapsOf(seen, pods)
	return seen, nil
}

// podsRead is what a pick of the pods came upon.
type podsRead struct {
	window             // where the Job's pods stand, or, if it has none, those of its namespace
	ofAnotherJob   int // of this name
	inItsNamespace int
	told           belonging // by the least of what told that pods are the Job's
}

// attemptsOf picks the Job's pods, where they lie.
func (o *fileObjects) attemptsOf(seen *evidence.Job) (podsRead, error) {
	job := seen.Job
	selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector)
	if err != nil {
		return podsRead{}, fmt.Errorf("reading the selector of job %s: %w\nhint: %s", job.Name, err, writeHint)
	}
	var read podsRead
	others := o.podLists
	anyOwned := slices.ContainsFunc(o.families, func(f *family) bool { return f.controller.Kind != "" })
	picked := o.attempts[:0]
	for i, family := range o.families {
		if family.namespace != job.Namespace {
			continue
		}
		read.inItsNamespace++
		switch told := family.belongsTo(job, selector, o.attempts[i].UID != ""); told {
		case isOfNone, isOfAnotherJob:
			if told == isOfAnotherJob {
				read.ofAnotherJob++
			}
			others.add(o.podSpans[i])
		default:
			if told == bySelector && !o.marks.isSnapshot && !anyOwned {
				told = byLabels // somebody took the owners out
			}
			o.attempts[i].Owned = o.attempts[i].Owned || told == byJobName || told == byLabels
			o.reducer.Forget(&o.attempts[i], job)
			picked = append(picked, o.attempts[i])
			read.add(o.podSpans[i])
			read.told = max(read.told, told)
		}
	}
	if len(picked) == 0 {
		read.window = others
		return read, nil
	}
	seen.Attempts = picked
	return read, nil
}

// eventsOf picks the events of the Job and of its pods.
func (o *fileObjects) eventsOf(seen *evidence.Job) (read window) {
	isOfJob := podEventsOf(seen)
	var ofPods []evidence.Event
	for i, event := range o.events {
		switch {
		case event.Kind == "Job" && isAbout(&event, seen.Job):
			event.Name, event.UID = "", seen.Job.UID
			seen.Events = append(seen.Events, event)
			read.add(o.eventSpans[i])
		case isOfJob(&event):
			ofPods = append(ofPods, event)
		}
	}
	seen.Coverage.Events = o.eventsLevel(seen)
	if seen.PodEvents = seen.Coverage.Events; o.marks.isSnapshot {
		seen.PodEvents = o.marks.podEvents
	}
	seen.Events = append(seen.Events, ofPods...)
	if !read.isRead {
		return o.eventLists
	}
	return read
}

// isAbout: by the UID, or by the name where one is missing.
func isAbout(event *evidence.Event, job *batchv1.Job) bool {
	if event.UID != "" && job.UID != "" {
		return event.UID == job.UID
	}
	return event.Name == job.Name
}

// newestInstant is the latest that the evidence tells of: the file was read
// then or later. A deletionTimestamp lies ahead by the grace period.
func newestInstant(seen *evidence.Job) time.Time {
	var newest time.Time
	see := func(times ...time.Time) {
		for _, t := range times {
			newest = later(newest, t)
		}
	}
	job := seen.Job
	see(job.CreationTimestamp.Time)
	for _, t := range []*metav1.Time{job.Status.StartTime, job.Status.CompletionTime} {
		if t != nil {
			see(t.Time)
		}
	}
	for i := range job.Status.Conditions {
		see(job.Status.Conditions[i].LastTransitionTime.Time, job.Status.Conditions[i].LastProbeTime.Time)
	}
	for i := range seen.Attempts {
		a := &seen.Attempts[i]
		see(a.CreationTime.Time(), a.StartTime.Time(), a.DeletionTime.Time().Add(-a.DeletionGracePeriod))
		for j := range a.Conditions {
			see(a.Conditions[j].LastTransitionTime.Time())
		}
		for j := range a.Containers {
			see(a.Containers[j].StartedAt.Time(), a.Containers[j].FinishedAt.Time())
		}
	}
	return newest
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
