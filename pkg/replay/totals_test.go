package replay

import (
	"fmt"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// neverStarted is the first index that is claimed never to have started; -1
// where no index is.
func neverStarted(e *v1alpha1.Explanation) int32 {
	for i := range e.Fates {
		if e.Fates[i].Fate == v1alpha1.NeverStarted {
			return e.Fates[i].Index
		}
	}
	return -1
}

// A Job of ten, two at a time: 0 succeeded, 1 failed and tipped it, 2 ran.
func cutOff(options ...jobOption) *batchv1.Job {
	return aJob(10, append([]jobOption{parallelism(2), backoffLimit(0), completed("0", 1), failures(2), failedJob(60, batchv1.JobReasonBackoffLimitExceeded)}, options...)...)
}

var (
	first  = aPod(0, 0, succeeded(30), accounted)
	tipped = aPod(1, 0, exited(1, 59), accounted)
	killed = aPod(2, 31, deleted(60), exited(143, 62), accounted)
	told   = []evidence.Event{created(0, 0), created(1, 0), created(2, 31), jobEvent(batchv1.JobReasonBackoffLimitExceeded, "", 63)}
)

func TestWhatProvesThatAnIndexNeverStarted(t *testing.T) {
	many := append([]evidence.Event{}, told...)
	many[0].Count = 22
	for _, c := range []struct {
		name  string
		seen  seen
		first int32
		says  string
	}{
		{"the events name every pod", see(cutOff(policy(ignoreDisruption)), first, tipped, killed).events(told...), 3, "the events name every pod"},
		{"every failure is accounted for", see(cutOff(), first, tipped, killed), 3, "other indexes account for all of it (2)"},
		{"a failure that is not seen may be of any that had a slot", see(cutOff(parallelism(5)), first, tipped), 6, "none above index 5 had one"},
		{"no more than the slots can have been open", see(cutOff(failures(9)), first, tipped, killed), 3, "none above index 2 had one"},
		{"nor where failures are forgiven", see(cutOff(policy(ignoreDisruption)), first, tipped, killed), 3, "none above index 2 had one"},
		{"ignored failures are in no account", see(cutOff(parallelism(5), policy(ignoreDisruption)), first, tipped, killed), 6, "none above index 5 had one"},
		{"nor where the Job completed", see(aJob(10, parallelism(2), completed("0", 1), completeJob(60, batchv1.JobReasonSuccessPolicy)), first), 3, "none above index 2 had one"},
		{"a Job that never had a slot", see(aJob(10, parallelism(0), failedJob(60, batchv1.JobReasonDeadlineExceeded))), 0, ""},

		{"not where the spec changed", see(cutOff(generation(2)), first, tipped, killed), -1, ""},
		{"not where an event of a creation was folded", see(cutOff(generation(2)), first, tipped, killed).events(append(told, jobEvent(reasonCreate, foldedPrefix+createdPod+podName(2, 31), 31))...), -1, ""},
		{"not where a pod has no event", see(cutOff(generation(2)), first, tipped, killed).events(told[1:]...), -1, ""},
		{"not where an index that succeeded has no event", see(cutOff(generation(2)), tipped, killed).events(told[1:]...), -1, ""},
		{"not where the oldest events have expired", see(cutOff(generation(2)), tipped, killed).events(created(1, 20), created(2, 31), created(0, 30), told[3]), -1, ""},
		{"pods above completions need no event", see(cutOff(generation(2)), first, tipped, killed, aPod(40, 0, succeeded(5), accounted)).events(append(told[:4:4], removal(50, 0, 20))...), 3, "the events name every pod"},
		{"not where a pod of an index that is not done has no event", see(cutOff(generation(2)), first, tipped, killed).events(told[0], told[1], told[3]), -1, ""},
		{"not where a deleted pod has no event", see(cutOff(generation(2), failures(1)), first, tipped).events(created(0, 0), created(1, 0), removal(2, 31, 60), told[3]), -1, ""},
		{"not where the events may have reached their limit", see(cutOff(generation(2)), first, tipped, killed).events(many...), -1, ""},
		{"not where events may have expired", see(cutOff(generation(2)), first, tipped, killed).events(told...).at(3601), -1, ""},
		{"not where the last event may be on its way", see(aJob(10, generation(2), failing(60, batchv1.JobReasonDeadlineExceeded)), first).events(told[:1]...).at(61), -1, ""},
		{"not where more failures are counted than events tell of", see(cutOff(generation(2), failures(3)), first, tipped, killed).events(told...), -1, ""},
		{"not where another controller manages the Job", see(cutOff(managedBy("example.com/queue")), first), -1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := c.seen.explain()
			got := neverStarted(e)
			if got != c.first {
				t.Fatalf("got %d, want %d: %v", got, c.first, e.Counts)
			}
			if got >= 0 && !strings.Contains(fateOf(e, got).Message, c.says) {
				t.Errorf("the proof is %q", fateOf(e, got).Message)
			}
		})
	}
}

// Creations of one batch are concurrent: where the API server refused index 3,
// index 4 may have got its pod. The failure that is not seen is not necessarily of
// the lowest index.
func TestARefusedCreationLeavesAHole(t *testing.T) {
	job := cutOff(parallelism(5), failures(3)) // the third is index 4, killed and gone
	for name, s := range map[string]seen{
		"events unread":   see(job, first, tipped, killed),
		"events lost":     see(job, first, tipped, killed).events(),
		"a refusal known": see(job, first, tipped, killed).events(refused(40)),
	} {
		if got := neverStarted(s.explain()); got != 6 {
			t.Errorf("%s: got %d, want 6", name, got)
		}
	}
}

// While more than one sync may be needed to count the killed pods, the total is
// not final.
func TestAJobOfThousandsIsNotAccountedForAtOnce(t *testing.T) {
	job := aJob(1000, parallelism(1000), failures(1), backoffLimit(0), failing(60, batchv1.JobReasonBackoffLimitExceeded))
	if got := neverStarted(see(job, aPod(0, 0, exited(1, 59), accounted)).explain()); got != -1 {
		t.Errorf("got %d", got)
	}
}

func TestWhichFailuresAreSurelyCounted(t *testing.T) {
	for _, c := range []struct {
		name string
		job  *batchv1.Job
		pods []evidence.Attempt
		want int64
	}{
		{"a failed pod without its finalizer", aJob(3, failures(3)), []evidence.Attempt{aPod(0, 0, exited(1, 5), accounted)}, 1},
		{"not one that still has it", aJob(3, failures(3)), []evidence.Attempt{aPod(0, 0, exited(1, 5))}, 0},
		{"one that is being counted", aJob(3, failures(3), uncounted(podName(0, 0))), []evidence.Attempt{aPod(0, 0, exited(1, 5))}, 1},
		{"not one that a rule ignores", aJob(3, failures(3), policy(ignoreOn5)), []evidence.Attempt{aPod(0, 0, exited(5, 5), accounted)}, 0},
		{"one that was deleted", aJob(3, failures(3)), []evidence.Attempt{aPod(0, 0, deleted(5), accounted)}, 1},
		{"not one that a suspension may have removed", aJob(3, failures(3), generation(3)), []evidence.Attempt{aPod(0, 0, deleted(5), accounted)}, 0},
		{"what a pod was born with, and not its own, where the finalizer went without an account", aJob(3, perIndex(5), failures(9)), []evidence.Attempt{aPod(0, 0, born(3, 0), exited(1, 5), accounted)}, 3},
		{"what a pod was born with, and its own, once the next is there", aJob(3, perIndex(5), failures(9)), []evidence.Attempt{aPod(0, 0, born(3, 0), exited(1, 5), accounted), aPod(0, 90, born(4, 0))}, 4},
		{"two of one birth are one for the next, which was born with one", aJob(3, perIndex(5), failures(9)), []evidence.Attempt{aPod(0, 0, exited(1, 5), accounted), aPod(0, 20, born(1, 0))}, 1},
		{"not one that the next does not carry on", aJob(3, perIndex(5), failures(9)), []evidence.Attempt{aPod(0, 0, exited(1, 5), accounted), aPod(0, 20)}, 0},
		{"a pod that the failure killed", aJob(3, failures(9), failedJob(60, "DeadlineExceeded")), []evidence.Attempt{aPod(0, 0, deleted(60), accounted)}, 1},
		{"not one that the success killed", aJob(3, failures(9), completeJob(60, "SuccessPolicy")), []evidence.Attempt{aPod(0, 0, deleted(60), accounted)}, 0},
		{"not one that was killed and perhaps forgiven", aJob(3, failures(9), policy(ignoreDisruption), failedJob(60, "DeadlineExceeded")), []evidence.Attempt{aPod(0, 0, deleted(60), disrupted(59), accounted)}, 0},
		{"not one above completions", aJob(3, failures(9)), []evidence.Attempt{aPod(7, 0, exited(1, 5), accounted)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := see(c.job, c.pods...)
			if got := s.totals().known; got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestPodsThatOnlyEventsKnowAndTheDecisionKilled(t *testing.T) {
	job := aJob(3, failures(3), failedJob(60, "DeadlineExceeded"))
	s := see(job).events(created(0, 0), removal(0, 0, 60), created(1, 0), removal(1, 0, 20), created(2, 0))
	if got := s.totals().known; got != 1 {
		t.Errorf("got %d, want the one killed at 60", got)
	}
}

// With an index for each of two thousand million no answer may take long.
func TestCompletionsAreNeverCountedOneByOne(t *testing.T) {
	var pods []evidence.Attempt
	for ix := range int32(20) {
		pods = append(pods, aPod(ix*100000000, 0, exited(1, 5), accounted))
	}
	for _, options := range [][]jobOption{
		{active(5)},
		{failures(20), failedJob(60, "BackoffLimitExceeded")},
		{completed("0-2000000000", 2000000001)},
		{completed("0-2147483646", 1<<31-1), completeJob(60, "CompletionsReached")},
		{perIndex(1), failedIndexes("0-2147483646")},
		{perIndex(0), failedIndexes("0-2147483646"), maxFailedIndexes(10000), failedJob(60, "MaxFailedIndexesExceeded")},
	} {
		e := see(aJob(1<<31-1, append(options, parallelism(100000))...), pods...).explain()
		if n := len(e.Fates); n > 100 {
			t.Errorf("%d records", n)
		}
	}
}

func TestEveryGapNamesItsIndexes(t *testing.T) {
	e := see(aJob(20, parallelism(4), completed("0-4", 5), failures(9), policy(ignoreOn5), generation(2), failedJob(60, "DeadlineExceeded")), aPod(6, 0, exited(1, 50), accounted)).explain()
	got := map[v1alpha1.GapKind]string{}
	for _, gap := range e.Evidence.Gaps {
		got[gap.Kind] = gap.Indexes
	}
	want := map[v1alpha1.GapKind]string{v1alpha1.GapPodsGone: "0-4", v1alpha1.GapAttemptsGone: "6", v1alpha1.GapUnfinished: "5,7-19", v1alpha1.GapFailures: ""}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if e.Fates[0].Attempts == nil || fateOf(e, 6).Attempts[0].Phase != corev1.PodFailed {
		t.Error("attempts are missing")
	}
}
