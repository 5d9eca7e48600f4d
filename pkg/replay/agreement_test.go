package replay

import (
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Every difference between replay and status, and whether a cause accounts for
// it: the words of the cause, or nothing where none does.
func TestDifferences(t *testing.T) {
	const none = ""
	done := aPod(0, 0, succeeded(5), accounted)
	for _, c := range []struct {
		name    string
		seen    seen
		field   string // nothing: there is no difference
		because string
	}{
		{"none of a Job that went well", see(aJob(1, completed("0", 1), completeJob(6, "CompletionsReached")), done), "", none},
		{"an index succeeded and is not listed", see(aJob(2, activeDeadline(50), failures(1), failedJob(60, "DeadlineExceeded")), done, aPod(1, 0, exited(1, 5), accounted)), "status.completedIndexes", none},
		{"not where the Job is older: it is listed since", see(aJob(2, active(1)), done, aPod(1, 0)).before(), "", none},
		{"nor where the Job is newer: it lost its finalizer uncounted", see(aJob(2, active(1)), done, aPod(1, 0)).after(), "", none},
		{"an index failed and is not listed", see(aJob(2, perIndex(0), activeDeadline(50), failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.failedIndexes", none},
		{"not where the Job is undecided", see(aJob(2, perIndex(0), failures(1), active(1)), aPod(0, 0, exited(1, 5), accounted), aPod(1, 0)), "", none},
		{"also where it failed as the Job was decided: what the sync took for active it deleted", see(aJob(2, perIndex(0), activeDeadline(4), failures(1), failedJob(6, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.failedIndexes", none},
		{"not where it was deleted then, and failed of that", see(aJob(2, perIndex(0), activeDeadline(4), failures(1), failedJob(6, "DeadlineExceeded")), aPod(0, 0, deleted(6), exited(143, 7), accounted)), "", none},
		{"none of an index that is listed and whose pod runs: it has succeeded since, or another has", see(aJob(2, onlyReplaceFailed, completed("0", 1)), aPod(0, 0), aPod(1, 0)), "", none},
		{"an index is listed as succeeded, of which a pod was on its way out and its retry failed", see(aJob(2, perIndex(3), completed("0", 1), activeDeadline(50), failures(3), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(20), accounted), aPod(0, 31, born(1, 0), exited(1, 55))), "status.completedIndexes", becauseLate},
		{"an index is listed as succeeded, and its pod failed before a retry was due", see(aJob(2, perIndex(3), completed("0", 1), activeDeadline(50), failures(2), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 55)), aPod(1, 0, deleted(60), accounted)), "status.completedIndexes", none},
		{"not where its finalizer is gone, and the delay forgotten with it", see(aJob(2, perIndex(3), completed("0", 1)), aPod(0, 0, exited(1, 95), accounted), aPod(1, 0)), "", none},
		{"an index is listed as failed, and its pod succeeded", see(aJob(2, perIndex(0), failedIndexes("0"), failures(1)), done, aPod(1, 0)), "status.failedIndexes", none},
		{"an index is listed as failed, and has failures left", see(aJob(2, perIndex(3), failedIndexes("0"), activeDeadline(50), failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 55))), "status.failedIndexes", none},
		{"the spec has changed since", see(aJob(2, perIndex(3), generation(2), failedIndexes("0"), activeDeadline(50), failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 55))), "status.failedIndexes", becauseChanged},
		{"succeeded is not the length of the list", see(aJob(1, completed("0", 2)), done), "status.succeeded", none},
		{"fewer completions, and the status has not caught up", see(aJob(1, generation(2), completed("0,1", 2)), done), "status.succeeded", becauseChanged},
		{"fewer failures are counted than can be seen", see(aJob(2, activeDeadline(50), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.failed", none},
		{"nor killed pods that a rule may have ignored for a condition that has changed since", see(aJob(1, policy(onCondition(batchv1.PodFailurePolicyActionIgnore, corev1.PodReady, corev1.ConditionTrue)), activeDeadline(50), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), exited(143, 61), accounted)), "", none},
		{"but those that no rule can have ignored", see(aJob(1, policy(ignoreDisruption), activeDeadline(50), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), exited(143, 61), accounted)), "status.failed", none},
		{"more failures are counted than can be seen", see(aJob(2, activeDeadline(50), failures(2), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.failed", becauseGone},
		{"not of a Job that is undecided: a failure is counted a sync later", see(aJob(2, active(1)), aPod(0, 0, exited(1, 98), accounted), aPod(1, 0)), "", none},
		{"a finished Job with active pods", see(aJob(1, completed("0", 1), completeJob(6, "CompletionsReached"), active(1)), done), "status.active", none},
		{"MaxFailedIndexesExceeded without that many", see(aJob(3, perIndex(0), maxFailedIndexes(1), failedIndexes("0"), failures(1), failedJob(60, "MaxFailedIndexesExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.conditions.reason", none},
		{"maxFailedIndexes was raised since", see(aJob(3, perIndex(0), maxFailedIndexes(1), generation(2), failedIndexes("0"), failures(1), failedJob(60, "MaxFailedIndexesExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.conditions.reason", becauseChanged},
		{"FailedIndexes while some are open", see(aJob(3, perIndex(0), failedIndexes("0"), failures(1), failedJob(60, "FailedIndexes")), aPod(0, 0, exited(1, 5), accounted)), "status.conditions.reason", none},
		{"BackoffLimitExceeded without that many", see(aJob(2, backoffLimit(3), failures(1), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.conditions.reason", none},
		{"not while it is failing, and not all is counted", see(aJob(2, backoffLimit(3), failures(1), failing(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 5), accounted)), "", none},
		{"not where restarts may have been too many", see(aJob(2, onFailure, backoffLimit(3), failures(1), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 5), accounted)), "", none},
		{"DeadlineExceeded without a deadline", see(aJob(2, failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.conditions.reason", none},
		{"DeadlineExceeded before it", see(aJob(2, activeDeadline(90), failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), "status.conditions.reason", none},
		{"a FailJob rule that is none", see(aJob(2, policy(failIndexOn42), failures(1), failedByMessage(6, "Container main for pod ns/j-0-00000 failed with exit code 42 matching FailJob rule at index 0")), aPod(0, 0, exited(42, 5), accounted)), "status.conditions.reason", none},
		{"a FailJob rule that the pod does not match", see(aJob(2, policy(failJobOn42), failures(1), failedByMessage(6, "Container main for pod ns/j-0-00000 failed with exit code 42 matching FailJob rule at index 0")), aPod(0, 0, exited(1, 5), accounted)), "status.conditions.reason", none},
		{"SuccessPolicy without a rule that is met", see(aJob(2, anySuccess(2), completed("0", 1), completeJob(6, "SuccessPolicy")), done), "status.conditions.reason", none},
		{"CompletionsReached before they are", see(aJob(2, completed("0", 1), completeJob(6, "CompletionsReached")), done), "status.conditions.reason", none},
		{"undecided, though the next sync decides: that is a forecast", see(aJob(1), aPod(0, 0, succeeded(90))), "", none},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.seen.explain().Agreement
			if c.field == "" {
				if len(got.Differences) > 0 {
					t.Errorf("got %+v", got.Differences)
				}
				return
			}
			found := false
			for _, d := range got.Differences {
				found = found || d.Field == c.field && d.Because == c.because && d.Recorded != d.Replayed
			}
			if !found {
				t.Errorf("got %+v", got.Differences)
			}
			want := v1alpha1.Agrees
			if c.because == none {
				want = v1alpha1.Disagrees
			}
			if got.Result != want {
				t.Errorf("got %s, want %s: %+v", got.Result, want, got.Differences)
			}
		})
	}
}

func TestNothingToCompare(t *testing.T) {
	for name, s := range map[string]seen{
		"no pods":            see(aJob(1)),
		"another controller": see(aJob(1, managedBy("example.com/queue"), completed("0", 1)), aPod(0, 0)),
	} {
		if got := s.explain().Agreement; got.Result != v1alpha1.CannotTell || len(got.Differences) > 0 {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	own := see(aJob(1, managedBy(batchv1.JobControllerName), active(1)), aPod(0, 0)).explain()
	if own.Agreement.Result != v1alpha1.Agrees || own.Evidence.RulesOf != "1.37" {
		t.Errorf("the built-in controller by its name: %+v", own.Agreement)
	}
}

// Another controller's Job: the status is reported and nothing replayed.
func TestAnotherControllersJob(t *testing.T) {
	e := see(aJob(2, managedBy("example.com/queue"), perIndex(0), completed("0", 1), activeDeadline(10)), aPod(1, 0, exited(1, 5))).explain()
	c := e.Conclusion
	if c.Predicted != nil || c.NextChange != nil || c.CanOnlyEnd != "" || len(e.Findings) > 0 || e.Evidence.RulesOf != "" {
		t.Errorf("got %+v, %v", c, e.Findings)
	}
	if !strings.Contains(c.Message, "example.com/queue") || e.Counts[v1alpha1.Succeeded] != 1 || e.Counts[v1alpha1.Unknown] != 1 {
		t.Errorf("got %q, %v", c.Message, e.Counts)
	}
}

// A pod that a kubelet rejected has no end of its own: it may be of just now.
func TestARejectedPodMayBeOfJustNow(t *testing.T) {
	rejected := func(pod *evidence.Attempt) { pod.Phase, pod.Containers = corev1.PodFailed, nil }
	e := see(aJob(1), aPod(0, 5, rejected, accounted)).explain()
	if e.Agreement.Result != v1alpha1.Agrees {
		t.Errorf("%s: %+v", e.Agreement.Result, e.Agreement.Differences)
	}
}
