package walk

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/simulation"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

var (
	seed  = flag.Uint64("seed", number("ORACLE_SEED", 1), "what the walks are drawn from; ORACLE_SEED says the same")
	walks = flag.Uint64("walks", number("ORACLE_WALKS", usual), "how many there are; ORACLE_WALKS says the same")
	from  = flag.Uint64("from", 0, "the number of the first")
	dump  = flag.Bool("dump", false, "print the evidence of what is wrong")
	all   = flag.Bool("all", false, "go on after a walk that is wrong, and make none short")
)

// usual is how many walks there are unless somebody asks for more, or less.
const usual = 200

func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}

// reached is how often the usual walks must at least end so, the plugin tell an
// index so, and the controller then do what was foreseen.
var reached = map[string]int{
	"ends undecided": 30,
	"ends with " + batchv1.JobReasonPodFailurePolicy:         3,
	"ends with " + batchv1.JobReasonBackoffLimitExceeded:     10,
	"ends with " + batchv1.JobReasonDeadlineExceeded:         3,
	"ends with " + batchv1.JobReasonMaxFailedIndexesExceeded: 5,
	"ends with " + batchv1.JobReasonFailedIndexes:            5,
	"ends with " + batchv1.JobReasonSuccessPolicy:            5,
	"ends with " + batchv1.JobReasonCompletionsReached:       10,

	"foreseen: a decision":        50,
	"foreseen: an index succeeds": 100,
	"foreseen: an index fails":    20,
	"foreseen: a pod is created":  5, // in its first ten seconds it is told to be due, not to be there

	"told Succeeded":    1000,
	"told Failed":       300,
	"told Running":      1000,
	"told Pending":      500,
	"told Terminating":  300,
	"told Stopped":      500,
	"told NeverStarted": 50,
	"told BackingOff":   300,
	"told Waiting":      300,
}

func TestWalks(t *testing.T) {
	times := map[string]int{}
	for i := *from; i < *from+*walks; i++ {
		w := draw(*seed, i)
		o := w.observe(t)
		if len(o.wrong) > 0 {
			if shown := 1; *all {
				if *dump {
					shown = 2 // what is wrong, and its evidence
				}
				t.Errorf("walk %d of seed %d: %s", i, *seed, strings.Join(o.wrong[:min(len(o.wrong), shown)], "\n"))
				continue
			}
			small := shrink(t, w)
			t.Fatalf("walk %d of seed %d, made short:\n%s\n%s", i, *seed, small, strings.Join(small.observe(t).wrong, "\n"))
		}
		for what, n := range o.times {
			times[what] += n
		}
	}
	t.Logf("seed %d: %d walks, no wrong claim", *seed, *walks)
	for _, what := range slices.Sorted(maps.Keys(times)) {
		t.Logf("%7d  %s", times[what], what)
	}
	for _, what := range slices.Sorted(maps.Keys(reached)) {
		if *walks >= usual && times[what] < reached[what] {
			t.Errorf("%s: %d times, want %d", what, times[what], reached[what])
		}
	}
}

// observer goes along and notes what was wrong.
type observer struct {
	s        *simulation.Simulation
	by       Seen
	older    older
	notes    []note
	wrong    []string
	restarts int
	// went is when a watch told that a pod is gone.
	went map[string]evidence.Instant
	// times counts how the walk ended and what was told, for the table.
	times map[string]int
}

func (w *Walk) observe(t *testing.T) *observer {
	s := w.begin(t)
	defer s.Stop()
	o := &observer{s: s, by: w.Seen, older: older{minor: w.Seen.Minor}, went: map[string]evidence.Instant{}, times: map[string]int{}}
	o.sync("the beginning")
	o.settle()
	for i, a := range w.Actions {
		step := fmt.Sprintf("action %d, %s", i, a.Do)
		act(s, a)
		o.look(step)
		if a.Do == "restart" {
			o.restarts++ // what it forgets is seen in its next sync
		}
		o.notes[len(o.notes)-1].overdue = a.Do == "wait" && a.By > 2
		// The controller gathers changes for a second, counted from the first.
		s.Advance(time.Second + time.Duration(a.On%7-3)*100*time.Millisecond)
		if a.Do == "lag" || i+1 < len(w.Actions) && w.Actions[i+1].Do == "lag" {
			continue // what comes next is seen by the same sync
		}
		if a.Do == "blind" {
			_ = s.SyncBlind()
			o.look(step + ", synced")
			continue
		}
		o.sync(step)
		o.look(step + ", synced")
		o.settle()
		o.look(step + ", at rest")
		s.Refuse(nil)
	}
	o.sync("the end") // the last action may have been a lag
	o.settle()
	o.look("the end")
	o.hold()
	if reason := endOf(s.Job()); reason != "" {
		o.times["ends with "+reason]++
	} else {
		o.times["ends undecided"]++
	}
	return o
}

// settle lets the controller come to rest, as it does within a second or two.
func (o *observer) settle() {
	for range 20 {
		before := o.s.Summary() + fmt.Sprint(len(o.s.Pods()))
		if o.syncOnce() != nil || o.s.Summary()+fmt.Sprint(len(o.s.Pods())) == before {
			return
		}
	}
}

func (o *observer) syncOnce() error {
	before := len(o.s.Ledger().Pods)
	err := o.s.Sync()
	if err == nil {
		o.older.synced(o.s, len(o.s.Ledger().Pods)-before)
	}
	return err
}

func (o *observer) complain(step, format string, args ...any) {
	o.wrong = append(o.wrong, step+": "+fmt.Sprintf(format, args...))
}

// sync holds what the plugin foresees against what the controller then does.
func (o *observer) sync(step string) {
	before, e := o.s.Job(), o.s.Explain()
	for _, fate := range e.Fates {
		o.times["told "+string(fate.Fate)]++
	}
	pods := map[string]bool{}
	for _, pod := range o.s.Pods() {
		pods[pod.Name] = true
	}
	if o.syncOnce() != nil {
		return // refused: nothing was decided
	}
	after := o.s.Job()
	o.compareDecision(step, before, after, e)
	if endOf(before) == "" {
		o.compareLists(step, before, after, e)
	}
	if before.Spec.BackoffLimitPerIndex != nil {
		o.compareCreations(step, pods, e)
	}
}

func (o *observer) compareDecision(step string, before, after *batchv1.Job, e *v1alpha1.Explanation) {
	if endOf(before) != "" {
		return
	}
	foreseen := ""
	if p := e.Conclusion.Predicted; p != nil {
		foreseen = p.Reason
	}
	if decided := endOf(after); decided != foreseen {
		o.complain(step, "foreseen %q, decided %q", foreseen, decided)
	} else if decided != "" {
		o.times["foreseen: a decision"]++
	}
}

// compareLists: an index that is told to have succeeded or failed is in the
// list after a sync, and one that is in a list was told so, or to be unknown.
func (o *observer) compareLists(step string, before, after *batchv1.Job, e *v1alpha1.Explanation) {
	completed, failed := listsOf(after)
	listedBefore, failedBefore := listsOf(before)
	for _, fate := range e.Fates {
		for index := fate.Index; index <= fate.Last(); index++ {
			want := v1alpha1.Fate("")
			switch {
			case completed.Has(index):
				want = v1alpha1.Succeeded
			case failed.Has(index):
				want = v1alpha1.Failed
			case fate.Fate == v1alpha1.Succeeded, fate.Fate == v1alpha1.Failed:
				want = "neither"
			}
			switch {
			case want != "" && fate.Fate != want && fate.Fate != v1alpha1.Unknown:
				o.complain(step, "index %d, told %s %s, is %s", index, fate.Fate, fate.Reason, want)
			case fate.Fate == v1alpha1.Succeeded && !listedBefore.Has(index):
				o.times["foreseen: an index succeeds"]++
			case fate.Fate == v1alpha1.Failed && !failedBefore.Has(index):
				o.times["foreseen: an index fails"]++
			}
		}
	}
}

func listsOf(job *batchv1.Job) (completed, failed indexes.Set) {
	completed, _ = indexes.ParseStatus(job.Status.CompletedIndexes, *job.Spec.Completions)
	if job.Status.FailedIndexes != nil {
		failed, _ = indexes.ParseStatus(*job.Status.FailedIndexes, *job.Spec.Completions)
	}
	return completed, failed
}

// compareCreations: who gets a pod in this sync was told to wait for just that,
// or it was unknown; and who was told so gets one.
func (o *observer) compareCreations(step string, before map[string]bool, e *v1alpha1.Explanation) {
	created := map[string]bool{}
	for _, pod := range o.s.Pods() {
		if !before[pod.Name] {
			created[pod.Annotations[batchv1.JobCompletionIndexAnnotation]] = true
		}
	}
	for _, fate := range e.Fates {
		due := fate.Reason == v1alpha1.ReasonDueNow && !strings.Contains(fate.Message, "surplus") ||
			fate.Fate == v1alpha1.BackingOff && fate.Reason == v1alpha1.ReasonBackoffDelay && fate.RetryTime != nil && !fate.RetryTime.After(o.s.Clock.Now())
		for index := fate.Index; index <= fate.Last(); index++ {
			got := created[fmt.Sprint(index)]
			if due && got {
				o.times["foreseen: a pod is created"]++
			}
			if due && !got {
				o.complain(step, "index %d, told %s %s, got no pod", index, fate.Fate, fate.Reason)
			}
			if got && !due && fate.Reason != v1alpha1.ReasonDueNow && fate.Reason != v1alpha1.ReasonCreateFailed && fate.Fate != v1alpha1.Unknown && fate.Fate != v1alpha1.Terminating {
				o.complain(step, "index %d, told %s %s, got a pod", index, fate.Fate, fate.Reason)
			}
		}
	}
}

// endOf is the reason of the Job's decision, "" while undecided.
func endOf(job *batchv1.Job) string {
	for _, c := range job.Status.Conditions {
		if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobFailureTarget || c.Type == batchv1.JobSuccessCriteriaMet) {
			return c.Reason
		}
	}
	return ""
}

// shrink drops actions and parts of the Job while something stays wrong.
func shrink(t *testing.T, w *Walk) *Walk {
	stillWrong := func(w *Walk) bool { return len(w.observe(t).wrong) > 0 }
	for again := true; again; {
		again = false
		for _, shorter := range shorterThan(w) {
			if stillWrong(shorter) {
				w, again = shorter, true
				break
			}
		}
	}
	return w
}

func shorterThan(w *Walk) []*Walk {
	var shorter []*Walk
	// The end first, then halves, then one by one.
	for size := len(w.Actions); size >= 1; size /= 2 {
		for from := len(w.Actions) - size; from >= 0; from -= size {
			shorter = append(shorter, w.with(func(w *Walk) { w.Actions = slices.Delete(slices.Clone(w.Actions), from, from+size) }))
		}
	}
	if w.Seen != (Seen{}) {
		shorter = append(shorter, w.with(func(w *Walk) { w.Seen = Seen{} }))
	}
	for _, drop := range []func(*batchv1.JobSpec) bool{
		func(spec *batchv1.JobSpec) bool {
			had := spec.SuccessPolicy != nil
			spec.SuccessPolicy = nil
			return had
		},
		func(spec *batchv1.JobSpec) bool { had := spec.BackoffLimit != nil; spec.BackoffLimit = nil; return had },
		func(spec *batchv1.JobSpec) bool {
			had := spec.MaxFailedIndexes != nil
			spec.MaxFailedIndexes = nil
			return had
		},
		func(spec *batchv1.JobSpec) bool {
			had := spec.ActiveDeadlineSeconds != nil
			spec.ActiveDeadlineSeconds = nil
			return had
		},
		func(spec *batchv1.JobSpec) bool {
			had := spec.PodReplacementPolicy != nil
			spec.PodReplacementPolicy = nil
			return had
		},
		func(spec *batchv1.JobSpec) bool {
			had := spec.PodFailurePolicy != nil
			spec.PodFailurePolicy = nil
			return had
		},
		func(spec *batchv1.JobSpec) bool {
			had := spec.Template.Spec.InitContainers != nil
			spec.Template.Spec.InitContainers = nil
			return had
		},
	} {
		spec := w.Spec.DeepCopy()
		if drop(spec) {
			shorter = append(shorter, w.with(func(w *Walk) { w.Spec = *spec }))
		}
	}
	if w.Spec.PodFailurePolicy != nil {
		for i := range w.Spec.PodFailurePolicy.Rules {
			shorter = append(shorter, w.with(func(w *Walk) {
				w.Spec.PodFailurePolicy.Rules = slices.Delete(w.Spec.PodFailurePolicy.Rules, i, i+1)
			}))
		}
	}
	return shorter
}
