package replay

import (
	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// SucceededIndexes are those recorded and those of Succeeded pods that are not
// accounted for yet (calculateSucceededIndexes in indexed_job_utils.go, v1.37.2).
func SucceededIndexes(job *batchv1.Job, pods []*evidence.Attempt) indexes.Set {
	return succeededOf(job, newReckoner(job, Rules{Newest}).pods(pods))
}

func succeededOf(job *batchv1.Job, pods []*podFacts) indexes.Set {
	recorded, _ := indexes.ParseStatus(job.Status.CompletedIndexes, completions(job))
	var fresh []int32
	for _, pod := range pods {
		if pod.hasSucceeded && pod.isUncounted && pod.hasValidIndex {
			fresh = append(fresh, pod.index)
		}
	}
	return recorded.Union(indexes.Of(fresh...))
}

// FailedIndexes are those recorded and those that a pod which is not accounted
// for yet fails (calculateFailedIndexes, v1.37.2). For Jobs with
// backoffLimitPerIndex; empty without.
func FailedIndexes(job *batchv1.Job, pods []*evidence.Attempt) indexes.Set {
	return failedOf(job, newReckoner(job, Rules{Newest}).pods(pods))
}

func failedOf(job *batchv1.Job, pods []*podFacts) indexes.Set {
	if job.Spec.BackoffLimitPerIndex == nil {
		return indexes.Set{}
	}
	recorded := recordedFailedIndexes(job)
	var fresh []int32
	for _, pod := range pods {
		if pod.isUncounted && pod.hasValidIndex && pod.failsIndex {
			fresh = append(fresh, pod.index)
		}
	}
	return recorded.Union(indexes.Of(fresh...))
}

func recordedFailedIndexes(job *batchv1.Job) indexes.Set {
	if job.Status.FailedIndexes == nil {
		return indexes.Set{}
	}
	recorded, _ := indexes.ParseStatus(*job.Status.FailedIndexes, completions(job))
	return recorded
}

// failsIndex: the failed pod matches FailIndex, or it is counted and was born with
// the whole limit (isIndexFailed, v1.37.2).
func failsIndex(job *batchv1.Job, pod *evidence.Attempt, match Match) bool {
	if job.Spec.BackoffLimitPerIndex == nil {
		return false
	}
	return match.Action == batchv1.PodFailurePolicyActionFailIndex ||
		match.Counted() && pod.FailureCount >= *job.Spec.BackoffLimitPerIndex
}

// DelayedPods is, for each index that waits for a replacement, the failed pod
// that carries its count (getPodsWithDelayedDeletionPerIndex, v1.37.2), also
// where its UID is in uncountedTerminatedPods already. Where upstream takes what
// its map yields first, this takes the latest by count, finish, creation and
// name.
func (r Rules) DelayedPods(job *batchv1.Job, pods []*evidence.Attempt, succeeded, failed indexes.Set) map[int32]*evidence.Attempt {
	delayed := map[int32]*evidence.Attempt{}
	for index, pod := range delayedPods(newReckoner(job, r).pods(pods), succeeded, failed) {
		delayed[index] = pod.Attempt
	}
	return delayed
}

func delayedPods(pods []*podFacts, succeeded, failed indexes.Set) map[int32]*podFacts {
	delayed := map[int32]*podFacts{}
	active := map[int32]bool{}
	for _, pod := range pods {
		if pod.isActive {
			active[pod.index] = true
		}
	}
	for _, pod := range pods {
		ix := pod.index
		if !pod.isUncounted || !pod.hasValidIndex || !pod.isFailed {
			continue
		}
		if active[ix] || succeeded.Has(ix) || failed.Has(ix) {
			continue
		}
		if held := delayed[ix]; held == nil || carriesMore(pod, held) {
			delayed[ix] = pod
		}
	}
	return delayed
}

func carriesMore(pod, held *podFacts) bool {
	if a, b := pod.bornWith(), held.bornWith(); a != b {
		return a > b
	}
	if a, b := pod.finished, held.finished; !a.Equal(b) {
		return a.After(b)
	}
	if pod.CreationTime != held.CreationTime {
		return pod.CreationTime > held.CreationTime
	}
	return pod.Name > held.Name
}

// NewIndexFailureCounts is what the replacement of a failed pod is born with
// (getNewIndexFailureCounts, v1.37.2); nil: there is none to replace.
func NewIndexFailureCounts(job *batchv1.Job, replaced *evidence.Attempt) (counted, ignored int32) {
	if replaced == nil {
		return 0, 0
	}
	if MatchPodFailurePolicy(job.Spec.PodFailurePolicy, replaced).Counted() {
		return replaced.FailureCount + 1, replaced.IgnoredFailureCount
	}
	return replaced.FailureCount, replaced.IgnoredFailureCount + 1
}

// FirstPendingIndexes are the lowest indexes, at most count, that are neither
// succeeded, failed nor held by a pod (firstPendingIndexes, v1.37.2).
func FirstPendingIndexes(job *batchv1.Job, pods []*evidence.Attempt, succeeded, failed indexes.Set, count int64) indexes.Set {
	return firstPendingIndexes(job, newReckoner(job, Rules{Newest}).pods(pods), succeeded, failed, count)
}

func firstPendingIndexes(job *batchv1.Job, pods []*podFacts, succeeded, failed indexes.Set, count int64) indexes.Set {
	var held []int32
	for _, pod := range pods {
		if pod.hasValidIndex && (pod.isActive || pod.isTerminating && OnlyReplaceFailedPods(job)) {
			held = append(held, pod.index)
		}
	}
	all := indexes.Range(0, completions(job)-1)
	return all.Minus(succeeded.Union(failed).Union(indexes.Of(held...))).Take(count)
}

// isUncounted: with the finalizer a pod is not accounted for yet; without it,
// it is history. An orphan is adopted and given the finalizer at the next sync,
// unless the Job is finished or being deleted.
func isUncounted(pod *evidence.Attempt) bool {
	return pod.Finalizer || !pod.Owned && !isDeleted(pod)
}

func completions(job *batchv1.Job) int32 {
	if job.Spec.Completions == nil {
		return 0
	}
	return max(0, *job.Spec.Completions)
}
