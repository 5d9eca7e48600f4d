package replay

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

var everyOrder = []evidence.Order{evidence.JobAfterPods, evidence.JobBeforePods, evidence.Bracketed, evidence.OrderUnknown}

// What may have happened since, or be on its way, unsettles nothing: the pods were
// read whole, and what is there is what there is.
func TestWholeEvidenceIsTakenAtItsWord(t *testing.T) {
	leaving := aPod(0, 0, deleted(80), accounted)
	for _, c := range []struct {
		name  string
		seen  seen
		index int32
		want  string
	}{
		{"the status is active 0, which up to 1.36 hides what runs", see(aJob(3, failures(2), parallelism(2)), aPod(0, 0, exited(1, 5), accounted), aPod(1, 16, exited(1, 80), accounted)).at(90).version("v1.33.13"), 0, "BackingOff/BackoffDelay"},
		{"the status calls a pod active that is not there", see(aJob(2, active(1), failures(1)), aPod(0, 0, deleted(96), exited(143, 98)), aPod(1, 0, exited(1, 97), accounted)), 1, "BackingOff/BackoffDelay"},
		{"a higher index has got a pod since", see(aJob(4, active(2), failures(2), completed("0", 1)), aPod(0, 0, succeeded(70), accounted), aPod(1, 0, exited(1, 60), accounted), aPod(2, 0, exited(1, 65), accounted), aPod(2, 99), aPod(3, 99)), 1, "BackingOff/DueNow"},
		{"a success has let every retry go", see(aJob(3, failures(1), completed("1", 1), parallelism(2)), aPod(0, 0, exited(1, 85), accounted), aPod(1, 0, succeeded(88), accounted)).at(90), 0, "BackingOff/DueNow"},
		{"its failure is being counted", see(aJob(2, perIndex(3), uncounted(podName(0, 0))), aPod(0, 0, exited(1, 5)), aPod(1, 0, exited(1, 95))), 0, "BackingOff/DueNow"},
		{"its parallelism was lowered", see(aJob(10, perIndex(3), parallelism(1), generation(2), completed("0", 1)), aPod(0, 0, succeeded(5), accounted), aPod(1, 50)), 7, "Waiting/ParallelismLimit"},
		{"its delay is about to be over", see(aJob(1, perIndex(3)), aPod(0, 0, exited(1, 50))).at(59), 0, "BackingOff/BackoffDelay"},
		{"its delay is over just now", see(aJob(1, perIndex(3)), aPod(0, 0, exited(1, 50))).at(60), 0, "BackingOff/DueNow"},
		{"a resumption is under way", see(aJob(1, perIndex(3), generation(3), conditionTrue(batchv1.JobSuspended, 30, "JobSuspended", "Job suspended")), aPod(0, 0, exited(1, 20))), 0, "BackingOff/DueNow"},
		{"an event names a younger pod than the one that is terminating", see(aJob(1, perIndex(3)), aPod(0, 0, deleted(50))).at(57).events(created(0, 0), created(0, 56)), 0, "Terminating/BackoffDelay"},
		{"an event tells of a creation, and then of a rejection", see(aJob(3, perIndex(3))).events(created(2, 0), refused(60)), 0, "Waiting/CreateFailed"},
		{"its finalizer is gone while it runs", see(aJob(1), aPod(0, 0, accounted)), 0, "Running/FirstAttempt"},
		{"nobody owns its pod yet", see(aJob(1), aPod(0, 0, orphan)), 0, "Running/FirstAttempt"},
		{"it was let go of by a suspension, and the Job was resumed", see(aJob(3, parallelism(1), generation(4), active(1), resumed), aPod(0, 0, deleted(90), accounted), aPod(1, 92)), 0, "Terminating/ParallelismLimit"},
		{"podReplacementPolicy may have been another", see(aJob(2, onlyReplaceFailed, generation(2), active(1)), leaving), 0, "Terminating/"},
		{"a pod on its way out, whose replacement is due", see(aJob(1, perIndex(3), active(1)), aPod(0, 0, deleted(80))), 0, "Terminating/DueNow"},
		{"a pod on its way out, which waits for its end", see(aJob(1, perIndex(3), onlyReplaceFailed, active(1)), aPod(0, 0, deleted(80))), 0, "Terminating/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, order := range everyOrder {
				e := c.seen.in(order).explain()
				if n := e.Counts[v1alpha1.Unknown]; n > 0 {
					t.Errorf("%s: %d are unknown: %v", order, n, e.Counts)
				}
				if order == evidence.Bracketed {
					wantFate(t, e, c.index, c.want)
				}
			}
		})
	}
}

func TestWhatTheWholeJobsBackoffHoldsIsNotHeldBySlots(t *testing.T) {
	job := aJob(4, parallelism(1), failures(1), completed("0", 1))
	e := see(job, aPod(0, 0, succeeded(90), accounted), aPod(1, 0, exited(1, 95), accounted)).explain()
	wantFate(t, e, 1, "BackingOff/BackoffDelay")
	wantFate(t, e, 2, "Waiting/BehindBackoff")
	if message := fateOf(e, 2).Message; message != "the Job's backoff delays every new pod, at 00:01:45Z at the earliest (estimated)" {
		t.Error(message)
	}
}

func TestWhenAnIndexIsRetried(t *testing.T) {
	for _, c := range []struct {
		name string
		pod  []podOption
		want time.Time
	}{
		{"ten seconds after the first failure", []podOption{exited(1, 95)}, at(105)},
		{"forty after the third", []podOption{born(2, 0), exited(1, 95)}, at(135)},
		{"ignored failures lengthen the delay", []podOption{born(0, 2), exited(1, 95)}, at(135)},
		{"ten minutes at most", []podOption{born(30, 0), exited(1, 95)}, at(695)},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := see(aJob(1, perIndex(50), policy(ignoreDisruption)), aPod(0, 0, c.pod...)).explain()
			record := fateOf(e, 0)
			if record.RetryTime == nil || !record.RetryTime.Time.Equal(c.want) || *record.RetryTimeEstimated {
				t.Errorf("got %v, want %v", record.RetryTime, c.want)
			}
			if next := e.Conclusion.NextChange; next == nil || !next.Time.Time.Equal(c.want) || next.Estimated {
				t.Errorf("next change %v, want %v", next, c.want)
			}
		})
	}
}

// Without backoffLimitPerIndex the delay is in the controller's memory alone.
func TestARetryOfTheWholeJobsBackoffIsEstimated(t *testing.T) {
	e := see(aJob(2, failures(1)), aPod(0, 0, exited(1, 95), accounted), aPod(1, 0)).explain()
	record := fateOf(e, 0)
	if record.RetryTime == nil || !record.RetryTime.Time.Equal(at(105)) || !*record.RetryTimeEstimated {
		t.Errorf("got %v", record.RetryTime)
	}
	if next := e.Conclusion.NextChange; next == nil || !next.Time.Time.Equal(at(105)) || !next.Estimated {
		t.Errorf("next change %+v", next)
	}
}

// The deleted pod's replacement has a time, and a pod that waits for its end none.
func TestATerminatingPodTellsWhenItIsReplaced(t *testing.T) {
	e := see(aJob(1, perIndex(3)), aPod(0, 0, deleted(95))).explain()
	record := fateOf(e, 0)
	if record.RetryTime == nil || !record.RetryTime.Time.Equal(at(105)) || !strings.Contains(record.Message, "counts as a failure") {
		t.Errorf("got %v: %s", record.RetryTime, record.Message)
	}
	record = fateOf(see(aJob(1, perIndex(3), onlyReplaceFailed), aPod(0, 0, deleted(95))).explain(), 0)
	if record.RetryTime != nil || record.Message != "its pod's deletion was requested at 00:01:35Z, it is killed at 00:02:05Z at the latest" {
		t.Errorf("got %v: %s", record.RetryTime, record.Message)
	}
}

func TestOfTwoActivePodsTheOneIsToldThatStays(t *testing.T) {
	e := see(aJob(1, active(2)), aPod(0, 0), aPod(0, 1, waits("ContainerCreating"))).explain()
	wantFate(t, e, 0, "Running/Retry")
}

// An event that names a younger pod tells of failures that nobody can count.
func TestCountsAreNotExactWhereAnEventNamesAYoungerPod(t *testing.T) {
	e := see(aJob(1, perIndex(3)), aPod(0, 0)).events(created(0, 0), created(0, 56)).explain()
	if fateOf(e, 0).Failures.Exact {
		t.Error("the failures are said to be exact")
	}
}

// Partial evidence settles what a pod that is seen settles by itself, and nothing
// else.
func TestWhatPartialEvidenceSettles(t *testing.T) {
	job := func(options ...jobOption) *batchv1.Job {
		return aJob(3, append([]jobOption{perIndex(3)}, options...)...)
	}
	for _, c := range []struct {
		name  string
		seen  seen
		index int32
		want  string
	}{
		{"an active pod is active", see(job(), aPod(0, 0)), 0, "Running/FirstAttempt"},
		{"a pod that succeeded, with its finalizer", see(job(), aPod(0, 0, succeeded(50))), 0, "Succeeded/FirstAttempt unrecorded"},
		{"not one without it", see(job(), aPod(0, 0, succeeded(50), accounted)), 0, "Unknown/PodMissing"},
		{"nor where the Job is older", see(job(), aPod(0, 0, succeeded(50), accounted)).before(), 0, "Unknown/PodMissing"},
		{"a pod that fails its index, with its finalizer", see(job(), aPod(0, 0, born(3, 0), exited(1, 50))), 0, "Failed/BackoffLimitPerIndexExceeded unrecorded"},
		{"a failed pod before its retry is due, with its finalizer", see(job(), aPod(0, 0, exited(1, 95))), 0, "BackingOff/BackoffDelay"},
		{"not once it is due", see(job(), aPod(0, 0, exited(1, 90))), 0, "Unknown/PodMissing"},
		{"nor without its finalizer", see(job(), aPod(0, 0, exited(1, 95), accounted)), 0, "Unknown/PodMissing"},
		{"nor without backoffLimitPerIndex", see(aJob(3), aPod(0, 0, exited(1, 95))), 0, "Unknown/PodMissing"},
		{"a deleted pod before its retry is due", see(job(), aPod(0, 0, deleted(95))), 0, "Terminating/BackoffDelay"},
		{"not one that waits for its end, beside which another may be active", see(job(onlyReplaceFailed), aPod(0, 0, deleted(95))), 0, "Unknown/PodMissing"},
		{"no pod proves nothing", see(job(), aPod(0, 0)), 1, "Unknown/PodMissing"},
		{"what is recorded is recorded", see(job(completed("1", 1)), aPod(0, 0)), 1, "Succeeded/HistoryGone"},
		{"a suspension keeps no pod from being there", see(job(suspended)), 1, "Unknown/PodMissing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := c.seen.partial().explain()
			wantFate(t, e, c.index, c.want)
			record := fateOf(e, c.index)
			if record.Fate == v1alpha1.Unknown && (record.RetryTime != nil || record.Failures.Exact) {
				t.Errorf("got %+v", record)
			}
		})
	}
}

// A forecast of partial evidence would be of pods that nobody sees; only the
// deadline needs none.
func TestPartialEvidenceForetellsTheDeadlineAlone(t *testing.T) {
	for _, c := range []struct {
		name string
		seen seen
		want string
	}{
		{"not that all have succeeded", see(aJob(1), aPod(0, 0, succeeded(50))).partial(), ""},
		{"nor that too many have failed", see(aJob(2, backoffLimit(0)), aPod(0, 0, exited(1, 50))).partial(), ""},
		{"the deadline", see(aJob(2, activeDeadline(50)), aPod(0, 0)).partial(), batchv1.JobReasonDeadlineExceeded},
		{"the deadline of a Job whose pods were not read", see(aJob(2, activeDeadline(50))).withoutPods(), batchv1.JobReasonDeadlineExceeded},
		{"not the deadline beside something else, which may come first", see(aJob(2, activeDeadline(50), backoffLimit(0)), aPod(0, 0, exited(1, 40))).partial(), ""},
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
}
