package walk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
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
}

func (o *observer) look(step string) {
	o.notes = append(o.notes, note{step, o.s.Evidence(), o.s.Moment()})
}

// losses is how many there are of each note.
const losses = 10

// hold puts all that was noted before the ledger: whole, read over several
// syncs, by a clock that is off, and each with something lost.
func (o *observer) hold() {
	ledger := o.s.Ledger()
	for i := range o.notes {
		random := rand.New(rand.NewPCG(uint64(i), 13))
		for _, n := range o.readings(i) {
			o.holdOne(n, ledger)
			for range losses {
				loss, keepEvents := claims.Losses[random.IntN(len(claims.Losses))], random.IntN(2) == 0
				thin := n
				thin.step = fmt.Sprintf("%s, without %s, events %v", n.step, loss.Name, keepEvents)
				thin.seen = loss.From(n.seen, keepEvents, random.Uint64())
				o.holdOne(thin, ledger)
			}
		}
	}
}

// slow is how long a reading of the Job, its pods and its events may take.
const slow = 4 * time.Second

// readings are what a reader may have got of the instant: all at once, by a
// clock that is seconds off, and the Job or the events of an instant before.
func (o *observer) readings(at int) []note {
	n := o.notes[at]
	readings := []note{n}
	for _, skew := range []time.Duration{-2 * time.Second, 2 * time.Second} {
		other := *n.seen
		other.ObservedAt = other.ObservedAt.Add(skew)
		readings = append(readings, note{fmt.Sprintf("%s, clock %v off", n.step, skew), &other, n.moment})
	}
	for before := at - 1; before >= max(0, at-3); before-- {
		older := o.notes[before]
		if n.moment.ObservedAt.Sub(older.moment.ObservedAt.Time) > slow {
			break
		}
		early := *n.seen
		early.Job = older.seen.Job
		readings = append(readings, note{fmt.Sprintf("%s, the Job of %s", n.step, older.step), &early, n.moment})
		early.Events = older.seen.Events
		readings = append(readings, note{fmt.Sprintf("%s, Job and events of %s", n.step, older.step), &early, n.moment})
		late := *n.seen
		late.Job, late.Attempts = older.seen.Job, older.seen.Attempts
		readings = append(readings, note{fmt.Sprintf("%s, Job and pods of %s", n.step, older.step), &late, older.moment})
	}
	return readings
}

func (o *observer) holdOne(n note, ledger *recording.Ledger) {
	seen := *n.seen
	seen.Attempts, seen.Events = slices.Clone(seen.Attempts), slices.Clone(seen.Events)
	e := replay.Explain(&seen, seen.ObservedAt)
	for _, wrong := range claims.Check(e, ledger, n.moment) {
		o.complain(n.step, "%s", wrong)
	}
	if e.Agreement.Result == v1alpha1.Disagrees {
		o.complain(n.step, "disagrees: %+v", e.Agreement.Differences)
	}
}
