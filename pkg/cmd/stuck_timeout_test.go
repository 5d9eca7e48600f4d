package cmd

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Only what nobody but a user mends is hopeless, and only where nothing else goes on.
func TestHopeless(t *testing.T) {
	now := metav1.NewTime(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	pending := func(reason string, age time.Duration) v1alpha1.IndexFate {
		created := metav1.NewTime(now.Add(-age))
		return v1alpha1.IndexFate{Fate: v1alpha1.Pending, Reason: reason, Attempts: []v1alpha1.Attempt{{CreationTime: &created}}}
	}
	fate := func(fate v1alpha1.Fate, reason string) v1alpha1.IndexFate {
		return v1alpha1.IndexFate{Fate: fate, Reason: reason}
	}
	for name, test := range map[string]struct {
		state v1alpha1.State
		fates []v1alpha1.IndexFate
		want  bool
	}{
		"an image that is not there":      {v1alpha1.StateRunning, []v1alpha1.IndexFate{pending("ImagePullBackOff", time.Second), fate(v1alpha1.Waiting, "")}, true},
		"a name that is none":             {v1alpha1.StateRunning, []v1alpha1.IndexFate{pending("InvalidImageName", time.Second)}, true},
		"a missing secret":                {v1alpha1.StateRunning, []v1alpha1.IndexFate{pending("CreateContainerConfigError", time.Second), fate(v1alpha1.Succeeded, "")}, true},
		"pods are rejected":               {v1alpha1.StateRunning, []v1alpha1.IndexFate{fate(v1alpha1.Waiting, v1alpha1.ReasonCreateFailed)}, true},
		"beside one that runs":            {v1alpha1.StateRunning, []v1alpha1.IndexFate{pending("ImagePullBackOff", time.Hour), fate(v1alpha1.Running, "")}, false},
		"beside one that will be retried": {v1alpha1.StateRunning, []v1alpha1.IndexFate{pending("ImagePullBackOff", time.Hour), fate(v1alpha1.BackingOff, "")}, false},
		"an image that is being pulled":   {v1alpha1.StateRunning, []v1alpha1.IndexFate{pending("ContainerCreating", time.Hour)}, false},
		"no node has room":                {v1alpha1.StateRunning, []v1alpha1.IndexFate{pending("Unschedulable", 14*time.Minute)}, false},
		"for a quarter of an hour":        {v1alpha1.StateRunning, []v1alpha1.IndexFate{pending("Unschedulable", 15*time.Minute)}, true},
		"suspended":                       {v1alpha1.StateSuspended, []v1alpha1.IndexFate{pending("ImagePullBackOff", time.Hour)}, false},
		"nothing has begun":               {v1alpha1.StateRunning, []v1alpha1.IndexFate{fate(v1alpha1.Waiting, v1alpha1.ReasonDueNow)}, false},
		"it is decided":                   {v1alpha1.StateFailing, []v1alpha1.IndexFate{pending("ImagePullBackOff", time.Hour)}, false},
	} {
		e := &v1alpha1.Explanation{ObservedAt: now, Fates: test.fates}
		e.Conclusion.State = test.state
		if got := isHopeless(e); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
