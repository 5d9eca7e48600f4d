package view

import (
	"fmt"
	"strings"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// verdict is every rule's word on the attempt and what its failure counts.
func (s sheet) verdict(a *v1alpha1.Attempt) []fact {
	var facts []fact
	for _, rule := range a.Rules {
		name := strings.TrimSpace(ruleName(rule.Rule) + " " + s.actionOf(rule.Rule))
		lead := append(sentence(name).pad(len("rules[0] FailIndex"), false), text(" "))
		if rule.Matched {
			lead = append(lead, inked("yes", bold), text("  "))
		} else {
			lead = append(lead, text("no   "))
		}
		facts = append(facts, fact{lead, sentence(rule.Because)})
	}
	if a.Decision == "" {
		return facts
	}
	return append(facts, fact{line{inked("=>", bold), text(" ")}, sentence(s.decided(a))})
}

func (s sheet) actionOf(rule int32) string {
	policy := s.Spec.PodFailurePolicy
	if policy == nil || int(rule) >= len(policy.Rules) || rule < 0 {
		return ""
	}
	return string(policy.Rules[rule].Action)
}

// decided is the decision with the count before and after, against the limit.
func (s sheet) decided(a *v1alpha1.Attempt) string {
	var words string
	switch a.Decision {
	case v1alpha1.DecisionRemoved:
		return "removed by the controller, not counted"
	case v1alpha1.DecisionIgnore:
		words = "ignored"
	case v1alpha1.DecisionFailIndex:
		words = "the index fails, without a retry"
	case v1alpha1.DecisionFailJob:
		words = "the Job fails"
	default:
		words = "counted"
		if a.Rule == nil && s.Spec.PodFailurePolicy != nil {
			words += ", since no rule matched"
		}
	}
	if a.Before == nil || a.After == nil {
		return words
	}
	counted, ignored := step(a.Before.Counted, a.After.Counted), step(a.Before.Ignored, a.After.Ignored)
	if a.Decision == v1alpha1.DecisionIgnore {
		return words + ": " + ignored + "; " + counted + " counted" + s.limitWords()
	}
	words += ": " + counted
	if a.Decision != v1alpha1.DecisionCount {
		words += " counted"
	}
	words += s.limitWords()
	if a.After.Ignored > 0 {
		words += "; " + ignored + " ignored"
	}
	return words
}

// step is a count before and after, or one that did not change.
func step(before, after int32) string {
	if before == after {
		return decimal(after)
	}
	return decimal(before) + " -> " + decimal(after)
}

// limitWords are the limit that counts are held against.
func (s sheet) limitWords() string {
	if limit := s.Spec.BackoffLimitPerIndex; limit != nil {
		if *limit == 0 {
			return "; no retry is allowed"
		}
		return "; the limit is " + many(int64(*limit), "retry", "retries")
	}
	if limit := s.Spec.BackoffLimit; limit != nil {
		return fmt.Sprintf(" (the limit is the whole Job's: backoffLimit %d)", *limit)
	}
	return ""
}
