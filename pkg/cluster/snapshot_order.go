package cluster

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// objects yields the Job, its pods and its events in the order in which they
// were read, and those of a kind in the same order always.
func (s snapshot) objects(yield func(runtime.Object) bool) {
	attempts, events := slices.Clone(s.Attempts), slices.Clone(s.Events)
	slices.SortStableFunc(attempts, func(a, b evidence.Attempt) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.CreationTime, b.CreationTime), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(events, func(a, b evidence.Event) int {
		return cmp.Or(a.First.Compare(b.First), a.Last.Compare(b.Last), cmp.Compare(a.Kind+a.Name, b.Kind+b.Name),
			cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Message, b.Message))
	})
	for _, part := range s.inOrder() {
		switch part {
		case beforePart:
			if !yield(s.job(cmp.Or(s.Before, s.Job.Job))) {
				return
			}
		case podsPart:
			for i := range attempts {
				if !yield(s.pod(&attempts[i])) {
					return
				}
			}
		case eventsPart:
			for i := range events {
				if !yield(s.event(&events[i], i)) {
					return
				}
			}
		case jobPart:
			if !yield(s.job(s.Job.Job)) {
				return
			}
		}
	}
}

// part is what was read at once.
type part int

const (
	beforePart part = iota // the Job before its pods: an older version, or the same again
	eventsPart
	podsPart
	jobPart
)

// inOrder is the order in which it all was read, as kubectl would have printed
// it. Where it is not known the annotation says so.
func (s snapshot) inOrder() []part {
	parts := []part{podsPart, eventsPart}
	if s.EventsOrder == evidence.EventsBeforePods {
		parts = []part{eventsPart, podsPart}
	}
	switch {
	case s.Before != nil, s.Order == evidence.Bracketed:
		return append(append([]part{beforePart}, parts...), jobPart)
	case s.Order == evidence.JobAfterPods:
		return append(parts, jobPart)
	}
	return append([]part{jobPart}, parts...)
}
