package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// settling is how long changes are gathered before they are handed over: the
// status and the pods come by different watches, and what the controller writes
// together should be seen together. It bounds the rate, too.
const settling = 200 * time.Millisecond

// Sighting is how a followed Job looks at one instant.
type Sighting struct {
	// Seen is all that is known, with the pods that have vanished meanwhile. It
	// changes as the following goes on: nobody keeps it.
	Seen *evidence.Job
	// Gone: the Job was deleted; Seen is its last known state.
	Gone bool
	// Trouble is why news may be missing, nil where all is well. The follower
	// goes on trying. SureAt is until when none is missing.
	Trouble error
	SureAt  time.Time
}

// Follower keeps watching one Job until it is stopped.
type Follower struct {
	client *Client
	// first is the Job as it was when the following began.
	first   *batchv1.Job
	stop    context.CancelFunc
	running sync.WaitGroup
	news    news // that Next has not shown

	// confirm holds a token while the Job has to be read once more.
	confirm token

	// reducer reduces the pods that the watch tells of.
	reducer watchReducer

	mu   sync.Mutex
	job  *batchv1.Job
	gone time.Time // when it was seen to be; zero while it is there
	pods followedPods
	// podChanges counts what changed of the pods, confirmed how many of these
	// changes are older than the Job.
	podChanges, confirmed int
	events                kept[evidence.Event]
	// unread are the streams whose first list has not come yet, gaps why one
	// cannot be read, troubles what holds one up.
	unread   map[string]bool
	gaps     map[string]evidence.Gap
	troubles map[string]error
	sureAt   time.Time
	version  string
	// tooMuch: what is to be kept does not fit into memory.
	tooMuch error
}

// The streams of a Follower.
const (
	jobStream    = "jobs"
	podsStream   = "pods"
	eventsStream = "events"
	readStream   = "read" // of the Job alone, again and again
)

// Follow reads the Job and begins to watch it, its pods and its events, until
// Stop. What goes wrong after the first reading is overcome: a server that
// restarts, a watch that ends or is refused, a version that is forgotten.
func (c *Client) Follow(ctx context.Context, namespace, name string) (*Follower, error) {
	job, err := c.Job(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector)
	if err != nil {
		return nil, fmt.Errorf("reading the selector of job %s/%s: %w", namespace, name, err)
	}
	f := &Follower{
		client:   c,
		first:    job,
		news:     newNews(),
		confirm:  newToken(),
		unread:   map[string]bool{jobStream: true, podsStream: true, eventsStream: true},
		gaps:     map[string]evidence.Gap{},
		troubles: map[string]error{},
		sureAt:   c.now(),
	}
	f.setJob(job)
	f.version, _ = c.serverVersion(ctx)
	ctx, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	f.start(ctx, jobStream, f.jobStream(metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector(fieldName, name).String()}))
	f.start(ctx, podsStream, f.podsStream(metav1.ListOptions{LabelSelector: selector.String()}))
	f.running.Go(func() { f.confirmJob(ctx) })
	f.start(ctx, eventsStream, f.eventsStream(metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector(fieldAboutUID, string(job.UID)).String()}))
	return f, nil
}

// Stop ends the following and waits until it has.
func (f *Follower) Stop() {
	f.stop()
	f.running.Wait()
}

// Next rests, waits for news, or for so long, and shows how the Job looks then.
// A change of the Job's conditions ends the rest. Before the first reading is
// complete Seen is nil.
func (f *Follower) Next(ctx context.Context, rest, atMost time.Duration, show func(Sighting)) error {
	if err := f.news.wait(ctx, rest, atMost); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	show(f.sight())
	if f.tooMuch != nil {
		return explain(fmt.Sprintf("following job %s/%s", f.first.Namespace, f.first.Name), f.tooMuch)
	}
	return nil
}

// Read reads the Job once more, in the order that makes evidence sound, and
// adds what only the watches have seen. Where that cannot be read the error says
// why, beside the last sighting, if there was one.
func (f *Follower) Read(ctx context.Context) (*evidence.Job, error) {
	// Only what was known before the reading can be missed by it.
	before := f.lastSighting()
	if before.Gone {
		return before.Seen, nil
	}
	seen, err := f.client.Observe(ctx, f.first.Namespace, f.first.Name)
	if ctx.Err() == nil && apierrors.IsNotFound(err) {
		err = nil
		seen = nil
	}
	switch {
	case err != nil && before.Seen == nil:
		return nil, err
	case err != nil:
		before.Seen.Gaps = append(before.Seen.Gaps, gap(evidence.GapMoved, "the last reading failed, this is what was seen before", err))
		return before.Seen, err
	case seen == nil || seen.Job.UID != f.first.UID:
		return f.lastSighting().Seen, nil
	case before.Seen != nil && seen.Coverage.Pods == evidence.Whole:
		seen.Attempts = withVanished(seen.Attempts, before.Seen.Attempts, f.client.now())
	}
	return seen, nil
}

// lastSighting is one to keep.
func (f *Follower) lastSighting() Sighting {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sight().Clone()
}

// Clone is one that does not change any more.
func (s Sighting) Clone() Sighting {
	if s.Seen != nil {
		s.Seen.Attempts, s.Seen.Events = slices.Clone(s.Seen.Attempts), slices.Clone(s.Seen.Events)
	}
	return s
}

func levelOf(read bool) evidence.Level {
	if read {
		return evidence.Whole
	}
	return evidence.None
}

// sight is how the Job looks now or, if it is gone, looked last. The caller holds the
// lock.
func (f *Follower) sight() Sighting {
	isGone := !f.gone.IsZero()
	sighting := Sighting{Gone: isGone, SureAt: f.sureAt}
	for _, name := range slices.Sorted(maps.Keys(f.troubles)) {
		sighting.Trouble = f.troubles[name]
	}
	if len(f.unread) > 0 && !isGone {
		return sighting
	}
	seen := &evidence.Job{
		Job:           f.job,
		Attempts:      f.pods.items,
		Events:        f.events.items,
		ServerVersion: f.version,
	}
	_, podsUnread := f.gaps[podsStream]
	_, eventsUnread := f.gaps[eventsStream]
	seen.Coverage = evidence.Coverage{Pods: levelOf(!podsUnread), Events: levelOf(!eventsUnread)}
	seen.Order, seen.EventsOrder = f.order(), evidence.EventsOrderUnknown
	for _, name := range slices.Sorted(maps.Keys(f.gaps)) {
		seen.Gaps = append(seen.Gaps, f.gaps[name])
	}
	f.client.stamp(seen)
	if isGone {
		seen.Vanished, seen.ObservedAt = evidence.InstantOf(f.gone), f.gone
	}
	sighting.Seen = seen
	return sighting
}

// start runs a stream in the background.
func (f *Follower) start(ctx context.Context, name string, s *stream) {
	list := s.list
	s.list = func(ctx context.Context) (string, error) {
		version, err := list(ctx)
		if err == nil {
			f.change(func() { delete(f.unread, name); delete(f.gaps, name) })
		}
		return version, err
	}
	s.trouble = func(err error) { f.setTrouble(name, plainly(err)) }
	s.pauses = pauses
	f.running.Go(func() { s.run(ctx) })
}

// setTrouble records what holds a stream up. What must not be read is a gap.
func (f *Follower) setTrouble(name string, err error) {
	namespace := f.first.Namespace
	f.mu.Lock()
	was, unread := f.troubles[name], f.unread[name]
	f.mu.Unlock()
	switch {
	case err == nil && was == nil:
	case err == nil:
		f.change(func() { delete(f.troubles, name) })
	case name == podsStream && unread && apierrors.IsForbidden(err):
		f.change(func() { f.gaps[name] = podsGap(namespace); delete(f.unread, name) })
	case name == eventsStream && unread:
		f.change(func() { f.gaps[name] = eventsGap(namespace, err); delete(f.unread, name) })
	case name == eventsStream:
		// Nothing that is waited for depends on events.
	default:
		f.change(func() { f.troubles[name] = err })
	}
}

// change changes what is known, and makes it news.
func (f *Follower) change(what func()) {
	f.mu.Lock()
	what()
	f.mu.Unlock()
	f.news.tell()
}

// setGone: the Job was deleted, or another has its name.
func (f *Follower) setGone() {
	f.change(func() {
		if f.gone.IsZero() {
			f.gone = f.client.instant()
		}
	})
	f.news.tellAtOnce()
}

// setJob takes a version of the Job. Another of its name is not ours.
func (f *Follower) setJob(job *batchv1.Job) {
	if job.UID != f.first.UID {
		f.setGone()
		return
	}
	job = job.DeepCopy()
	setDefaults(job)
	isUrgent := false
	f.change(func() {
		isUrgent = f.job != nil && !hasSameConditions(f.job, job)
		f.job = job
	})
	if isUrgent {
		f.news.tellAtOnce()
	}
}

// hasSameConditions: by what they are, not since when.
func hasSameConditions(a, b *batchv1.Job) bool {
	return slices.EqualFunc(a.Status.Conditions, b.Status.Conditions, func(a, b batchv1.JobCondition) bool {
		return a.Type == b.Type && a.Status == b.Status
	})
}
