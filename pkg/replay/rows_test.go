package replay

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// The rows of the contract's table of fates: of index 0, the first that holds.
// TestTheFateOfAnIndex has the reasons one by one; here is which row comes first.
func TestTheFirstRowThatHolds(t *testing.T) {
	const old = "v1.27.9"
	failsIt := aPod(0, 0, exited(1, 50))
	succeedsLater := aPod(0, 20, succeeded(50))
	both := func(options ...jobOption) seen {
		return see(aJob(2, append([]jobOption{perIndex(0)}, options...)...), failsIt, succeedsLater, aPod(1, 0))
	}
	for _, c := range []struct {
		name string
		seen seen
		want string
	}{
		{"1: completedIndexes, whatever its pods say", see(aJob(2, completed("0", 1)), aPod(0, 0, exited(1, 50))), "Succeeded/HistoryGone"},
		{"1: completedIndexes, though a pod is active", see(aJob(2, completed("0", 1)), aPod(0, 0)), "Succeeded/HistoryGone"},
		{"1: failedIndexes, though a pod succeeded", see(aJob(2, perIndex(0), failedIndexes("0"), failures(1)), aPod(0, 0, succeeded(50))), "Failed/BackoffLimitPerIndexExceeded"},
		{"1: both lists, before 1.32", see(aJob(2, perIndex(0), completed("0", 1), failedIndexes("0"), failures(1)), aPod(1, 0)).version("v1.31.2"), "Succeeded/HistoryGone"},
		{"1: completedIndexes of another controller", see(aJob(2, managedBy("example.com/queue"), completed("0", 1)), aPod(0, 0, succeeded(5), accounted)), "Succeeded/HistoryGone"},
		{"1: completedIndexes of a cluster too old", see(aJob(2, completed("0", 1)), aPod(0, 0, succeeded(5), accounted)).version(old), "Succeeded/FirstAttempt"},
		{"1: completedIndexes, and the pods were not read", see(aJob(2, completed("0", 1))).withoutPods(), "Succeeded/HistoryGone"},

		{"2: another controller", see(aJob(2, managedBy("example.com/queue")), aPod(0, 0, succeeded(50))), "Unknown/ForeignController"},
		{"2: another controller, though the Job is decided", see(aJob(2, managedBy("example.com/queue"), failedJob(60, "DeadlineExceeded"))), "Unknown/ForeignController"},
		{"2: a cluster too old", see(aJob(2), aPod(0, 0, succeeded(50))).version(old), "Unknown/RulesOutOfRange"},
		{"2: not of an active pod, which is row 6", see(aJob(2), aPod(0, 0)).version(old), "Running/FirstAttempt"},
		{"2: nor of another controller's", see(aJob(2, managedBy("example.com/queue")), aPod(0, 0, waits("ImagePullBackOff"))), "Pending/ImagePullBackOff"},
		{"2: the pods were not read", see(aJob(2)).withoutPods(), "Unknown/PodsUnread"},
		{"2: not of a Job that is decided, which goes on to row 5", see(aJob(2, failures(1), failedJob(60, "DeadlineExceeded"))).withoutPods(), "Unfinished/"},

		{"3: the next status holds it in both lists", both(), "Unknown/StatusRefused"},
		{"3: also where the Job is failing", both(failing(60, "DeadlineExceeded")), "Unknown/StatusRefused"},
		{"3: not before 1.32", both().version("v1.31.2"), "Succeeded/HistoryGone unrecorded"},
		{"3: nor once the Job has ended", both(failedJob(60, "DeadlineExceeded")), "Stopped/WhileRunning"},

		{"4: its pod succeeded and has its finalizer", see(aJob(2), aPod(0, 0, succeeded(99)), aPod(1, 0)), "Succeeded/FirstAttempt unrecorded"},
		{"4: also where another pod of it is active", see(aJob(2, perIndex(3)), aPod(0, 0, deleted(40), succeeded(60)), aPod(0, 50, born(1, 0)), aPod(1, 0)), "Succeeded/HistoryGone unrecorded"},
		{"4: its pod fails it and has its finalizer", see(aJob(2, perIndex(0)), aPod(0, 0, exited(1, 99)), aPod(1, 0)), "Failed/BackoffLimitPerIndexExceeded unrecorded"},
		{"4: also of a Job that is failing", see(aJob(2, failing(98, "DeadlineExceeded")), aPod(0, 0, succeeded(97))), "Succeeded/FirstAttempt unrecorded"},
		{"4: not once the Job has ended", see(aJob(2, failures(1), failedJob(98, "DeadlineExceeded")), aPod(0, 0, succeeded(97))), "Stopped/WhileRunning"},
		{"4: its pod succeeded, and the Job is older than its accounting", see(aJob(2, perIndex(3)), aPod(0, 0, succeeded(99), accounted), aPod(1, 0)).before(), "Succeeded/FirstAttempt unrecorded"},
		{"4: its pod fails it, and the Job is older than its accounting", see(aJob(2, perIndex(0)), aPod(0, 0, exited(1, 99), accounted), aPod(1, 0)).before(), "Failed/BackoffLimitPerIndexExceeded unrecorded"},

		{"5: decided, its pod killed", see(aJob(2, failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), exited(143, 61), accounted)), "Stopped/WhileRunning"},
		{"5: decided, and its pod still looks active", see(aJob(2, failing(99, "DeadlineExceeded")), aPod(0, 0)), "Unfinished/"},
		{"5: decided, and it never had a pod", see(aJob(2, parallelism(1), failedJob(60, "DeadlineExceeded"))), "NeverStarted/"},
		{"5: decided, and it may have had one", see(aJob(2, failures(1), failedJob(60, "DeadlineExceeded"))), "Unfinished/"},

		{"6: an active pod", see(aJob(2), aPod(0, 0)), "Running/FirstAttempt"},
		{"6: and an event of a moment later names its next one", see(aJob(2), aPod(0, 0)).before().events(created(0, 0), created(0, 99)), "Running/HistoryGone"},
		{"6: beside one that failed since", see(aJob(2, perIndex(3)), aPod(0, 0), aPod(0, 1, exited(1, 50))), "Running/Retry"},
		{"6: beside one that is on its way out", see(aJob(2, perIndex(3)), aPod(0, 0, deleted(40)), aPod(0, 51, born(1, 0), waits("ContainerCreating"))), "Pending/ContainerCreating"},
		{"6: though the next sync fails the Job", see(aJob(2, backoffLimit(0)), aPod(0, 0), aPod(1, 0, exited(1, 50))), "Running/FirstAttempt"},
		{"6: though the Job is suspended, and the pod about to be removed", see(aJob(2, suspended), aPod(0, 0)), "Running/FirstAttempt"},
		{"6: though it is surplus, and about to be removed", see(aJob(2, parallelism(1)), aPod(0, 0), aPod(1, 0)), "Running/FirstAttempt"},

		{"7: a pod on its way out, which is awaited", see(aJob(2, onlyReplaceFailed), aPod(0, 0, deleted(90))), "Terminating/"},
		{"7: a pod on its way out, which has failed by it", see(aJob(2), aPod(0, 0, deleted(95))), "Terminating/BackoffDelay"},
		{"7: the same, after its delay", see(aJob(2), aPod(0, 0, deleted(85))), "Terminating/DueNow"},
		{"7: the same, of a suspended Job", see(aJob(2, suspended), aPod(0, 0, deleted(85))), "Terminating/JobSuspended"},
		{"7: a pod on its way out after another had failed", see(aJob(2, perIndex(3)), aPod(0, 0, exited(1, 50)), aPod(0, 60, born(1, 0), deleted(99))), "Terminating/BackoffDelay"},

		{"8: its newest pod failed", see(aJob(2), aPod(0, 0, exited(1, 99))), "BackingOff/BackoffDelay"},
		{"8: its newest pod failed and is accounted for", see(aJob(2, failures(1)), aPod(0, 0, exited(1, 99), accounted)), "BackingOff/BackoffDelay"},
		{"8: not where that was removed", see(aJob(2), aPod(0, 0, deleted(50), exited(143, 55), accounted)).events(removal(0, 0, 50)), "Waiting/DueNow"},
		{"8: nor where that was not counted", see(aJob(2, perIndex(3)), aPod(0, 0, exited(1, 99), accounted)), "Waiting/DueNow"},

		{"9: it has no pod", see(aJob(2)), "Waiting/DueNow"},
		{"9: its pod went while a watch looked on", see(aJob(2), aPod(0, 0, vanished(99))), "Waiting/DueNow"},
	} {
		t.Run(c.name, func(t *testing.T) { wantFate(t, c.seen.explain(), 0, c.want) })
	}
}

// What is gone of a success, and what is not.
func TestWhyTheHistoryOfASuccessIsGone(t *testing.T) {
	for _, c := range []struct {
		says string
		pods []evidence.Attempt
	}{
		{"succeeded; its pod is gone", nil},
		{"succeeded; the pod that did is gone", []evidence.Attempt{aPod(0, 0)}},
		{"succeeded; it had a younger pod as well, and how earlier attempts ended is unknown", []evidence.Attempt{aPod(0, 0, deleted(4), succeeded(5), accounted), aPod(0, 15, born(1, 0))}},
	} {
		record := fateOf(see(aJob(2, perIndex(3), completed("0", 1)), c.pods...).explain(), 0)
		if record.Reason != v1alpha1.ReasonHistoryGone || record.Message != c.says {
			t.Errorf("got %s: %s, want %s", record.Reason, record.Message, c.says)
		}
	}
}

// Before 1.32 an index may stand in both lists, which is worth a line.
func TestAnIndexInBothListsIsFound(t *testing.T) {
	e := see(aJob(2, perIndex(0), completed("0", 1), failedIndexes("0"), failures(1)), aPod(1, 0)).version("v1.31.2").explain()
	if len(e.Findings) != 1 || e.Findings[0].Kind != v1alpha1.InBothLists || e.Findings[0].Indexes != "0" {
		t.Errorf("got %+v", e.Findings)
	}
}

// Every reason of rows 8 and 9, of an index whose pod failed and of one that has
// none.
func TestWhatTheNextPodWaitsFor(t *testing.T) {
	anySuccessOf := successPolicy(batchv1.SuccessPolicyRule{SucceededCount: ptr.To(int32(1))})
	failed := aPod(2, 0, exited(1, 50))
	for _, c := range []struct {
		reason string
		job    *batchv1.Job
		// seen beside: with and without a failed pod of index 2.
		beside func(seen) seen
	}{
		{"DueNow", aJob(3, perIndex(3)), nil},
		{"ParallelismLimit", aJob(3, perIndex(3), parallelism(1)), with(aPod(0, 0))},
		{"BehindBackoff", aJob(3, perIndex(3), parallelism(1)), with(aPod(0, 0, exited(1, 95)))},
		{"JobSuspended", aJob(3, perIndex(3), suspended), nil},
		{"CreateFailed", aJob(3, perIndex(3)), func(s seen) seen { return s.events(refused(99)) }},
		{"JobFailing", aJob(3, perIndex(3), activeDeadline(90)), nil},
		{"JobSucceeding", aJob(3, perIndex(3), anySuccessOf), with(aPod(0, 0, succeeded(99)))},
		{"JobDeleted", aJob(3, perIndex(3), beingDeleted), nil},
	} {
		t.Run(c.reason, func(t *testing.T) {
			beside := c.beside
			if beside == nil {
				beside = func(s seen) seen { return s }
			}
			wantFate(t, beside(see(c.job)).explain(), 2, "Waiting/"+c.reason)
			wantFate(t, beside(see(c.job, failed)).explain(), 2, "BackingOff/"+c.reason)
		})
	}
	// What holds the whole Job up comes before the delay.
	wantFate(t, see(aJob(3, perIndex(3), suspended), aPod(2, 0, exited(1, 99))).explain(), 2, "BackingOff/JobSuspended")
}

func with(pods ...evidence.Attempt) func(seen) seen {
	return func(s seen) seen { return s.beside(pods...) }
}
