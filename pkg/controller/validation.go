package controller

import (
	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// The API server holds a status against its rules, though for the most part only
// what the write changes (getStatusValidationOptions in
// pkg/registry/batch/job/strategy.go, v1.37.2). Where it refuses the first
// write, the sync has created and deleted its pods, but takes no finalizer and
// counts nothing; the next one comes to the same, until something else changes.

// refusedIndexes are those in both lists, where one of these changes.
func (s *sync) refusedIndexes() indexes.Set {
	if s.Rules.RefusesOverlap() {
		if both := s.Succeeded.Intersect(s.Failed); !both.Empty() && s.changesLists() {
			return both
		}
	}
	return indexes.Set{}
}

// refuses the first write: both lists hold an index; more pods are ready than
// active, as up to 1.36 where a backoff hides the active ones; fewer indexes have
// succeeded, which only elastic scaling explains; the start time moves, and the
// Job was not suspended.
func (s *sync) refuses(w *StatusWrite) bool {
	if !s.Rules.validatesStatus() {
		return false
	}
	was := &s.Job.Status
	return !s.Refused.Empty() ||
		w.Ready > w.Active && (w.Active != was.Active || was.Ready == nil || w.Ready != *was.Ready) ||
		w.Succeeded < was.Succeeded && Parallelism(s.Job) != int64(Completions(s.Job)) ||
		was.StartTime != nil && !was.StartTime.Equal(w.StartTime) && !Suspended(s.Job) && Condition(s.Job, batchv1.JobSuspended) == nil
}

// refusesFinish: a Job that never started cannot have ended, as one that is
// suspended has not; from 1.34 on it may where it had nothing to do. Nor can it
// have completed before it started, which clocks that differ make of it.
func (s *sync) refusesFinish(w *StatusWrite, isFinished bool) bool {
	if !isFinished || !s.Rules.validatesStatus() {
		return false
	}
	if w.StartTime == nil {
		return s.Rules.Minor < 34 || !Suspended(s.Job) || Completions(s.Job) > 0
	}
	return w.CompletionTime != nil && w.CompletionTime.Before(w.StartTime)
}
