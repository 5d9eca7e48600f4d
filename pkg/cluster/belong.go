package cluster

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// evidence keeps of the pile what belongs to the Job, by the same rules as
// Client.Observe. What nothing tells is whether something that is not in the
// files was not there or was not asked for: that is a gap.
func (p *pile) evidence(job *batchv1.Job) (*evidence.Job, error) {
	setDefaults(job)
	seen := &evidence.Job{Job: job, ServerVersion: p.serverVersion, PodsRead: len(p.attempts) > 0 || p.podsRead}
	others, err := p.attemptsOf(seen)
	if err != nil {
		return nil, err
	}
	p.eventsOf(seen)

	seen.ObservedAt = p.observedAt
	if seen.ObservedAt.IsZero() {
		seen.ObservedAt = newestInstant(seen)
	}
	seen.ObservedAt = seen.ObservedAt.UTC().Truncate(time.Second)
	seen.Gaps = p.gapsOf(seen, others)
	return seen, nil
}

// gapsOf is what a snapshot recorded, and what the files leave open.
func (p *pile) gapsOf(seen *evidence.Job, others int) []evidence.Gap {
	gaps := slices.Clone(p.gaps)
	gap := func(kind, format string, args ...any) {
		gaps = append(gaps, evidence.Gap{Kind: kind, Message: fmt.Sprintf(format, args...)})
	}
	if !seen.PodsRead && !p.isSnapshot {
		gap(evidence.GapPods, "there are no pods in the file: whether the Job had any is not known")
	}
	if others > 0 {
		gap(evidence.GapOtherJob, "%s of another Job of this name (with another UID) left out", count(others, "pod", "pods"))
	}
	if !seen.EventsRead && !p.isSnapshot {
		gap(evidence.GapEvents, "there are no events of the Job in the file: whether there were any is not known")
	}
	if p.conflicts > 0 {
		gap(evidence.GapMoved, "the files hold several versions of %s, read at different instants: the newest were taken", count(p.conflicts, "object", "objects"))
	}
	if seen.ServerVersion == "" && !p.isSnapshot {
		gap(evidence.GapVersion, "the file does not tell the server's version")
	}
	if p.observedAt.IsZero() && !p.isSnapshot {
		gap(evidence.GapClock, "the file does not tell when it was read: the newest instant in it is taken for that")
	}
	return gaps
}

// attemptsOf picks the Job's pods, where they lie, and counts those of another
// Job of its name.
func (p *pile) attemptsOf(seen *evidence.Job) (others int, err error) {
	job := seen.Job
	selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector)
	if err != nil {
		return 0, fmt.Errorf("reading the selector of job %s: %w\nhint: %s", job.Name, err, writeHint)
	}
	picked := p.attempts[:0]
	for i, family := range p.families {
		if family.namespace != job.Namespace {
			continue
		}
		controlled := family.controller.UID != ""
		if controlled && family.controller.UID != job.UID {
			if family.controller.Kind == "Job" && family.controller.Name == job.Name {
				others++
			}
			continue
		}
		if selector.Matches(family.labels) {
			p.attempts[i].Forget(job)
			picked = append(picked, p.attempts[i])
		}
	}
	if len(picked) > 0 {
		seen.Attempts = picked
	}
	return others, nil
}

// eventsOf picks the events of the Job, and of those pods of which
// Client.Observe would ask for them.
func (p *pile) eventsOf(seen *evidence.Job) {
	wanted := wantEvents(seen.Attempts)
	var ofPods []evidence.Event
	for _, event := range p.events {
		switch {
		case event.UID == "":
		case event.Kind == "Job" && event.UID == seen.Job.UID:
			seen.Events = append(seen.Events, event)
		case event.Kind == "Pod" && wanted[event.UID]:
			ofPods = append(ofPods, event)
		}
	}
	seen.EventsRead = len(seen.Events) > 0 || p.eventsRead
	seen.Events = append(seen.Events, ofPods...)
}

// newestInstant is the latest that the evidence tells of: the file was read
// then or later. A deletionTimestamp lies ahead by the grace period.
func newestInstant(seen *evidence.Job) time.Time {
	var newest time.Time
	see := func(times ...time.Time) {
		for _, t := range times {
			if t.After(newest) {
				newest = t
			}
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
	for i := range seen.Events {
		see(seen.Events[i].First, seen.Events[i].Last)
	}
	return newest
}
