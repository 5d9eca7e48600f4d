package bigjob

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

const (
	completions  = 2000
	parallelism  = 200
	limit        = 2 // backoffLimitPerIndex
	nodes        = 40
	lasted       = 4320 // seconds from the start to the reading
	exitGivenUp  = 42
	firstBackoff = 10
)

var start = time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)

// Evidence is what a client reads of the Job, 72 minutes after it began.
func Evidence() *evidence.Job {
	c := &controller{random: rand.New(rand.NewPCG(17, 4))}
	for c.second = range lasted {
		c.sync()
	}
	seen := &evidence.Job{Job: c.job(), ObservedAt: start.Add(lasted * time.Second), ServerVersion: "v1.37.2", PodsRead: true, EventsRead: true}
	for _, p := range c.pods {
		if !p.vanished {
			seen.Attempts = append(seen.Attempts, evidence.Reduce(p.object()))
		}
	}
	return seen
}

// controller is what the Job controller, the scheduler and the nodes do, second
// by second.
type controller struct {
	random *rand.Rand
	second int
	pods   []*pod
	of     [completions]index
}

type index struct {
	newest         *pod
	active         bool
	done, failed   bool
	counted, given int32 // failures so far: counted, ignored
	retry          int   // the second of the next attempt
}

// pod is one attempt, with the end that it will have.
type pod struct {
	index            int
	counted, ignored int32 // it was born with
	node             int   // -1: no node takes it
	created, ends    int
	end              end
	ended, held      bool // held: its finalizer stays until it is replaced
	vanished         bool
}

type end int

const (
	succeeds  end = iota
	runsOut       // of memory
	loses         // its connection
	givesUp       // with the exit code that FailIndex matches
	evicted       // by its node's kubelet, which leaves the pod
	preempted     // by the scheduler, which deletes it
)

func (c *controller) sync() {
	active := 0
	for i := range c.of {
		ix := &c.of[i]
		if p := ix.newest; ix.active && p.node >= 0 && p.ends <= c.second {
			ix.active = false
			c.account(ix, p)
		}
		if ix.active {
			active++
		}
	}
	// The lowest indexes are due first, also those that wait for a retry.
	for i, room := 0, parallelism-active; i < completions && room > 0; i++ {
		ix := &c.of[i]
		if ix.active || ix.done || ix.failed {
			continue
		}
		room--
		if ix.retry <= c.second {
			c.create(i, ix)
		}
	}
}

// account is what a pod's end makes of its index.
func (c *controller) account(ix *index, p *pod) {
	p.ended = true
	switch p.end {
	case succeeds:
		ix.done = true
		return
	case evicted, preempted:
		ix.given++
	default:
		ix.counted++
	}
	ix.failed = p.end == givesUp || ix.counted > limit
	p.held = !ix.failed
	delay := firstBackoff * (1 << (ix.counted + ix.given - 1))
	ix.retry = c.second + delay
}

func (c *controller) create(i int, ix *index) {
	p := &pod{index: i, counted: ix.counted, ignored: ix.given, created: c.second, node: c.random.IntN(nodes)}
	if before := ix.newest; before != nil {
		before.held = false
		before.vanished = before.end == preempted
		if c.random.IntN(10) < 8 {
			p.node = before.node // where its data are
		}
	}
	p.ends = c.second + 420 + c.random.IntN(380)
	p.end = c.endOf(p)
	if p.end != succeeds {
		p.ends = c.second + 60 + c.random.IntN(240)
	}
	switch {
	case ix.newest == nil && (i == 990 || i == 991):
		p.node = -1
	case i > 1300 && i%30 == 7: // shortly before the reading the network breaks
		p.end, p.ends = loses, lasted-1-i%7
	}
	ix.newest, ix.active = p, true
	c.pods = append(c.pods, p)
}

// The node that runs out of memory.
const sick = 7

func (c *controller) endOf(p *pod) end {
	chance := c.random.IntN(1000)
	switch {
	case slices.Contains([]int{310, 1010, 1234}, p.index):
		return givesUp
	case p.node == sick && chance < 600:
		return runsOut
	case chance < 14:
		return loses
	case chance < 25:
		return evicted
	case chance < 27:
		return preempted
	}
	return succeeds
}
