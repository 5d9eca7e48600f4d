package replay

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// forecast is the third stage: what the next sync makes of exactly this evidence.
type forecast struct {
	*podTable
	controller.Outcome
	// delayed are the indexes whose failed pod waits for its replacement.
	delayed indexes.Set
	// released is when the backoff of a Job without per-index limits lets go of
	// every creation, by estimate.
	released  time.Time
	predicted *v1alpha1.Predicted
}

func foresee(t *podTable) *forecast {
	f := &forecast{podTable: t}
	if !t.hasRules() {
		f.Succeeded, f.Failed = t.completed, t.failed
		return f
	}
	f.Outcome = controller.Sync(t.state())
	f.Succeeded, f.Failed = f.Succeeded.Union(t.completed), f.Failed.Union(t.failed)
	if t.isWhole() {
		f.predicted = f.prediction()
	} else {
		f.Create, f.InBackoff, f.Slots = indexes.Set{}, indexes.Set{}, 0
		f.predicted = f.predictionOfPartial()
	}
	if t.isGone() {
		f.predicted = nil
	}
	if !t.perIndex() {
		f.released = f.Backoff.Until()
	}
	var delayed indexes.Builder
	for _, pod := range f.Delayed {
		delayed.Add(pod.Index)
	}
	f.delayed = delayed.Set()
	return f
}

// state is what the next sync finds. Of a Job that is decided, the pods that its
// decision killed or counts are let go of in a moment; no sync finds them again.
func (t *podTable) state() controller.State {
	state := controller.State{Job: t.seen.Forecast(), Pods: t.present(), Now: t.now, Rules: t.rules}
	switch {
	case t.verdict.isDecided():
		left := state.Pods[:0]
		for _, pod := range t.pods {
			if !pod.isGone && !pod.Counted && !pod.isKilled {
				left = append(left, &pod.Pod)
			}
		}
		state.Pods = left
	case t.mayBeCounted():
		// Its resource version alone tells whether the Job has counted a pod since.
		version := evidence.Version(t.job.ResourceVersion)
		for i, pod := range state.Pods {
			if pod.Uncounted && pod.ResourceVersion <= version && (pod.Failed || pod.Succeeded()) {
				counted := *pod
				counted.Counted, counted.CountedSucceeded = pod.Failed, pod.Succeeded()
				state.Pods[i] = &counted
			}
		}
	}
	if !t.perIndex() {
		state.Backoff = controller.EstimateBackoff(t.notForNothing(state.Pods))
	}
	return state
}

// notForNothing leaves out the pods that were removed or not accounted for.
func (t *podTable) notForNothing(pods []*controller.Pod) []*controller.Pod {
	forNothing := map[*evidence.Attempt]bool{}
	for _, pod := range t.pods {
		if pod.costsNothing() {
			forNothing[pod.Attempt] = true
		}
	}
	if len(forNothing) == 0 {
		return pods
	}
	return slices.DeleteFunc(slices.Clone(pods), func(pod *controller.Pod) bool { return forNothing[pod.Attempt] })
}

// mayBeCounted: the Job was read once, after its pods: what failed may be in its
// counts already, though the pod was still to be counted when it was read.
func (t *podTable) mayBeCounted() bool {
	return t.seen.Order == evidence.JobAfterPods && t.seen.Before == nil || t.seen.Order == evidence.OrderUnknown
}

// prediction is the first criterion that holds, and the others beside it.
func (f *forecast) prediction() *v1alpha1.Predicted {
	var predicted *v1alpha1.Predicted
	for i := range f.Criteria {
		c := &f.Criteria[i]
		if predicted == nil {
			predicted = &v1alpha1.Predicted{Reason: c.Reason, Message: f.criterionInWords(c), AlsoMet: []string{}}
			continue
		}
		predicted.AlsoMet = append(predicted.AlsoMet, c.Reason)
	}
	return predicted
}

// predictionOfPartial: whatever pods are missing, the deadline is over.
func (f *forecast) predictionOfPartial() *v1alpha1.Predicted {
	for i := range f.Criteria {
		if c := &f.Criteria[i]; c.Reason == batchv1.JobReasonDeadlineExceeded && len(f.Criteria) == 1 {
			return &v1alpha1.Predicted{Reason: c.Reason, Message: f.criterionInWords(c), AlsoMet: []string{}}
		}
	}
	return nil
}

// willSucceed and willFail are of the next sync.
func (f *forecast) willSucceed() bool { return f.predicted != nil && f.Criteria[0].Success }
func (f *forecast) willFail() bool    { return f.predicted != nil && !f.Criteria[0].Success }

func (f *forecast) criterionInWords(c *controller.Criterion) string {
	switch c.Reason {
	case batchv1.JobReasonPodFailurePolicy:
		return failJobInWords(c.Pods)
	case batchv1.JobReasonBackoffLimitExceeded:
		limit := controller.BackoffLimit(f.job)
		if f.FailedNow <= limit {
			restarts := controller.Restarts(f.present())
			return fmt.Sprintf("%d restart%s within pods, %d allowed (backoffLimit)", restarts, s(restarts), limit)
		}
		return fmt.Sprintf("%d counted failures, %d allowed (backoffLimit)", f.FailedNow, limit)
	case batchv1.JobReasonDeadlineExceeded:
		return "the Job has been active longer than activeDeadlineSeconds"
	case batchv1.JobReasonMaxFailedIndexesExceeded:
		return fmt.Sprintf("%d failed indexes, %d allowed (maxFailedIndexes)", f.Failed.Len(), orZero(f.job.Spec.MaxFailedIndexes))
	case batchv1.JobReasonFailedIndexes:
		return "every index is done and some failed"
	case batchv1.JobReasonSuccessPolicy:
		return fmt.Sprintf("successPolicy.rules[%d] is met", c.Rule)
	}
	return "every index has succeeded"
}

// failJobInWords tells of one pod that a FailJob rule matches; which of several
// the controller names is left to chance.
func failJobInWords(pods []*controller.Pod) string {
	pod := pods[0]
	match := pod.Match
	words := fmt.Sprintf("pod %s has condition %s", pod.Name, conditionType(match))
	if match.Container != nil {
		words = fmt.Sprintf("%s of pod %s exited %d", match.Container.Name, pod.Name, match.Container.Terminated.ExitCode)
	}
	words += fmt.Sprintf(", which podFailurePolicy.rules[%d] (FailJob) matches", match.Rule)
	if len(pods) > 1 {
		return fmt.Sprintf("%d pods match FailJob, one of them: %s", len(pods), words)
	}
	return words
}

func conditionType(match controller.Match) string {
	if match.Condition == nil {
		return ""
	}
	return string(match.Condition.Type)
}
