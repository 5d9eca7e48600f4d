package replay

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestTheDelayDoublesUpToItsCap(t *testing.T) {
	for failures, want := range map[int32]time.Duration{
		0: 0, 1: 10 * time.Second, 2: 20 * time.Second, 3: 40 * time.Second, 6: 320 * time.Second, 7: 10 * time.Minute, 100: 10 * time.Minute, 1<<31 - 1: 10 * time.Minute,
	} {
		if got := Delay(failures, Rules{Newest}.maxDelay()); got != want {
			t.Errorf("after %d: got %s, want %s", failures, got, want)
		}
	}
	if got := Delay(30, Rules{27}.maxDelay()); got != 6*time.Minute {
		t.Errorf("before 1.28: got %s", got)
	}
}

// The first there is of four instants.
func TestWhenAPodFinished(t *testing.T) {
	notReady := hasCondition(corev1.PodReady, corev1.ConditionFalse, "", 40)
	for _, c := range []struct {
		name  string
		rules int
		pod   evidence.Attempt
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
			if got := (Rules{c.rules}).FinishedTime(&c.pod); !got.Equal(at(c.want)) {
				t.Errorf("got %s, want %s", got, at(c.want))
			}
		})
	}
}
