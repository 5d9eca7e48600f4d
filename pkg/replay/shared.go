package replay

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// shared is what the records of a large Job's attempts have in common: many
// begin or end in the same second, and few counts are any but small.
type shared struct {
	stamps  map[int64]*metav1.Time
	recent  [1 << 10]recentStamp // of each remainder of seconds the last asked for
	tallies map[v1alpha1.Tally]*v1alpha1.Tally
	numbers map[int32]*int32
	counts  map[countedEnding]string
	runs    []v1alpha1.Ran // what is left of a piece of memory for those
	yes, no *bool
	none    []v1alpha1.Warning
	// free is what is left of a piece of memory for attempts.
	free []v1alpha1.Attempt
}

func newShared() *shared {
	return &shared{yes: ptr.To(true), no: ptr.To(false), stamps: map[int64]*metav1.Time{}, tallies: map[v1alpha1.Tally]*v1alpha1.Tally{}, numbers: map[int32]*int32{}, counts: map[countedEnding]string{}, none: []v1alpha1.Warning{}}
}

// stamp is the instant to the second, nil where there is none.
func (s *shared) stamp(i evidence.Instant) *metav1.Time {
	if i.IsZero() {
		return nil
	}
	t := i.Time()
	second := t.Unix()
	recent := &s.recent[uint64(second)%uint64(len(s.recent))]
	if recent.second != second || recent.stamp == nil {
		shared, ok := s.stamps[second]
		if !ok {
			shared = stamp(t)
			s.stamps[second] = shared
		}
		*recent = recentStamp{second, shared}
	}
	return recent.stamp
}

// recentStamp is one that is likely to be asked for again: neighbours among the
// indexes begin and end at about the same time.
type recentStamp struct {
	second int64
	stamp  *metav1.Time
}

// ran is seldom the same twice.
func (s *shared) ran(from, to evidence.Instant) *v1alpha1.Ran {
	if len(s.runs) == 0 {
		s.runs = make([]v1alpha1.Ran, pieceOfAttempts)
	}
	ran := &s.runs[0]
	s.runs = s.runs[1:]
	ran.From, ran.To = s.stamp(from), s.stamp(to)
	return ran
}

func (s *shared) tally(t v1alpha1.Tally) *v1alpha1.Tally {
	shared, ok := s.tallies[t]
	if !ok {
		shared = &v1alpha1.Tally{Counted: t.Counted, Ignored: t.Ignored}
		s.tallies[t] = shared
	}
	return shared
}

func (s *shared) number(n int32) *int32 {
	shared, ok := s.numbers[n]
	if !ok {
		shared = new(n)
		s.numbers[n] = shared
	}
	return shared
}

// countedEnding is how a pod failed, after what, and how many failures count by then.
type countedEnding struct {
	*ending
	after            string
	counted, allowed int32
}

func (s *shared) inWords(c countedEnding) string {
	text, ok := s.counts[c]
	if !ok {
		text = fmt.Sprintf("%s%s; %s, %d allowed", c.words, c.after, failuresInWords(c.counted, 0), c.allowed)
		s.counts[c] = text
	}
	return text
}

func (s *shared) truth(is bool) *bool {
	if is {
		return s.yes
	}
	return s.no
}

// pieceOfAttempts is for how many attempts memory is taken at a time.
const pieceOfAttempts = 256

// room is an empty list that grows to n without memory of its own.
func (s *shared) room(n int) []v1alpha1.Attempt {
	if n > len(s.free) {
		s.free = make([]v1alpha1.Attempt, max(n, pieceOfAttempts))
	}
	room := s.free[:0:n]
	s.free = s.free[n:]
	return room
}
