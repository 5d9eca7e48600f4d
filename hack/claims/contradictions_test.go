package claims_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

var countInWords = regexp.MustCompile(`([\d,]+) (?:of ([\d,]+) )?(succeeded|running|pending|terminating|in backoff)\b`)

// A pair of lines of one answer that cannot both be true, whatever happened.
var contradictions = []struct {
	name string
	in   func(e *v1alpha1.Explanation, say func(format string, args ...any))
}{
	{"attempts that are known, of an index of which it is said to be unknown whether it had any", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		for i := range e.Fates {
			f := &e.Fates[i]
			if len(f.Attempts) == 0 {
				continue
			}
			for _, words := range []string{"if it had one", "whether it had a pod", "has not started"} {
				if strings.Contains(f.Message, words) {
					say("index %d has %d attempts: %s", f.Index, len(f.Attempts), f.Message)
				}
			}
			if f.Fate == v1alpha1.NeverStarted {
				say("index %d never started and has %d attempts", f.Index, len(f.Attempts))
			}
		}
	}},
	{"pods that were read, and words that there are none", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		if e.Evidence.Pods == 0 {
			return
		}
		for _, message := range append(messagesOfGaps(e), e.Conclusion.Message) {
			for _, words := range []string{"holds no pods", "no pods were read", "there are no pods", "could not be listed"} {
				if strings.Contains(strings.ToLower(message), words) {
					say("%d pods were read: %s", e.Evidence.Pods, message)
				}
			}
		}
	}},
	{"a coverage that is whole, and a gap that says what was not read", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		for _, gap := range e.Evidence.Gaps {
			pods := gap.Kind == v1alpha1.GapPods || gap.Kind == v1alpha1.GapPartial || gap.Kind == v1alpha1.GapPodMissing
			if pods && e.Evidence.Coverage.Pods == v1alpha1.CoverageWhole || gap.Kind == v1alpha1.GapEvents && e.Evidence.Coverage.Events == v1alpha1.CoverageWhole {
				say("pods %s, events %s: %s", e.Evidence.Coverage.Pods, e.Evidence.Coverage.Events, gap.Message)
			}
		}
	}},
	{"counts, and the fates that they count", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		counted := map[v1alpha1.Fate]int64{}
		for i := range e.Fates {
			counted[e.Fates[i].Fate] += int64(e.Fates[i].Last()) - int64(e.Fates[i].Index) + 1
		}
		for _, fate := range v1alpha1.Fates {
			if counted[fate] != e.Counts[fate] {
				say("%d of %s, counted %d", e.Counts[fate], fate, counted[fate])
			}
		}
		if effect := e.Conclusion.Effect; effect != nil {
			if effect.Stopped+effect.BackingOff != counted[v1alpha1.Stopped] || effect.NeverStarted != counted[v1alpha1.NeverStarted] || effect.Unfinished != counted[v1alpha1.Unfinished] {
				say("the effect is %+v, the fates are %v", *effect, counted)
			}
		}
	}},
	{"a sentence with counts, and the counts", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		wordOf := map[string]v1alpha1.Fate{"succeeded": v1alpha1.Succeeded, "running": v1alpha1.Running, "pending": v1alpha1.Pending, "terminating": v1alpha1.Terminating, "in backoff": v1alpha1.BackingOff}
		for _, part := range countInWords.FindAllStringSubmatch(e.Conclusion.Message, -1) {
			if part[1] != grouped(e.Counts[wordOf[part[3]]]) || part[2] != "" && part[2] != grouped(int64(*e.Spec.Completions)) {
				say("%q, and the counts are %v", part[0], e.Counts)
			}
		}
	}},
	{"an agreement, and its differences", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		unexplained := slices.ContainsFunc(e.Agreement.Differences, func(d v1alpha1.Difference) bool { return d.Because == "" })
		if unexplained != (e.Agreement.Result == v1alpha1.Disagrees) {
			say("%s with %v", e.Agreement.Result, e.Agreement.Differences)
		}
	}},
	{"a state, and what may still come of it", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		c := &e.Conclusion
		if c.State.Decided() && (c.CanOnlyEnd != "" || c.Predicted != nil) {
			say("%s, and still %s, %v", c.State, c.CanOnlyEnd, c.Predicted)
		}
		if !c.State.Decided() && (c.Effect != nil || c.Trigger != nil || c.DecidedTime != nil) {
			say("%s with effect %v, trigger %v, decided at %v", c.State, c.Effect, c.Trigger, c.DecidedTime)
		}
		if c.CanOnlyEnd != "" && e.Counts[v1alpha1.Failed] == 0 {
			say("can only end %s, and no index failed", c.CanOnlyEnd)
		}
	}},
	{"the first failure, and those that are told of the indexes", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		first := e.Conclusion.FirstFailure
		if first == nil || first.Time == nil {
			return
		}
		for i := range e.Fates {
			for n := range e.Fates[i].Attempts {
				a := &e.Fates[i].Attempts[n]
				isCounted := a.Decision == v1alpha1.DecisionCount || a.Decision == v1alpha1.DecisionFailIndex
				if isCounted && a.BackoffFrom != nil && a.BackoffFrom.Before(first.Time) && !first.EarlierGone {
					say("first at %s, and index %d failed at %s", first.Time, e.Fates[i].Index, a.BackoffFrom)
				}
			}
		}
	}},
	{"what holds an index up, and an index that is done", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		for _, f := range e.Findings {
			if !f.Kind.Stuck() || f.Kind == v1alpha1.StuckStatus || f.Indexes == "" {
				continue
			}
			set, _ := indexes.ParseStatus(f.Indexes, *e.Spec.Completions)
			for i := range e.Fates {
				fate := &e.Fates[i]
				isDone := fate.Fate == v1alpha1.NeverStarted || fate.Fate == v1alpha1.Waiting && f.Kind != v1alpha1.StuckCreate && f.Kind != v1alpha1.StuckController
				if isDone && set.Has(fate.Index) {
					say("%s of %s: %s, and index %d is %s", f.Kind, f.Indexes, f.Message, fate.Index, fate.Fate)
				}
			}
		}
	}},
	{"a reason, and the attempts behind it", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		for i := range e.Fates {
			f := &e.Fates[i]
			counted, ignored := 0, 0
			for n := range f.Attempts {
				switch f.Attempts[n].Decision {
				case v1alpha1.DecisionCount, v1alpha1.DecisionFailIndex:
					counted++
				case v1alpha1.DecisionIgnore:
					ignored++
				}
			}
			if f.Fate == v1alpha1.Succeeded && (f.Reason == v1alpha1.ReasonFirstAttempt && counted+ignored > 0 || f.Reason == v1alpha1.ReasonAfterIgnored && counted > 0) {
				say("index %d %s: %d counted, %d ignored", f.Index, f.Reason, counted, ignored)
			}
			if int64(f.Failures.Counted) > 0 && strings.Contains(f.Message, "no failed attempt") {
				say("index %d: %s, and %d counted", f.Index, f.Message, f.Failures.Counted)
			}
		}
	}},
	{"a cause, and the fates of its indexes", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		fateOf := func(index int32) v1alpha1.Fate {
			n, _ := slices.BinarySearchFunc(e.Fates, index, func(f v1alpha1.IndexFate, index int32) int { return int(f.Last()) - int(index) })
			return e.Fates[n].Fate
		}
		for _, cause := range e.Signatures {
			all, _ := indexes.ParseStatus(cause.Indexes, *e.Spec.Completions)
			var parts indexes.Set
			for fate, list := range cause.Outcomes {
				part, _ := indexes.ParseStatus(list, *e.Spec.Completions)
				parts = parts.Union(part)
				for _, run := range part.Intervals() {
					if got := fateOf(run.First); got != fate {
						say("cause %s: index %d is %s, not %s", cause.ID, run.First, got, fate)
					}
				}
			}
			if all.String() != parts.String() {
				say("cause %s: %s, and its outcomes are of %s", cause.ID, all, parts)
			}
		}
	}},
	{"the same sentence twice", func(e *v1alpha1.Explanation, say func(string, ...any)) {
		told := map[string]bool{}
		for _, f := range e.Findings {
			if told[f.Message+f.Indexes] {
				say("twice: %s", f.Message)
			}
			told[f.Message+f.Indexes] = true
		}
		for _, message := range messagesOfGaps(e) {
			if told[message] {
				say("twice: %s", message)
			}
			told[message] = true
		}
	}},
}

func messagesOfGaps(e *v1alpha1.Explanation) []string {
	var messages []string
	for _, gap := range e.Evidence.Gaps {
		messages = append(messages, gap.Message)
	}
	return messages
}

func grouped(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func holdTogether(t *testing.T, seen *evidence.Job) {
	t.Helper()
	e := replay.Explain(seen, seen.ObservedAt)
	for _, c := range contradictions {
		c.in(e, func(format string, args ...any) { t.Errorf("%s: "+format, append([]any{c.name}, args...)...) })
	}
}

// No two lines of an answer contradict each other, of any moment of the corpus:
// whole, without its events, without any pod, and with every second pod forgotten.
func TestNoTwoLinesContradictOverTheCorpus(t *testing.T) {
	eachMoment(t, func(t *testing.T, _ *recording.Recording, _ recording.Moment, whole *evidence.Job) {
		holdTogether(t, whole)

		noEvents := *whole
		noEvents.Events, noEvents.Coverage.Events = nil, evidence.None
		holdTogether(t, &noEvents)

		noPods := *whole
		noPods.Attempts, noPods.Coverage.Pods = nil, evidence.None
		holdTogether(t, &noPods)

		half := *whole
		half.Attempts, half.Coverage.Pods = nil, evidence.Partial
		for i := range whole.Attempts {
			if i%2 == 0 {
				half.Attempts = append(half.Attempts, whole.Attempts[i])
			}
		}
		holdTogether(t, &half)
	})
}

func TestNoTwoLinesContradictOverTheCases(t *testing.T) {
	read := 0
	for _, pattern := range []string{"../cases/*.yaml", "../cases/*.json", "../cases/*.txt", "../cases/kubelet/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err != nil || info.IsDir() {
				continue
			}
			for _, partial := range []bool{false, true} {
				var options []cluster.FileOption
				if partial {
					options = append(options, cluster.Partial())
				}
				seen, err := cluster.ReadFiles(t.Context(), []string{file}, nil, "", cluster.Reference{}, options...)
				if err != nil {
					continue // what is refused says nothing of a Job
				}
				read++
				t.Run(filepath.Base(file), func(t *testing.T) { holdTogether(t, seen) })
			}
		}
	}
	if read < 60 {
		t.Errorf("only %d of the cases could be read", read)
	}
}
