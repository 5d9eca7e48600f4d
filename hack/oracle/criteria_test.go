package oracle

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// compareCriteria: of all that may end the Job, both find the same to hold. The
// order is here as syncJob has it; TestSync holds the first of them, and which
// is next without it, against syncJob itself.
func (s *snapshot) compareCriteria(c *Case) string {
	theirs := s.criteria(c.Now)
	outcome := controller.Sync(controller.State{Job: c.Job, Pods: s.ours, Now: c.Now, Rules: rules})
	if !outcome.Refused.Empty() {
		// The API server refuses the status, so that nothing comes of it.
		s.saw("refused")
		theirs = nil
	}
	var ours []string
	for _, criterion := range outcome.Criteria {
		ours = append(ours, criterion.Reason)
	}
	if !slices.Equal(theirs, ours) {
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

	// The controller starts a Job that has not, before it looks at the deadline.
	start := now
	if status.StartTime != nil {
		start = status.StartTime.Time
	}

	var met []string
	for _, criterion := range []struct {
		reason string
		met    bool
	}{
		{batchv1.JobReasonPodFailurePolicy, upstream.GetFailJobMessage(s.job, s.theirs.Pods) != nil},
		{batchv1.JobReasonBackoffLimitExceeded, failedNow > int(*spec.BackoffLimit) || restarts},
		{batchv1.JobReasonDeadlineExceeded, spec.ActiveDeadlineSeconds != nil && !suspended &&
			now.Sub(start) >= time.Duration(*spec.ActiveDeadlineSeconds)*time.Second},
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
