package oracle

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// compareCriteria: of all that may end the Job, both find the same to hold, and
// the first in upstream's order is what is foreseen. The order is here as
// syncJob has it; package walk holds it against syncJob itself.
func (s *snapshot) compareCriteria(c *Case) string {
	theirs := s.criteria(c.Now)
	if !s.succeeded.Intersect(s.failed).Empty() {
		// The API server refuses the status, so that nothing comes of it.
		s.saw("refused")
		theirs = nil
	}
	var ours []string
	if predicted := replay.Explain(s.evidence(c), c.Now).Conclusion.Predicted; predicted != nil {
		ours = append([]string{predicted.Reason}, predicted.AlsoMet...)
	}
	if len(ours) == 0 && s.mayBeDecided(c, theirs) {
		s.saw("perhaps deleted by a decision")
		return ""
	}
	if fmt.Sprint(theirs) != fmt.Sprint(ours) {
		return differ("what ends the Job", theirs, ours)
	}
	for _, reason := range theirs {
		s.saw("met: " + reason)
	}
	switch {
	case len(theirs) > 1:
		s.saw("met: several")
	case len(theirs) == 0:
		s.saw("nothing is met")
	}
	return ""
}

// mayBeDecided: without the pods that were deleted a moment ago, and count as
// failed for that, another reason comes first. A sync that decides the Job by it
// deletes them, so that nothing is foreseen.
func (s *snapshot) mayBeDecided(c *Case, theirs []string) bool {
	before := *c
	before.Pods = slices.DeleteFunc(slices.Clone(c.Pods), func(pod *corev1.Pod) bool {
		attempt := evidence.Reduce(pod)
		called := attempt.DeletionTime.Time().Add(-attempt.DeletionGracePeriod)
		return replay.IsPodTerminating(&attempt) && replay.IsPodFailed(c.Job, &attempt) && attempt.Finalizer && c.Now.Sub(called) < 30*time.Second
	})
	other := readSnapshot(&before, func(string) {})
	other.compareIndexes() // which finds those that succeeded and failed
	reasons := other.criteria(c.Now)
	return len(reasons) > 0 && len(theirs) > 0 && reasons[0] != theirs[0]
}

func (s *snapshot) evidence(c *Case) *evidence.Job {
	seen := &evidence.Job{Job: c.Job, ObservedAt: c.Now, ServerVersion: "v1.37.2", PodsRead: true, EventsRead: true}
	for _, attempt := range s.attempts {
		seen.Attempts = append(seen.Attempts, *attempt)
	}
	return seen
}

func (s *snapshot) criteria(now time.Time) []string {
	spec, status := &s.job.Spec, &s.job.Status
	_, failedPods := upstream.GetNewFinishedPods(s.theirs)
	failedNow := int(status.Failed) + upstream.NonIgnoredFailedPodsCount(s.theirs, failedPods) + len(s.theirs.Uncounted.Failed)
	restarts := upstream.PastBackoffLimitOnFailure(s.job, s.theirs.Pods)
	if restarts {
		s.saw("met: BackoffLimitExceeded by restarts")
	}
	suspended := spec.Suspend != nil && *spec.Suspend
	succeeded, failed := upstream.OrderedIntervalsTotal(s.theirs.SucceededIndexes), 0
	if s.theirs.FailedIndexes != nil {
		failed = upstream.OrderedIntervalsTotal(*s.theirs.FailedIndexes)
	}
	completions := int(*spec.Completions)
	_, success := upstream.MatchSuccessPolicy(quiet, spec.SuccessPolicy, *spec.Completions, s.theirs.SucceededIndexes)

	var met []string
	for _, criterion := range []struct {
		reason string
		met    bool
	}{
		{batchv1.JobReasonPodFailurePolicy, upstream.GetFailJobMessage(s.job, s.theirs.Pods) != nil},
		{batchv1.JobReasonBackoffLimitExceeded, failedNow > int(*spec.BackoffLimit) || restarts},
		{batchv1.JobReasonDeadlineExceeded, spec.ActiveDeadlineSeconds != nil && status.StartTime != nil && !suspended &&
			now.Sub(status.StartTime.Time) >= time.Duration(*spec.ActiveDeadlineSeconds)*time.Second},
		{batchv1.JobReasonMaxFailedIndexesExceeded, s.theirs.FailedIndexes != nil && spec.MaxFailedIndexes != nil && failed > int(*spec.MaxFailedIndexes)},
		{batchv1.JobReasonFailedIndexes, s.theirs.FailedIndexes != nil && failed > 0 && failed+succeeded >= completions},
		{batchv1.JobReasonSuccessPolicy, success},
		{batchv1.JobReasonCompletionsReached, succeeded >= completions},
	} {
		if criterion.met {
			met = append(met, criterion.reason)
		}
	}
	return met
}
