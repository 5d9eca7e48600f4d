package replay

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"
)

// The attempt that tipped the Job, told only where the evidence leaves no other.
func TestTheTrigger(t *testing.T) {
	message := "Container main for pod ns/j-1-00000 failed with exit code 42 matching FailJob rule at index 0"
	for _, c := range []struct {
		name string
		seen seen
		want string // a pod, or nothing
	}{
		{"the pod that the condition names", see(aJob(2, policy(failJobOn42), failures(1), failedByMessage(60, message)), aPod(1, 0, exited(42, 59), accounted)), podName(1, 0)},
		{"the same, though it is gone", see(aJob(2, policy(failJobOn42), failures(1), failedByMessage(60, message))), podName(1, 0)},
		{"the first failure above backoffLimit", see(aJob(3, backoffLimit(1), failures(3), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 59), accounted), aPod(1, 0, exited(1, 20), accounted), aPod(2, 0, exited(1, 58), accounted)), podName(2, 0)},
		{"none, where failures are missing", see(aJob(3, backoffLimit(1), failures(3), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 59), accounted)), ""},
		{"not a pod that the decision killed", see(aJob(3, backoffLimit(0), failures(3), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, deleted(60), exited(143, 61), accounted)), ""},
		{"the end of the first index above maxFailedIndexes", see(aJob(3, perIndex(0), maxFailedIndexes(1), failedIndexes("0,2"), failures(2), failedJob(60, "MaxFailedIndexesExceeded")), aPod(0, 0, exited(1, 59), accounted), aPod(2, 0, exited(1, 20), accounted)), podName(0, 0)},
		{"none, where one of the failed indexes has no pod", see(aJob(3, perIndex(0), maxFailedIndexes(1), failedIndexes("0,2"), failures(2), failedJob(60, "MaxFailedIndexesExceeded")), aPod(0, 0, exited(1, 59), accounted)), ""},
		{"none, where maxFailedIndexes was lowered long after", see(aJob(3, perIndex(0), maxFailedIndexes(1), generation(2), failedIndexes("0,2"), failures(2), failedJob(60, "MaxFailedIndexesExceeded")), aPod(0, 0, exited(1, 30), accounted), aPod(2, 0, exited(1, 20), accounted)), ""},
		{"nor a moment after", see(aJob(3, perIndex(0), maxFailedIndexes(1), generation(2), failedIndexes("0,2"), failures(2), failedJob(60, "MaxFailedIndexesExceeded")), aPod(0, 0, exited(1, 59), accounted), aPod(2, 0, exited(1, 20), accounted)), ""},
		{"none where all are done and some failed: no single one tips it", see(aJob(2, perIndex(0), failedIndexes("0"), completed("1", 1), failures(1), failedJob(60, "FailedIndexes")), aPod(0, 0, exited(1, 59), accounted), aPod(1, 0, succeeded(20), accounted)), ""},
		{"none where all have succeeded", see(aJob(2, completed("0,1", 2), completeJob(60, "CompletionsReached")), aPod(0, 0, succeeded(59), accounted), aPod(1, 0, succeeded(20), accounted)), ""},
		{"the success that met the rule", see(aJob(3, anySuccess(2), completed("0-2", 3), completeJob(60, "SuccessPolicy")), aPod(0, 0, succeeded(59), accounted), aPod(1, 0, succeeded(20), accounted), aPod(2, 0, succeeded(58), accounted)), podName(2, 0)},
		{"the last of the indexes that the rule lists", see(aJob(3, successPolicy(batchv1.SuccessPolicyRule{SucceededIndexes: ptr.To("1,2")}), completed("0-2", 3), completeJob(60, "SuccessPolicy")), aPod(0, 0, succeeded(59), accounted), aPod(1, 0, succeeded(58), accounted), aPod(2, 0, succeeded(20), accounted)), podName(1, 0)},
		{"several that failed in one second are candidates", see(aJob(3, backoffLimit(1), failures(3), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 59), accounted), aPod(1, 0, exited(1, 20), accounted), aPod(2, 0, exited(1, 59), accounted)), podName(0, 0) + " or 0,2"},
		{"none that ended after the decision", see(aJob(3, backoffLimit(0), failures(3), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 61), accounted), aPod(1, 0, deleted(60), exited(143, 62), accounted), aPod(2, 0, deleted(60), exited(143, 62), accounted)), ""},
		{"one that ended in the second of the decision", see(aJob(3, backoffLimit(0), failures(3), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 60), accounted), aPod(1, 0, deleted(60), exited(143, 62), accounted), aPod(2, 0, deleted(60), exited(143, 62), accounted)), podName(0, 0)},
		{"one that failed by being deleted, of which its finalizer tells", see(aJob(2, backoffLimit(0), failures(2), failing(60, "BackoffLimitExceeded")), aPod(0, 0, deleted(58), accounted), aPod(1, 0, deleted(60), accounted)), podName(0, 0)},
		{"not of the second before: one sync deletes pods one after the other", see(aJob(2, backoffLimit(0), failures(2), failing(60, "BackoffLimitExceeded")), aPod(0, 0, deleted(59), accounted), aPod(1, 0, deleted(60), accounted)), ""},
		{"one that was disrupted before the second of the decision", see(aJob(2, backoffLimit(0), failures(2), failing(60, "BackoffLimitExceeded")), aPod(0, 0, deleted(60), disrupted(59), accounted), aPod(1, 0, deleted(60), accounted)), podName(0, 0)},
		{"not within it: which came first is not known", see(aJob(2, backoffLimit(0), failures(2), failing(60, "BackoffLimitExceeded")), aPod(0, 0, deleted(60), disrupted(60), accounted), aPod(1, 0, deleted(60), accounted)), ""},
		{"one whose deletion no event tells of, where events tell of all others", see(aJob(2, backoffLimit(0), failures(2), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, deleted(60), accounted), aPod(1, 0, deleted(60), accounted)).events(removal(1, 0, 60), jobEvent("BackoffLimitExceeded", "", 61)), podName(0, 0)},
		{"not before the Job has ended: events come late", see(aJob(2, backoffLimit(0), failures(2), failing(60, "BackoffLimitExceeded")), aPod(0, 0, deleted(60), accounted), aPod(1, 0, deleted(60), accounted)).events(removal(1, 0, 60)), ""},
		{"not where an event may have been folded", see(aJob(2, backoffLimit(0), failures(2), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, deleted(60), accounted), aPod(1, 0, deleted(60), accounted)).events(removal(1, 0, 60), jobEvent("BackoffLimitExceeded", "", 61), jobEvent(reasonDelete, foldedPrefix+deletedPod+"j-1-zzzzz", 60)), ""},
		{
			"none, where a killed pod that only events know may have been forgiven",
			see(aJob(4, backoffLimit(1), policy(ignoreOn5), failures(3), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 59), accounted), aPod(1, 0, exited(1, 20), accounted)).
				events(created(0, 0), created(1, 0), created(2, 0), created(3, 0), removal(3, 0, 60), jobEvent("BackoffLimitExceeded", "", 61)), "",
		},
		{
			"not one of the killed that only events know, where no other pod is gone",
			see(aJob(3, backoffLimit(1), policy(ignoreOn5), failures(3), failedJob(60, "BackoffLimitExceeded")), aPod(0, 0, exited(1, 59), accounted), aPod(1, 0, exited(1, 20), accounted)).
				events(created(0, 0), created(1, 0), created(2, 0), removal(2, 0, 60), jobEvent("BackoffLimitExceeded", "", 61)), podName(0, 0),
		},
		{"none for a deadline", see(aJob(2, failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 59), accounted)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if trigger := c.seen.explain().Conclusion.Trigger; trigger != nil {
				got = trigger.Pod
				if trigger.Candidates != "" {
					got += " or " + trigger.Candidates
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheTriggerSaysHowItEnded(t *testing.T) {
	e := see(aJob(2, policy(ignoreOn5, failJobOn42), failures(1), failedByMessage(60, "Container main for pod ns/j-1-00000 failed with exit code 42 matching FailJob rule at index 1"))).explain()
	trigger := e.Conclusion.Trigger
	if trigger.Index == nil || *trigger.Index != 1 || trigger.Container != "main" || *trigger.ExitCode != 42 || *trigger.Rule != 1 {
		t.Errorf("got %+v", trigger)
	}
}

func TestTheFirstFailure(t *testing.T) {
	e := see(aJob(3), aPod(0, 0, exited(1, 30)), aPod(1, 0, exited(2, 20)), aPod(2, 0)).explain()
	if first := e.Conclusion.FirstFailure; first == nil || *first.Index != 1 || *first.ExitCode != 2 {
		t.Errorf("got %+v", e.Conclusion.FirstFailure)
	}
}

func TestAFailureBeforeTheFirstThatIsSeen(t *testing.T) {
	failed := aPod(0, 0, exited(1, 30))
	for _, c := range []struct {
		name string
		seen seen
		want bool
	}{
		{"not where nothing is gone", see(aJob(2, perIndex(1)), failed, aPod(1, 0)), false},
		{"one that a later pod's counts tell of", see(aJob(2, perIndex(2)), failed, aPod(1, 40, born(1, 0))), true},
		{"not one that came after a failure that is seen", see(aJob(1, perIndex(2)), failed, aPod(0, 80, born(2, 0))), false},
		{"one that an event tells of", see(aJob(2, perIndex(2)), failed, aPod(1, 40, born(1, 0))).events(created(1, 0)), true},
		{"not one that was created after", see(aJob(2, perIndex(1)), failed).events(created(1, 31)), false},
		{"not one that the controller deleted after", see(aJob(2, perIndex(1), failures(1), failedJob(60, "BackoffLimitExceeded")), failed).events(created(1, 0), removal(1, 0, 60)), false},
		{"one that no container says the end of", see(aJob(2, perIndex(1)), failed, aPod(1, 0, rejected, deleted(60))), true},
		{"one that was not accounted for, or of which that is forgotten", see(aJob(2, perIndex(1)), failed, aPod(1, 0, exited(1, 20), accounted)), true},
		{"not one that was not accounted for and failed after", see(aJob(2, perIndex(1)), failed, aPod(1, 0, exited(1, 40), accounted)), false},
		{"one that status.failed counts", see(aJob(2, failures(2)), failed, aPod(1, 40)), true},
		{"one before a change of the spec", see(aJob(2, perIndex(1), generation(2)), failed, aPod(1, 0)), true},
		{"one that a policy may have ignored", see(aJob(2, policy(ignoreOn5)), failed, aPod(1, 40)), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if first := c.seen.explain().Conclusion.FirstFailure; first == nil || first.EarlierGone != c.want {
				t.Errorf("got %+v, want %t", first, c.want)
			}
		})
	}
}
