package replay

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// shared is what the records of a large Job's attempts have in common: many
// begin or end in the same second, and few counts are any but small.
type shared struct {
	stamps  map[int64]*metav1.Time
	tallies map[v1alpha1.Tally]*v1alpha1.Tally
	numbers map[int32]*int32
	yes, no *bool
	// draft holds the attempts of one index while they are told, kept is what
	// is left of a piece for many.
	draft, kept []v1alpha1.Attempt
}

func newShared() *shared {
	return &shared{yes: ptr.To(true), no: ptr.To(false), stamps: map[int64]*metav1.Time{}, tallies: map[v1alpha1.Tally]*v1alpha1.Tally{}, numbers: map[int32]*int32{}}
}

// stamp is the instant to the second, nil where there is none.
func (s *shared) stamp(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	shared, ok := s.stamps[t.Unix()]
	if !ok {
		shared = stamp(t)
		s.stamps[t.Unix()] = shared
	}
	return shared
}

func (s *shared) tally(t v1alpha1.Tally) *v1alpha1.Tally {
	shared, ok := s.tallies[t]
	if !ok {
		shared = &t
		s.tallies[t] = shared
	}
	return shared
}

func (s *shared) number(n int32) *int32 {
	shared, ok := s.numbers[n]
	if !ok {
		shared = &n
		s.numbers[n] = shared
	}
	return shared
}

func (s *shared) truth(is bool) *bool {
	if is {
		return s.yes
	}
	return s.no
}

// pieceOfAttempts is for how many attempts memory is taken at a time.
const pieceOfAttempts = 256

// keep copies the draft of one index's attempts to where they stay.
func (s *shared) keep(draft []v1alpha1.Attempt) []v1alpha1.Attempt {
	s.draft = draft
	n := len(draft)
	if n > len(s.kept) {
		s.kept = make([]v1alpha1.Attempt, max(n, pieceOfAttempts))
	}
	kept := s.kept[:n:n]
	s.kept = s.kept[n:]
	copy(kept, draft)
	return kept
}
