package controller

import (
	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// MatchSuccessPolicy finds the first rule that the succeeded indexes meet
// (matchSuccessPolicy in success_policy.go, v1.37.2). No success meets no rule,
// and a rule whose indexes all lie above completions is skipped.
func MatchSuccessPolicy(policy *batchv1.SuccessPolicy, completions int32, succeeded indexes.Set) (rule int32, met bool) {
	if policy == nil || succeeded.Empty() {
		return -1, false
	}
	for i := range policy.Rules {
		if meetsRule(&policy.Rules[i], completions, succeeded) {
			return int32(i), true
		}
	}
	return -1, false
}

func meetsRule(rule *batchv1.SuccessPolicyRule, completions int32, succeeded indexes.Set) bool {
	if rule.SucceededIndexes == nil {
		return rule.SucceededCount != nil && succeeded.Len() >= int64(*rule.SucceededCount)
	}
	wanted, _ := indexes.ParseStatus(*rule.SucceededIndexes, completions)
	if wanted.Empty() {
		return false
	}
	got := wanted.Intersect(succeeded).Len()
	return got == wanted.Len() || rule.SucceededCount != nil && got >= int64(*rule.SucceededCount)
}

// CanStillMeet reports whether some rule could be met if every index that is
// not lost succeeded.
func CanStillMeet(policy *batchv1.SuccessPolicy, completions int32, lost indexes.Set) bool {
	_, met := MatchSuccessPolicy(policy, completions, indexes.Range(0, completions-1).Minus(lost))
	return met
}
