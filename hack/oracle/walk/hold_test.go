package walk

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/record"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/oracle/simulation"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// note is what could be read at an instant, kept until the ledger is known.
type note struct {
	step   string
	seen   *evidence.Job
	moment recording.Moment
	// restarts of the controller so far: each makes it forget the backoff.
	restarts int
	// overdue: the controller has not been there for long, as a real one has.
	overdue bool
}

func (o *observer) look(step string) {
	o.notes = append(o.notes, note{step: step, seen: o.evidence(), moment: o.s.Moment(), restarts: o.restarts})
}

// evidence is what a client can read, by the means of the walk.
func (o *observer) evidence() *evidence.Job {
	if whole := o.s.Events; o.by.Folded {
		o.s.Events = folded(whole)
		defer func() { o.s.Events = whole }()
	}
	seen := o.s.Evidence()
	if o.by.Minor > 0 {
		o.older.write(seen.Job)
		seen.ServerVersion = o.older.version()
	}
	if o.by.Watched {
		for _, pod := range o.s.Gone() {
			if o.went[pod.Name].IsZero() {
				o.went[pod.Name] = evidence.InstantOf(seen.ObservedAt)
			}
			pod.Vanished, pod.Finalizer = o.went[pod.Name], false
			new(evidence.Reducer).Forget(&pod, seen.Job)
			seen.Attempts = append(seen.Attempts, pod)
		}
	}
	return seen
}

// folded are the events as client-go writes them: beyond ten alike in ten
// minutes they are combined, and beyond 25 nearly all are dropped.
func folded(events []corev1.Event) []corev1.Event {
	clock := clocktesting.NewFakePassiveClock(simulation.Start)
	correlator := record.NewEventCorrelator(clock)
	ordered := slices.Clone(events) // those of one instant come in any order
	slices.SortStableFunc(ordered, func(a, b corev1.Event) int {
		return cmp.Or(a.LastTimestamp.Compare(b.LastTimestamp.Time), strings.Compare(a.Message, b.Message))
	})
	var written []corev1.Event
	for i := range ordered {
		clock.SetTime(ordered[i].LastTimestamp.Time)
		result, err := correlator.EventCorrelate(&ordered[i])
		if err != nil || result.Skip {
			continue
		}
		event := *result.Event
		event.TypeMeta, event.UID = ordered[i].TypeMeta, types.UID(event.Name)
		if at := slices.IndexFunc(written, func(e corev1.Event) bool { return e.Name == event.Name }); at >= 0 {
			written[at] = event
		} else {
			written = append(written, event)
		}
		correlator.UpdateState(&event)
	}
	return written
}

// Of each instant some readings are held, and of each some losses: more walks
// find more than more of one walk.
var (
	others = flag.Int("others", 3, "how many readings of an instant are held beside the plain one")
	losses = flag.Int("losses", 2, "how many losses of each reading are held")
)

// hold puts all that was noted before the ledger: whole, read over several
// syncs, by a clock that is off, and each with something lost.
func (o *observer) hold() {
	ledger := o.s.Ledger()
	for i := range o.notes {
		random := rand.New(rand.NewPCG(uint64(i), 13))
		readings := o.readings(i)
		random.Shuffle(len(readings)-1, func(a, b int) { readings[a+1], readings[b+1] = readings[b+1], readings[a+1] })
		for _, n := range readings[:min(len(readings), 1+*others)] {
			o.holdOne(n, ledger)
			for range *losses {
				loss, keepEvents := claims.Losses[random.IntN(len(claims.Losses))], random.IntN(2) == 0
				thin := n
				thin.step = fmt.Sprintf("%s, without %s, events %v", n.step, loss.Name, keepEvents)
				thin.seen = loss.From(listed(n.seen), keepEvents, random.Uint64())
				o.holdOne(thin, ledger)
			}
		}
	}
}

// listed is without the pods that only who watched remembers: he loses none.
func listed(seen *evidence.Job) *evidence.Job {
	list := *seen
	list.Attempts = slices.DeleteFunc(slices.Clone(seen.Attempts), func(pod evidence.Attempt) bool { return !pod.Vanished.IsZero() })
	return &list
}

// slow is how long a reading of the Job, its pods and its events may take.
const slow = 4 * time.Second

// readings are what a reader may have got of the instant: all at once, said to be
// read in any order, and the Job, the pods or the events of an instant before.
func (o *observer) readings(at int) []note {
	n := o.notes[at]
	readings := []note{n, n.inOrder(evidence.JobBeforePods), n.inOrder(evidence.JobAfterPods), n.inOrder(evidence.OrderUnknown)}
	for before := at - 1; before >= max(0, at-3); before-- {
		older := o.notes[before]
		if n.moment.ObservedAt.Sub(older.moment.ObservedAt.Time) > slow || older.overdue || older.restarts != n.restarts || older.seen.Job.Generation != n.seen.Job.Generation {
			break // what somebody does at that very moment, no evidence foretells
		}
		early := *n.seen
		early.Job, early.Order = older.seen.Job, evidence.JobBeforePods
		readings = append(readings, note{step: fmt.Sprintf("%s, the Job of %s", n.step, older.step), seen: &early, moment: n.moment})
		earlier := early
		earlier.Events = older.seen.Events
		readings = append(readings, note{step: fmt.Sprintf("%s, Job and events of %s", n.step, older.step), seen: &earlier, moment: n.moment})
		above := *n.seen
		above.Attempts, above.Before, above.Order = older.seen.Attempts, older.seen.Job, evidence.JobAfterPods
		readings = append(readings, note{step: fmt.Sprintf("%s, the pods of %s", n.step, older.step), seen: &above, moment: older.moment})
		late := *n.seen
		late.Job, late.Attempts, late.EventsOrder = older.seen.Job, older.seen.Attempts, evidence.EventsAfterPods
		readings = append(readings, note{step: fmt.Sprintf("%s, Job and pods of %s", n.step, older.step), seen: &late, moment: older.moment})
	}
	return readings
}

// inOrder is the same reading, all of one instant, as one that says so.
func (n note) inOrder(order evidence.Order) note {
	seen := *n.seen
	seen.Order, seen.EventsOrder = order, evidence.EventsBeforePods
	n.step, n.seen = fmt.Sprintf("%s, %s", n.step, order), &seen
	return n
}

func (o *observer) holdOne(n note, ledger *recording.Ledger) {
	seen := *n.seen
	seen.Attempts, seen.Events = slices.Clone(seen.Attempts), slices.Clone(seen.Events)
	e := replay.Explain(&seen, seen.ObservedAt)
	all := claims.Check(e, ledger, n.moment)
	if o.by.NodesOff == 0 {
		all = append(all, claims.CheckTimeline(e, ledger)...)
	}
	for _, wrong := range all {
		o.complain(n.step, "%s", wrong)
		if *dump {
			o.complain("", "%s", show(&seen, e))
		}
	}
	if e.Agreement.Result == v1alpha1.Disagrees {
		o.complain(n.step, "disagrees: %+v", e.Agreement.Differences)
	}
}

// show is the evidence and what was told of it, for who looks for the reason.
func show(seen *evidence.Job, e *v1alpha1.Explanation) string {
	text := fmt.Sprintf("at %s\nstatus %+v\n", seen.ObservedAt.Format(time.TimeOnly), seen.Job.Status)
	for i := range seen.Attempts {
		pod := &seen.Attempts[i]
		text += fmt.Sprintf("pod %s %s born %d+%d created %s deleted %s finalizer %v\n", pod.Name, pod.Phase, pod.FailureCount, pod.IgnoredFailureCount,
			pod.CreationTime.Time().Format(time.TimeOnly), pod.DeletionTime.Time().Format(time.TimeOnly), pod.Finalizer)
		for j := range pod.Containers {
			if t := pod.Containers[j].Terminated; t != nil {
				text += fmt.Sprintf("  %s exited %d at %s\n", pod.Containers[j].Name, t.ExitCode, pod.Containers[j].FinishedAt.Time().Format(time.TimeOnly))
			}
		}
	}
	for i := range seen.Events {
		text += fmt.Sprintf("event %s %s %s\n", seen.Events[i].Last.Format(time.TimeOnly), seen.Events[i].Reason, seen.Events[i].Message)
	}
	for i := range e.Fates {
		text += fmt.Sprintf("index %d-%d %s/%s: %s\n", e.Fates[i].Index, e.Fates[i].Last(), e.Fates[i].Fate, e.Fates[i].Reason, e.Fates[i].Message)
	}
	return text
}
