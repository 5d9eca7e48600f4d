package oracle

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

func TestIndexListsAndSuccessPolicy(t *testing.T) {
	comparison{
		cases: 400_000,
		generate: func(g *generator) *Case {
			completions := g.completions()
			job := &batchv1.Job{}
			job.Spec.Completions = &completions
			job.Status.CompletedIndexes = g.indexList(completions)
			if g.chance(10) {
				job.Status.CompletedIndexes = g.disorderedList()
			}
			if g.chance(60) {
				job.Spec.SuccessPolicy = g.successPolicy(completions)
			}
			return &Case{Job: job, Now: epoch}
		},
		compare: compareIndexLists,
		branches: map[string]int{
			"an empty list":                   10_000,
			"a list in order":                 100_000,
			"a list in disorder":              10_000,
			"a fragment that is no interval":  50_000,
			"an end that is no number":        5_000,
			"stopped at or above completions": 10_000,
			"clipped":                         5_000,
			"a run of two":                    10_000,
			"a run of three and more":         10_000,
			"no success policy":               50_000,
			"no success yet":                  5_000,
			"no rule is met":                  10_000,
			"met: count alone":                5_000,
			"met: all listed indexes":         5_000,
			"met: enough of the listed":       5_000,
			"met by a later rule":             5_000,
			"a rule with nothing below limit": 5_000,
			"a rule that lists and counts":    10_000,
			"a rule that asks for nothing":    5_000,
		},
	}.run(t)
}

func compareIndexLists(c *Case, saw func(string)) string {
	list, completions := c.Job.Status.CompletedIndexes, *c.Job.Spec.Completions
	theirs := upstream.ParseIndexesFromString(quiet, list, int(completions))
	ours, ok := indexes.ParseStatus(list, completions)
	if !inOrder(list, int(completions)) {
		// Upstream keeps such intervals as they stand, and counts some indexes
		// twice; no controller writes them and the API server refuses them. We
		// promise only to say that the list is corrupt.
		saw("a list in disorder")
		if ok {
			return differ("the list "+list, "in disorder "+theirs.String(), ours.String()+", taken for good")
		}
		return ""
	}
	if ours.String() != theirs.String() || int(ours.Len()) != upstream.OrderedIntervalsTotal(theirs) {
		return differ("parseIndexesFromString", theirs, ours)
	}
	for index := range min(completions, 20) {
		if ours.Has(index) != upstream.OrderedIntervalsHas(theirs, int(index)) {
			return differ(fmt.Sprint("has ", index), upstream.OrderedIntervalsHas(theirs, int(index)), ours.Has(index))
		}
	}
	sawList(list, int(completions), theirs, saw)
	return compareSuccessPolicy(c, theirs, ours, saw)
}

// inOrder: ascending, and neither overlapping nor backwards, up to where
// reading stops. One by one: upstream joins neighbours before it looks on.
func inOrder(list string, completions int) bool {
	next := 0
	for fragment := range strings.SplitSeq(list, ",") {
		if first, err := strconv.Atoi(strings.Split(fragment, "-")[0]); err == nil && first >= completions {
			break
		}
		for _, i := range upstream.ParseIndexesFromString(quiet, fragment, completions) {
			if i.First < next || i.Last < i.First {
				return false
			}
			next = i.Last + 1
		}
	}
	return true
}

func compareSuccessPolicy(c *Case, theirs upstream.OrderedIntervals, ours indexes.Set, saw func(string)) string {
	policy, completions := c.Job.Spec.SuccessPolicy, *c.Job.Spec.Completions
	message, met := upstream.MatchSuccessPolicy(quiet, policy, completions, theirs)
	rule, weMet := controller.MatchSuccessPolicy(policy, completions, ours)
	ourMessage := ""
	if weMet {
		ourMessage = fmt.Sprintf("Matched rules at index %d", rule)
	}
	if met != weMet || message != ourMessage {
		return differ("matchSuccessPolicy", message, ourMessage)
	}
	sawSuccessPolicy(policy, completions, ours, rule, saw)
	return ""
}

func sawList(list string, completions int, intervals upstream.OrderedIntervals, saw func(string)) {
	if list == "" {
		saw("an empty list")
		return
	}
	saw("a list in order")
	for _, i := range intervals {
		switch i.Last - i.First {
		case 0:
		case 1:
			saw("a run of two")
		default:
			saw("a run of three and more")
		}
	}
	sawFragments(list, completions, saw)
}

func sawSuccessPolicy(policy *batchv1.SuccessPolicy, completions int32, succeeded indexes.Set, met int32, saw func(string)) {
	switch {
	case policy == nil:
		saw("no success policy")
		return
	case succeeded.Empty():
		saw("no success yet")
		return
	case met < 0:
		saw("no rule is met")
	case met > 0:
		saw("met by a later rule")
	}
	for i, rule := range policy.Rules {
		if int32(i) == met {
			saw("met: " + howMet(&rule, completions, succeeded))
			break
		}
		switch {
		case rule.SucceededIndexes == nil && rule.SucceededCount == nil:
			saw("a rule that asks for nothing")
		case rule.SucceededIndexes != nil:
			if wanted, _ := indexes.ParseStatus(*rule.SucceededIndexes, completions); wanted.Empty() {
				saw("a rule with nothing below limit")
			} else if rule.SucceededCount != nil {
				saw("a rule that lists and counts")
			}
		}
	}
}

func howMet(rule *batchv1.SuccessPolicyRule, completions int32, succeeded indexes.Set) string {
	if rule.SucceededIndexes == nil {
		return "count alone"
	}
	wanted, _ := indexes.ParseStatus(*rule.SucceededIndexes, completions)
	if wanted.Minus(succeeded).Empty() {
		return "all listed indexes"
	}
	return "enough of the listed"
}

// sawFragments reads the list once more, to see what was skipped and why.
func sawFragments(list string, completions int, saw func(string)) {
	for fragment := range strings.SplitSeq(list, ",") {
		limits := strings.Split(fragment, "-")
		first, err := strconv.Atoi(limits[0])
		switch {
		case err != nil:
			saw("a fragment that is no interval")
			continue
		case first >= completions:
			saw("stopped at or above completions")
			return
		case len(limits) == 1:
			continue
		}
		last, err := strconv.Atoi(limits[1])
		if err != nil {
			saw("an end that is no number")
		} else if last >= completions {
			saw("clipped")
		}
	}
}
