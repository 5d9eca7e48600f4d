package replay

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
)

// KEP-4443 appends the name or the index of the rule to the reason.
func TestARuleWithANameIsAFailJobRule(t *testing.T) {
	for _, reason := range []string{"PodFailurePolicy", "PodFailurePolicy_bad-input", "PodFailurePolicy_0"} {
		message := "Container main for pod default/" + podName(0, 0) + " failed with exit code 42 matching FailJob rule at index 0"
		e := see(aJob(2, policy(failJobOn42), failures(2), conditionTrue(batchv1.JobFailureTarget, 60, reason, message), conditionTrue(batchv1.JobFailed, 60, reason, message)),
			aPod(0, 0, exited(42, 59), accounted)).explain()
		wantFate(t, e, 0, "Stopped/FailJobRule")
		if e.Conclusion.Reason != reason || e.Conclusion.Trigger == nil || *e.Conclusion.Trigger.Index != 0 || e.Agreement.Result != "Agrees" {
			t.Errorf("%s: %s, trigger %+v, %s %v", reason, e.Conclusion.Reason, e.Conclusion.Trigger, e.Agreement.Result, e.Agreement.Differences)
		}
	}
}
