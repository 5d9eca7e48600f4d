package claims_test

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// corruptions each write something false into a status, and report whether
// there was anything to falsify.
var corruptions = map[string]func(seen *evidence.Job, e *v1alpha1.Explanation) bool{
	"an index that succeeded is missing from completedIndexes": func(seen *evidence.Job, e *v1alpha1.Explanation) bool {
		return dropped(&seen.Job.Status.CompletedIndexes, seen, e, v1alpha1.Succeeded, func() { seen.Job.Status.Succeeded-- })
	},
	"an index that failed long before the decision is missing from failedIndexes": func(seen *evidence.Job, e *v1alpha1.Explanation) bool {
		return seen.Job.Status.FailedIndexes != nil && e.Conclusion.Reason != batchv1.JobReasonMaxFailedIndexesExceeded &&
			dropped(seen.Job.Status.FailedIndexes, seen, e, v1alpha1.Failed, func() {})
	},
	"an index that succeeded stands in failedIndexes instead": func(seen *evidence.Job, e *v1alpha1.Explanation) bool {
		if seen.Job.Status.FailedIndexes == nil {
			return false
		}
		index, ok := witnessed(e, v1alpha1.Succeeded)
		if !ok || !dropped(&seen.Job.Status.CompletedIndexes, seen, e, v1alpha1.Succeeded, func() { seen.Job.Status.Succeeded-- }) {
			return false
		}
		failed, _ := indexes.ParseStatus(*seen.Job.Status.FailedIndexes, *seen.Job.Spec.Completions)
		*seen.Job.Status.FailedIndexes = failed.Union(indexes.Of(index)).String()
		return true
	},
	"failures are forgotten": func(seen *evidence.Job, e *v1alpha1.Explanation) bool {
		known := seen.Job.Status.Failed > 0 && len(e.Signatures) > 0 && e.Signatures[0].Decision != v1alpha1.DecisionIgnore
		seen.Job.Status.Failed = 0
		return known
	},
	"the number of succeeded indexes is off": func(seen *evidence.Job, _ *v1alpha1.Explanation) bool {
		seen.Job.Status.Succeeded++
		return true
	},
	"MaxFailedIndexesExceeded without that many": func(seen *evidence.Job, e *v1alpha1.Explanation) bool {
		return e.Conclusion.State == v1alpha1.StateFailed && e.Spec.MaxFailedIndexes == nil &&
			rename(seen, batchv1.JobReasonMaxFailedIndexesExceeded)
	},
	"SuccessPolicy without a rule that is met": func(seen *evidence.Job, e *v1alpha1.Explanation) bool {
		return e.Conclusion.State == v1alpha1.StateComplete && e.Spec.SuccessPolicy == nil && rename(seen, batchv1.JobReasonSuccessPolicy)
	},
	"DeadlineExceeded without a deadline": func(seen *evidence.Job, e *v1alpha1.Explanation) bool {
		return e.Conclusion.State == v1alpha1.StateFailed && e.Spec.ActiveDeadlineSeconds == nil && rename(seen, batchv1.JobReasonDeadlineExceeded)
	},
}

func TestACorruptedStatusIsFound(t *testing.T) {
	tried := map[string]int{}
	eachMoment(t, func(t *testing.T, _ *recording.Recording, m recording.Moment, whole *evidence.Job) {
		e := replay.Explain(whole, whole.ObservedAt)
		if m.Name != recording.Final || whole.Job.Generation != 1 || len(whole.Attempts) == 0 || !e.Conclusion.State.Decided() {
			return // a changed spec accounts for a difference, and so may a sync
		}
		for name, corrupt := range corruptions {
			seen := *whole
			seen.Job = whole.Job.DeepCopy()
			if !corrupt(&seen, e) {
				continue
			}
			tried[name]++
			if got := replay.Explain(&seen, seen.ObservedAt).Agreement; got.Result != v1alpha1.Disagrees {
				t.Errorf("%s: %s %v", name, got.Result, got.Differences)
			}
		}
	})
	for name := range corruptions {
		if tried[name] == 0 {
			t.Errorf("%s: no recording to try it on", name)
		}
	}
}

// witnessed is an index of that fate whose last pod is there to bear witness.
func witnessed(e *v1alpha1.Explanation, fate v1alpha1.Fate) (int32, bool) {
	phase := corev1.PodSucceeded
	if fate == v1alpha1.Failed {
		phase = corev1.PodFailed
	}
	for i := range e.Fates {
		attempts := e.Fates[i].Attempts
		if e.Fates[i].Fate != fate || len(attempts) == 0 {
			continue
		}
		last := attempts[len(attempts)-1]
		if last.Phase != phase || last.Deletion != nil || last.FinishTime == nil {
			continue
		}
		if e.Conclusion.DecidedTime.Sub(last.FinishTime.Time).Seconds() > 5 || fate == v1alpha1.Succeeded {
			return e.Fates[i].Index, true
		}
	}
	return 0, false
}

func dropped(list *string, seen *evidence.Job, e *v1alpha1.Explanation, fate v1alpha1.Fate, also func()) bool {
	index, ok := witnessed(e, fate)
	if !ok {
		return false
	}
	set, _ := indexes.ParseStatus(*list, *seen.Job.Spec.Completions)
	*list = set.Minus(indexes.Of(index)).String()
	also()
	return true
}

func rename(seen *evidence.Job, reason string) bool {
	for i := range seen.Job.Status.Conditions {
		seen.Job.Status.Conditions[i].Reason = reason
	}
	return true
}
