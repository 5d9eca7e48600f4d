package replay

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Up to 1.36 the controller writes active 0 while the backoff defers creations,
// whatever runs. There it proves nothing about a pod that is not seen.
func TestActiveZeroIsNoProofUpTo136(t *testing.T) {
	job := aJob(3, failures(2), parallelism(2))
	// Index 0 failed at 5 and was retried at 15 by a pod that nobody sees; the
	// failure of index 1 at 80 has made the controller defer everything since.
	pods := see(job, aPod(0, 0, exited(1, 5), accounted), aPod(1, 16, exited(1, 80), accounted)).at(90)
	wantFate(t, pods.version("v1.33.13").explain(), 0, "Unknown/PodMissing")
	wantFate(t, pods.version("v1.37.2").explain(), 0, "BackingOff/BackoffDelay")
	// The last to fail has not been retried: ten seconds have not passed.
	wantFate(t, pods.at(85).version("v1.33.13").explain(), 1, "BackingOff/BackoffDelay")
	// One that failed a few seconds before it has not been either.
	together := see(job, aPod(0, 0, exited(1, 75), accounted), aPod(1, 16, exited(1, 80), accounted)).at(90).version("v1.33.13")
	wantFate(t, together.explain(), 0, "BackingOff/BackoffDelay")
}

// A deleted pod was perhaps terminating already when the status was written, and
// then it is not the one that the status calls active: a retry may run.
func TestADeletedPodThatEndedIsNotTheActiveOne(t *testing.T) {
	job := aJob(2, active(1), failures(1))
	killed := aPod(0, 0, deleted(96), exited(143, 98))
	wantFate(t, see(job, killed, aPod(1, 0, exited(1, 97), accounted)).explain(), 1, "Unknown/PodMissing")
	wantFate(t, see(job, aPod(0, 0, exited(1, 98)), aPod(1, 0, exited(1, 97), accounted)).explain(), 1, "BackingOff/BackoffDelay")
}

// Nor is one whose end the controller has yet to account for: it was perhaps
// deleted after it had ended, and the active one is its replacement.
func TestADeletedPodThatEndedIsNoActiveOneThatIsMissing(t *testing.T) {
	job := aJob(2, perIndex(3), active(1), completed("1", 1), terminating(0))
	e := see(job, aPod(0, 0, exited(1, 70), deleted(71)), aPod(1, 0, succeeded(60), accounted)).explain()
	wantFate(t, e, 0, "Unknown/PodMissing")
}

// The pods are read after the Job: its status may count pods as active that are
// gone from the evidence, and those that are seen may be newer. A higher index that
// got a pod then tells that the lower one got its retry first.
func TestAnIndexThatWasPassedOverHasBeenRetried(t *testing.T) {
	job := aJob(4, active(2), failures(2), completed("0", 1))
	pods := []evidence.Attempt{aPod(0, 0, succeeded(70), accounted), aPod(1, 0, exited(1, 60), accounted), aPod(2, 0, exited(1, 96), accounted)}
	wantFate(t, see(job, append(pods, aPod(2, 99), aPod(3, 99))...).explain(), 1, "Unknown/PodMissing")
	job.Status.Active = 1
	wantFate(t, see(job, append(pods, aPod(3, 61))...).explain(), 1, "BackingOff/BackoffDelay")
}

// The status may be from before the failure that is seen, and the one that it counts
// be of a pod that is gone: then the pod that runs is perhaps a retry.
func TestActiveZeroHidesThatAFailureIsNewerThanTheStatus(t *testing.T) {
	running := func(failed int) seen {
		return see(aJob(2, failures(1)), aPod(0, 40), aPod(1, 0, exited(1, failed), accounted)).version("v1.29.2")
	}
	wantFate(t, running(97).explain(), 0, "Running/HistoryGone")
	wantFate(t, running(80).explain(), 0, "Running/FirstAttempt")
}

// A success lets every retry go at once, also that of a pod on its way out.
func TestASuccessEndsTheBackoffOfAll(t *testing.T) {
	job := aJob(3, failures(1), completed("1", 1), parallelism(2))
	e := see(job, aPod(0, 0, exited(1, 85), accounted), aPod(1, 0, succeeded(88), accounted)).at(90).version("v1.33.13").explain()
	wantFate(t, e, 0, "Unknown/PodMissing")
	waits := aPod(0, 0, exited(1, 97), accounted)
	wantFate(t, see(aJob(3, failures(1), terminating(1)), waits).explain(), 0, "Unknown/PodMissing")
	wantFate(t, see(aJob(3, failures(1), terminating(1)), waits, aPod(1, 0, deleted(60))).explain(), 0, "BackingOff/BackoffDelay")
}

// The replacement of a failed pod whose UID is being counted may run already.
func TestAFailedPodThatIsBeingCountedMayHaveBeenReplaced(t *testing.T) {
	job := aJob(2, perIndex(3), uncounted(podName(0, 0)))
	e := see(job, aPod(0, 0, exited(1, 5)), aPod(1, 0, exited(1, 95))).version("v1.33.13").explain()
	wantFate(t, e, 0, "Unknown/PodMissing")
}

// Where parallelism was lowered, an index far above the slots may have a pod in
// backoff, which no account tells of while it waits. Only events do.
func TestAChangedSpecMayHideAPodAboveTheSlots(t *testing.T) {
	job := aJob(10, perIndex(3), parallelism(1), generation(2), completed("0", 1))
	whole := func() seen { return see(job, aPod(0, 0, succeeded(5), accounted), aPod(1, 50)) }
	wantFate(t, whole().explain(), 7, "Unknown/PodMissing")
	wantFate(t, whole().events(created(0, 0), created(1, 50)).explain(), 7, "Waiting/ParallelismLimit")
	wantFate(t, whole().events(created(1, 50)).explain(), 7, "Unknown/PodMissing")
}

// Without per-index limits every failure is counted at once.
func TestAChangedSpecHidesNoPodThatIsAccountedFor(t *testing.T) {
	job := aJob(10, parallelism(1), generation(2), completed("0", 1))
	wantFate(t, see(job, aPod(0, 0, succeeded(5), accounted), aPod(1, 50)).explain(), 7, "Waiting/ParallelismLimit")
	wantFate(t, see(job, aPod(1, 50)).explain(), 7, "Unknown/PodMissing")
	// The status may be from before a young pod, and count what failed since.
	wantFate(t, see(job, aPod(0, 0, succeeded(5), accounted), aPod(1, 99)).explain(), 7, "Unknown/PodMissing")
}

// A refusal says why an index waits that never had a pod. One whose pod may be
// missing did perhaps: pods were created, and the events do not name them all.
func TestARefusalProvesNoIndexToBeWithoutAPod(t *testing.T) {
	job := aJob(3, perIndex(3))
	folded := created(2, 0)
	folded.Message = foldedPrefix + folded.Message
	e := see(job).events(folded, refused(60)).explain()
	wantFate(t, e, 0, "Unknown/PodMissing")
}

func TestWhatTheWholeJobsBackoffHoldsIsNotHeldBySlots(t *testing.T) {
	job := aJob(4, parallelism(1), failures(1), completed("0", 1))
	e := see(job, aPod(0, 0, succeeded(90), accounted), aPod(1, 0, exited(1, 95), accounted)).explain()
	wantFate(t, e, 1, "BackingOff/BackoffDelay")
	wantFate(t, e, 2, "Waiting/BehindBackoff")
	if message := fateOf(e, 2).Message; message != "the Job's backoff holds every creation, for 5s more by estimate" {
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
			if record.RetryTime == nil || !record.RetryTime.Time.Equal(c.want) {
				t.Errorf("got %v, want %v", record.RetryTime, c.want)
			}
			if next := e.Conclusion.NextChange; next == nil || !next.Time.Time.Equal(c.want) {
				t.Errorf("next change %v, want %v", next, c.want)
			}
		})
	}
}

func TestOfTwoActivePodsTheRunningOneIsTold(t *testing.T) {
	e := see(aJob(1, active(2)), aPod(0, 0), aPod(0, 1, waits("ContainerCreating"))).explain()
	wantFate(t, e, 0, "Running/Retry")
}

// A pod that was deleted counts as failed and is replaced after its delay,
// unless podReplacementPolicy waits for its end.
func TestAPodOnItsWayOutMayHaveBeenReplaced(t *testing.T) {
	job := aJob(1, perIndex(3), active(1))
	wantFate(t, see(job, aPod(0, 0, deleted(95))).explain(), 0, "Terminating/")
	wantFate(t, see(job, aPod(0, 0, deleted(80))).explain(), 0, "Unknown/PodMissing")
	wantFate(t, see(aJob(1, perIndex(3), onlyReplaceFailed, active(1)), aPod(0, 0, deleted(80))).explain(), 0, "Terminating/")
	if record := fateOf(see(job, aPod(0, 0, deleted(95))).explain(), 0); !strings.Contains(record.Message, "counts as a failure") {
		t.Error(record.Message)
	}
}

// A pod that the controller removed, for a suspension, was not counted, and its
// index has no delay.
func TestARemovedPodLeavesItsIndexPending(t *testing.T) {
	job := aJob(2, generation(2), suspended, func(job *batchv1.Job) { job.Status.StartTime = nil })
	e := see(job, aPod(0, 0, deleted(50), exited(143, 52), accounted)).events(created(0, 0), removed(0, 0, 50)).explain()
	wantFate(t, e, 0, "BackingOff/JobSuspended")
	e = see(job).events(created(0, 0), removed(0, 0, 50)).explain()
	if fate := fateOf(e, 0); fate.Reason == v1alpha1.ReasonPodGone {
		t.Errorf("got %s: its pod was removed", fate.Reason)
	}
}

func TestDurationsInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		14 * time.Second: "14s", 125 * time.Second: "2m5s", 72 * time.Minute: "1h12m", 400 * time.Millisecond: "0s",
	} {
		if got := inWords(d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The clocks of the reader, the controller and the nodes are seconds apart: a
// delay that is almost over may be over, and the pod created be missing.
func TestADelayThatIsAlmostOverMayBeOver(t *testing.T) {
	failed := func() evidence.Attempt { return aPod(0, 0, exited(1, 50)) }
	wantFate(t, see(aJob(1, perIndex(3)), failed()).at(57).explain(), 0, "BackingOff/BackoffDelay")
	wantFate(t, see(aJob(1, perIndex(3)), failed()).at(58).explain(), 0, "Unknown/PodMissing")
	wantFate(t, see(aJob(1, perIndex(3)), failed()).at(69).explain(), 0, "Unknown/PodMissing")
	wantFate(t, see(aJob(1, perIndex(3)), failed()).at(70).explain(), 0, "BackingOff/BackoffDelay")
	whole := func() evidence.Attempt { return aPod(0, 0, exited(1, 50), accounted) }
	wantFate(t, see(aJob(2, failures(1)), whole()).at(57).explain(), 0, "BackingOff/BackoffDelay")
	wantFate(t, see(aJob(2, failures(1)), whole()).at(58).explain(), 0, "Unknown/PodMissing")
	wantFate(t, see(aJob(2, failures(1)), whole()).at(69).explain(), 0, "Unknown/PodMissing")
}

// A pod on its way out may have an active one beside it, where that is due or an
// event names it.
func TestATerminatingPodMayNotBeAlone(t *testing.T) {
	leaving := func() seen { return see(aJob(1, perIndex(3)), aPod(0, 0, deleted(50))) }
	wantFate(t, leaving().at(57).explain(), 0, "Terminating/")
	wantFate(t, leaving().at(62).explain(), 0, "Unknown/PodMissing")
	wantFate(t, leaving().at(57).events(created(0, 0), created(0, 56)).explain(), 0, "Unknown/PodGone")
}

// A suspension lets go of a pod before it deletes it. After the resumption its index
// has another, though that may be lost and the status old; while the Job is still
// suspended, or being deleted itself, it has not.
func TestAPodLetGoOfBySuspensionIsReplacedOnceTheJobIsResumed(t *testing.T) {
	resumedSince := func(options ...jobOption) *batchv1.Job {
		return aJob(3, append([]jobOption{parallelism(1), generation(4), active(1), resumed}, options...)...)
	}
	pods := []evidence.Attempt{aPod(0, 0, deleted(90), accounted), aPod(1, 92)}
	wantFate(t, see(resumedSince(), pods...).explain(), 0, "Unknown/PodMissing")
	wantFate(t, see(resumedSince(suspended), pods...).explain(), 0, "Terminating/")
	wantFate(t, see(resumedSince(beingDeleted), pods...).explain(), 0, "Terminating/")
}

// podReplacementPolicy may be changed: a pod on its way out that waits for its end
// now was perhaps replaced before, unless all that is active is seen.
func TestAPodThatIsNotReplacedNowWasPerhapsReplacedBefore(t *testing.T) {
	changed := func(n int32) *batchv1.Job { return aJob(2, onlyReplaceFailed, generation(2), active(n)) }
	leaving := aPod(0, 0, deleted(80), accounted)
	wantFate(t, see(changed(1), leaving).explain(), 0, "Unknown/PodMissing")
	wantFate(t, see(changed(0), leaving).explain(), 0, "Terminating/")
	wantFate(t, see(aJob(2, onlyReplaceFailed, active(1)), leaving).explain(), 0, "Terminating/")

	limited := func(options ...jobOption) *batchv1.Job {
		return aJob(2, append([]jobOption{perIndex(3), onlyReplaceFailed}, options...)...)
	}
	for want, job := range map[bool]*batchv1.Job{true: limited(), false: limited(generation(2))} {
		if record := fateOf(see(job, leaving).explain(), 0); record.Failures.Exact != want {
			t.Errorf("generation %d: exact %v", job.Generation, record.Failures.Exact)
		}
	}

	early := func(options ...jobOption) *batchv1.Job { // before 1.31 only the end has a time
		return aJob(2, append([]jobOption{onlyReplaceFailed, conditionTrue(batchv1.JobFailed, 60, "DeadlineExceeded", "")}, options...)...)
	}
	wantFate(t, see(early(generation(2)), aPod(0, 0, deleted(58), accounted)).explain(), 0, "Stopped/LastAttemptGone")
	wantFate(t, see(early(), aPod(0, 0, deleted(58), accounted)).explain(), 0, "Stopped/WhileRunning")
}

// An event that names a younger pod tells of failures that nobody can count.
func TestCountsAreNotExactWhereAnEventNamesAYoungerPod(t *testing.T) {
	e := see(aJob(1, perIndex(3)), aPod(0, 0)).events(created(0, 0), created(0, 56)).explain()
	if fateOf(e, 0).Failures.Exact {
		t.Error("the failures are said to be exact")
	}
}

// A resumption has no time until the status has caught up with it.
func TestAResumptionMayBeUnderWay(t *testing.T) {
	failed := aPod(0, 0, exited(1, 20))
	suspension := conditionTrue(batchv1.JobSuspended, 30, "JobSuspended", "Job suspended")
	wantFate(t, see(aJob(1, perIndex(3), generation(3), suspension), failed).explain(), 0, "Unknown/PodMissing")
	wantFate(t, see(aJob(1, perIndex(3), generation(2), suspended, suspension), failed).explain(), 0, "BackingOff/JobSuspended")
}

// The controller takes the finalizer away before it deletes a pod for a
// suspension, and an event may tell of a deletion that the list is too old for.
func TestAnActivePodThatIsBeingDeletedIsNotTakenForOne(t *testing.T) {
	wantFate(t, see(aJob(1), aPod(0, 0, accounted)).explain(), 0, "Unknown/Deciding")
	wantFate(t, see(aJob(1), aPod(0, 0)).events(created(0, 0), removed(0, 0, 99)).explain(), 0, "Terminating/")
	wantFate(t, see(aJob(1), aPod(0, 0, orphan)).explain(), 0, "Running/FirstAttempt")
}

// What makes a pod due may leave no time: a change of the spec, or the end of a
// pod that is gone.
func TestWhatIsDueMayHaveBeenCreatedWhereTheLastChangeIsNotKnown(t *testing.T) {
	failed := func() evidence.Attempt { return aPod(1, 0, exited(1, 20)) }
	wantFate(t, see(aJob(2, perIndex(3)), aPod(0, 0), failed()).explain(), 1, "BackingOff/BackoffDelay")
	wantFate(t, see(aJob(2, perIndex(3), generation(2)), aPod(0, 0), failed()).explain(), 1, "Unknown/PodMissing")
	wantFate(t, see(aJob(2, perIndex(3), completed("0", 1)), failed()).explain(), 1, "Unknown/PodMissing")
}

// Where pods are gone, a young one may be there in the place of another than the
// status calls active.
func TestAYoungPodMayNotBeTheActiveOne(t *testing.T) {
	job := aJob(4, parallelism(2), active(1), failures(1), completed("0", 1))
	failed := aPod(1, 0, exited(1, 80), accounted)
	wantFate(t, see(job, failed, aPod(2, 95)).explain(), 1, "Unknown/PodMissing")
	wantFate(t, see(job, aPod(0, 0, succeeded(20), accounted), failed, aPod(2, 60)).at(85).explain(), 1, "BackingOff/BackoffDelay")
}

func TestWhyAPodMayBeMissing(t *testing.T) {
	for _, c := range []struct {
		name  string
		seen  seen
		index int32
		says  string
	}{
		{"one is counted", see(aJob(1, active(1))), 0, "the status counts 1 active pod, 0 are there"},
		{"two are counted", see(aJob(2, active(2)), aPod(0, 0)), 1, "the status counts 2 active pods, 1 is there"},
		{"the one that is there came after another had ended", see(aJob(3, parallelism(1), active(1), completed("0", 1)), aPod(1, 98)), 2, "active pods that are there may have come after the status was written, and one that it counts may be gone"},
		{"no pods at all", see(aJob(1, active(1))).withoutPods(), 0, "no pods were read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if record := fateOf(c.seen.explain(), c.index); record.Fate != v1alpha1.Unknown || record.Message != c.says {
				t.Errorf("got %s: %s, want %s", record.Fate, record.Message, c.says)
			}
		})
	}
}
