package claims_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

var update = flag.Bool("update", false, "write testdata/costs.golden anew")

// costs is what is claimed of the whole corpus, by the kind of claim.
type costs struct {
	claims      map[string]*cost
	first, gone int // explanations with a first failure, and with an earlier one that may be gone
}

type cost struct{ indexes, exact int64 }

func (c *costs) add(e *v1alpha1.Explanation) {
	for i := range e.Fates {
		record := &e.Fates[i]
		key := claimOf(record)
		if record.Fate == v1alpha1.Pending {
			key = string(record.Fate) // its reason is the pod's own
		}
		if c.claims[key] == nil {
			c.claims[key] = new(cost)
		}
		n := int64(record.Last()) - int64(record.Index) + 1
		c.claims[key].indexes += n
		if record.Failures.Exact {
			c.claims[key].exact += n
		}
	}
	if first := e.Conclusion.FirstFailure; first != nil {
		c.first++
		if first.EarlierGone {
			c.gone++
		}
	}
}

func claimOf(record *v1alpha1.IndexFate) string {
	claim := string(record.Fate)
	if record.Reason != "" {
		claim += "/" + record.Reason
	}
	if record.Recorded != nil && !*record.Recorded {
		claim += " unrecorded"
	}
	return claim
}

func (c *costs) format(into *strings.Builder, name string) {
	fmt.Fprintf(into, "%s\n", name)
	for _, key := range slices.Sorted(maps.Keys(c.claims)) {
		fmt.Fprintf(into, "  %-52s %6d indexes %6d exact\n", key, c.claims[key].indexes, c.claims[key].exact)
	}
	fmt.Fprintf(into, "  %-52s %6d Jobs    %6d earlierGone\n\n", "firstFailure", c.first, c.gone)
}

// What a doubt costs is seen: how much is claimed of the corpus, whole and after
// each loss. A claim that becomes lesser shows as a difference here, and whoever
// reviews it says whether that is worth what it buys.
func TestWhatDoubtsCost(t *testing.T) {
	const golden = "testdata/costs.golden"
	recordings, err := recording.ReadDir("../recording/testdata")
	if err != nil {
		t.Fatal(err)
	}
	losses := []claims.Loss{{Name: "whole"}}
	losses = append(losses, claims.Loss{Name: "without events"})
	for _, loss := range claims.Losses[1:] {
		loss.Name = "without " + loss.Name
		losses = append(losses, loss)
	}
	all := make([]costs, len(losses))
	for i := range all {
		all[i].claims = map[string]*cost{}
	}
	for _, r := range recordings {
		for _, m := range r.Moments {
			whole, err := claims.Read(r, m)
			if err != nil {
				t.Fatal(err)
			}
			if whole == nil {
				continue
			}
			for i, loss := range losses {
				seen := whole
				switch {
				case loss.Lose != nil:
					seen = loss.From(whole, true, 0)
				case i > 0:
					seen = claims.Losses[0].From(whole, false, 0)
				}
				all[i].add(replay.Explain(seen, seen.ObservedAt))
			}
		}
	}
	var got strings.Builder
	for i := range all {
		all[i].format(&got, losses[i].Name)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("what is claimed has changed; go test ./hack/claims -run Cost -update writes it:\n%s", changedLines(string(want), got.String()))
	}
}

// changedLines are those of each loss that are not in both.
func changedLines(want, got string) string {
	var changed strings.Builder
	was, is := strings.Split(want, "\n\n"), strings.Split(got, "\n\n")
	for i := range max(len(was), len(is)) {
		before, after := linesOf(was, i), linesOf(is, i)
		if slices.Equal(before, after) {
			continue
		}
		fmt.Fprintf(&changed, "  %s\n", slices.Concat(after, before)[0])
		for _, side := range []struct {
			sign         string
			lines, other []string
		}{{"-", before, after}, {"+", after, before}} {
			for _, line := range side.lines {
				if !slices.Contains(side.other, line) {
					fmt.Fprintf(&changed, "%s %s\n", side.sign, line)
				}
			}
		}
	}
	return changed.String()
}

func linesOf(sections []string, i int) []string {
	if i >= len(sections) || sections[i] == "" {
		return nil
	}
	return strings.Split(sections[i], "\n")
}

// mayBeUnknown are the reasons of the table's rows 2 and 3, by which alone an index
// of an undecided Job that was read whole is unknown; but for a Job that was read
// before a pod that somebody deleted, when it was about to be decided.
var mayBeUnknown = []string{v1alpha1.ReasonForeign, v1alpha1.ReasonRulesOutOfRange, v1alpha1.ReasonStatusRefused, v1alpha1.ReasonDecisionDue}

// The order is set by hand: that is sound for this property alone, which holds
// whatever moved between the readings.
func TestNothingIsUnknownOfAnUndecidedJobThatWasReadWhole(t *testing.T) {
	undecided := 0
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, whole *evidence.Job) {
		for _, loss := range claims.Losses {
			for seed, order := range []evidence.Order{whole.Order, evidence.JobBeforePods, evidence.JobAfterPods, evidence.Bracketed} {
				seen := loss.From(whole, seed%2 == 0, uint64(seed))
				seen.Order = order
				e := replay.Explain(seen, seen.ObservedAt)
				if seen.Coverage.Pods != evidence.Whole || e.Conclusion.State.Decided() {
					continue
				}
				undecided++
				for i := range e.Fates {
					record := &e.Fates[i]
					unread := record.Reason == v1alpha1.ReasonEventsUnread && seen.Coverage.Events != evidence.Whole
					if record.Fate == v1alpha1.Unknown && !unread && !slices.Contains(mayBeUnknown, record.Reason) {
						t.Errorf("%s without %s: index %d is %s: %s", order, loss.Name, record.Index, claimOf(record), record.Message)
					}
				}
			}
		}
	})
	if undecided < 1000 {
		t.Errorf("%d explanations of undecided Jobs are too few", undecided)
	}
}
