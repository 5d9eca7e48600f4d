package view

import (
	"math/rand/v2"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// sizes are the numbers of indexes that every property is held against.
var sizes = []int32{0, 1, 10, 64, 1000, 100_000, 2_000_000_000, 1<<31 - 1}

// randomExplanation need not make sense, only keep the contract: every index
// has one fate, in order, and any field may be absent or hold anything.
func randomExplanation(random *rand.Rand, completions int32) *v1alpha1.Explanation {
	r := randomly{random}
	e := &v1alpha1.Explanation{
		Metadata:   v1alpha1.Metadata{Namespace: r.text(), Name: r.text()},
		ObservedAt: *r.time(),
		Spec: v1alpha1.Spec{
			Completions: &completions, Parallelism: r.number(), BackoffLimit: r.number(), BackoffLimitPerIndex: r.number(),
			PodFailurePolicy: &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{{Action: "Ignore"}}},
		},
		Conclusion: v1alpha1.Conclusion{
			State:   oneOf(r, v1alpha1.StateRunning, v1alpha1.StateSuspended, v1alpha1.StateFailing, v1alpha1.StateFailed, v1alpha1.StateComplete),
			Reason:  r.text(),
			Message: r.text(), StartTime: r.time(), DecidedTime: r.time(), FinishedTime: r.time(),
			FirstFailure: r.firstFailure(), Trigger: r.trigger(),
			Effect:    &v1alpha1.Effect{Stopped: r.Int64N(5), BackingOff: r.Int64N(5), Unfinished: r.Int64N(5)},
			Predicted: r.predicted(), NextChange: r.nextChange(),
		},
		Owner:     &v1alpha1.Owner{Kind: r.text(), Name: r.text(), Queue: r.text()},
		Agreement: v1alpha1.Agreement{Result: oneOf(r, v1alpha1.Agrees, v1alpha1.Disagrees, v1alpha1.CannotTell)},
		Evidence:  v1alpha1.Evidence{Pods: r.Int64N(3000), AttemptsInferred: r.Int64N(3), Coverage: v1alpha1.Coverage{Pods: r.level(), Events: r.level()}},
	}
	for next := int64(0); next < int64(completions); {
		length := int64(1)
		if r.IntN(3) == 0 {
			length = 1 + r.Int64N(int64(completions)/20+1)
		}
		last := min(next+length, int64(completions)) - 1
		if r.IntN(200) == 0 || len(e.Fates) > 300 {
			last = int64(completions) - 1
		}
		e.Fates = append(e.Fates, r.record(int32(next), int32(last)))
		next = last + 1
	}
	for range r.IntN(9) {
		e.Signatures = append(e.Signatures, r.signature(completions))
		e.Findings = append(e.Findings, v1alpha1.Finding{Kind: oneOf(r, v1alpha1.StuckPending, v1alpha1.StuckTerminating, v1alpha1.GatheredOnNode, "Note"), Node: r.text(), Indexes: r.set(completions), Message: r.text()})
		e.Evidence.Gaps = append(e.Evidence.Gaps, v1alpha1.Gap{Kind: oneOf(r, v1alpha1.GapPods, v1alpha1.GapEvents, v1alpha1.GapLag), Indexes: r.set(completions), Message: r.text()})
		e.Agreement.Differences = append(e.Agreement.Differences, v1alpha1.Difference{Field: r.text(), Recorded: r.text(), Replayed: r.text()})
	}
	return e
}

type randomly struct{ *rand.Rand }

func oneOf[T any](r randomly, choices ...T) T { return choices[r.IntN(len(choices))] }

func (r randomly) text() string {
	return oneOf(r, "", "name", "a name", "\x1b[31mred\x1b[0m", "two\nlines\tand a tab\r", "日本語のメッセージ", "\u202ereversed",
		"a long sentence that says much about what happened to this index of this Job and does not come to its end",
		"alongwordwithoutanyspacealongwordwithoutanyspacealongwordwithoutanyspacealongwordwithoutanyspace", "\xff\xfe", "e\u0301\u0301\u200d",
		"::error::run", "it says ::add-mask::a and \u00a0::warning title=a::b", "##vso[task.setvariable variable=a]b", "a ##[group]b", "\x1b[0Ksection_start:1:a\r\x1b[0Kheader",
		"`|`` <img src=x> @user [a](http://b) www.a.b ~~~ </code> | \\| &amp; ]]>", "```")
}

func (r randomly) number() *int32 {
	if r.IntN(3) == 0 {
		return nil
	}
	n := oneOf(r, 0, 1, 6, r.Int32N(1<<31-1))
	return &n
}

func (r randomly) time() *metav1.Time {
	t := metav1.NewTime(time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(200_000)) * time.Second))
	return &t
}

func (r randomly) trigger() *v1alpha1.Trigger {
	if r.IntN(3) == 0 {
		return nil
	}
	end := v1alpha1.AttemptEnd{Index: r.number(), Pod: r.text(), Node: r.text(), Container: r.text(), ExitCode: r.number(), Rule: r.number(), Time: r.time()}
	return &v1alpha1.Trigger{AttemptEnd: end, Candidates: oneOf(r, "", "0", "0,2,4-9", r.text())}
}

func (r randomly) predicted() *v1alpha1.Predicted {
	if r.IntN(2) == 0 {
		return nil
	}
	return &v1alpha1.Predicted{Reason: r.text(), Message: r.text(), AlsoMet: []string{r.text()}}
}

func (r randomly) nextChange() *v1alpha1.NextChange {
	if r.IntN(2) == 0 {
		return nil
	}
	return &v1alpha1.NextChange{Time: *r.time(), What: r.text(), Estimated: r.yes()}
}

func (r randomly) level() v1alpha1.CoverageLevel {
	return oneOf(r, v1alpha1.CoverageWhole, v1alpha1.CoveragePartial, v1alpha1.CoverageNone, "")
}

func (r randomly) yes() bool { return r.IntN(2) == 0 }

func (r randomly) firstFailure() *v1alpha1.FirstFailure {
	first := r.trigger()
	if first == nil {
		return nil
	}
	return &v1alpha1.FirstFailure{AttemptEnd: first.AttemptEnd, EarlierGone: r.yes()}
}

func (r randomly) record(first, last int32) v1alpha1.IndexFate {
	record := v1alpha1.IndexFate{
		Index: first, Fate: v1alpha1.Fates[r.IntN(len(v1alpha1.Fates))], Message: r.text(),
		Reason: oneOf(r, "", v1alpha1.ReasonFirstAttempt, v1alpha1.ReasonAfterRetries, v1alpha1.ReasonBackoffExceeded, v1alpha1.ReasonAfterFailure, v1alpha1.ReasonDueNow, "Later"),
	}
	if r.yes() {
		record.Recorded, record.RetryTimeEstimated = new(r.yes()), new(r.yes())
	}
	if last > first {
		record.LastIndex = &last
		return record
	}
	for n := range r.IntN(4) {
		a := v1alpha1.Attempt{
			Number: int32(n) + 1, Source: oneOf(r, v1alpha1.SourcePod, v1alpha1.SourceAnnotation, v1alpha1.SourceEvent),
			Pod: r.text(), Node: r.text(), Phase: oneOf(r, corev1.PodFailed, corev1.PodSucceeded, corev1.PodRunning, corev1.PodPending, ""),
			CreationTime: r.time(), Decision: oneOf(r, v1alpha1.DecisionCount, v1alpha1.DecisionIgnore, v1alpha1.DecisionRemoved, ""), Waiting: r.text(), Suspicion: r.text(), Restarts: r.number(),
			Rules: []v1alpha1.RuleTrace{{Rule: int32(r.IntN(3)) - 1, Matched: r.IntN(2) == 0, Because: r.text()}},
		}
		if r.IntN(2) == 0 {
			a.StartTime, a.FinishTime, a.BackoffFrom = r.time(), r.time(), r.time()
			a.Ran = &v1alpha1.Ran{From: r.time(), To: r.time()}
			a.Deletion = &v1alpha1.Deletion{Requested: r.time(), Deadline: r.time()}
			a.Warnings = []v1alpha1.Warning{{Reason: r.text(), Message: r.text(), Count: r.Int32N(3), LastTime: r.time()}}
			a.Failure = &v1alpha1.Failure{Container: r.text(), ExitCode: r.number(), Synthesized: r.yes(), Reason: r.text(), Message: r.text()}
			a.Before, a.After = &v1alpha1.Tally{}, &v1alpha1.Tally{Counted: 1}
		}
		record.Attempts = append(record.Attempts, a)
	}
	if r.IntN(3) == 0 {
		record.RetryTime = r.time()
	}
	return record
}

func (r randomly) signature(completions int32) v1alpha1.Signature {
	s := v1alpha1.Signature{
		Text: r.text(), Decision: v1alpha1.DecisionCount, Rule: r.number(), Attempts: r.Int64N(10000), Indexes: r.set(completions),
		FirstTime: r.time(), LastTime: r.time(), Example: &v1alpha1.Example{Pod: r.text()},
	}
	for range r.IntN(4) {
		s.Nodes = append(s.Nodes, v1alpha1.NodeCount{Name: r.text(), Attempts: r.Int64N(10)})
	}
	return s
}

func (r randomly) set(completions int32) string {
	var some []int32
	for range r.IntN(40) {
		some = append(some, r.Int32N(max(1, completions)))
	}
	return indexes.Of(some...).String()
}
