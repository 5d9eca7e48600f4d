package cluster

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// setCoverage tells how much of the Job's pods the files hold. What kubectl
// wrote is whole. Where there is no pod, something has to show that they were
// read, or the Job that it never had one.
func (o *fileObjects) setCoverage(seen *evidence.Job, pods podsRead) {
	level := evidence.None
	switch {
	case o.marks.isSnapshot && (len(seen.Attempts) == 0 || o.marks.coverage.Pods == evidence.Partial):
		level = o.marks.coverage.Pods
	case pods.inItsNamespace > 0, o.podLists.isRead, hasHadNoPods(&seen.Job.Status) && o.others[kindless] == 0:
		level = evidence.Whole
	}
	seen.Coverage.Pods = o.asked(level)
}

// eventsLevel is the same of events, of which none may be left: they are kept
// for an hour. Events of others in the namespace show that they were read.
func (o *fileObjects) eventsLevel(seen *evidence.Job) evidence.Level {
	level := evidence.None
	switch {
	case o.marks.isSnapshot && (len(seen.Events) == 0 || o.marks.coverage.Events == evidence.Partial):
		level = o.marks.coverage.Events
	case len(seen.Events) > 0, o.eventLists.isRead, o.eventsIn[seen.Job.Namespace]:
		level = evidence.Whole
	}
	return o.asked(level)
}

// asked is the level under --partial, by which nothing is whole.
func (o *fileObjects) asked(level evidence.Level) evidence.Level {
	if o.isPartial && level == evidence.Whole {
		return evidence.Partial
	}
	return level
}

// hasHadNoPods: there is none and none has ended, as in a manifest or before the
// first sync.
func hasHadNoPods(status *batchv1.JobStatus) bool {
	uncounted := status.UncountedTerminatedPods
	return status.Active == 0 && (status.Ready == nil || *status.Ready == 0) && (status.Terminating == nil || *status.Terminating == 0) &&
		status.Failed == 0 && status.Succeeded == 0 &&
		(uncounted == nil || len(uncounted.Succeeded)+len(uncounted.Failed) == 0)
}

// gapsOf is what a snapshot recorded, and what the files leave open.
func (o *fileObjects) gapsOf(seen *evidence.Job, pods podsRead) []evidence.Gap {
	gaps := o.marks.distinctGaps()
	gap := func(kind, format string, args ...any) {
		gaps = append(gaps, evidence.Gap{Kind: kind, Message: fmt.Sprintf(format, args...)})
	}
	if seen.Coverage.Pods == evidence.None && !o.marks.isSnapshot {
		gap(evidence.GapPods, "the file holds no pods, though the Job's status counts some")
	}
	if pods.ofAnotherJob > 0 {
		gap(evidence.GapOtherJob, "%s of another Job of this name (with another UID) left out", count(pods.ofAnotherJob, "pod", "pods"))
	}
	if words := pods.told.words(); words != "" && !o.marks.isSnapshot {
		gap(evidence.GapOwner, "the pods were taken for the Job's %s", words)
	}
	if n := o.others[kindless]; n > 0 {
		gap(evidence.GapKinds, "%s left out: neither they nor their List say what they are", count(n, "object", "objects"))
	}
	if o.skippedLines > 0 {
		gap(evidence.GapText, "%s beside the objects: %s", count(o.skippedLines, "line of text", "lines of text"), o.skipped)
	}
	if seen.Coverage.Events == evidence.None && !o.marks.isSnapshot {
		gap(evidence.GapEvents, "the file holds no events")
	}
	if !o.marks.isSnapshot {
		if contradicts, ok := contradiction(seen); ok {
			gaps = append(gaps, contradicts)
		}
	}
	if o.conflicts > 0 {
		gap(evidence.GapMoved, "the files hold several versions of %s, read at different instants: the newest were taken", count(o.conflicts, "object", "objects"))
	}
	if seen.ServerVersion == "" && !o.marks.isSnapshot {
		gap(evidence.GapVersion, "the file does not tell the server's version")
	}
	if o.observedAt.IsZero() && !o.marks.isSnapshot {
		gap(evidence.GapClock, "the file does not tell when it was read: the newest instant in it is taken for that")
	}
	return gaps
}
