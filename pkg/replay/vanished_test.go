package replay

import (
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// vanished by that second, while it was watched or not. What is gone was let go
// by the controller.
func vanished(second int) podOption {
	return func(pod *evidence.Attempt) { pod.Vanished, pod.Finalizer = instant(second), false }
}

// A pod that the decision killed is gone soon after. Whoever saw it knows what
// a fresh look cannot.
func TestAPodKilledAtTheDecisionStaysEvidence(t *testing.T) {
	job := aJob(3, failures(3), failing(50, "DeadlineExceeded"), activeDeadline(50))
	e := see(job,
		aPod(0, 0, deleted(50), vanished(55)),
		aPod(1, 0, deleted(50), exited(143, 54), vanished(55)),
		aPod(2, 0, waits("ImagePullBackOff"), deleted(50), vanished(50)),
	).explain()
	wantFate(t, e, 0, "Stopped/WhileRunning")
	wantFate(t, e, 1, "Stopped/WhileRunning")
	wantFate(t, e, 2, "Stopped/WhilePending")
	for index := range int32(3) {
		if a := fateOf(e, index).Attempts; len(a) != 1 || a[0].Source != "Pod" || a[0].Deletion == nil || *a[0].Terminating {
			t.Errorf("index %d: attempts %+v", index, a)
		}
	}
	unseen := see(job).explain()
	wantFate(t, unseen, 0, "Unfinished/")
}

// One that went while nobody watched may have ended before the decision.
func TestAPodThatWentUnseenProvesNoKill(t *testing.T) {
	for _, option := range []jobOption{perIndex(3), onlyReplaceFailed, generation(1)} {
		job := aJob(1, failures(1), failing(50, "DeadlineExceeded"), activeDeadline(50), option)
		wantFate(t, see(job, aPod(0, 0, vanished(90))).explain(), 0, "Stopped/PodGone")
	}
}

// Vanished pods are history: they hold no slot, are on nobody's way out and
// cannot tip the Job any more; the chain of an index goes on from them.
func TestAVanishedPodIsHistory(t *testing.T) {
	job := aJob(1, perIndex(2), failures(1), active(1))
	e := see(job, aPod(0, 0, exited(1, 10), vanished(30)), aPod(0, 20, born(1, 0))).explain()
	wantFate(t, e, 0, "Running/Retry")
	if record := fateOf(e, 0); len(record.Attempts) != 2 || record.Attempts[0].Source != "Pod" || e.Evidence.AttemptsInferred != 0 {
		t.Errorf("attempts %+v, %d inferred", record.Attempts, e.Evidence.AttemptsInferred)
	}
	done := aJob(2, completed("0", 1), active(1))
	e = see(done, aPod(0, 0, succeeded(10), vanished(30)), aPod(1, 0)).explain()
	wantFate(t, e, 0, "Succeeded/FirstAttempt")
	if e.Agreement.Result != "Agrees" {
		t.Errorf("%s: %v", e.Agreement.Result, e.Agreement.Differences)
	}
	// It succeeded after it was last seen.
	e = see(done, aPod(0, 0, vanished(30)), aPod(1, 0)).explain()
	wantFate(t, e, 0, "Succeeded/HistoryGone")
	if e.Agreement.Result != "Agrees" {
		t.Errorf("%s: %v", e.Agreement.Result, e.Agreement.Differences)
	}
}

// How a pod ended that went unseen shows in what the next was born with.
func TestTheNextPodTellsOfOneThatWentUnseen(t *testing.T) {
	for _, born := range []podOption{born(1, 0), born(0, 1)} {
		job := aJob(1, perIndex(2), failures(1), active(1), policy(onCodes("Ignore", "In", 7)))
		e := see(job, aPod(0, 0, vanished(30)), aPod(0, 20, born)).explain()
		wantFate(t, e, 0, "Running/Retry")
		if record := fateOf(e, 0); len(record.Attempts) != 2 || e.Evidence.AttemptsInferred != 0 || e.Agreement.Result != "Agrees" {
			t.Errorf("attempts %+v, %v", record.Attempts, e.Agreement)
		}
	}
}
