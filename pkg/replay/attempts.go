package replay

import (
	"iter"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// mostInferred bounds the attempts told of by one annotation, which may hold
// any number.
const mostInferred = 100

// history is what is known of the attempts of one index.
type history struct {
	pods     []*podFacts
	attempts []v1alpha1.Attempt
	// cut: a pod was born with less than the one before it left.
	cut bool
	// newerGone are pods that only events name and that are younger than the newest
	// seen, or may be: of the second of its creation.
	newerGone []namedPod
	// olderGone: attempts before the oldest seen are gone, or some between.
	olderGone bool
	// curtailed: more attempts are told of than are listed.
	curtailed bool
	// unnamed are the attempts that counts tell of and no event has named so far.
	unnamed int64
}

// lastIsGone: only an event or a count tells of the index's last attempt.
func (h *history) lastIsGone() bool {
	return len(h.newerGone) > 0 || len(h.pods) == 0 && len(h.attempts) > 0
}

// historyOf tells the attempts of an index, oldest first: its pods, between
// them those that only a later pod's counts tell of, and those that only an
// event names.
func (f *facts) historyOf(index int32) history {
	pods := f.podsOf(index)
	h := history{pods: pods, attempts: f.shared.room(len(pods))}
	gone := f.goneByEvent(index)
	left := v1alpha1.Tally{}
	var before *podFacts
	for _, pod := range pods {
		born := pod.born
		if before != nil && before.isDeleted && !before.isTerminal() && !before.isFailed {
			left = oneStep(left, born)
		}
		switch {
		case !f.perIndex():
		case before != nil && pod.bornWith() == before.bornWith() && overlap(before, pod):
			left = born // a duplicate: neither replaced the other
		case born.Counted < left.Counted || born.Ignored < left.Ignored:
			h.cut = true
			left = v1alpha1.Tally{}
		}
		var older []namedPod
		older, gone = f.olderThan(gone, pod)
		if f.perIndex() {
			h.addInferred(left, born, older, f.isUndisturbed())
		} else {
			h.addNamed(older)
		}
		n := len(h.attempts)
		h.attempts = slices.Grow(h.attempts, 1)[:n+1]
		attempt := &h.attempts[n]
		f.tell(attempt, pod)
		left = leaves(attempt, born)
		before = pod
		h.newerGone = sameSecond(older, pod)
	}
	h.addNamed(gone)
	if len(pods) > 0 {
		h.newerGone = append(h.newerGone, gone...)
	}
	for i := range h.attempts {
		h.attempts[i].Number = int32(i + 1)
	}
	return h
}

// addInferred lists the attempts between what was left behind and what the
// next pod was born with. Events may name them: where they name as many, they
// are the same pods; where more, all are listed as named by events.
func (h *history) addInferred(left, born v1alpha1.Tally, named []namedPod, undisturbed bool) {
	named = h.notToldOf(named)
	counted, ignored := born.Counted-left.Counted, born.Ignored-left.Ignored
	missing := int64(counted) + int64(ignored)
	h.olderGone = h.olderGone || missing > 0 || len(named) > 0
	if int64(len(named)) > missing || int64(len(named)) == missing && !undisturbed {
		h.addNamed(named)
		return
	}
	first := int64(0)
	if missing > mostInferred {
		first, h.curtailed = missing-mostInferred, true
	}
	for n := first; n < missing; n++ {
		attempt := v1alpha1.Attempt{Source: v1alpha1.SourceAnnotation}
		if int64(len(named)) == missing {
			attempt.Pod, attempt.CreationTime = named[n].name, named[n].created()
		}
		switch {
		case !undisturbed && left != (v1alpha1.Tally{}):
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
		h.attempts = append(h.attempts, attempt)
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
		h.olderGone = true
		h.attempts = append(h.attempts, v1alpha1.Attempt{Source: v1alpha1.SourceEvent, Pod: pod.name, CreationTime: pod.created()})
	}
}

// goneByEvent are the pods of the index that an event names and nobody sees.
func (f *facts) goneByEvent(index int32) []namedPod {
	var gone []namedPod
	for _, pod := range f.events.created[index] {
		if f.podNamed(index, pod.name) == nil {
			gone = append(gone, pod)
		}
	}
	return gone
}

// oneStep is what a pod left whose end nobody saw, or that was on its way out when
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

func (f *facts) olderThan(named []namedPod, pod *podFacts) (older, rest []namedPod) {
	n := 0
	for n < len(named) && f.cameBefore(named[n], pod) {
		n++
	}
	return named[:n:n], named[n:]
}

// cameBefore: the pod that an event names was created before the one that is
// seen, or in the same second, for all that is known. One that the controller
// deleted after the other had ended was its replacement.
func (f *facts) cameBefore(named namedPod, pod *podFacts) bool {
	if created := pod.CreationTime.Time(); !named.time.Equal(created) {
		return named.time.Before(created)
	}
	return !pod.isTerminal() || !f.events.deleted[named.name].After(pod.finished)
}

// sameSecond are the pods created in the second in which the one that is seen was,
// which they may have replaced if it is not active.
func sameSecond(named []namedPod, pod *podFacts) []namedPod {
	if pod.isActive {
		return nil
	}
	var same []namedPod
	for _, other := range named {
		if other.time.Equal(pod.CreationTime.Time()) {
			same = append(same, other)
		}
	}
	return same
}

// overlap: the later pod was created before the earlier one ended.
func overlap(before, pod *podFacts) bool {
	return !before.isTerminal() || pod.CreationTime.Time().Before((Rules{Newest}).FinishedTime(before.Attempt))
}

// leaves is what the pod hands to its replacement.
func leaves(attempt *v1alpha1.Attempt, born v1alpha1.Tally) v1alpha1.Tally {
	if attempt.After != nil {
		return *attempt.After
	}
	return born
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

// tell makes of a pod what the Explanation tells of it, in place: an attempt is
// large, and there are many.
func (f *facts) tell(attempt *v1alpha1.Attempt, pod *podFacts) {
	*attempt = v1alpha1.Attempt{
		Source: v1alpha1.SourcePod, Pod: pod.Name, Node: pod.Node, Phase: pod.Phase,
		Terminating:  f.shared.truth(pod.isTerminating),
		CreationTime: f.shared.stamp(pod.CreationTime.Time()),
		StartTime:    f.shared.stamp(pod.StartTime.Time()),
		DeletionTime: f.shared.stamp(pod.DeletionTime.Time()),
		Restarts:     f.shared.number(pod.restarts),
	}
	if pod.isActive {
		attempt.Waiting = waitingReason(pod.Attempt)
	}
	if pod.isTerminal() {
		attempt.FinishTime = f.shared.stamp(pod.finished)
	}
	if f.perIndex() {
		attempt.Before = f.shared.tally(pod.born)
	}
	if pod.hasSucceeded {
		attempt.After = attempt.Before
	}
	if !pod.isFailed {
		return
	}
	attempt.Failure = pod.failure
	attempt.Decision = v1alpha1.Decision(pod.ending.match.Action)
	attempt.Rules = pod.ending.trace
	attempt.Rule = pod.ending.rule
	if f.perIndex() {
		attempt.After = f.shared.tally(pod.leaves())
	}
	attempt.Suspicion = f.suspicion(pod)
}

// waitingReason is why a pod that nobody deleted does not run yet: what a
// container waits for, else why the pod is not scheduled.
func waitingReason(pod *evidence.Attempt) string {
	if !IsPodActive(pod) || pod.Phase == corev1.PodRunning {
		return ""
	}
	for i := range pod.Containers {
		if w := pod.Containers[i].Waiting; w != "" && w != "PodInitializing" {
			return w
		}
	}
	if c := condition(pod, corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse && c.Reason != "" {
		return c.Reason
	}
	for i := range pod.Containers {
		if w := pod.Containers[i].Waiting; w != "" {
			return w
		}
	}
	if pod.Node == "" {
		return "NotScheduled"
	}
	return "NotStarted"
}

// suspicion marks a failure that looks like a disruption and bears no
// DisruptionTarget condition. It never changes a verdict.
func (f *facts) suspicion(pod *podFacts) string {
	switch {
	case pod.ending.isDisrupted || pod.isAtDecision || pod.isRemoved:
		return ""
	case pod.ending.suspicion != "":
		return pod.ending.suspicion
	case pod.isDeleted && !pod.DeletionTime.IsZero():
		return "perhaps a disruption: the pod was deleted, without a DisruptionTarget condition; who deleted it is not recorded"
	}
	return ""
}

func stamp(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t.UTC().Truncate(time.Second)}
}
