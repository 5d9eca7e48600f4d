package controller_test

import (
	"fmt"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// told is what a sync does, in a line a step.
func told(o controller.Outcome) string {
	var lines []string
	tell := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if o.Skipped {
		tell("skipped")
	}
	tellPods(tell, "adopts", o.Adopted)
	tellPods(tell, "releases", o.Released)
	for _, pod := range o.Created {
		tell("creates %d born %d/%d", pod.Index, pod.Counts.Counted, pod.Counts.Ignored)
	}
	if o.Stripped {
		tellPods(tell, "strips and deletes", o.Deleted)
	} else {
		tellPods(tell, "deletes", o.Deleted)
	}
	if o.First != nil {
		tell("writes %s", toldStatus(o.First))
	}
	tellPods(tell, "takes", o.Taken)
	if o.Second != nil {
		tell("writes %s", toldStatus(o.Second))
	}
	if !o.DeadlineSync.IsZero() {
		tell("looks again at %d", o.DeadlineSync.Unix()-at(0).Unix())
	}
	if !o.BackoffSync.IsZero() {
		tell("waits until %g", o.BackoffSync.Sub(at(0)).Seconds())
	}
	return strings.Join(lines, "\n")
}

func tellPods(tell func(string, ...any), does string, pods []*controller.Pod) {
	if len(pods) > 0 {
		var names []string
		for _, pod := range pods {
			names = append(names, pod.Name)
		}
		tell("%s %s", does, strings.Join(names, " "))
	}
}

func toldStatus(w *controller.StatusWrite) string {
	text := fmt.Sprintf("active %d failed %d", w.Active, w.Failed)
	add := func(format string, args ...any) { text += fmt.Sprintf(format, args...) }
	if w.Terminating != nil && *w.Terminating > 0 {
		add(" terminating %d", *w.Terminating)
	}
	if !w.CompletedIndexes.Empty() {
		add(" completed %s", w.CompletedIndexes)
	}
	if !w.FailedIndexes.Empty() {
		add(" failedIndexes %s", w.FailedIndexes)
	}
	if len(w.UncountedFailed) > 0 {
		add(" uncounted %s", w.UncountedFailed)
	}
	for _, c := range w.Conditions {
		add(" %s=%s/%s", c.Type, c.Status, c.Reason)
	}
	if w.StartTime == nil {
		add(" no start")
	}
	if w.Refused {
		add(" refused")
	}
	return text
}

func TestSync(t *testing.T) {
	anySuccess := successPolicy(batchv1.SuccessPolicyRule{SucceededCount: ptr.To(int32(1))})
	for _, c := range []struct {
		name  string
		state controller.State
		want  string
	}{
		{"a new Job has a start and its first pods", aState(aJob(3, parallelism(2), notStarted)), `
creates 0 born 0/0
creates 1 born 0/0
writes active 2 failed 0`},
		{"nothing happens where nothing changes", aState(aJob(2, active(2)), aPod(0, 0), aPod(1, 0)), ``},
		{"a success is recorded by its index alone", aState(aJob(2, active(2)), aPod(0, 0), aPod(1, 0, succeeded(90))), `
writes active 1 failed 0 completed 1
takes j-1-00000`},
		{"a failure is written down before it is counted", aState(aJob(2, active(1)), aPod(0, 0), aPod(1, 0, exited(1, 80))), `
creates 1 born 0/0
writes active 2 failed 0 uncounted [j-1-00000]
takes j-1-00000
writes active 2 failed 1`},
		{"a failure that waits for its replacement is neither", aState(aJob(1, perIndex(3)), aPod(0, 0, exited(1, 95))), `
waits until 105`},
		{"it carries its count over", aState(aJob(1, perIndex(3)), aPod(0, 0, born(1, 1), exited(1, 50))), `
creates 0 born 2/1
writes active 1 failed 0`},
		{"an ignored one another", aState(aJob(1, perIndex(3), policy(ignoreOn5)), aPod(0, 0, born(1, 1), exited(5, 50))), `
creates 0 born 1/2
writes active 1 failed 0`},
		{"and is accounted for once that runs", aState(aJob(1, perIndex(3), active(1)), aPod(0, 0, exited(1, 50)), aPod(0, 61, born(1, 0))), `
writes active 1 failed 0 uncounted [j-0-00000]
takes j-0-00000
writes active 1 failed 1`},
		{"an ignored failure is accounted for and counted nowhere", aState(aJob(1, policy(ignoreOn5), active(1)), aPod(0, 0, exited(5, 50)), aPod(0, 61)), `
takes j-0-00000`},
		{"an index in its backoff holds its slot", aState(aJob(3, perIndex(3), parallelism(2), active(1)), aPod(0, 0, exited(1, 95)), aPod(1, 0)), `
waits until 105`},
		{"where another index may go on, nobody waits for the first", aState(aJob(3, perIndex(3), parallelism(2)), aPod(0, 0, exited(1, 95))), `
creates 1 born 0/0
writes active 1 failed 0`},
		{"a delay is over at the very instant at which it ends", aState(aJob(1, perIndex(3)), aPod(0, 0, exited(1, 90))), `
creates 0 born 1/0
writes active 1 failed 0`},
		{"of duplicates the older, ready one stays", aState(aJob(1, active(2), ready(1)), aPod(0, 0, isReady(5)), aPod(0, 10)), `
strips and deletes j-0-00010
writes active 1 failed 0 terminating 1`},
		{"of as old ones the one stays that restarted less often", aState(aJob(1, active(2)), aPod(0, 0, named("a"), restarted(2)), aPod(0, 0, named("b"), restarted(1))), `
strips and deletes a
writes active 1 failed 0 terminating 1`},
		{"a failure that is written down already is not again", aState(aJob(1, uncounted("j-0-00000"), active(1)), aPod(0, 0, exited(1, 50)), aPod(0, 61)), `
takes j-0-00000
writes active 1 failed 1`},
		{"what no index wants goes first, and nothing is created meanwhile", aState(aJob(2, active(1)), aPod(7, 0)), `
strips and deletes j-7-00000
writes active 0 failed 0 terminating 1`},
		{"suspension strips what runs", aState(aJob(2, suspended, active(1)), aPod(0, 0), aPod(1, 0, succeeded(50))), `
strips and deletes j-0-00000
writes active 0 failed 0 terminating 1 completed 1 Suspended=True/JobSuspended no start
takes j-1-00000`},
		{"resumption starts the clock anew", aState(aJob(1, activeDeadline(60), notStarted, condition(batchv1.JobSuspended, corev1.ConditionTrue, "JobSuspended"))), `
creates 0 born 0/0
writes active 1 failed 0 Suspended=False/JobResumed
looks again at 160`},
		{"an orphan is adopted and counts at once", aState(aJob(1), aPod(0, 0, orphan, succeeded(50))), `
adopts j-0-00000
writes active 0 failed 0 completed 0 SuccessCriteriaMet=True/CompletionsReached
takes j-0-00000
writes active 0 failed 0 completed 0 SuccessCriteriaMet=True/CompletionsReached Complete=True/CompletionsReached`},
		{"not by a Job that is being deleted, which lets go of its own", aState(aJob(2, beingDeleted, active(1)), aPod(0, 0, orphan), aPod(1, 0)), `
takes j-1-00000`},
		{"a decision takes down what runs, and counts it", aState(aJob(2, backoffLimit(0), active(1)), aPod(0, 0), aPod(1, 0, exited(1, 80))), `
deletes j-0-00000
writes active 0 failed 0 terminating 1 uncounted [j-0-00000 j-1-00000] FailureTarget=True/BackoffLimitExceeded
takes j-0-00000 j-1-00000
writes active 0 failed 2 terminating 1 FailureTarget=True/BackoffLimitExceeded`},
		{"a success takes it down, too, and counts nothing", aState(aJob(3, anySuccess, active(1)), aPod(0, 0), aPod(1, 0, succeeded(80))), `
deletes j-0-00000
writes active 0 failed 0 terminating 1 completed 1 SuccessCriteriaMet=True/SuccessPolicy
takes j-0-00000 j-1-00000`},
		{"where nothing runs the Job ends at once", aState(aJob(1, backoffLimit(0)), aPod(0, 0, exited(1, 80))), `
writes active 0 failed 0 uncounted [j-0-00000] FailureTarget=True/BackoffLimitExceeded
takes j-0-00000
writes active 0 failed 1 FailureTarget=True/BackoffLimitExceeded Failed=True/BackoffLimitExceeded`},
		{"a pod that is disrupted as the Job fails is ignored", aState(aJob(2, policy(failJobOn42, ignoreDisruption), active(1)), aPod(0, 0, disrupted(90)), aPod(1, 0, exited(42, 80))), `
deletes j-0-00000
writes active 0 failed 0 terminating 1 uncounted [j-1-00000] FailureTarget=True/PodFailurePolicy
takes j-0-00000 j-1-00000
writes active 0 failed 1 terminating 1 FailureTarget=True/PodFailurePolicy`},
		{"a decided Job waits for its pods", aState(aJob(2, isTrue(batchv1.JobFailureTarget, "DeadlineExceeded"), active(0), failures(1)), aPod(0, 0, deleted(90), accounted)), `
writes active 0 failed 1 terminating 1 FailureTarget=True/DeadlineExceeded`},
		{"and ends when they are gone", aState(aJob(2, isTrue(batchv1.JobFailureTarget, "DeadlineExceeded"), failures(1))), `
writes active 0 failed 1 FailureTarget=True/DeadlineExceeded Failed=True/DeadlineExceeded`},
		{"a finished Job is left alone", aState(aJob(1, isTrue(batchv1.JobComplete, ""), completed("0", 1)), aPod(0, 0)), `
skipped`},
		{"so is another controller's", aState(aJob(1, managedBy("kueue.x-k8s.io/multikueue"))), `
skipped`},
		{"the deadline is looked at again", aState(aJob(1, activeDeadline(300), active(1)), aPod(0, 0)), `
looks again at 300`},
		{"a deadline of 0 ends a Job as it starts", aState(aJob(1, activeDeadline(0), notStarted)), `
writes active 0 failed 0 FailureTarget=True/DeadlineExceeded
writes active 0 failed 0 FailureTarget=True/DeadlineExceeded Failed=True/DeadlineExceeded`},
		{"one of more than 292 years overflows", aState(aJob(1, activeDeadline(1<<63-1))), `
writes active 0 failed 0 FailureTarget=True/DeadlineExceeded
writes active 0 failed 0 FailureTarget=True/DeadlineExceeded Failed=True/DeadlineExceeded`},
		{"a suspended Job that fails cannot say so before it is resumed", aState(aJob(1, suspended, notStarted, backoffLimit(0), failures(1))), `
writes active 0 failed 1 FailureTarget=True/BackoffLimitExceeded no start
writes active 0 failed 1 FailureTarget=True/BackoffLimitExceeded Failed=True/BackoffLimitExceeded no start refused`},
		{"nor can a Job be complete before it started", aState(aJob(1, func(job *batchv1.Job) { job.Status.StartTime.Time = at(200) }), aPod(0, 0, succeeded(90))), `
writes active 0 failed 0 completed 0 SuccessCriteriaMet=True/CompletionsReached
takes j-0-00000
writes active 0 failed 0 completed 0 SuccessCriteriaMet=True/CompletionsReached Complete=True/CompletionsReached refused`},
		{"a list with an index of the other is refused, and its pod waits", aState(aJob(2, perIndex(0), active(1)), aPod(0, 0, exited(1, 50)), aPod(0, 5, succeeded(60)), aPod(1, 0)), `
deletes j-1-00000
writes active 0 failed 0 terminating 1 completed 0 failedIndexes 0 uncounted [j-0-00000 j-1-00000] FailureTarget=True/FailedIndexes refused`},
		{"lists that overlap already are not", aState(aJob(3, perIndex(0), completed("0", 1), failedIndexes("0"), active(1)), aPod(1, 0), aPod(2, 0)), `
writes active 2 failed 0 completed 0 failedIndexes 0`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := told(controller.Sync(c.state)), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// What is in the controller's memory alone.
func TestWhatTheControllerRemembers(t *testing.T) {
	running := func() controller.State { return aState(aJob(2, active(2), failures(7)), aPod(0, 0), aPod(1, 0)) }
	for _, c := range []struct {
		name  string
		state controller.State
		does  func(*controller.State)
		want  string
	}{
		{"a decision is put off until all pods are seen, and yet deletes them", running(), func(s *controller.State) { s.Unobserved = true }, `
deletes j-0-00000 j-1-00000
writes active 0 failed 7 terminating 2`},
		{"nothing is created meanwhile", aState(aJob(2)), func(s *controller.State) { s.Unobserved = true }, ``},
		{"the record delays every creation", aState(aJob(2)), func(s *controller.State) {
			s.Backoff = controller.BackoffRecord{Failures: 2, LastFailure: instant(85)}
		}, `
waits until 105`},
		{"a second at least", aState(aJob(2)), func(s *controller.State) {
			s.Now, s.Backoff = at(100).Add(500e6), controller.BackoffRecord{Failures: 1, LastFailure: instant(91)}
		}, `
waits until 101.5`},
		{"a finalizer that is on its way is none, but its success is one", aState(aJob(2), aPod(0, 0, exited(1, 50)), aPod(1, 0, succeeded(50))), func(s *controller.State) {
			s.Pods[0].Removing, s.Pods[1].Removing = true, true
		}, `
creates 0 born 0/0
writes active 1 failed 0 completed 1`},
		{"a pod that the selector leaves is released", aState(aJob(1, active(1)), aPod(0, 0)), func(s *controller.State) { s.Pods[0].Unselected = true }, `
releases j-0-00000
creates 0 born 0/0`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.does(&c.state)
			if got, want := told(controller.Sync(c.state)), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Where the rules of older versions differ.
func TestOlderVersions(t *testing.T) {
	fails := func(minor int) controller.State {
		return stateOf(minor, aJob(2, backoffLimit(0), active(1)), aPod(0, 0), aPod(1, 0, exited(1, 80)))
	}
	waits := func(minor int) controller.State {
		s := stateOf(minor, aJob(3, active(2), ready(1)), aPod(0, 0, isReady(5)), aPod(1, 0, exited(1, 95)))
		return s
	}
	for _, c := range []struct {
		name  string
		state controller.State
		want  string
	}{
		{"up to 1.30 a Job fails at once, without an interim condition", fails(30), `
deletes j-0-00000
writes active 0 failed 0 uncounted [j-0-00000 j-1-00000]
takes j-0-00000 j-1-00000
writes active 0 failed 2 Failed=True/BackoffLimitExceeded`},
		{"but where a FailJob rule says so", stateOf(30, aJob(1, policy(failJobOn42)), aPod(0, 0, exited(42, 80))), `
writes active 0 failed 0 uncounted [j-0-00000] FailureTarget=True/PodFailurePolicy
takes j-0-00000
writes active 0 failed 1 FailureTarget=True/PodFailurePolicy Failed=True/PodFailurePolicy`},
		{"and completes without a reason", stateOf(30, aJob(1), aPod(0, 0, succeeded(80))), `
writes active 0 failed 0 completed 0
takes j-0-00000
writes active 0 failed 0 completed 0 Complete=True/`},
		{"up to 1.36 a backoff hides what runs", waits(31), `
writes active 0 failed 0 uncounted [j-1-00000]
takes j-1-00000
writes active 0 failed 1
waits until 105`},
		{"which the API server refuses from 1.32 on", waits(36), `
writes active 0 failed 0 uncounted [j-1-00000] refused
waits until 105`},
		{"and 1.37 does not any more", waits(37), `
writes active 1 failed 0 uncounted [j-1-00000]
takes j-1-00000
writes active 1 failed 1
waits until 105`},
		{"up to 1.31 lists may overlap", stateOf(31, aJob(2, perIndex(0), maxFailedIndexes(1)), aPod(0, 0, exited(1, 50)), aPod(0, 5, succeeded(60)), aPod(1, 0)), `
deletes j-1-00000
writes active 0 failed 0 terminating 1 completed 0 failedIndexes 0 uncounted [j-0-00000 j-1-00000] FailureTarget=True/FailedIndexes
takes j-0-00000 j-0-00005 j-1-00000
writes active 0 failed 2 terminating 1 completed 0 failedIndexes 0 FailureTarget=True/FailedIndexes`},
		{"up to 1.35 a suspended Job keeps its start", stateOf(35, aJob(1, suspended)), `
writes active 0 failed 0 Suspended=True/JobSuspended`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := told(controller.Sync(c.state)), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// What the controller leaves to chance is told, and State.Choose follows each.
func TestWhatIsLeftToChance(t *testing.T) {
	second := func(controller.Choice) int { return 1 }
	for _, c := range []struct {
		name  string
		state controller.State
		what  controller.ChoiceOf
		among int
		takes int
		// first and other tell the outcome, where nobody chooses and with the second.
		first, other string
	}{
		{
			"which of two that failed carries the count over", aState(aJob(1, perIndex(9)), aPod(0, 0, named("a"), born(2, 0), exited(1, 10)), aPod(0, 0, named("b"), born(0, 0), exited(1, 20))),
			controller.ChoiceDelayed, 2, 1, "creates 0 born 3/0", "creates 0 born 1/0",
		},
		{
			"which duplicate stays", aState(aJob(1, active(2)), aPod(0, 0, named("a")), aPod(0, 0, named("b"))),
			controller.ChoiceKept, 2, 1, "strips and deletes b", "strips and deletes a",
		},
		{
			"which surplus pod goes", aState(aJob(3, parallelism(2), active(3)), aPod(0, 0, named("a")), aPod(1, 0, named("b")), aPod(2, 0, named("c"))),
			controller.ChoiceDeleted, 3, 1, "strips and deletes a", "strips and deletes b",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			outcome := controller.Sync(c.state)
			if n := len(outcome.Chances); n != 1 || outcome.Chances[0].What != c.what || len(outcome.Chances[0].Among) != c.among || outcome.Chances[0].Taken != c.takes {
				t.Fatalf("got %+v", outcome.Chances)
			}
			if got, _, _ := strings.Cut(told(outcome), "\n"); got != c.first {
				t.Errorf("got %s, want %s", got, c.first)
			}
			c.state.Choose = second
			if got, _, _ := strings.Cut(told(controller.Sync(c.state)), "\n"); got != c.other {
				t.Errorf("chosen: got %s, want %s", got, c.other)
			}
		})
	}
}

func TestTheOrderOfThePodsDecidesNothing(t *testing.T) {
	state := aState(aJob(4, perIndex(9), parallelism(2), active(3)),
		aPod(0, 0, named("a"), born(2, 0), exited(1, 10)), aPod(0, 0, named("b"), exited(1, 20)),
		aPod(1, 0, named("c")), aPod(1, 0, named("d")), aPod(2, 0, named("e")), aPod(3, 0, succeeded(50)))
	want := told(controller.Sync(state))
	for i := range state.Pods {
		state.Pods[0], state.Pods[i] = state.Pods[i], state.Pods[0]
		if got := told(controller.Sync(state)); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// Accounting stops at 500 pods, in order of index.
func TestAccountingStopsAtItsCap(t *testing.T) {
	var pods []*evidence.Attempt
	for index := range int32(600) {
		pods = append(pods, aPod(index, 0, exited(1, 50)))
	}
	outcome := controller.Sync(aState(aJob(600, backoffLimit(0)), pods...))
	if !outcome.CapReached || len(outcome.Taken) != controller.MaxUncountedPods || outcome.Second.Failed != controller.MaxUncountedPods {
		t.Errorf("%t, %d taken, then %s", outcome.CapReached, len(outcome.Taken), toldStatus(outcome.Second))
	}
	if got := toldStatus(outcome.Second); !strings.HasSuffix(got, "FailureTarget=True/BackoffLimitExceeded") {
		t.Errorf("ends with pods to account for: %s", got)
	}
}

// Of more than 500 that no index wants, the duplicates of the highest index come
// after those of indexes beyond completions.
func TestWhichOfVeryManyUnwantedPodsGo(t *testing.T) {
	pods := []*evidence.Attempt{aPod(0, 0), aPod(0, 10), aPod(1, 0), aPod(1, 10)}
	for index := range int32(499) {
		pods = append(pods, aPod(2+index, 0))
	}
	outcome := controller.Sync(aState(aJob(2), pods...))
	if n := len(outcome.Deleted); n != controller.MaxPodCreateDeletePerSync || outcome.Deleted[0].Name != "j-0-00010" || outcome.Deleted[n-1].Index != 500 {
		t.Errorf("%d deleted, %s to %s", n, outcome.Deleted[0].Name, outcome.Deleted[n-1].Name)
	}
}

// A later failure or one with a higher count may be held, whatever the order; one
// that another exceeds in either and matches in the other never.
func TestWhichFailedPodsMayCarryTheCount(t *testing.T) {
	outcome := controller.Sync(aState(aJob(1, perIndex(9)),
		aPod(0, 0, named("most"), born(2, 0), exited(1, 10)), aPod(0, 0, named("latest"), exited(1, 20)),
		aPod(0, 0, named("as many, earlier"), born(2, 0), exited(1, 5)), aPod(0, 0, named("fewer, as late"), born(1, 0), exited(1, 10))))
	var names []string
	for _, pod := range outcome.Chances[0].Among {
		names = append(names, pod.Name)
	}
	if got := strings.Join(names, ", "); got != "most, latest" {
		t.Errorf("got %s", got)
	}
}
