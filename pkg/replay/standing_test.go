package replay

import (
	"strconv"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// The resource versions of a Job and of a pod.
func jobVersion(version int) jobOption {
	return func(job *batchv1.Job) { job.ResourceVersion = strconv.Itoa(version) }
}

func podVersion(version uint64) podOption {
	return func(pod *evidence.Attempt) { pod.ResourceVersion = version }
}

func (s standing) String() string {
	return []string{"ordinary", "removed", "notCounted", "listedSince"}[s]
}

// What became of a pod without its finalizer, of index 0 of an undecided Job
// which is in no list: the first that holds of (a) to (e).
func TestWhatBecameOfAPodWithoutItsFinalizer(t *testing.T) {
	job := func(options ...jobOption) *batchv1.Job {
		return aJob(2, append([]jobOption{perIndex(1)}, options...)...)
	}
	onItsWayOut := aPod(0, 0, deleted(90), accounted)
	success := aPod(0, 0, succeeded(90), accounted)
	failure := aPod(0, 0, exited(1, 95), accounted)
	lastFailure := aPod(0, 0, born(1, 0), exited(1, 95), accounted)
	for _, c := range []struct {
		name string
		seen seen
		want standing
		fate string
	}{
		{"(a) a pod on its way out that is awaited", see(job(onlyReplaceFailed), onItsWayOut), removed, "Terminating/"},
		{"(a) whichever was read first", see(job(onlyReplaceFailed), onItsWayOut, aPod(1, 0)).before(), removed, "Terminating/"},
		{"(a) not where a decision may have taken it since", see(job(onlyReplaceFailed), onItsWayOut).before(), notCounted, "Terminating/"},
		{"(a) not one that the next was born of", see(job(onlyReplaceFailed), onItsWayOut, aPod(0, 99, born(1, 0))), ordinary, "Running/Retry"},
		{"(b) an event says that the controller deleted it", see(job(), aPod(0, 0, deleted(90), exited(1, 95), accounted), aPod(1, 0)).events(removal(0, 0, 90)).before(), removed, "Waiting/DueNow"},
		{"(b) not where it may be a decision's, which deletes all", see(job(), aPod(0, 0, deleted(90), exited(1, 95), accounted)).events(removal(0, 0, 90)).before(), notCounted, "Waiting/DueNow"},
		{"(b) also of one that succeeded since", see(job(), aPod(0, 0, deleted(90), succeeded(95), accounted), aPod(1, 0)).events(removal(0, 0, 90)).before(), removed, "Waiting/DueNow"},
		{"(b) also of one that is on its way out still", see(job(), onItsWayOut, aPod(1, 0)).events(removal(0, 0, 90)).before(), removed, "Terminating/DueNow"},

		{"(c) it succeeded, and the Job that was read after it has no such success", see(job(), success).after(), notCounted, "Waiting/DueNow"},
		{"(c) the same, read around it", see(job(), success), notCounted, "Waiting/DueNow"},
		{"(c) the same, by the resource versions alone", see(job(jobVersion(8)), aPod(0, 0, succeeded(90), accounted, podVersion(7))).before(), notCounted, "Waiting/DueNow"},
		{"(c) not where they say that the pod is newer", see(job(jobVersion(8)), aPod(0, 0, succeeded(90), accounted, podVersion(9))).before(), listedSince, "Succeeded/FirstAttempt unrecorded"},
		{"(c) nor where they say nothing", see(job(jobVersion(8)), success).before(), listedSince, "Succeeded/FirstAttempt unrecorded"},
		{"(c) it succeeded, and had been deleted", see(job(), aPod(0, 0, deleted(80), succeeded(90), accounted)), removed, "Waiting/DueNow"},
		{"(c) it fails its index, and the Job says nothing of it", see(job(), lastFailure), notCounted, "Waiting/DueNow"},
		{"(c) it fails its index, and had been deleted", see(job(), aPod(0, 0, born(1, 0), deleted(80), exited(1, 90), accounted)), removed, "Waiting/DueNow"},

		{"(d) it failed, and no replacement carries the failure on", see(job(), failure), notCounted, "Waiting/DueNow"},
		{"(d) it failed for being deleted", see(job(), aPod(0, 0, deleted(80), exited(1, 90), accounted)), removed, "Waiting/DueNow"},
		{"(d) it is on its way out, which counts", see(job(), onItsWayOut), removed, "Terminating/DueNow"},
		{"(d) not where the replacement is there", see(job(), failure, aPod(0, 99, born(1, 0))), ordinary, "Running/Retry"},
		{"(d) nor where the replacement may have come and gone since the Job was read", see(job(), failure).before(), ordinary, "BackingOff/BackoffDelay"},
		{"(d) nor of partial evidence", see(job(), failure).partial(), ordinary, "Unknown/PodMissing"},

		{"(e) it succeeded, and the Job is older", see(job(), success).before(), listedSince, "Succeeded/FirstAttempt unrecorded"},
		{"(e) it fails its index, and the Job is older", see(job(), lastFailure).before(), listedSince, "Failed/BackoffLimitPerIndexExceeded unrecorded"},
		{"(e) not of a suspended Job", see(job(suspended), success).before(), notCounted, "Waiting/JobSuspended"},
		{"(e) nor where it was deleted before the Job was resumed", see(job(generation(3), resumedAt(95)), aPod(0, 0, born(1, 0), deleted(90), exited(143, 97), accounted)).before(), removed, "Waiting/DueNow"},
		{"(e) nor a failure that the index has outlived", see(job(generation(3)), aPod(0, 0, born(1, 0), deleted(90), exited(143, 97), accounted), aPod(0, 98)).before(), removed, "Running/Retry"},
		{"(e) not what partial evidence leaves", see(job(), success).before().partial(), listedSince, "Unknown/PodMissing"},

		{"without backoffLimitPerIndex a failure is accounted for at once", see(aJob(2, failures(1)), failure), ordinary, "BackingOff/BackoffDelay"},
		{"also one by deletion", see(aJob(2, failures(1)), aPod(0, 0, deleted(90), exited(1, 95), accounted)), ordinary, "BackingOff/BackoffDelay"},
		{"not one by deletion where nothing is counted", see(aJob(2), aPod(0, 0, deleted(90), exited(1, 95), accounted)), removed, "Waiting/DueNow"},
		{"nor where others are all that is counted", see(aJob(2, failures(1)), aPod(0, 0, deleted(90), exited(1, 95), accounted), aPod(1, 0, exited(1, 5), accounted)), removed, "Waiting/DueNow"},
		{"a success counts for nothing where the Job is newer", see(aJob(2), success), notCounted, "Waiting/DueNow"},
		{"and counts where it is older", see(aJob(2), success).before(), listedSince, "Succeeded/HistoryGone unrecorded"},

		{"with its finalizer every pod is ordinary", see(job(), aPod(0, 0, exited(1, 95))), ordinary, "BackingOff/BackoffDelay"},
		{"so is one that is active", see(job(), aPod(0, 0, accounted)), ordinary, "Running/FirstAttempt"},
		{"and one of an index that is listed", see(job(completed("0", 1)), success), ordinary, "Succeeded/FirstAttempt"},
		{"and one whose going a watch has seen", see(job(), aPod(0, 0, exited(1, 95), vanished(97))), ordinary, "BackingOff/BackoffDelay"},
		{"of a Job that is being deleted every pod loses it", see(job(beingDeleted), onItsWayOut), notCounted, "Terminating/JobDeleted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.seen.totals().pods[0].standing; got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
			e := c.seen.explain()
			wantFate(t, e, 0, c.fate)
			if c.want == removed || c.want == notCounted {
				costsNothing(t, e, 0)
			}
		})
	}
}

func resumedAt(second int) jobOption {
	return jobConditionIs(batchv1.JobSuspended, "False", second, "JobResumed", "Job resumed")
}

// costsNothing: no failure of the index is counted, none delays it, and nothing
// says so.
func costsNothing(t *testing.T, e *v1alpha1.Explanation, index int32) {
	t.Helper()
	record := fateOf(e, index)
	if record.Failures.Counted+record.Failures.Ignored > 0 {
		t.Errorf("index %d: it cost %+v", index, record.Failures)
	}
	if strings.Contains(record.Message, "counts as a failure") || record.RetryTime != nil {
		t.Errorf("index %d: %s, retry %v", index, record.Message, record.RetryTime)
	}
	for i := range record.Attempts {
		a := &record.Attempts[i]
		if a.Source != v1alpha1.SourcePod {
			continue
		}
		isCharged := a.Decision != "" && a.Decision != v1alpha1.DecisionRemoved
		if isCharged || a.Before != nil && a.After != nil && *a.Before != *a.After || a.Rule != nil {
			t.Errorf("index %d: attempt %d is %q, %+v to %+v", index, a.Number, a.Decision, a.Before, a.After)
		}
	}
	for _, sig := range e.Signatures {
		if has, _ := indexes.ParseStatus(sig.Indexes, *e.Spec.Completions); has.Has(index) && sig.Decision != "" {
			t.Errorf("index %d: a rule or a limit took it: %+v", index, sig)
		}
	}
	if first := e.Conclusion.FirstFailure; first != nil && *first.Index == index {
		t.Errorf("index %d: the first failure: %+v", index, first)
	}
}

// A deleted pod whose failure neither the next one carries on nor the status counts
// was removed, also once its index is done; no event needs to say so.
func TestAPodThatTheNextOneDoesNotCarryOn(t *testing.T) {
	removedPod := aPod(0, 0, deleted(20), exited(143, 25), accounted)
	for _, c := range []struct {
		name string
		seen seen
		want v1alpha1.Decision
	}{
		{"nothing is counted", see(aJob(1, perIndex(3), generation(3), completed("0", 1)), removedPod, aPod(0, 50, succeeded(60), accounted)), v1alpha1.DecisionRemoved},
		{"another is all that is counted", see(aJob(2, perIndex(3), generation(3), completed("0", 1), failures(1)), removedPod, aPod(0, 50, succeeded(60), accounted), aPod(1, 0, exited(1, 5), accounted), aPod(1, 20, born(1, 0))), v1alpha1.DecisionRemoved},
		{"it may be what is counted", see(aJob(1, perIndex(3), generation(3), completed("0", 1), failures(1)), removedPod, aPod(0, 50, succeeded(60), accounted)), v1alpha1.DecisionCount},
		{"the next carries it on", see(aJob(1, perIndex(3), completed("0", 1), failures(1)), removedPod, aPod(0, 50, born(1, 0), succeeded(60), accounted)), v1alpha1.DecisionCount},
		{"the status is older", see(aJob(1, perIndex(3), generation(3), completed("0", 1)), removedPod, aPod(0, 50, succeeded(60), accounted)).before(), v1alpha1.DecisionCount},
		{"nobody deleted it", see(aJob(1, perIndex(3), generation(3), completed("0", 1)), aPod(0, 0, exited(143, 25), accounted), aPod(0, 50, succeeded(60), accounted)), v1alpha1.DecisionCount},
		{"it is still to be counted", see(aJob(1, perIndex(3), generation(3), completed("0", 1)), aPod(0, 0, deleted(20), exited(143, 25)), aPod(0, 50, succeeded(60), accounted)), v1alpha1.DecisionCount},
	} {
		e := c.seen.explain()
		if got := fateOf(e, 0).Attempts[0].Decision; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if first := e.Conclusion.FirstFailure; c.want == v1alpha1.DecisionRemoved && first != nil && *first.Index == 0 {
			t.Errorf("%s: it is the first failure", c.name)
		}
	}
}
