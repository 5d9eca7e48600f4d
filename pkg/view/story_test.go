package view

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

func clockAt(second int) metav1.Time {
	return metav1.NewTime(time.Date(2026, 11, 22, 10, 0, second, 0, time.UTC))
}

// The attempt that decided the Job is told once, with whoever may be in its place.
func TestWhoDecidedTheJob(t *testing.T) {
	for name, test := range map[string]struct {
		state                       v1alpha1.State
		reason, candidates, message string
		want                        string
	}{
		"alone":                     {v1alpha1.StateFailed, batchv1.JobReasonBackoffLimitExceeded, "", "", "index 3 failed the Job at 10:00:07Z on node b1"},
		"by a limit":                {v1alpha1.StateFailed, batchv1.JobReasonBackoffLimitExceeded, "", "7 failed", "index 3 failed the Job at 10:00:07Z on node b1: 7 failed"},
		"among its own candidates":  {v1alpha1.StateFailed, batchv1.JobReasonBackoffLimitExceeded, "3", "", "index 3 failed the Job at 10:00:07Z on node b1"},
		"tied with one":             {v1alpha1.StateFailing, batchv1.JobReasonMaxFailedIndexesExceeded, "3,5", "", "index 3 failed the Job at 10:00:07Z on node b1 (or 5: it ended in the same second)"},
		"tied with several":         {v1alpha1.StateFailing, batchv1.JobReasonMaxFailedIndexesExceeded, "3,5,7-9", "", "index 3 failed the Job at 10:00:07Z on node b1 (or 5, 7-9: they ended in the same second)"},
		"several that match":        {v1alpha1.StateFailed, batchv1.JobReasonPodFailurePolicy, "3,5,7", "", "index 3 failed the Job at 10:00:07Z on node b1 (or 5, 7: they matched a FailJob rule too)"},
		"the success of the policy": {v1alpha1.StateComplete, batchv1.JobReasonSuccessPolicy, "", "", "index 3 completed the Job at 10:00:07Z on node b1"},
	} {
		at := clockAt(7)
		e := &v1alpha1.Explanation{ObservedAt: clockAt(20), Spec: v1alpha1.Spec{Completions: new(int32(10))}}
		e.Conclusion = v1alpha1.Conclusion{State: test.state, Reason: test.reason, Message: test.message, Trigger: &v1alpha1.Trigger{
			AttemptEnd: v1alpha1.AttemptEnd{Index: new(int32(3)), Node: "b1", Container: "main", ExitCode: new(int32(1)), Rule: new(int32(2)), Time: &at},
			Candidates: test.candidates,
		}}
		if got := newSheet(e, Screen{}).whatDecided(); got != test.want {
			t.Errorf("%s: got  %q\nwant %q", name, got, test.want)
		}
	}
}

// A deadline that lies ahead has killed nothing yet; one that is over adds nothing.
func TestADeletionIsToldAsItStands(t *testing.T) {
	s := newSheet(&v1alpha1.Explanation{ObservedAt: clockAt(20)}, Screen{})
	for want, deletion := range map[string]v1alpha1.Deletion{
		"deletion requested 10:00:10Z, killed by 10:00:40Z at the latest": {Requested: new(clockAt(10)), Deadline: new(clockAt(40))},
		"deletion requested 10:00:05Z":                                    {Requested: new(clockAt(5)), Deadline: new(clockAt(15))},
		"deletion requested, killed by 10:00:40Z at the latest":           {Deadline: new(clockAt(40))},
	} {
		if got := s.deletionWords(&deletion); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What is missing is told, and nothing where all is there.
func TestTheFooterTellsWhatIsMissing(t *testing.T) {
	for want, coverage := range map[string]v1alpha1.Coverage{
		"":                         {Pods: v1alpha1.CoverageWhole, Events: v1alpha1.CoverageWhole},
		"the events were not read": {Pods: v1alpha1.CoverageWhole, Events: v1alpha1.CoverageNone},
		"some pods may be missing, the events were not read": {Pods: v1alpha1.CoveragePartial, Events: v1alpha1.CoverageNone},
	} {
		if got := missing(coverage); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
