package controller

import (
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// SucceededIndexes are those recorded and those of Succeeded pods that are not
// accounted for yet (calculateSucceededIndexes, v1.37.2).
func SucceededIndexes(job *batchv1.Job, pods []*Pod) indexes.Set {
	var fresh indexes.Builder
	for _, pod := range pods {
		if pod.Uncounted && pod.ValidIndex && pod.Succeeded() {
			fresh.Add(pod.Index)
		}
	}
	return RecordedSucceeded(job).Union(fresh.Set())
}

// FailedIndexes are those recorded and those that a pod which is not accounted
// for yet fails (calculateFailedIndexes, v1.37.2). Empty without
// backoffLimitPerIndex.
func FailedIndexes(job *batchv1.Job, pods []*Pod) indexes.Set {
	if job.Spec.BackoffLimitPerIndex == nil {
		return indexes.Set{}
	}
	var fresh indexes.Builder
	for _, pod := range pods {
		if pod.Uncounted && pod.ValidIndex && pod.FailsIndex {
			fresh.Add(pod.Index)
		}
	}
	return RecordedFailed(job).Union(fresh.Set())
}

// RecordedSucceeded is status.completedIndexes, as the controller parses it.
func RecordedSucceeded(job *batchv1.Job) indexes.Set {
	recorded, _ := indexes.ParseStatus(job.Status.CompletedIndexes, Completions(job))
	return recorded
}

// RecordedFailed is status.failedIndexes, likewise.
func RecordedFailed(job *batchv1.Job) indexes.Set {
	if job.Status.FailedIndexes == nil {
		return indexes.Set{}
	}
	recorded, _ := indexes.ParseStatus(*job.Status.FailedIndexes, Completions(job))
	return recorded
}

// isIndexFailed: the failed pod matches FailIndex, or it is counted and was born
// with the whole limit (v1.37.2).
func isIndexFailed(job *batchv1.Job, pod *evidence.Attempt, match Match) bool {
	if job.Spec.BackoffLimitPerIndex == nil {
		return false
	}
	return match.Action == batchv1.PodFailurePolicyActionFailIndex ||
		match.Counts() && pod.FailureCount >= *job.Spec.BackoffLimitPerIndex
}

// DelayedPods is, for each index that waits for a replacement, the failed pod
// that keeps its finalizer and carries the count over, by index
// (getPodsWithDelayedDeletionPerIndex, v1.37.2), also where its UID is in
// uncountedTerminatedPods already. Where upstream takes what its map yields
// first, this takes the latest by count, finish, creation and name. The pods
// must be in order of index.
func DelayedPods(pods []*Pod, succeeded, failed indexes.Set) []*Pod {
	return delayedPods(pods, succeeded, failed, func(candidates []*Pod) *Pod { return candidates[0] })
}

func (s *sync) delayedPods() []*Pod {
	return delayedPods(s.live, s.Succeeded, s.Failed, func(candidates []*Pod) *Pod {
		return s.choose(ChoiceDelayed, slices.Clone(candidates), 1)[0]
	})
}

// delayedPods lets pick decide where several of an index may be held.
func delayedPods(pods []*Pod, succeeded, failed indexes.Set, pick func([]*Pod) *Pod) []*Pod {
	var delayed, candidates []*Pod
	for from, to := 0, 0; from < len(pods); from = to {
		isActive := false
		candidates = candidates[:0]
		for to = from; to < len(pods) && pods[to].Index == pods[from].Index; to++ {
			pod := pods[to]
			isActive = isActive || pod.Active
			if pod.Failed && pod.isNew() && pod.ValidIndex {
				candidates = append(candidates, pod)
			}
		}
		if isActive || len(candidates) == 0 || succeeded.Has(pods[from].Index) || failed.Has(pods[from].Index) {
			continue
		}
		held := candidates[0]
		if len(candidates) > 1 {
			candidates = mayBeHeld(candidates)
			if held = candidates[0]; len(candidates) > 1 {
				held = pick(candidates)
			}
		}
		delayed = append(delayed, held)
	}
	return delayed
}

// mayBeHeld are those of an index's failed pods that upstream ends up with in
// some order of its cache: it lets go of one for another that bears as high a
// count and did not end before.
func mayBeHeld(pods []*Pod) []*Pod {
	slices.SortFunc(pods, func(a, b *Pod) int {
		if carriesMore(a, b) {
			return -1
		}
		return 1
	})
	var held []*Pod
	for _, pod := range pods {
		if !slices.ContainsFunc(pods, func(other *Pod) bool {
			return other.BornWith() >= pod.BornWith() && other.Finished >= pod.Finished &&
				(other.BornWith() > pod.BornWith() || other.Finished > pod.Finished)
		}) {
			held = append(held, pod)
		}
	}
	return held
}

func carriesMore(pod, held *Pod) bool {
	if a, b := pod.BornWith(), held.BornWith(); a != b {
		return a > b
	}
	if pod.Finished != held.Finished {
		return pod.Finished > held.Finished
	}
	if pod.CreationTime != held.CreationTime {
		return pod.CreationTime > held.CreationTime
	}
	return strings.Compare(pod.Name, held.Name) > 0
}

// Counts are the failures that a pod is born with, in its annotations.
type Counts struct{ Counted, Ignored int32 }

// NewIndexFailureCounts is what the replacement of a failed pod is born with
// (getNewIndexFailureCounts, v1.37.2); nil: there is none to replace.
func NewIndexFailureCounts(replaced *Pod) Counts {
	switch {
	case replaced == nil:
		return Counts{}
	case replaced.Match.Counts():
		return Counts{replaced.FailureCount + 1, replaced.IgnoredFailureCount}
	}
	return Counts{replaced.FailureCount, replaced.IgnoredFailureCount + 1}
}

// FirstPendingIndexes are the lowest indexes, at most count, that are neither
// succeeded, failed nor held by a pod (firstPendingIndexes, v1.37.2). The pods
// must be in order of index.
func FirstPendingIndexes(job *batchv1.Job, pods []*Pod, succeeded, failed indexes.Set, count int64) indexes.Set {
	keepsIndex := OnlyReplaceFailedPods(job)
	var held indexes.Builder
	for _, pod := range pods {
		if pod.ValidIndex && (pod.Active || keepsIndex && pod.Terminating) {
			held.Add(pod.Index)
		}
	}
	all := indexes.Range(0, Completions(job)-1)
	return all.Minus(succeeded.Union(failed).Union(held.Set())).Take(count)
}

// duplicatedIndexPods are the active pods that no index wants, in the order in
// which upstream lists them; stays is called with the others
// (appendDuplicatedIndexPodsForRemoval, v1.37.2). Those of no index come first,
// those of indexes beyond completions last, but for the duplicates of the highest
// index below: it matters where not all of them go in one sync.
func (s *sync) duplicatedIndexPods(stays func(*Pod)) (unwanted []ranked) {
	var highest []ranked
	for from, to := 0, 0; from < len(s.activePods); from = to {
		for to = from + 1; to < len(s.activePods) && s.activePods[to].Index == s.activePods[from].Index; {
			to++
		}
		same := s.activePods[from:to]
		if !same[0].ValidIndex {
			for _, pod := range same {
				unwanted = append(unwanted, ranked{pod: pod, group: int(pod.Index)})
			}
			continue
		}
		unwanted, highest = append(unwanted, highest...), nil
		if len(same) == 1 {
			stays(same[0])
			continue
		}
		group := s.keepOne(same)
		last := len(group) - 1
		stays(group[last].pod)
		highest = group[:last]
	}
	return append(unwanted, highest...)
}

// keepOne ranks the pods of one index: the last stays, and of several that rank
// last any.
func (s *sync) keepOne(same []*Pod) []ranked {
	group := make([]ranked, len(same))
	for i, pod := range same {
		group[i] = s.ranked(pod, int(pod.Index))
	}
	rank(group)
	last := len(group) - 1
	from := last
	for from > 0 && group[from-1].compare(&group[last]) == 0 {
		from--
	}
	if from < last {
		tied := unrank(group[from:])
		slices.SortFunc(tied, byName)
		kept := s.choose(ChoiceKept, slices.Clone(tied), 1)[0]
		at := from + slices.IndexFunc(group[from:], func(r ranked) bool { return r.pod == kept })
		group[at], group[last] = group[last], group[at]
	}
	return group
}
