package cmd

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// That an index has not started is known; that nothing is known of it is another thing.
func TestWhyThereIsNoLog(t *testing.T) {
	e := &v1alpha1.Explanation{Metadata: v1alpha1.Metadata{Name: "slow"}, Fates: []v1alpha1.IndexFate{
		{Index: 0, Fate: v1alpha1.Succeeded, LastIndex: new(int32(9))},
		{Index: 10, Fate: v1alpha1.Waiting, LastIndex: new(int32(49))},
		{Index: 50, Fate: v1alpha1.NeverStarted},
	}}
	for want, test := range map[string]struct {
		chosen indexes.Set
		choice logChoice
	}{
		"index 50 has not started":               {indexes.Of(50), logChoice{index: "50"}},
		"indexes 48-50 have not started":         {indexes.Range(48, 50), logChoice{index: "48-50"}},
		"no attempt of indexes 9,10 is known":    {indexes.Of(9, 10), logChoice{index: "9,10"}},
		"no attempt 3 of index 50 is known":      {indexes.Of(50), logChoice{index: "50", attempt: 3}},
		"no failed attempt of index 3 is known":  {indexes.Of(3), logChoice{index: "3", failed: true}},
		"no failed attempt of job slow is known": {indexes.Range(0, 50), logChoice{failed: true}},
	} {
		if got := (&logSelection{logChoice: test.choice, indexes: test.chosen}).whyNone(e); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What the controller removed did not fail, however its containers ended.
func TestFailedLeavesOutWhatWasRemoved(t *testing.T) {
	s := &logSelection{logChoice: logChoice{failed: true}}
	for decision, want := range map[v1alpha1.Decision]bool{v1alpha1.DecisionCount: true, v1alpha1.DecisionIgnore: true, "": true, v1alpha1.DecisionRemoved: false} {
		if got := s.wants(&v1alpha1.Attempt{Phase: corev1.PodFailed, Decision: decision}); got != want {
			t.Errorf("%q: %v, want %v", decision, got, want)
		}
	}
}

// Of pods that never ran nobody is told to keep them.
func TestPodsThatNeverRanWroteNoLog(t *testing.T) {
	if err := noLogOf([]logSource{{pod: "a"}, {pod: "b"}}); strings.Contains(err.Error(), "keep failed pods") {
		t.Error(err)
	}
	if err := noLogOf([]logSource{{pod: "a"}, {gone: "its pod was deleted", ran: true}}); !strings.Contains(err.Error(), "keep failed pods") {
		t.Error(err)
	}
}
