package controller

import (
	"math"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// manageJob deletes surplus pods or creates missing ones, never both in one sync
// (manageJob, v1.37.2).
func (s *sync) manageJob() {
	if s.Deleted = s.activePodsForRemoval(); len(s.Deleted) > 0 {
		s.Stripped = true
		s.countDeleted()
		return
	}
	if s.Slots == 0 {
		return
	}
	if s.Job.Spec.BackoffLimitPerIndex == nil {
		if until := s.Outcome.Backoff.Until(); s.Now.Before(until) {
			s.deferCreation(until)
			return
		}
	}
	s.create()
}

// create makes the pods of the lowest pending indexes, of those whose delay is
// over. Where there is none, the first that will be is waited for; where there
// is one, its creation brings the next sync (getPodCreationInfoForIndependentIndexes,
// v1.37.2).
func (s *sync) create() {
	head := s.Create.Union(s.InBackoff).Take(MaxPodCreateDeletePerSync)
	delayed := s.Delayed
	var next time.Time
	for _, interval := range head.Intervals() {
		for index := interval.First; index <= interval.Last; index++ {
			for len(delayed) > 0 && delayed[0].Index < index {
				delayed = delayed[1:]
			}
			if len(delayed) == 0 || delayed[0].Index != index {
				s.Created = append(s.Created, Creation{Index: index})
			} else if retry := delayed[0].RetryTime(); !s.Now.Before(retry) {
				s.Created = append(s.Created, Creation{index, NewIndexFailureCounts(delayed[0])})
			} else if next.IsZero() || retry.Before(next) {
				next = retry
			}
		}
	}
	if len(s.Created) == 0 && !next.IsZero() {
		s.deferCreation(next)
	}
	s.active += int64(len(s.Created))
}

// deferCreation looks again when the delay is over, and not before a second has
// passed (enqueueSyncJobWithDelay, v1.37.2).
func (s *sync) deferCreation(until time.Time) {
	s.BackoffSync = later(until, s.Now.Add(SyncBatchPeriod))
	if !s.Rules.WritesActive() {
		s.active = 0
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// activePodsForRemoval are all pods of a suspended Job; else those that no index
// wants, and as many more as there are too many (v1.37.2).
func (s *sync) activePodsForRemoval() []*Pod {
	if Suspended(s.Job) {
		return s.activePods
	}
	surplus := int(max(0, s.Active-wantActive(s.Job, s.Succeeded)))
	var left []ranked
	pods := s.duplicatedIndexPods(func(pod *Pod) {
		if surplus > 0 {
			left = append(left, s.ranked(pod, math.MaxInt))
		}
	})
	if surplus > len(pods) {
		pods = append(pods, rank(left)...)
	} else if surplus = len(pods); surplus == 0 {
		return nil
	}
	return s.take(pods, min(surplus, MaxPodCreateDeletePerSync))
}

// take are the first n of pods in order; chance decides among those of the last
// rank.
func (s *sync) take(pods []ranked, n int) []*Pod {
	from, to := n, n
	for from > 0 && n < len(pods) && pods[from-1].compare(&pods[n]) == 0 {
		from--
	}
	for to < len(pods) && from < n && pods[to].compare(&pods[n]) == 0 {
		to++
	}
	all := unrank(pods)
	if from < n {
		slices.SortFunc(all[from:to], byName)
		s.choose(ChoiceDeleted, all[from:to], n-from)
	}
	return all[:n]
}

// manage is what there is room for, and which indexes are next.
func (s *sync) manage() {
	if IsDecided(s.Job) {
		return
	}
	if s.Slots = s.slots(); s.Slots == 0 {
		return
	}
	head := FirstPendingIndexes(s.Job, s.live, s.Succeeded, s.Failed, s.Slots)
	if s.Job.Spec.BackoffLimitPerIndex == nil {
		// The delay is the whole Job's.
		if s.Now.Before(s.Outcome.Backoff.Until()) {
			s.InBackoff = head
		} else {
			s.Create = head
		}
		return
	}
	// Slots are given out before anybody asks whose delay is over.
	var waiting indexes.Builder
	for _, pod := range s.Delayed {
		if s.Now.Before(pod.RetryTime()) {
			waiting.Add(pod.Index)
		}
	}
	s.InBackoff = waiting.Set().Intersect(head)
	s.Create = head.Minus(s.InBackoff)
}

// slots is for how many pods there is room (diff in manageJob, v1.37.2). Failed
// indexes are not subtracted, as there.
func (s *sync) slots() int64 {
	if Suspended(s.Job) || s.Job.DeletionTimestamp != nil {
		return 0
	}
	free := wantActive(s.Job, s.Succeeded) - s.Active
	if OnlyReplaceFailedPods(s.Job) {
		free -= s.Terminating
	}
	return max(0, free)
}

func wantActive(job *batchv1.Job, succeeded indexes.Set) int64 {
	return max(0, min(Parallelism(job), int64(Completions(job))-succeeded.Len()))
}
