package replay

import (
	"iter"
	"math"
	"slices"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// mostInferred bounds the attempts listed for one annotation, which may hold any
// number, mostInferredInAll those of all annotations; those before them are
// numbered and not listed.
const (
	mostInferred      = 100
	mostInferredInAll = 1 << 18
)

// inferredEach is how many attempts are listed for one annotation: where many tell
// of many, the newest of each.
func (t *podTable) inferredEach() int64 {
	most := int64(mostInferred)
	for most > 1 && t.inferredInAll(most) > mostInferredInAll {
		most /= 2
	}
	return most
}

// inferredInAll is how many attempts are inferred at most, with so many for each
// annotation.
func (t *podTable) inferredInAll(most int64) (n int64) {
	for _, group := range t.groups {
		var before v1alpha1.Tally
		for _, pod := range t.podsIn(group) {
			born := pod.born()
			missing := int64(born.Counted) + int64(born.Ignored)
			if born.Counted >= before.Counted && born.Ignored >= before.Ignored {
				missing -= int64(before.Counted) + int64(before.Ignored)
			}
			if before = born; pod.standing == removed {
				before = v1alpha1.Tally{}
			}
			n += min(missing, most)
		}
	}
	return n
}

// mostUnlisted bounds the numbers of attempts, which annotations may make absurd.
const mostUnlisted = math.MaxInt32 - 1<<20

// history is what is known of the attempts of one index.
type history struct {
	pods     []*podFacts
	attempts []v1alpha1.Attempt
	// cut: a pod was removed, or the next was born with less than it left.
	cut bool
	// newerGone are pods that only events name and that are younger than the newest
	// seen, or may be: of the second of its creation.
	newerGone []namedPod

	perIndex, undisturbed bool
	// inferredEach is how many attempts are listed for one annotation.
	inferredEach int64
	// unlisted are the attempts that are numbered and not listed.
	unlisted int32
	// unnamed are the attempts that counts tell of and no event has named so far.
	unnamed int64
}

// newest is the youngest pod of the index, nil where there is none.
func (h *history) newest() *podFacts { return newestOf(h.pods) }

// lastIsGone: only an event or a count tells of the index's last attempt.
func (h *history) lastIsGone() bool {
	return len(h.newerGone) > 0 || len(h.pods) == 0 && len(h.attempts) > 0
}

// historyOf tells the attempts of an index, oldest first: its pods, between
// them those that only a later pod's counts tell of, and those that only an
// event names.
func (t *totals) historyOf(index int32) history {
	pods := t.podsOf(index)
	h := history{pods: pods, attempts: t.roomForAttempts(len(pods)), perIndex: t.perIndex(), inferredEach: t.inferred, undisturbed: t.isUndisturbed()}
	gone := t.goneByEvent(index)
	left := v1alpha1.Tally{}
	var before *podFacts
	for _, pod := range pods {
		h.cut = h.cut || before != nil && before.standing == removed
		if h.perIndex {
			left = h.leftBy(before, pod, left)
		}
		var older []namedPod
		older, gone = t.olderThan(gone, pod)
		if h.perIndex {
			h.addInferred(left, pod.born(), older)
		} else {
			h.addNamed(older)
		}
		n := len(h.attempts)
		h.attempts = slices.Grow(h.attempts, 1)[:n+1]
		attempt := &h.attempts[n]
		t.tell(attempt, pod)
		attempt.Number = int32(n) + 1 + h.unlisted
		left = leaves(attempt, pod)
		before = pod
		h.newerGone = sameSecond(older, pod)
	}
	h.addNamed(gone)
	if len(pods) > 0 {
		h.newerGone = append(h.newerGone, gone...)
	}
	t.warnOfGone(h.attempts)
	return h
}

// warnOfGone adds what events say of the pods that are gone.
func (t *totals) warnOfGone(attempts []v1alpha1.Attempt) {
	if len(t.podEvents) == 0 {
		return
	}
	for i := range attempts {
		if a := &attempts[i]; a.Source != v1alpha1.SourcePod && a.Pod != "" {
			a.Warnings = t.warningsOf(t.podEvents[a.Pod], nil)
		}
	}
}

// leftBy is what the pods before left for the pod to be born with, so far as
// they tell; a chain that was cut begins anew. Behind a pod that was removed that is
// so where the pod was born with less than that one: a failed pod before both, still
// to be accounted for, hands on as much again.
func (h *history) leftBy(before, pod *podFacts, left v1alpha1.Tally) v1alpha1.Tally {
	born := pod.born()
	switch {
	case before != nil && before.standing == removed && born.Counted >= left.Counted && born.Ignored >= left.Ignored:
		return left
	case before != nil && before.standing == removed:
		return v1alpha1.Tally{}
	case before != nil && (before.isDeleted() || before.Phase == "") && !before.Terminal && !before.Failed:
		left = oneStep(left, born)
	}
	switch {
	case before != nil && pod.BornWith() == before.BornWith() && overlap(before, pod):
		return born // a duplicate: neither replaced the other
	case born.Counted < left.Counted || born.Ignored < left.Ignored:
		h.cut = true
		return v1alpha1.Tally{}
	}
	return left
}

// oneStep is what a pod left whose end nobody saw, whose status is missing, or that was on its way out when
// that perhaps still counted: a failure, by the counts that the next one was born
// with, or none.
func oneStep(left, born v1alpha1.Tally) v1alpha1.Tally {
	switch {
	case born.Counted > left.Counted:
		left.Counted++
	case born.Ignored > left.Ignored:
		left.Ignored++
	}
	return left
}

// overlap: the later pod was created before the earlier one ended.
func overlap(before, pod *podFacts) bool { return !before.Terminal || pod.created < before.Finished }

// leaves is what the pod hands to its replacement.
func leaves(attempt *v1alpha1.Attempt, pod *podFacts) v1alpha1.Tally {
	if attempt.After != nil {
		return *attempt.After
	}
	return pod.born()
}

// addInferred lists the attempts between what was left behind and what the
// next pod was born with. Events may name them: where they name as many, they
// are the same pods; where more, all are listed as named by events.
func (h *history) addInferred(left, born v1alpha1.Tally, named []namedPod) {
	named = h.notToldOf(named)
	counted, ignored := born.Counted-left.Counted, born.Ignored-left.Ignored
	missing := int64(counted) + int64(ignored)
	if int64(len(named)) > missing || int64(len(named)) == missing && !h.undisturbed {
		h.addNamed(named)
		return
	}
	first := max(0, missing-h.inferredEach)
	h.unlisted = int32(min(int64(h.unlisted)+first, mostUnlisted))
	h.attempts = slices.Grow(h.attempts, int(missing-first)+1) // and the pod's own
	for n := first; n < missing; n++ {
		attempt := v1alpha1.Attempt{Source: v1alpha1.SourceAnnotation}
		if int64(len(named)) == missing {
			attempt.Pod, attempt.CreationTime = named[n].name, named[n].created()
		}
		switch {
		case !h.undisturbed && left != (v1alpha1.Tally{}):
			// The chain was perhaps cut between, and grew by other steps.
		case ignored == 0:
			attempt.Decision = v1alpha1.DecisionCount
			attempt.Before = &v1alpha1.Tally{Counted: left.Counted + int32(n), Ignored: left.Ignored}
			attempt.After = &v1alpha1.Tally{Counted: left.Counted + int32(n) + 1, Ignored: left.Ignored}
		case counted == 0:
			attempt.Decision = v1alpha1.DecisionIgnore
			attempt.Before = &v1alpha1.Tally{Counted: left.Counted, Ignored: left.Ignored + int32(n)}
			attempt.After = &v1alpha1.Tally{Counted: left.Counted, Ignored: left.Ignored + int32(n) + 1}
		}
		h.add(attempt)
	}
	h.unnamed += max(0, missing-int64(len(named)))
}

// notToldOf leaves out those that may be attempts of which counts have told
// already: a combined event does not say when its pod was created.
func (h *history) notToldOf(named []namedPod) []namedPod {
	var others []namedPod
	for _, pod := range named {
		if pod.folded && h.unnamed > 0 {
			h.unnamed--
			continue
		}
		others = append(others, pod)
	}
	return others
}

func (h *history) addNamed(pods []namedPod) {
	for _, pod := range h.notToldOf(pods) {
		h.add(v1alpha1.Attempt{Source: v1alpha1.SourceEvent, Pod: pod.name, CreationTime: pod.created()})
	}
}

func (h *history) add(attempt v1alpha1.Attempt) {
	attempt.Number = int32(len(h.attempts)) + 1 + h.unlisted
	attempt.Warnings = []v1alpha1.Warning{}
	h.attempts = append(h.attempts, attempt)
}

func (t *podTable) olderThan(named []namedPod, pod *podFacts) (older, rest []namedPod) {
	n := 0
	for n < len(named) && t.cameBefore(named[n], pod) {
		n++
	}
	return named[:n:n], named[n:]
}

// cameBefore: the pod that an event names was created before the one that is
// seen, or in the same second, for all that is known. One that the controller
// deleted after the other had ended was its replacement.
func (t *podTable) cameBefore(named namedPod, pod *podFacts) bool {
	if created := pod.created.Time(); !named.time.Equal(created) {
		return named.time.Before(created)
	}
	return !pod.Terminal || !t.events.deleted[named.name].After(pod.finished())
}

// sameSecond are the pods created in the second in which the one that is seen was,
// which they may have replaced if it is not active.
func sameSecond(named []namedPod, pod *podFacts) []namedPod {
	if pod.Active {
		return nil
	}
	var same []namedPod
	for _, other := range named {
		if evidence.InstantOf(other.time) == pod.created {
			same = append(same, other)
		}
	}
	return same
}

// withPods hands over the attempts of an index, each with its pod or with nil
// where that is gone.
func withPods(attempts []v1alpha1.Attempt, pods []*podFacts) iter.Seq2[*v1alpha1.Attempt, *podFacts] {
	return func(yield func(*v1alpha1.Attempt, *podFacts) bool) {
		next := 0
		for i := range attempts {
			var pod *podFacts
			if attempts[i].Source == v1alpha1.SourcePod {
				pod = pods[next]
				next++
			}
			if !yield(&attempts[i], pod) {
				return
			}
		}
	}
}
