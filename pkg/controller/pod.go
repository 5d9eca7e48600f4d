package controller

import (
	"math"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Pod is a pod with what the rules make of it by itself, reckoned once.
type Pod struct {
	*evidence.Attempt
	// Index, the counts and Owned are the Attempt's own, here to be read fast.
	Index, FailureCount, IgnoredFailureCount int32

	Owned bool
	// Deleted: its deletion was requested.
	Deleted bool
	// Match is what podFailurePolicy makes of a Failed pod.
	Match Match
	// Finished is when the pod ended by the controller's reckoning.
	Finished evidence.Instant
	// Restarts are those of all its containers.
	Restarts int32
	// Failed is isPodFailed; Active and Terminating are IsPodActive and
	// IsPodTerminating (v1.37.2). Phase Succeeded or Failed is Terminal.
	Failed, Active, Terminating, Terminal bool
	// ValidIndex: its index is one of spec.completions.
	ValidIndex bool
	// Uncounted: the pod bears the finalizer, or will when it is adopted, and is not
	// accounted for yet.
	Uncounted bool
	// Counted: its UID is in status.uncountedTerminatedPods, so that its failure is
	// in the counts though it bears the finalizer.
	Counted bool
	// CountedSucceeded: likewise for a success, which no Indexed Job has of itself.
	CountedSucceeded bool
	// Removing: the controller has taken the finalizer away, and has not seen it go
	// yet. Whoever knows sets it: it is in the controller's memory alone.
	Removing bool
	// Unselected: the Job's selector does not match the pod's labels. Whoever has the
	// labels sets it.
	Unselected bool
	// FailsIndex: it is failed and fails its index (isIndexFailed, v1.37.2).
	FailsIndex bool
}

// Succeeded is the phase.
func (p *Pod) Succeeded() bool { return p.Terminal && !p.Failed }

// isLive: a sync may still count the pod, or do something to it. All others are
// history, and most pods of a large Job are.
func (p *Pod) isLive() bool { return p.Uncounted || !p.Terminal }

// Sum is that of two counts, or the nearest that there is: files hold any number.
func Sum(a, b int32) int32 {
	return int32(min(max(int64(a)+int64(b), math.MinInt32), math.MaxInt32))
}

// BornWith is how many failures, counted and ignored, came before the pod in
// its chain. Annotations may hold anything: the sum overflows where upstream's
// does (getIndexAbsoluteFailureCount, v1.37.2).
func (p *Pod) BornWith() int32 { return p.FailureCount + p.IgnoredFailureCount }

// Reckoner reckons the pods of one Job.
type Reckoner struct {
	job         *batchv1.Job
	rules       Rules
	completions int32
	policy      PodFailurePolicy
	// failed and succeeded are those in status.uncountedTerminatedPods.
	failed, succeeded map[types.UID]bool
}

// NewReckoner is for the pods of the Job by the rules of a version.
func NewReckoner(job *batchv1.Job, rules Rules) *Reckoner {
	r := &Reckoner{job: job, rules: rules, completions: Completions(job), policy: NewPodFailurePolicy(job.Spec.PodFailurePolicy)}
	if uncounted := job.Status.UncountedTerminatedPods; uncounted != nil {
		r.failed, r.succeeded = setOf(uncounted.Failed), setOf(uncounted.Succeeded)
	}
	return r
}

func setOf(uids []types.UID) map[types.UID]bool {
	if len(uids) == 0 {
		return nil
	}
	set := make(map[types.UID]bool, len(uids))
	for _, uid := range uids {
		set[uid] = true
	}
	return set
}

// Reckon fills in what the rules make of the pod. It is in place: a large Job
// has hundreds of thousands.
func (r *Reckoner) Reckon(attempt *evidence.Attempt, pod *Pod) {
	terminal := attempt.Phase == corev1.PodSucceeded || attempt.Phase == corev1.PodFailed
	deleted := !attempt.DeletionTime.IsZero()
	*pod = Pod{
		Attempt:     attempt,
		Index:       attempt.Index,
		Owned:       attempt.Owned,
		Deleted:     deleted,
		Finished:    r.rules.FinishedTime(attempt),
		Terminal:    terminal,
		Failed:      IsPodFailed(r.job, attempt),
		Active:      !terminal && !deleted,
		Terminating: !terminal && deleted,
		ValidIndex:  attempt.Index != evidence.UnknownIndex && attempt.Index < r.completions,
		Uncounted:   attempt.Finalizer || !attempt.Owned && !deleted,
		Counted:     r.failed != nil && r.failed[attempt.UID],
	}
	pod.FailureCount, pod.IgnoredFailureCount = attempt.FailureCount, attempt.IgnoredFailureCount
	pod.CountedSucceeded = r.succeeded != nil && r.succeeded[attempt.UID]
	for i := range attempt.Containers {
		pod.Restarts = Sum(pod.Restarts, attempt.Containers[i].Restarts)
	}
	if pod.Failed {
		pod.Match = r.policy.Match(attempt)
		pod.FailsIndex = isIndexFailed(r.job, attempt, pod.Match)
	}
}

// Pods reckons each of the attempts.
func (r *Reckoner) Pods(attempts []*evidence.Attempt) []*Pod {
	reckoned := make([]Pod, len(attempts))
	pods := make([]*Pod, len(attempts))
	for i, attempt := range attempts {
		r.Reckon(attempt, &reckoned[i])
		pods[i] = &reckoned[i]
	}
	return pods
}

// OnlyReplaceFailedPods reports whether a pod on its way out keeps its index
// and its slot until its phase is terminal. From 1.34 on only
// podReplacementPolicy is consulted (onlyReplaceFailedPods, v1.37.2), and a
// podFailurePolicy forces it to Failed; asking for both holds from 1.28 on.
func OnlyReplaceFailedPods(job *batchv1.Job) bool {
	return job.Spec.PodFailurePolicy != nil ||
		job.Spec.PodReplacementPolicy != nil && *job.Spec.PodReplacementPolicy == batchv1.Failed
}

// IsPodFailed is the controller's isPodFailed (job_controller.go, v1.37.2): a
// pod that is being deleted counts as failed, unless only terminal ones do.
func IsPodFailed(job *batchv1.Job, pod *evidence.Attempt) bool {
	if pod.Phase == corev1.PodFailed {
		return true
	}
	return !OnlyReplaceFailedPods(job) && !pod.DeletionTime.IsZero() && pod.Phase != corev1.PodSucceeded
}

// DeletionRequested is the instant of the DELETE call, zero where there was
// none: the deletionTimestamp lies ahead of it by the grace period.
func DeletionRequested(pod *evidence.Attempt) evidence.Instant {
	if pod.DeletionTime.IsZero() {
		return 0
	}
	return evidence.InstantOf(pod.DeletionTime.Time().Add(-pod.DeletionGracePeriod))
}
