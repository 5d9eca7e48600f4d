package controller_test

import (
	"math"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestTheDelayDoublesUpToItsCap(t *testing.T) {
	for failures, want := range map[int32]time.Duration{
		0: 0, 1: 10 * time.Second, 2: 20 * time.Second, 3: 40 * time.Second, 6: 320 * time.Second, 7: 10 * time.Minute, 100: 10 * time.Minute, 1<<31 - 1: 10 * time.Minute,
	} {
		if got := controller.Delay(failures); got != want {
			t.Errorf("after %d: got %s, want %s", failures, got, want)
		}
	}
}

func TestCountsThatOverflowGiveTheFirstDelay(t *testing.T) {
	pod := aState(aJob(1, perIndex(9)), aPod(0, 0, born(math.MaxInt32, 7), exited(1, 50))).Pods[0]
	if got := pod.RetryTime(); !got.Equal(at(60)) {
		t.Errorf("got %s", got)
	}
}

// The first there is of four instants.
func TestWhenAPodFinished(t *testing.T) {
	notReady := has(corev1.PodReady, corev1.ConditionFalse, 40)
	for _, c := range []struct {
		name  string
		rules int
		pod   *evidence.Attempt
		want  int
	}{
		{"the end of its container", 37, aPod(0, 0, exited(1, 50), notReady, deleted(30)), 50},
		{"the latest of two", 37, aPod(0, 0, exited(1, 50), withContainer(evidence.App, "second", 0, 55)), 55},
		{"a sidecar's, from 1.31 on", 31, aPod(0, 0, exited(1, 50), withContainer(evidence.Sidecar, "proxy", 143, 60)), 60},
		{"not before", 30, aPod(0, 0, exited(1, 50), withContainer(evidence.Sidecar, "proxy", 143, 60)), 50},
		{"never an init container's", 37, aPod(0, 0, exited(1, 50), withContainer(evidence.Init, "init", 0, 70)), 50},
		{"a sidecar's alone, where an app container has none", 37, aPod(0, 0, notReady, withContainer(evidence.Sidecar, "proxy", 143, 60)), 60},
		{"when it was no longer ready", 37, aPod(0, 0, notReady, deleted(30)), 40},
		{"the call that deleted it, not the end of its grace", 37, aPod(0, 0, deleted(30)), 30},
		{"its creation", 37, aPod(0, 7), 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (controller.Rules{Minor: c.rules}).FinishedTime(c.pod).Time(); !got.Equal(at(c.want)) {
				t.Errorf("got %s, want %s", got, at(c.want))
			}
		})
	}
}

// What a controller remembers, and what it makes of the pods of a sync.
func TestTheBackoffRecord(t *testing.T) {
	before := controller.BackoffRecord{Failures: 3, LastFailure: instant(80)}
	for _, c := range []struct {
		name string
		pods []*evidence.Attempt
		want controller.BackoffRecord
	}{
		{"nothing new changes nothing", []*evidence.Attempt{aPod(0, 0), aPod(1, 0, exited(1, 90), accounted)}, before},
		{"every new failure counts", []*evidence.Attempt{aPod(0, 0, exited(1, 90)), aPod(1, 0, exited(1, 95))}, controller.BackoffRecord{Failures: 5, LastFailure: instant(95)}},
		{"the last of the new ones counts, though one came later", []*evidence.Attempt{aPod(0, 0, exited(1, 70))}, controller.BackoffRecord{Failures: 4, LastFailure: instant(70)}},
		{"a success wipes out what was before", []*evidence.Attempt{aPod(0, 0, succeeded(90))}, controller.BackoffRecord{}},
		{"and what failed at the same instant", []*evidence.Attempt{aPod(0, 0, succeeded(90)), aPod(1, 0, exited(1, 90))}, controller.BackoffRecord{}},
		{"not what failed after it", []*evidence.Attempt{aPod(0, 0, succeeded(90)), aPod(1, 0, exited(1, 91))}, controller.BackoffRecord{Failures: 1, LastFailure: instant(91)}},
		{"a pod of no index is none", []*evidence.Attempt{aPod(7, 0, succeeded(90)), aPod(-1, 0, exited(1, 91))}, before},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := before.After(aState(aJob(2), c.pods...).Pods); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// A pod may have been written down as failed while it was on its way out, and
// have succeeded since.
func TestASuccessThatWasWrittenDownAsAFailureIsOne(t *testing.T) {
	before := controller.BackoffRecord{Failures: 3, LastFailure: instant(80)}
	state := aState(aJob(1, uncounted("a")), aPod(0, 0, named("a"), succeeded(90), deleted(70)))
	if got := before.After(state.Pods); got.Failures != 0 {
		t.Errorf("got %+v", got)
	}
	if outcome := controller.Sync(state); len(outcome.First.UncountedFailed) != 1 || outcome.Second.Failed != 1 || outcome.Succeeded.Len() != 1 {
		t.Errorf("got %+v, then %+v", outcome.First, outcome.Second)
	}
}

func TestTheRecordThatIsEstimated(t *testing.T) {
	pods := aState(aJob(3, uncounted("j-1-00000")), aPod(0, 0, exited(1, 40), accounted), aPod(1, 0, exited(1, 50)), aPod(2, 0, exited(1, 60))).Pods
	if got := controller.EstimateBackoff(pods); got != (controller.BackoffRecord{Failures: 2, LastFailure: instant(50)}) {
		t.Errorf("got %+v", got)
	}
}
