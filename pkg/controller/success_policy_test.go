package controller_test

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

func TestWhichRuleOfSuccessPolicyIsMet(t *testing.T) {
	rule := func(list string, n int32) batchv1.SuccessPolicyRule {
		var r batchv1.SuccessPolicyRule
		if list != "" {
			r.SucceededIndexes = &list
		}
		if n >= 0 {
			r.SucceededCount = &n
		}
		return r
	}
	for _, c := range []struct {
		name  string
		rules []batchv1.SuccessPolicyRule
		list  string
		want  int32
	}{
		{"a count", []batchv1.SuccessPolicyRule{rule("", 2)}, "1,3", 0},
		{"not one less", []batchv1.SuccessPolicyRule{rule("", 2)}, "1", -1},
		{"a count of 0 wants one", []batchv1.SuccessPolicyRule{rule("", 0)}, "", -1},
		{"all that are listed", []batchv1.SuccessPolicyRule{rule("1,3", -1)}, "1-3", 0},
		{"not all of them", []batchv1.SuccessPolicyRule{rule("1,3", -1)}, "1,2", -1},
		{"as many of the listed", []batchv1.SuccessPolicyRule{rule("1-3", 1)}, "2", 0},
		{"not of others", []batchv1.SuccessPolicyRule{rule("1-3", 1)}, "4,5", -1},
		{"the first that is met", []batchv1.SuccessPolicyRule{rule("0", -1), rule("1", -1), rule("", 1)}, "1", 1},
		{"listed ones above completions are cut off", []batchv1.SuccessPolicyRule{rule("1,50", -1)}, "1", 0},
		{"and where none is left the rule is skipped", []batchv1.SuccessPolicyRule{rule("50", 1)}, "1", -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := aJob(10, successPolicy(c.rules...), completed(c.list, 0))
			got, _ := controller.MatchSuccessPolicy(job.Spec.SuccessPolicy, 10, controller.SucceededIndexes(job, nil))
			if got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestWhetherSuccessPolicyCanStillBeMet(t *testing.T) {
	list := "1,3"
	job := aJob(5, successPolicy(batchv1.SuccessPolicyRule{SucceededIndexes: &list}))
	if !controller.CanStillMeet(job.Spec.SuccessPolicy, 5, indexes.Of(0, 2)) {
		t.Error("indexes that no rule lists are missed")
	}
	if controller.CanStillMeet(job.Spec.SuccessPolicy, 5, indexes.Of(3)) {
		t.Error("an index that the rule lists is not missed")
	}
}
