package replay

import (
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func anySuccess(n int32) jobOption {
	return successPolicy(batchv1.SuccessPolicyRule{SucceededCount: &n})
}

// The order in which a sync evaluates its criteria, and what comes of it where
// several hold.
func TestWhatTheNextSyncDecides(t *testing.T) {
	fails := func(index int32) evidence.Attempt { return aPod(index, 0, exited(1, 50)) }
	for _, c := range []struct {
		name string
		seen seen
		want string // reason, then what else is met
	}{
		{"nothing while pods run", see(aJob(2), aPod(0, 0), aPod(1, 0)), ""},
		{"a FailJob rule matched", see(aJob(2, policy(failJobOn42)), aPod(0, 0, exited(42, 50)), aPod(1, 0)), "PodFailurePolicy"},
		{"it matched a pod of an index out of range", see(aJob(2, policy(failJobOn42)), aPod(7, 0, exited(42, 50)), aPod(1, 0)), "PodFailurePolicy"},
		{"it matched a pod that is accounted for, and without an index", see(aJob(2, policy(failJobOn42)), aPod(evidence.UnknownIndex, 0, exited(42, 50), accounted), aPod(1, 0)), "PodFailurePolicy"},
		{"not by a pod that is not failed", see(aJob(2, policy(failJobOn42)), aPod(0, 0, deleted(50)), aPod(1, 0)), ""},
		{"a FailJob rule comes first, and too many indexes failed too", see(aJob(2, perIndex(0), maxFailedIndexes(0), policy(failJobOn42, failIndexOn42)), aPod(0, 0, exited(42, 50)), fails(1)), "PodFailurePolicy MaxFailedIndexesExceeded FailedIndexes"},
		{"one failure above the limit", see(aJob(2, backoffLimit(0)), fails(0), aPod(1, 0)), "BackoffLimitExceeded"},
		{"not one at the limit", see(aJob(2, backoffLimit(1)), fails(0), aPod(1, 0)), ""},
		{"a failure that waits for its retry is counted", see(aJob(2, perIndex(5), backoffLimit(1), failures(1)), fails(0), aPod(1, 0)), "BackoffLimitExceeded"},
		{"one that is being counted is not counted twice", see(aJob(2, backoffLimit(1), uncounted(podName(0, 0))), fails(0), aPod(1, 0)), ""},
		{"nor one that is accounted for", see(aJob(2, backoffLimit(1), failures(1)), aPod(0, 0, exited(1, 50), accounted), aPod(1, 0)), ""},
		{"nor one that is ignored", see(aJob(2, backoffLimit(0), policy(ignoreOn5)), aPod(0, 0, exited(5, 50)), aPod(1, 0)), ""},
		{"nor one above completions", see(aJob(2, backoffLimit(0)), aPod(5, 0, exited(1, 50)), aPod(1, 0)), ""},
		{"a pod that was deleted counts", see(aJob(2, backoffLimit(0)), aPod(0, 0, deleted(50)), aPod(1, 0)), "BackoffLimitExceeded"},
		{"not where only failed pods are replaced", see(aJob(2, backoffLimit(0), onlyReplaceFailed), aPod(0, 0, deleted(50)), aPod(1, 0)), ""},
		{"a limit lowered under what was counted", see(aJob(2, backoffLimit(2), failures(3)), aPod(0, 0), aPod(1, 0)), "BackoffLimitExceeded"},
		{"as many restarts as backoffLimit", see(aJob(2, onFailure, backoffLimit(2)), aPod(0, 0, restarted(1)), aPod(1, 0, restarted(1))), "BackoffLimitExceeded"},
		{"one restart, where the limit is 1", see(aJob(2, onFailure, backoffLimit(1)), aPod(0, 0, restarted(1)), aPod(1, 0)), "BackoffLimitExceeded"},
		{"one restart, where the limit is 0", see(aJob(2, onFailure, backoffLimit(0)), aPod(0, 0, restarted(1)), aPod(1, 0)), "BackoffLimitExceeded"},
		{"no restart, where the limit is 0", see(aJob(2, onFailure, backoffLimit(0)), aPod(0, 0), aPod(1, 0)), ""},
		{"restarts below the limit", see(aJob(2, onFailure, backoffLimit(3)), aPod(0, 0, restarted(2)), aPod(1, 0)), ""},
		{"restarts of a pod that has ended are forgotten", see(aJob(2, onFailure, backoffLimit(2)), aPod(0, 0, restarted(5), succeeded(50)), aPod(1, 0)), ""},
		{"restarts mean nothing where pods are not restarted by the Job's policy", see(aJob(2, backoffLimit(0)), aPod(0, 0, restarted(5)), aPod(1, 0)), ""},
		{"the deadline", see(aJob(2, activeDeadline(100)), aPod(0, 0), aPod(1, 0)), "DeadlineExceeded"},
		{"not a second before it", see(aJob(2, activeDeadline(101)), aPod(0, 0), aPod(1, 0)), ""},
		{"not while suspended", see(aJob(2, suspended, activeDeadline(100)), aPod(0, 0), aPod(1, 0)), ""},
		{"not before the start", see(aJob(2, activeDeadline(100), func(job *batchv1.Job) { job.Status.StartTime = nil })), ""},
		{"all succeeded, after the deadline", see(aJob(2, activeDeadline(60)), aPod(0, 0, succeeded(70)), aPod(1, 0, succeeded(70))), "DeadlineExceeded CompletionsReached"},
		{"all succeeded, and a failure too many", see(aJob(2, backoffLimit(0)), fails(0), aPod(0, 10, succeeded(70)), aPod(1, 0, succeeded(70))), "BackoffLimitExceeded CompletionsReached"},
		{"one failed index above maxFailedIndexes", see(aJob(3, perIndex(0), maxFailedIndexes(0)), fails(0), aPod(1, 0), aPod(2, 0)), "MaxFailedIndexesExceeded"},
		{"not as many as allowed", see(aJob(3, perIndex(0), maxFailedIndexes(1)), fails(0), aPod(1, 0), aPod(2, 0)), ""},
		{"also while suspended", see(aJob(3, perIndex(0), maxFailedIndexes(0), suspended), fails(0)), "MaxFailedIndexesExceeded"},
		{"all done, some failed, and more than allowed", see(aJob(2, perIndex(0), maxFailedIndexes(0)), fails(0), aPod(1, 0, succeeded(50))), "MaxFailedIndexesExceeded FailedIndexes"},
		{"all done and some failed", see(aJob(2, perIndex(0)), fails(0), aPod(1, 0, succeeded(50))), "FailedIndexes"},
		{"all done and some failed, though a success rule is met", see(aJob(2, perIndex(0), anySuccess(1)), fails(0), aPod(1, 0, succeeded(50))), "FailedIndexes SuccessPolicy"},
		{"a success rule is met, and one failed", see(aJob(3, perIndex(0), anySuccess(1)), fails(0), aPod(1, 0, succeeded(50)), aPod(2, 0)), "SuccessPolicy"},
		{"a success rule is met, and all succeeded", see(aJob(1, anySuccess(1)), aPod(0, 0, succeeded(50))), "SuccessPolicy CompletionsReached"},
		{"no success meets no rule", see(aJob(2, anySuccess(0)), aPod(0, 0), aPod(1, 0)), ""},
		{"all succeeded", see(aJob(2, completed("0", 1)), aPod(1, 0, succeeded(50))), "CompletionsReached"},
		{"no completions at all", see(aJob(0, suspended)), "CompletionsReached"},
		{"all succeeded, and a surplus pod is deleted in the same sync", see(aJob(1), aPod(0, 0, succeeded(50)), aPod(0, 1)), "CompletionsReached"},
		{"not where the Job is being deleted, and nobody deletes it", see(aJob(1, beingDeleted), aPod(0, 0, succeeded(50)), aPod(0, 1)), ""},
		{"one index in both lists, which the API server refuses", see(aJob(1, perIndex(0)), fails(0), aPod(0, 1, succeeded(50))), ""},
		{"which it did not before 1.32", see(aJob(1, perIndex(0)), fails(0), aPod(0, 1, succeeded(50))).version("v1.31.2"), "FailedIndexes CompletionsReached"},
		{"another controller's Job", see(aJob(1, managedBy("example.com/queue")), aPod(0, 0, succeeded(50))), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if p := c.seen.explain().Conclusion.Predicted; p != nil {
				got = strings.Join(append([]string{p.Reason}, p.AlsoMet...), " ")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What failed with its finalizer on may be in the counts of a Job that was read once
// and after its pods: it counts anew only where its resource version is the newer.
func TestNoFailureIsCountedTwice(t *testing.T) {
	failed := func(version uint64) evidence.Attempt { return aPod(0, 0, exited(1, 50), podVersion(version)) }
	job := func(options ...jobOption) *batchv1.Job {
		return aJob(2, append([]jobOption{backoffLimit(0), jobVersion(8)}, options...)...)
	}
	const reason = batchv1.JobReasonBackoffLimitExceeded
	for _, c := range []struct {
		name string
		seen seen
		want string
	}{
		{"the Job was read before it", see(job(), failed(7)).before(), reason},
		{"the Job was read on both sides of it, and is the same", see(job(), failed(7)), reason},
		{"the Job was read after it", see(job(), failed(7)).after(), ""},
		{"the Job was read after it, and at an instant that nobody knows", see(job(), failed(7)).in(evidence.OrderUnknown), ""},
		{"the Job was read after it, and is the older all the same", see(job(), failed(9)).after(), reason},
		{"the Job was read before it, too, and had not counted it", see(job(), failed(7)).after().but(func(seen *evidence.Job) { seen.Before = job() }), reason},
		{"too many are counted without it", see(job(failures(1)), failed(7)).after(), reason},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if p := c.seen.explain().Conclusion.Predicted; p != nil {
				got = p.Reason
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	// A list is a list, however often an index is written into it.
	e := see(aJob(2, perIndex(0), maxFailedIndexes(0), jobVersion(8)), failed(7), aPod(1, 0)).after().explain()
	if p := e.Conclusion.Predicted; p == nil || p.Reason != batchv1.JobReasonMaxFailedIndexesExceeded {
		t.Errorf("got %+v", p)
	}
}

func queuedBy(queue string) jobOption {
	return func(job *batchv1.Job) { job.Labels = map[string]string{kueueQueueLabel: queue} }
}

func ownedBy(kind, name string) jobOption {
	return func(job *batchv1.Job) {
		job.OwnerReferences = []metav1.OwnerReference{{Kind: kind, Name: name, Controller: new(true)}}
	}
}

func restarted(n int32) podOption {
	return func(pod *evidence.Attempt) { pod.Containers[0].Restarts = n }
}

func TestTheConclusionInASentence(t *testing.T) {
	late := aPod(0, 0, exited(42, 5), accounted)
	for _, c := range []struct {
		name string
		seen seen
		want string
	}{
		{"all kinds of being under way", see(aJob(6, perIndex(3), onlyReplaceFailed), aPod(0, 0), aPod(1, 0, waits("ContainerCreating")), aPod(2, 0, deleted(99)), aPod(3, 0, exited(1, 98)), aPod(4, 0, succeeded(98)), aPod(5, 0)), "1 of 6 succeeded, 2 running, 1 pending, 1 terminating, 1 in backoff"},
		{"its pods could not be read", see(aJob(6, active(3))).withoutPods(), "0 of 6 succeeded, 3 active"},
		{"it runs", see(aJob(3, completed("0", 1)), aPod(1, 0)), "1 of 3 succeeded, 1 running"},
		{"it is suspended", see(aJob(3, suspended)), "suspended: 0 of 3 succeeded"},
		{"it is suspended and an index has failed", see(aJob(3, perIndex(0), suspended, failedIndexes("0"), failures(1), maxFailedIndexes(1))), "suspended: index 0 failed; the 2nd ends it early (maxFailedIndexes 1); 0 of 3 succeeded"},
		{"a queue holds it", see(aJob(3, suspended, queuedBy("gpus"))), "suspended, held by queue gpus: 0 of 3 succeeded"},
		{"another object owns it", see(aJob(3, suspended, ownedBy("JobSet", "train"))), "suspended, held by JobSet train: 0 of 3 succeeded"},
		{"a CronJob suspends no Job", see(aJob(3, suspended, ownedBy("CronJob", "nightly"))), "suspended: 0 of 3 succeeded"},
		{"it is being deleted", see(aJob(3, beingDeleted)), "the Job is being deleted: 0 of 3 succeeded"},
		{"it can only fail, and maxFailedIndexes ends it early", see(aJob(9, perIndex(0), maxFailedIndexes(2), failedIndexes("0"), failures(1))), "index 0 failed; the 3rd ends it early (maxFailedIndexes 2)"},
		{"it can only fail, and runs on", see(aJob(9, perIndex(0), failedIndexes("0,1"), failures(2))), "already lost: 2 indexes failed; the others still run because maxFailedIndexes is not set; 0 of 9 succeeded"},
		{"it can only fail, and backoffLimit may end it early", see(aJob(9, perIndex(0), backoffLimit(4), failedIndexes("0,1"), failures(2))), "2 indexes failed; 0 of 9"},
		{"a FailJob rule by exit code", see(aJob(3, policy(failJobOn42), failedByMessage(6, "Container main for pod ns/j-0-00000 failed with exit code 42 matching FailJob rule at index 0")), late), "podFailurePolicy.rules[0] (FailJob) matched: main exited 42"},
		{"a FailJob rule by condition", see(aJob(3, failedByMessage(6, "Pod ns/j-0-00000 has condition ConfigIssue matching FailJob rule at index 1"))), "podFailurePolicy.rules[1] (FailJob) matched: condition ConfigIssue"},
		{"a FailJob rule in words that nobody knows", see(aJob(3, failedByMessage(6, "something new"))), "something new"},
		{"too many failures", see(aJob(3, backoffLimit(2), failures(5), failedJob(6, "BackoffLimitExceeded"))), "more counted failures of all indexes than backoffLimit 2 allows"},
		{"too many restarts", see(aJob(3, onFailure, backoffLimit(2), failures(1), failedJob(6, "BackoffLimitExceeded"))), "the restarts within pods reached backoffLimit 2"},
		{"restarts or failures: killed pods are counted too", see(aJob(3, onFailure, backoffLimit(2), failures(3), failedJob(6, "BackoffLimitExceeded"))), "more counted failures of all indexes than backoffLimit 2 allows, or as many restarts within pods"},
		{"the deadline", see(aJob(3, activeDeadline(5), failedJob(6, "DeadlineExceeded"))), "active for longer than 5s (activeDeadlineSeconds)"},
		{"the deadline, which is gone", see(aJob(3, failedJob(6, "DeadlineExceeded"))), "active for longer than its deadline"},
		{"too many failed indexes", see(aJob(3, perIndex(0), maxFailedIndexes(1), failedIndexes("0,1"), failures(2), failedJob(6, "MaxFailedIndexesExceeded"))), "2 indexes failed, 1 allowed (maxFailedIndexes)"},
		{"the only one failed", see(aJob(1, perIndex(0), failedIndexes("0"), failures(1), failedJob(6, "FailedIndexes"))), "its one index failed"},
		{"some failed in the end", see(aJob(3, perIndex(0), failedIndexes("0"), completed("1,2", 2), failures(1), failedJob(6, "FailedIndexes"))), "every index is done, 1 failed"},
		{"a rule of successPolicy", see(aJob(3, anySuccess(1), completed("1", 1), completeJob(6, "SuccessPolicy"))), "successPolicy.rules[0] is met: 1 of 3 succeeded"},
		{"the rule that the condition names", see(aJob(3, successPolicy(batchv1.SuccessPolicyRule{SucceededCount: ptr.To(int32(2))}, batchv1.SuccessPolicyRule{SucceededIndexes: ptr.To("1")}), completed("0,1", 2), conditionTrue(batchv1.JobSuccessCriteriaMet, 6, "SuccessPolicy", "Matched rules at index 1"))), "successPolicy.rules[1] is met"},
		{"all succeeded", see(aJob(3, completed("0-2", 3), completeJob(6, "CompletionsReached"))), "all 3 indexes succeeded"},
		{"pods are awaited", see(aJob(3, activeDeadline(5), failing(6, "DeadlineExceeded"))), "active for longer than 5s (activeDeadlineSeconds); the Job ends when its pods are gone"},
		{"the only one succeeded", see(aJob(1, completed("0", 1), completeJob(6, "CompletionsReached"))), "its one index succeeded"},
		{"nothing to run", see(aJob(0, completeJob(6, "CompletionsReached"))), "completions is 0: there is nothing to run"},
		{"all succeeded before 1.31, without a reason", see(aJob(3, completed("0-2", 3), conditionTrue(batchv1.JobComplete, 6, "", ""))), "all 3 indexes succeeded"},
		{"another controller manages it", see(aJob(3, managedBy("example.com/queue"))), "example.com/queue manages this Job; only its status is shown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.seen.explain().Conclusion.Message; !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheStateOfAJob(t *testing.T) {
	for _, c := range []struct {
		want    v1alpha1.State
		decided int
		job     *batchv1.Job
	}{
		{v1alpha1.StateRunning, -1, aJob(1)},
		{v1alpha1.StateSuspended, -1, aJob(1, suspended)},
		{v1alpha1.StateFailing, 6, aJob(1, failing(6, "DeadlineExceeded"))},
		{v1alpha1.StateFailed, 6, aJob(1, failing(6, "DeadlineExceeded"), conditionTrue(batchv1.JobFailed, 9, "DeadlineExceeded", ""))},
		{v1alpha1.StateFailed, 9, aJob(1, conditionTrue(batchv1.JobFailed, 9, "DeadlineExceeded", ""))},
		{v1alpha1.StateSucceeding, 6, aJob(1, succeeding(6, "SuccessPolicy"))},
		{v1alpha1.StateComplete, 6, aJob(1, succeeding(6, "SuccessPolicy"), conditionTrue(batchv1.JobComplete, 9, "SuccessPolicy", ""))},
		{v1alpha1.StateFailing, 6, aJob(1, suspended, failing(6, "PodFailurePolicy"))},
	} {
		got := see(c.job).explain().Conclusion
		if got.State != c.want || c.decided >= 0 && !got.DecidedTime.Time.Equal(at(c.decided)) || c.decided < 0 && got.DecidedTime != nil {
			t.Errorf("got %s at %v, want %s at %d", got.State, got.DecidedTime, c.want, c.decided)
		}
	}
}

func TestAJobThatCanOnlyEndFailed(t *testing.T) {
	listed := successPolicy(batchv1.SuccessPolicyRule{SucceededIndexes: ptr.To("0,1")})
	for _, c := range []struct {
		name string
		seen seen
		want v1alpha1.State
	}{
		{"not while none has failed", see(aJob(3, perIndex(1)), aPod(0, 0, exited(1, 50))), ""},
		{"from the first failed index on", see(aJob(3, perIndex(1), failedIndexes("0"), failures(2))), "Failed"},
		{"also one that the next sync will record", see(aJob(3, perIndex(0)), aPod(0, 0, exited(1, 50))), "Failed"},
		{"not for a pod on its way out, which may succeed", see(aJob(3, perIndex(0)), aPod(0, 0, deleted(95))), ""},
		{"not while a success rule can be met", see(aJob(3, perIndex(0), anySuccess(1), failedIndexes("0"), failures(1))), ""},
		{"once no success rule can be met", see(aJob(3, perIndex(0), listed, failedIndexes("0"), failures(1))), "Failed"},
		{"not for an index that succeeded as well, before 1.32", see(aJob(3, perIndex(0), listed, failedIndexes("0"), completed("0", 1), failures(1))).version("v1.31.2"), ""},
		{"not where the next sync completes it", see(aJob(3, perIndex(0), anySuccess(1), failedIndexes("0"), failures(1)), aPod(1, 0, succeeded(50))), ""},
		{"never without per-index limits", see(aJob(3), aPod(0, 0, exited(1, 50))), ""},
		{"not told once it is decided", see(aJob(3, perIndex(0), failedIndexes("0"), failures(1), failing(60, "DeadlineExceeded"))), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.seen.explain().Conclusion.CanOnlyEnd; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheNextChange(t *testing.T) {
	for _, c := range []struct {
		name string
		seen seen
		want int // -1: none
	}{
		{"none while pods run", see(aJob(2), aPod(0, 0)), -1},
		{"the deadline", see(aJob(2, activeDeadline(300)), aPod(0, 0), aPod(1, 0)), 300},
		{"not the deadline of a suspended Job", see(aJob(2, suspended, activeDeadline(300))), -1},
		{"the first retry", see(aJob(2, perIndex(9)), aPod(0, 0, born(2, 0), exited(1, 95)), aPod(1, 0, exited(1, 97))), 107},
		{"the deadline, if it comes before the retry", see(aJob(2, perIndex(9), activeDeadline(105)), aPod(0, 0, exited(1, 97)), aPod(1, 0)), 105},
		{"none where the next sync decides", see(aJob(2, perIndex(0), activeDeadline(300), maxFailedIndexes(0)), aPod(0, 0, exited(1, 97)), aPod(1, 0)), -1},
		{"none once decided", see(aJob(2, activeDeadline(300), failing(60, "FailedIndexes"))), -1},
		{"a deadline of centuries", see(aJob(2, activeDeadline(1<<62)), aPod(0, 0)), -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			next := c.seen.explain().Conclusion.NextChange
			if c.want < 0 && next != nil || c.want >= 0 && (next == nil || !next.Time.Time.Equal(at(c.want))) {
				t.Errorf("got %v, want second %d", next, c.want)
			}
		})
	}
}

// What the decision did to the indexes that were not done.
func TestTheEffectOfADecision(t *testing.T) {
	e := see(aJob(6, perIndex(5), parallelism(4), completed("0", 1), failures(3), failedJob(60, "DeadlineExceeded")),
		aPod(0, 0, succeeded(5), accounted), aPod(1, 0, exited(1, 59), accounted), aPod(2, 0, deleted(60), accounted), aPod(3, 0, deleted(60), accounted)).explain()
	want := v1alpha1.Effect{Stopped: 2, BackingOff: 1, NeverStarted: 2}
	if *e.Conclusion.Effect != want {
		t.Errorf("got %+v, want %+v", *e.Conclusion.Effect, want)
	}
}

func TestOrdinals(t *testing.T) {
	for n, want := range map[int64]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 111: "111th"} {
		if got := ordinal(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A pod on its way out counts as failed where such pods are replaced. Whether a
// sync under way has deleted it, which would count for nothing, is not guessed at:
// what is foreseen is what this evidence comes to.
func TestPodsOnTheirWayOutAreForeseenAsTheyAre(t *testing.T) {
	one := int32(1)
	for _, options := range [][]jobOption{nil, {successPolicy(batchv1.SuccessPolicyRule{SucceededCount: &one})}} {
		e := see(aJob(3, append([]jobOption{perIndex(0), maxFailedIndexes(1)}, options...)...),
			aPod(0, 0, deleted(99)), aPod(2, 0, deleted(99)), aPod(1, 0, succeeded(98))).explain()
		wantFate(t, e, 0, "Failed/BackoffLimitPerIndexExceeded unrecorded")
		wantFate(t, e, 1, "Succeeded/FirstAttempt unrecorded")
		if p := e.Conclusion.Predicted; p == nil || p.Reason != batchv1.JobReasonMaxFailedIndexesExceeded {
			t.Errorf("foreseen: %+v", p)
		}
	}
}

// What was under way when the Job went is told as it was, and nothing is promised.
func TestNothingFollowsFromAJobThatIsGone(t *testing.T) {
	there := see(aJob(4, perIndex(1), onlyReplaceFailed, activeDeadline(200), failedIndexes("3"), failures(2)), aPod(0, 90), aPod(1, 0, exited(1, 95)), aPod(2, 0, succeeded(95)))
	before := there.explain()
	if c := before.Conclusion; c.NextChange == nil || c.CanOnlyEnd == "" || fateOf(before, 1).RetryTime == nil {
		t.Fatalf("the Job that is there says too little: %+v", c)
	}
	e := there.but(func(seen *evidence.Job) { seen.Vanished = instant(99) }).explain()
	wantFate(t, e, 0, "Running/FirstAttempt")
	wantFate(t, e, 1, "BackingOff/JobDeleted")
	wantFate(t, e, 2, "Succeeded/FirstAttempt unrecorded")
	if c := e.Conclusion; c.NextChange != nil || c.Predicted != nil || c.CanOnlyEnd != "" || c.Stuck || fateOf(e, 1).RetryTime != nil || len(e.Findings) > 0 {
		t.Errorf("something follows: %+v, findings %v", c, e.Findings)
	}
	if got := e.Conclusion.DeletedTime; got == nil || !got.Time.Equal(at(99)) || !strings.HasPrefix(e.Conclusion.Message, "the Job was deleted: 1 of 4 succeeded") {
		t.Errorf("deleted at %v: %s", got, e.Conclusion.Message)
	}
}
