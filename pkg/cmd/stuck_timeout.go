package cmd

import (
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// unscheduledAfter is how long a pod that cannot be scheduled is given, for a node
// may come, or an autoscaler bring one.
const unscheduledAfter = 15 * time.Minute

// isHopeless: nothing of the Job goes on, and only a user can mend what holds it up. A
// Job that is suspended, or queued, waits for somebody.
func isHopeless(e *v1alpha1.Explanation) bool {
	if e.Conclusion.State != v1alpha1.StateRunning {
		return false
	}
	isAny := false
	for i := range e.Fates {
		record := &e.Fates[i]
		switch record.Fate {
		case v1alpha1.Pending:
			if !isHopelessPod(e, record) {
				return false
			}
			isAny = true
		case v1alpha1.Waiting:
			isAny = isAny || record.Reason == v1alpha1.ReasonCreateFailed
		case v1alpha1.Running, v1alpha1.Terminating, v1alpha1.BackingOff:
			return false
		}
	}
	return isAny
}

func isHopelessPod(e *v1alpha1.Explanation, record *v1alpha1.IndexFate) bool {
	if v1alpha1.WaitsForever(record.Reason) {
		return true
	}
	if record.Reason != "Unschedulable" || len(record.Attempts) == 0 {
		return false
	}
	created := record.Attempts[len(record.Attempts)-1].CreationTime
	return created != nil && e.ObservedAt.Sub(created.Time) >= unscheduledAfter
}
