package replay

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
)

// A runner is slow against the p95 of those that succeeded, if enough did.
const (
	slowTimes     = 3
	slowSuccesses = 5
)

// findSlow: a runner far above nearly all that succeeded, and on which node.
func (t *totals) findSlow(e *v1alpha1.Explanation) []v1alpha1.Finding {
	run := e.Durations.Run
	if run.Count < slowSuccesses {
		return nil
	}
	p95 := time.Duration(run.P95) * time.Second
	var slow []int32
	var longest *podFacts
	for _, pod := range t.pods {
		if !pod.Active || !pod.ValidIndex || pod.Phase != corev1.PodRunning || pod.started.IsZero() {
			continue
		}
		if ran := t.now.Sub(pod.started.Time()); ran > slowTimes*p95 && ran > v1alpha1.SlowAfter {
			slow = append(slow, pod.Index)
			if longest == nil || pod.started < longest.started {
				longest = pod
			}
		}
	}
	if longest == nil {
		return nil
	}
	upTo, typical, on := "runs for", v1alpha1.Duration(p95), ""
	if len(slow) > 1 {
		upTo = fmt.Sprintf("%d run for up to", len(slow))
	}
	if p95 < controller.Resolution {
		typical = "1s" // times are kept to the second
	}
	if longest.Node != "" {
		on = " on node " + longest.Node
	}
	found := finding(v1alpha1.SlowRunner, slow, "%s %s%s, 95%% of the %s that succeeded took no more than %s", upTo, v1alpha1.Duration(t.now.Sub(longest.started.Time())), on, v1alpha1.Count(run.Count), typical)
	if len(slow) == 1 {
		found[0].Node = longest.Node
	}
	return found
}
