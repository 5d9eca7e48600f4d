package replay

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// Every fate and every reason of the contract, at least once, each by the
// evidence that it rests on.
func TestTheFateOfAnIndex(t *testing.T) {
	for _, c := range []struct {
		name  string
		seen  seen
		index int32
		want  string
	}{
		{"it succeeded at its first attempt", see(aJob(1, perIndex(1), completed("0", 1)), aPod(0, 0, succeeded(5), accounted)), 0, "Succeeded/FirstAttempt"},
		{"it succeeded and the next sync will record it", see(aJob(2, perIndex(1)), aPod(0, 0, succeeded(5)), aPod(1, 0)), 0, "Succeeded/FirstAttempt unrecorded"},
		{"it succeeded, and an event names a pod before that left no count", see(aJob(2, perIndex(3), completed("0", 1)), aPod(0, 50, succeeded(60), accounted), aPod(1, 0)).events(created(0, 0), created(0, 50), created(1, 0)), 0, "Succeeded/HistoryGone"},
		{"its pod succeeded after the Job was over", see(aJob(2, failedJob(4, "DeadlineExceeded")), aPod(0, 0, succeeded(9))), 0, "Stopped/WhileRunning"},
		{"it succeeded, and its pod was born with a counted failure", see(aJob(1, perIndex(1), completed("0", 1), failures(1)), aPod(0, 20, born(1, 0), succeeded(30), accounted)), 0, "Succeeded/AfterRetries"},
		{"it succeeded after a failure that can be seen", see(aJob(1, completed("0", 1), failures(1)), aPod(0, 0, exited(1, 5), accounted), aPod(0, 15, succeeded(30), accounted)), 0, "Succeeded/AfterRetries"},
		{"it succeeded, and its pod was born with an ignored failure", see(aJob(1, perIndex(1), policy(ignoreDisruption), completed("0", 1)), aPod(0, 20, born(0, 1), succeeded(30), accounted)), 0, "Succeeded/AfterIgnored"},
		{"it succeeded after its chain was cut", see(aJob(1, perIndex(3), generation(3), completed("0", 1), failures(1)), aPod(0, 0, exited(1, 5), accounted, deleted(6)), aPod(0, 50, succeeded(60), accounted)), 0, "Succeeded/AfterRestart"},
		{"it succeeded after a pod of it was removed", see(aJob(1, generation(3), completed("0", 1), completeJob(70, "CompletionsReached")), aPod(0, 0, deleted(20), exited(143, 25), accounted), aPod(0, 50, succeeded(60), accounted)).events(created(0, 0), removal(0, 0, 20), created(0, 50), jobEvent("Completed", "", 70)), 0, "Succeeded/AfterRestart"},
		{"it succeeded and its pod is gone", see(aJob(2, completed("0", 1)), aPod(1, 0)), 0, "Succeeded/HistoryGone"},
		{"it succeeded, and the spec changed before", see(aJob(2, perIndex(1), generation(2), completed("0", 1)), aPod(0, 3, succeeded(5), accounted), aPod(1, 0)), 0, "Succeeded/HistoryGone"},
		{"it succeeded after the Job was resumed, which began with nothing", see(aJob(2, perIndex(1), generation(2), resumed, completed("0", 1)), aPod(0, 3, succeeded(5), accounted), aPod(1, 0)), 0, "Succeeded/FirstAttempt"},

		{"a FailIndex rule matched", see(aJob(2, perIndex(1), policy(failIndexOn42), failedIndexes("0"), failures(1)), aPod(0, 0, exited(42, 5), accounted), aPod(1, 0)), 0, "Failed/FailIndexRule"},
		{"a FailIndex rule matches and the next sync will record it", see(aJob(2, perIndex(1), policy(failIndexOn42)), aPod(0, 0, exited(42, 5)), aPod(1, 0)), 0, "Failed/FailIndexRule unrecorded"},
		{"its pod failed with the limit used up", see(aJob(2, perIndex(1), failedIndexes("0"), failures(2)), aPod(0, 20, born(1, 0), exited(1, 25), accounted), aPod(1, 0)), 0, "Failed/BackoffLimitPerIndexExceeded"},
		{"its pod is gone and no rule could have failed it", see(aJob(2, perIndex(1), failedIndexes("0"), failures(2)), aPod(1, 0)), 0, "Failed/BackoffLimitPerIndexExceeded"},
		{"a rule matches a pod that a change of the spec perhaps removed before", see(aJob(2, perIndex(3), generation(2), policy(failIndexOn42), failedIndexes("0"), failures(1)), aPod(0, 0, exited(42, 50), deleted(52), accounted), aPod(1, 0)), 0, "Failed/HistoryGone"},
		{"its pod is gone and a rule could have failed it", see(aJob(2, perIndex(1), policy(failIndexOn42), failedIndexes("0"), failures(2)), aPod(1, 0)), 0, "Failed/HistoryGone"},
		{"its pod was deleted with the limit used up, which fails it", see(aJob(2, perIndex(0), active(1)), aPod(0, 0, deleted(50)), aPod(1, 0)), 0, "Failed/BackoffLimitPerIndexExceeded unrecorded"},

		{"its first pod runs", see(aJob(1, perIndex(1), active(1)), aPod(0, 0)), 0, "Running/FirstAttempt"},
		{"its pod runs again", see(aJob(1, perIndex(1), active(1)), aPod(0, 20, born(1, 0))), 0, "Running/Retry"},
		{"its pod runs and others may have come before", see(aJob(1, perIndex(1), generation(3), active(1)), aPod(0, 20)), 0, "Running/HistoryGone"},
		{"its chain began anew after a failure that is accounted for", see(aJob(2, perIndex(0), generation(3), failures(1), active(1)), aPod(0, 0, exited(1, 5), accounted), aPod(0, 50)), 0, "Running/Retry"},
		{"its pod waits for an image", see(aJob(1, perIndex(1), active(1)), aPod(0, 0, waits("ImagePullBackOff"))), 0, "Pending/ImagePullBackOff"},
		{"its pod cannot be scheduled", see(aJob(1, active(1)), aPod(0, 0, waits("PodInitializing"), hasCondition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", 1))), 0, "Pending/Unschedulable"},
		{"its pod is bound and says nothing", see(aJob(1, active(1)), aPod(0, 0, waits(""))), 0, "Pending/NotStarted"},
		{"its pod is on its way out and holds the index", see(aJob(1, onlyReplaceFailed), aPod(0, 0, deleted(50))), 0, "Terminating/"},

		{"its pod failed and its delay runs", see(aJob(1, perIndex(1)), aPod(0, 0, exited(1, 95))), 0, "BackingOff/BackoffDelay"},
		{"its delay is over and the slot is free", see(aJob(1, perIndex(1)), aPod(0, 0, exited(1, 5))), 0, "BackingOff/DueNow"},
		{"its delay is over and others hold every slot", see(aJob(3, perIndex(1), parallelism(1), active(1)), aPod(1, 50), aPod(2, 0, exited(1, 5))), 2, "BackingOff/ParallelismLimit"},
		{"its delay is over and a lower one in backoff holds the slot", see(aJob(3, perIndex(1), parallelism(1), completed("0", 1)), aPod(1, 50, exited(1, 95)), aPod(2, 0, exited(1, 5))), 2, "BackingOff/BehindBackoff"},
		{"its pod failed and the Job was suspended", see(aJob(1, perIndex(1), suspended, generation(2)), aPod(0, 0, exited(1, 95))), 0, "BackingOff/JobSuspended"},
		{"its pod failed and pods are refused", see(aJob(1, perIndex(1)), aPod(0, 0, exited(1, 5))).events(created(0, 0), refused(20)), 0, "BackingOff/CreateFailed"},
		{"its pod will end the Job", see(aJob(2, perIndex(1), policy(failJobOn42)), aPod(0, 0, exited(42, 95)), aPod(1, 0)), 0, "BackingOff/JobFailing"},
		{"a success ends the Job before its turn", see(aJob(3, perIndex(1), parallelism(1), successPolicy(batchv1.SuccessPolicyRule{SucceededCount: ptr.To(int32(1))})), aPod(0, 0, succeeded(90))), 2, "Waiting/JobSucceeding"},
		{"a failure ends the Job before its turn", see(aJob(3, perIndex(0), maxFailedIndexes(0), parallelism(1)), aPod(0, 0, exited(1, 90))), 2, "Waiting/JobFailing"},
		{"its pod failed and another success ends the Job", see(aJob(2, perIndex(1), successPolicy(batchv1.SuccessPolicyRule{SucceededCount: ptr.To(int32(1))})), aPod(0, 0, exited(1, 95)), aPod(1, 0, succeeded(99))), 0, "BackingOff/JobSucceeding"},
		{"its pod failed and the Job is being deleted", see(aJob(1, perIndex(1), beingDeleted), aPod(0, 0, exited(1, 95))), 0, "BackingOff/JobDeleted"},

		{"a pod on its way out holds the slot", see(aJob(3, onlyReplaceFailed, parallelism(1)), aPod(0, 0, deleted(50))), 1, "Waiting/ParallelismLimit"},
		{"all slots are held", see(aJob(3, parallelism(1), active(1)), aPod(0, 0)), 1, "Waiting/ParallelismLimit"},
		{"a lower index in backoff holds the slot", see(aJob(3, perIndex(1), parallelism(1)), aPod(0, 0, exited(1, 95))), 1, "Waiting/BehindBackoff"},
		{"the Job is suspended", see(aJob(3, suspended, func(job *batchv1.Job) { job.Status.StartTime = nil })), 1, "Waiting/JobSuspended"},
		{"pods are refused", see(aJob(3)).events(refused(20)), 1, "Waiting/CreateFailed"},
		{"the controller has not been there yet", see(aJob(3, func(job *batchv1.Job) { job.Status.StartTime = nil })), 1, "Waiting/DueNow"},
		{"the Job is being deleted", see(aJob(3, parallelism(1), beingDeleted, active(1)), aPod(0, 0)), 1, "Waiting/JobDeleted"},

		{"its pod tipped the Job", see(aJob(2, policy(failJobOn42), failures(2), failedByMessage(6, "Container main for pod ns/"+podName(0, 0)+" failed with exit code 42 matching FailJob rule at index 0")), aPod(0, 0, exited(42, 5), accounted)), 0, "Stopped/FailJobRule"},
		{"its pod tipped the Job and is gone", see(aJob(2, policy(failJobOn42), failures(2), failedByMessage(6, "Container main for pod ns/"+podName(0, 0)+" failed with exit code 42 matching FailJob rule at index 0"))), 0, "Stopped/FailJobRule"},
		{"its pod tipped the Job by a condition and is gone", see(aJob(2, failures(2), failedByMessage(6, "Pod ns/"+podName(1, 0)+" has condition ConfigIssue matching FailJob rule at index 3"))), 1, "Stopped/FailJobRule"},
		{"its last attempt had failed just before", see(aJob(2, perIndex(3), failures(2), failedJob(6, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), 0, "Stopped/AfterFailure"},
		{"its last attempt had failed long before, and failures are unexplained", see(aJob(2, failures(4), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), 0, "Stopped/PodGone"},
		{"its pod was removed by a change of the spec, and so had no delay", see(aJob(2, perIndex(3), generation(3), failures(2), failedJob(60, "DeadlineExceeded")), aPod(0, 20, deleted(52), exited(143, 55), accounted)), 0, "Stopped/PodGone"},
		{"its pod ran when the Job was decided", see(aJob(2, failures(2), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), exited(143, 62), accounted)), 0, "Stopped/WhileRunning"},
		{"its pod succeeded just before the Job was decided, and completions were lowered and raised again", see(aJob(2, generation(3), failures(1), failedJob(6, "BackoffLimitExceeded")), aPod(0, 0, succeeded(4), accounted)), 0, "Stopped/NotCounted"},
		{"its pod succeeded too late", see(aJob(2, failures(1), failedJob(6, "BackoffLimitExceeded")), aPod(0, 0, succeeded(4), accounted)), 0, "Stopped/WhileRunning"},
		{"only an event tells of its pod, and what was not let go of may still be listed", see(aJob(2, completed("1", 1), succeeding(98, "SuccessPolicy"))).events(created(0, 0), removal(0, 0, 98)).before(), 0, "Unfinished/"},
		{"only an event tells of its pod, and the Job is newer than the list", see(aJob(2, completed("1", 1), succeeding(98, "SuccessPolicy"))).events(created(0, 0), removal(0, 0, 98)), 0, "Stopped/PodGone"},
		{"its pod had not begun to run when the Job was decided", see(aJob(2, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, waits("ContainerCreating"), deleted(60), accounted)), 0, "Stopped/WhilePending"},
		{"its pod was rejected at some time and deleted after the decision", see(aJob(2, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, rejected, deleted(70), accounted)), 0, "Stopped/PodGone"},
		{"the controller deleted its pod, which never ran", see(aJob(2, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, rejected, deleted(60), accounted)).events(removal(0, 0, 60)), 0, "Stopped/WhilePending"},
		{"its pod was on its way out already", see(aJob(2, onlyReplaceFailed, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(40), accounted), aPod(1, 0, deleted(60), accounted)), 0, "Stopped/WhileTerminating"},
		{"its pod was deleted, and nothing tells whether by the decision", see(aJob(2, onlyReplaceFailed, failures(1), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(59), accounted)), 0, "Stopped/PodGone"},
		{"only an event tells of its pod, and the Job is decided", see(aJob(2, failures(2), failedJob(60, "DeadlineExceeded"))).events(created(0, 0)), 0, "Stopped/PodGone"},
		{"no failure is unexplained and its number never came up", see(aJob(3, parallelism(1), failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), exited(143, 62), accounted)), 1, "NeverStarted/"},
		{"the Job is decided and its pod is gone if it had one", see(aJob(3, failures(2), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), exited(143, 62), accounted)), 1, "Unfinished/"},
		{"an event names a pod that is not there any more", see(aJob(1, active(1))).events(created(0, 0)), 0, "Waiting/DueNow"},
		{"the status counts a pod that is not there any more", see(aJob(1, active(1))), 0, "Waiting/DueNow"},
		{"the status counts a pod that partial evidence lacks", see(aJob(1, active(1))).partial(), 0, "Unknown/PodMissing"},
		{"the pods cannot be read", see(aJob(1)).withoutPods(), 0, "Unknown/PodsUnread"},
		{"another controller manages the Job", see(aJob(1, managedBy("example.com/queue"))), 0, "Unknown/ForeignController"},
	} {
		t.Run(c.name, func(t *testing.T) { wantFate(t, c.seen.explain(), c.index, c.want) })
	}
}

// A retry of a pod that failed at once may come a second after the start,
// where a success of the same second ends the backoff.
func TestAPodOfTheSecondAfterTheStartMayBeARetry(t *testing.T) {
	job := aJob(3, backoffLimit(6), completed("0,1", 2), failures(1))
	e := see(job, aPod(0, 0, succeeded(0), accounted), aPod(1, 1, succeeded(3), accounted), aPod(2, 0)).explain()
	wantFate(t, e, 1, "Succeeded/HistoryGone")
}

func TestAnotherControllersReasonsAreNotReplayed(t *testing.T) {
	job := aJob(3, managedBy("example.com/queue"), perIndex(1), completed("0", 1), failedIndexes("1"))
	e := see(job, aPod(0, 0, succeeded(5), accounted), aPod(1, 0, exited(1, 5), accounted, born(1, 0))).explain()
	wantFate(t, e, 0, "Succeeded/HistoryGone")
	wantFate(t, e, 1, "Failed/HistoryGone")
}

// The pods that a decision kills keep their finalizer for a moment after they
// were counted. With podReplacementPolicy TerminatingOrFailed they look failed
// by then, and are not: the failed indexes were computed before. One that exits 0
// before it loses the finalizer completes its index.
func TestAKilledPodThatIsBeingCountedFailsNoIndex(t *testing.T) {
	job := aJob(2, perIndex(0), failedIndexes("1"), maxFailedIndexes(0), failing(60, "MaxFailedIndexesExceeded"), uncounted(podName(0, 0), podName(1, 0)))
	e := see(job, aPod(0, 0, deleted(60)), aPod(1, 0, exited(1, 59))).at(60).explain()
	wantFate(t, e, 0, "Unfinished/")
	wantFate(t, e, 1, "Failed/BackoffLimitPerIndexExceeded")
}

// An orphan is adopted by a Job that goes on, and by no other.
func TestAnOrphanIsNoPodOfAJobThatIsOver(t *testing.T) {
	over := see(aJob(2, completed("0", 1), failures(1), failedJob(60, "DeadlineExceeded")), aPod(1, 0, orphan)).explain()
	if fate := fateOf(over, 1); fate.Fate == "Stopped" {
		t.Errorf("got %s/%s", fate.Fate, fate.Reason)
	}
	wantFate(t, see(aJob(2), aPod(0, 0, succeeded(5), orphan)).explain(), 0, "Succeeded/FirstAttempt unrecorded")
	if fate := fateOf(see(aJob(2, beingDeleted), aPod(0, 0, succeeded(5), orphan)).explain(), 0); fate.Fate == "Succeeded" {
		t.Errorf("the Job is being deleted: got %s/%s", fate.Fate, fate.Reason)
	}
}
