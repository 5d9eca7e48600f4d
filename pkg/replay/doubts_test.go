package replay

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// What each doubt leaves of a claim, and what would be claimed without it: of
// index 0. The doubt is named by its row.
var doubtful = []struct {
	doubt, name   string
	seen          seen
	left, without string
}{
	{
		"a pod of the index may be missing from the evidence", "it waits, for all that is seen",
		see(aJob(2, perIndex(3)), aPod(1, 0)).partial(), "Unknown/PodMissing", "Waiting/ParallelismLimit",
	},
	{
		"a pod of the index may be missing from the evidence", "its pod failed, and the retry is due",
		see(aJob(2, perIndex(3)), aPod(0, 0, exited(1, 50))).partial(), "Unknown/PodMissing", "BackingOff/ParallelismLimit",
	},
	{
		"a pod of the index may be missing from the evidence", "its pod is on its way out, and another may be active",
		see(aJob(2), aPod(0, 0, deleted(99))).partial(), "Unknown/PodMissing", "Terminating/BackoffDelay",
	},
	{
		"the controller may have removed the pod since the Job was read", "it exited 0 as it was deleted, and the events are unread",
		see(aJob(2, perIndex(0)), aPod(0, 0, deleted(95), succeeded(97), accounted)).before().eventsUnread(), "Unknown/EventsUnread", "Succeeded/FirstAttempt unrecorded",
	},
	{
		"the controller may have removed the pod since the Job was read", "it failed as it was deleted, and the events are unread",
		see(aJob(2, perIndex(0), onlyReplaceFailed), aPod(0, 0, deleted(95), exited(1, 97), accounted)).before().eventsUnread(), "Unknown/EventsUnread", "Failed/BackoffLimitPerIndexExceeded unrecorded",
	},
	{
		"a decision may have counted the pod, which was on its way out, before it ended", "it exited 0, and the deadline is over",
		see(aJob(2, perIndex(0), activeDeadline(96)), aPod(0, 0, deleted(95), succeeded(97), accounted)).before().events(), "Unknown/DecisionDue", "Succeeded/FirstAttempt unrecorded",
	},
	{
		"a decision may have counted the pod, which was on its way out, before it ended", "it failed, and the deadline is over",
		see(aJob(2, perIndex(0), onlyReplaceFailed, activeDeadline(96)), aPod(0, 0, deleted(95), exited(1, 97), accounted)).before().events(), "Unknown/DecisionDue", "Failed/BackoffLimitPerIndexExceeded unrecorded",
	},
	{
		"the Job may list the index in the end", "its pod succeeded, which may have counted",
		see(aJob(2, succeeding(60, "SuccessPolicy")), aPod(0, 0, succeeded(59), accounted)).before(), "Unfinished/", "Stopped/WhileRunning",
	},
	{
		"the Job may list the index in the end", "it had no pod, so far as partial evidence of a failing Job tells",
		see(aJob(2, parallelism(0), failing(60, "DeadlineExceeded"))).partial(), "Unfinished/", "NeverStarted/",
	},
	{
		"the index may have had a pod", "the status counts a failure that nobody explains",
		see(aJob(2, failures(1), failedJob(60, "DeadlineExceeded"))), "Unfinished/", "NeverStarted/",
	},
	{
		"the index may have had a pod", "the spec has changed",
		see(aJob(2, generation(2), failedJob(60, "DeadlineExceeded"))), "Unfinished/", "NeverStarted/",
	},
	{
		"the pod that the decision seems to have killed may have failed long before, and been replaced", "the kubelet rejected it at some time, and it was deleted after the decision",
		see(aJob(2, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, rejected, deleted(70), accounted)), "Stopped/PodGone", "Stopped/WhilePending",
	},
	{
		"the pod that the decision seems to have killed may have failed long before, and been replaced", "its node was lost, with its container running, and it was deleted after the decision",
		see(aJob(2, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, lostWithItsNode, deleted(70), accounted)), "Stopped/PodGone", "Stopped/WhileRunning",
	},
	{
		"the pod of which a watch lost sight may have ended before the decision", "it went while nobody watched",
		see(aJob(2, failures(1), failing(50, "DeadlineExceeded")), aPod(0, 0, vanished(90))), "Stopped/PodGone", "Stopped/WhileTerminating",
	},
	{
		"a retry may have been running when the Job was decided", "it failed long before, and failures are unexplained",
		see(aJob(2, failures(4), failedJob(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 5), accounted)), "Stopped/PodGone", "Stopped/AfterFailure",
	},
	{
		"a retry may have been running when the Job was decided", "it was on its way out, which counts as a failure, and failures are unexplained",
		see(aJob(2, failures(4), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(5), accounted), aPod(1, 0, deleted(60), accounted)), "Stopped/PodGone", "Stopped/AfterFailure",
	},
	{
		"a retry may have been running when the Job was decided", "it was on its way out, and podReplacementPolicy was another then",
		see(aJob(2, onlyReplaceFailed, generation(2), failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(40), accounted), aPod(1, 0, deleted(60), accounted)), "Stopped/PodGone", "Stopped/WhileTerminating",
	},
	{
		"the index may have got a pod after the pods were read", "one is active still, of a Job that is over",
		see(aJob(2, parallelism(0), failedJob(60, "DeadlineExceeded")), aPod(evidence.UnknownIndex, 0)).after(), "Unfinished/", "NeverStarted/",
	},
	{
		"the pod may have gone on after the pods were read", "it is active still, of a Job that is over",
		see(aJob(2, failures(1), failedJob(60, "DeadlineExceeded")), aPod(0, 0)).after(), "Stopped/PodGone", "Stopped/WhileRunning",
	},
	{
		"a sync that decided may have deleted the pod", "nothing tells who did, a second before",
		see(aJob(2, onlyReplaceFailed, failures(1), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(59), accounted)), "Stopped/PodGone", "Stopped/WhileTerminating",
	},
	{
		"a sync that decided may have deleted the pod", "nothing tells who did, and it counts as a failure",
		see(aJob(2, failures(1), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(59), accounted)), "Stopped/PodGone", "Stopped/AfterFailure",
	},
	{
		"a sync that decided may have deleted the pod", "its container ended a second before, and its kubelet may have said so later",
		see(aJob(2, perIndex(1), onlyReplaceFailed, failures(1), failing(60, "DeadlineExceeded")), aPod(0, 0, exited(1, 59), deleted(60))), "Stopped/PodGone", "Stopped/AfterFailure",
	},
	{
		"attempts may have come before the one that runs", "the spec has changed",
		see(aJob(2, perIndex(1), generation(3)), aPod(0, 20)), "Running/HistoryGone", "Running/FirstAttempt",
	},
	{
		"attempts may have come before the one that runs", "without per-index limits a policy may have forgiven one",
		see(aJob(2, policy(ignoreOn5)), aPod(0, 20)), "Running/HistoryGone", "Running/FirstAttempt",
	},
	{
		"attempts may have come before the one that runs", "its pod bears no count",
		see(aJob(2, perIndex(1)), aPod(0, 20, func(pod *evidence.Attempt) { pod.HasFailureCount = false })), "Running/HistoryGone", "Running/FirstAttempt",
	},
	{
		"attempts may have come before those that are known", "the spec has changed",
		see(aJob(2, perIndex(1), generation(3), completed("0", 1)), aPod(0, 20, succeeded(50), accounted)), "Succeeded/HistoryGone", "Succeeded/FirstAttempt",
	},
	{
		"attempts may have come before those that are known", "the status counts a failure that nobody explains",
		see(aJob(2, failures(1), completed("0", 1)), aPod(0, 20, succeeded(50), accounted)), "Succeeded/HistoryGone", "Succeeded/FirstAttempt",
	},
	{
		"attempts may have come before those that are known", "an ignored failure came before, and the spec has changed",
		see(aJob(2, perIndex(1), policy(ignoreOn5), generation(3), completed("0", 1)), aPod(0, 20, born(0, 1), succeeded(50), accounted)), "Succeeded/HistoryGone", "Succeeded/AfterIgnored",
	},
}

func TestWhatADoubtLeavesOfAClaim(t *testing.T) {
	for _, c := range doubtful {
		t.Run(c.doubt+"/"+c.name, func(t *testing.T) {
			e := c.seen.explain()
			wantFate(t, e, 0, c.left)
			if fateOf(e, 0).Failures.Exact && fateOf(e, 0).Fate != v1alpha1.Running && fateOf(e, 0).Fate != v1alpha1.Succeeded {
				t.Error("the failures are said to be exact")
			}
		})
	}
}

// Each row of the table is needed: without it some case above claims more, and no
// other row says so in its place.
func TestNoDoubtIsIdle(t *testing.T) {
	for i := range doubts {
		t.Run(doubts[i].name, func(t *testing.T) {
			whole := doubts[i]
			t.Cleanup(func() { doubts[i] = whole })
			doubts[i].holds = func(*totals, *v1alpha1.IndexFate, *history) bool { return false }
			cases := 0
			for _, c := range doubtful {
				want := c.left
				if c.doubt == whole.name {
					want, cases = c.without, cases+1
				}
				if got := inBrief(fateOf(c.seen.explain(), 0)); got != want {
					t.Errorf("%s, %s: got %s, want %s", c.doubt, c.name, got, want)
				}
			}
			if cases == 0 {
				t.Error("nothing misses it")
			}
			doubts[i] = whole
			// Nor is any claim in it for nothing.
			for j := range whole.unsettles {
				doubts[i].unsettles = append(append([]claim{}, whole.unsettles[:j]...), whole.unsettles[j+1:]...)
				if !anyClaimsMore() {
					t.Errorf("nothing misses %s/%s in it", whole.unsettles[j].fate, whole.unsettles[j].reason)
				}
			}
		})
	}
}

func anyClaimsMore() bool {
	for _, c := range doubtful {
		if inBrief(fateOf(c.seen.explain(), 0)) != c.left {
			return true
		}
	}
	return false
}

// Each standing is needed: taken for an ordinary one, what it costs nothing costs
// something, or what is listed since is not.
func TestNoStandingIsIdle(t *testing.T) {
	for _, c := range []struct {
		standing      standing
		name          string
		seen          seen
		left, without string
	}{
		{removed, "of a suspended Job", see(aJob(1, perIndex(3), suspended, generation(2)), aPod(0, 0, deleted(90), exited(143, 95), accounted)), "Waiting/JobSuspended", "BackingOff/JobSuspended"},
		{removed, "while it is on its way out", see(aJob(1, perIndex(3), generation(3), resumed), aPod(0, 0, deleted(95), accounted)), "Terminating/DueNow", "Terminating/BackoffDelay"},
		{removed, "of a Job that has completed", see(aJob(1, perIndex(3), generation(3), completed("0", 1), completeJob(70, "CompletionsReached")), aPod(0, 0, deleted(20), exited(143, 25), accounted), aPod(0, 50, succeeded(60), accounted)).events(removal(0, 0, 20)), "Succeeded/AfterRestart", "Succeeded/AfterRestart"},
		{notCounted, "of a failure that nobody carries on", see(aJob(1, perIndex(3)), aPod(0, 0, exited(1, 95), accounted)), "Waiting/DueNow", "BackingOff/BackoffDelay"},
		{listedSince, "of a success", see(aJob(2, perIndex(3)), aPod(0, 0, succeeded(95), accounted), aPod(1, 0)).before(), "Succeeded/FirstAttempt unrecorded", "Waiting/DueNow"},
		{listedSince, "of a failure with the limit used up", see(aJob(2, perIndex(0)), aPod(0, 0, exited(1, 95), accounted), aPod(1, 0)).before(), "Failed/BackoffLimitPerIndexExceeded unrecorded", "BackingOff/BackoffDelay"},
	} {
		t.Run(c.standing.String()+"/"+c.name, func(t *testing.T) {
			wantFate(t, c.seen.explain(), 0, c.left)
			pods := readPods(readJob(c.seen.Job, c.seen.ObservedAt))
			changed := 0
			for _, pod := range pods.pods {
				if pod.standing == c.standing {
					pod.standing, changed = ordinary, changed+1
				}
			}
			record := v1alpha1.IndexFate{Index: 0}
			total(foresee(pods)).fateOf(&record, new(history))
			if got := inBrief(&record); got != c.without || changed == 0 {
				t.Errorf("%d pods are taken for ordinary: got %s, want %s", changed, got, c.without)
			}
		})
	}
}

// What proves that a claim is beyond doubt. Each case is one of the doubts that
// would hold but for one thing.
func TestWhatLaysADoubtToRest(t *testing.T) {
	failedAt := func(second int) evidence.Attempt { return aPod(0, 0, exited(1, second), accounted) }
	deadline := func(options ...jobOption) *batchv1.Job {
		return aJob(2, append([]jobOption{failures(3), failedJob(60, "DeadlineExceeded")}, options...)...)
	}
	everyPod := func(pods ...evidence.Event) []evidence.Event {
		return append(pods, jobEvent("DeadlineExceeded", "", 60))
	}
	for _, c := range []struct {
		name string
		seen seen
		want string
	}{
		{"no retry: its delay was not over", see(deadline(perIndex(3)), failedAt(55)), "Stopped/AfterFailure"},
		{"not where it was over in that second", see(deadline(perIndex(3)), failedAt(50)), "Stopped/PodGone"},
		{"nor without a delay of its own", see(deadline(), failedAt(55)), "Stopped/PodGone"},
		{"nor where a change of the spec may have forgotten it", see(deadline(perIndex(3), generation(3)), aPod(0, 0, deleted(52), exited(143, 55), accounted)), "Stopped/PodGone"},
		{"no retry: every failure is explained, and a killed one would count", see(aJob(2, failures(1), failedJob(60, "DeadlineExceeded")), failedAt(5)), "Stopped/AfterFailure"},
		{"not where a killed one may have been ignored", see(aJob(2, failures(1), policy(ignoreOn5), failedJob(60, "DeadlineExceeded")), failedAt(5)), "Stopped/PodGone"},
		{"nor where the Job has succeeded", see(aJob(2, failures(1), completeJob(60, "SuccessPolicy")), failedAt(5)), "Stopped/PodGone"},
		{"nor where the spec has changed", see(aJob(2, failures(1), generation(2), failedJob(60, "DeadlineExceeded")), failedAt(5)), "Stopped/PodGone"},
		{"no retry: it ended with the decision", see(deadline(), failedAt(60)), "Stopped/AfterFailure"},
		{"no retry: it is what tipped the Job", see(aJob(2, backoffLimit(0), policy(ignoreOn5), failures(1), failedJob(60, "BackoffLimitExceeded")), failedAt(45)), "Stopped/AfterFailure"},
		{"no retry: a pod on its way out is awaited", see(aJob(2, onlyReplaceFailed, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(40), accounted), aPod(1, 0, deleted(60), accounted)), "Stopped/WhileTerminating"},
		{"also where the spec has changed, under a podFailurePolicy", see(aJob(2, policy(failJobOn42), generation(2), failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(40), accounted), aPod(1, 0, deleted(60), accounted)), "Stopped/WhileTerminating"},
		{"no retry: the events name every pod", see(aJob(2, generation(2), failures(1), failedJob(60, "DeadlineExceeded")), failedAt(5)).events(everyPod(created(0, 0), created(1, 0))...), "Stopped/AfterFailure"},

		{"killed: an event says so, though no kubelet ran it", see(aJob(2, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, rejected, deleted(60), accounted)).events(removal(0, 0, 60)), "Stopped/WhilePending"},
		{"killed: its container says when it ended", see(aJob(2, failures(2), failing(60, "DeadlineExceeded")), aPod(0, 0, exited(143, 62), deleted(60), accounted)), "Stopped/WhileRunning"},
		{"listed no more: the Job has ended", see(deadline(), aPod(0, 0, deleted(60), accounted)).before(), "Stopped/WhileRunning"},
		{"listed no more: the Job is newer than the pods", see(aJob(2, failures(1), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), accounted)).after(), "Stopped/WhileRunning"},
		{"unless some of the pods may be missing", see(aJob(2, failures(1), failing(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), accounted)).after().partial(), "Unfinished/"},
		{"never started: no more than the slots can have been open", see(aJob(2, parallelism(0), failures(9), failedJob(60, "DeadlineExceeded"))), "NeverStarted/"},
		{"first attempt: the events name every pod", see(aJob(2, generation(2), failures(1), completed("0", 1), failedJob(60, "DeadlineExceeded")), aPod(0, 0, succeeded(50), accounted)).events(everyPod(created(0, 0), created(1, 0))...), "Succeeded/FirstAttempt"},
		{"first attempt: a resumption is all that changed", see(aJob(2, perIndex(3), generation(2), resumed), aPod(0, 0)), "Running/FirstAttempt"},
		{"first attempt: every failure is explained", see(aJob(2, failures(1)), aPod(0, 0), aPod(1, 0, exited(1, 99), accounted)), "Running/FirstAttempt"},
		{"not where the Job is older than its pods", see(aJob(2, failures(1)), aPod(0, 0), aPod(1, 0, exited(1, 99), accounted)).before(), "Running/HistoryGone"},
		{"seen: a failed pod that waits with its finalizer has no successor", see(aJob(2, perIndex(3)), aPod(0, 0, exited(1, 95))).partial(), "BackingOff/BackoffDelay"},
	} {
		t.Run(c.name, func(t *testing.T) { wantFate(t, c.seen.explain(), 0, c.want) })
	}
}

// A failing Job of more indexes than one sync accounts for may not have counted
// all that it killed.
func TestTheCapOfOneSyncKeepsADoubtAlive(t *testing.T) {
	failed := aPod(0, 0, exited(1, 5), accounted)
	for completions, want := range map[int32]string{controller.MaxUncountedPods: "Stopped/AfterFailure", controller.MaxUncountedPods + 1: "Stopped/PodGone"} {
		wantFate(t, see(aJob(completions, failures(1), failing(60, "DeadlineExceeded")), failed).explain(), 0, want)
	}
}
