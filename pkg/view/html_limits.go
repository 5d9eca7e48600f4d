package view

import (
	"fmt"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// htmlLimits are the limits and rules of the Job, and what each of them decided.
func (s sheet) htmlLimits() htmlTable {
	t := htmlTable{Class: "stacked", Titles: []string{"Field", "Value", "What came of it"}}
	row := func(field, value, came string) {
		t.Rows = append(t.Rows, htmlRow{Cells: []htmlCell{{Text: field}, {Text: bare(value)}, {Text: bare(came)}}})
	}
	number := func(field string, value *int32, came string) {
		if value != nil {
			row(field, decimal(*value), came)
		}
	}
	spec := &s.Spec
	number("completions", spec.Completions, many(s.Counts[v1alpha1.Succeeded], "index succeeded", "indexes succeeded"))
	number("parallelism", spec.Parallelism, "")
	number("backoffLimitPerIndex", spec.BackoffLimitPerIndex, many(s.ofReason(v1alpha1.ReasonBackoffExceeded), "index exceeded it", "indexes exceeded it"))
	number("maxFailedIndexes", spec.MaxFailedIndexes, many(s.Counts[v1alpha1.Failed], "index failed", "indexes failed"))
	number("backoffLimit", spec.BackoffLimit, s.ofBackoffLimit())
	if deadline := spec.ActiveDeadlineSeconds; deadline != nil {
		row("activeDeadlineSeconds", decimal(*deadline), s.ifDecided(batchv1.JobReasonDeadlineExceeded, "exceeded"))
	}
	if policy := spec.PodReplacementPolicy; policy != nil {
		row("podReplacementPolicy", string(*policy), "")
	}
	if suspend := spec.Suspend; suspend != nil && *suspend {
		row("suspend", "true", "")
	}
	if policy := spec.SuccessPolicy; policy != nil {
		for n := range policy.Rules {
			row(fmt.Sprintf("successPolicy.rules[%d]", n), successRuleWords(&policy.Rules[n]), s.ifDecided(batchv1.JobReasonSuccessPolicy, "met"))
		}
	}
	if policy := spec.PodFailurePolicy; policy != nil {
		for n := range policy.Rules {
			decided := s.decidedBy(func(cause *v1alpha1.Signature) bool { return cause.Rule != nil && int(*cause.Rule) == n })
			row("podFailurePolicy."+ruleName(int32(n)), failureRuleWords(&policy.Rules[n]), "decided "+many(decided, "attempt", "attempts"))
		}
		counted := s.decidedBy(func(cause *v1alpha1.Signature) bool {
			return cause.Rule == nil && cause.Decision == v1alpha1.DecisionCount
		})
		row("no rule of podFailurePolicy", "counted", many(counted, "attempt", "attempts"))
	}
	return t
}

// decidedBy counts the attempts of the causes that were decided in a way.
func (s sheet) decidedBy(is func(*v1alpha1.Signature) bool) int64 {
	var n int64
	for i := range s.Signatures {
		if is(&s.Signatures[i]) {
			n += s.Signatures[i].Attempts
		}
	}
	return n
}

// ofReason counts the indexes whose fate has a reason.
func (s sheet) ofReason(reason string) int64 {
	var n int64
	for i := range s.Fates {
		if record := &s.Fates[i]; record.Reason == reason {
			n += int64(record.Last()) - int64(record.Index) + 1
		}
	}
	return n
}

// ofBackoffLimit: beside backoffLimitPerIndex the API server sets the limit of the
// whole Job so high that it never decides, unless somebody sets it.
func (s sheet) ofBackoffLimit() string {
	return s.ifDecided(batchv1.JobReasonBackoffLimitExceeded, "exceeded; "+many(int64(s.Status.Failed), "failure", "failures")+" in status.failed")
}

func (s sheet) ifDecided(reason, words string) string {
	predicted := s.Conclusion.Predicted
	if v1alpha1.KnownReason(s.Conclusion.Reason) == reason || predicted != nil && predicted.Reason == reason {
		return words
	}
	return "not " + strings.SplitN(words, ";", 2)[0]
}

// failureRuleWords are a rule as one would read it out: FailIndex on exit code in 42.
func failureRuleWords(rule *batchv1.PodFailurePolicyRule) string {
	words := string(rule.Action) + " on "
	if codes := rule.OnExitCodes; codes != nil {
		words += "exit code "
		if codes.Operator == batchv1.PodFailurePolicyOnExitCodesOpNotIn {
			words += "not "
		}
		words += "in " + numbersInWords(codes.Values)
		if codes.ContainerName != nil {
			words += " of container " + *codes.ContainerName
		}
		return words
	}
	var conditions []string
	for _, pattern := range rule.OnPodConditions {
		words := string(pattern.Type)
		if pattern.Status != corev1.ConditionTrue && pattern.Status != "" {
			words += " " + string(pattern.Status)
		}
		conditions = append(conditions, words)
	}
	return words + "condition " + strings.Join(conditions, " or ")
}

func numbersInWords(numbers []int32) string {
	sorted := slices.Sorted(slices.Values(numbers))
	var words []string
	for _, n := range sorted {
		words = append(words, decimal(n))
	}
	return strings.Join(words, ", ")
}

// successRuleWords: without a count all of the indexes have to succeed.
func successRuleWords(rule *batchv1.SuccessPolicyRule) string {
	of := "of all indexes"
	if rule.SucceededIndexes != nil {
		of = "of indexes " + *rule.SucceededIndexes
	}
	if rule.SucceededCount != nil {
		return decimal(*rule.SucceededCount) + " " + of
	}
	return "all " + of
}
