package controller

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// The finalizer batch.kubernetes.io/job-tracking is the unit of accounting: a
// pod that bears it is in no count yet, one without it is history. What is on
// its way from the one to the other is in status.uncountedTerminatedPods, so
// that nothing is counted twice whatever crash comes between.

// isNew: the pod bears the finalizer, and nobody is taking it away.
func (p *Pod) isNew() bool { return p.Uncounted && !p.Removing }

// tracking is what of trackJobStatusAndRemoveFinalizers (v1.37.2) outlives a
// step of it.
type tracking struct {
	recorded indexes.Set // completedIndexes, as they were
	// failed and succeeded are status.uncountedTerminatedPods, cleaned of what has
	// been counted meanwhile, and with what is added.
	failed, succeeded []types.UID
	// full counts what is added, and what was there: the cap is for both.
	full    int
	counted int64 // how many went from failed to status.failed
}

// trackJobStatus writes which pods are about to be counted, takes their
// finalizers, and writes the counts.
func (s *sync) trackJobStatus() {
	t := s.newTracking()
	first := s.statusWrite()
	first.Failed += int32(t.counted)
	changed := t.counted > 0 || len(t.succeeded) != uncountedSucceeded(s.Job)
	t.full = len(t.failed) + len(t.succeeded)
	before := t.full
	s.takeFinalizers(t)
	first.UncountedFailed, first.UncountedSucceeded = t.failed, t.succeeded
	interim := s.interimCondition()
	first.add(interim)
	if changed || t.full > before || interim != nil || s.isChanged(first) {
		s.First = first
		if first.Refused = s.refuses(first); first.Refused {
			s.Taken, s.CapReached = nil, false
			return
		}
		s.Remembered = s.Outcome.Backoff
	}
	s.finish(first, t)
}

// finish is the second write, once the finalizers are gone.
func (s *sync) finish(first *StatusWrite, t *tracking) {
	second := *first
	second.Conditions = slices.Clone(first.Conditions)
	isTaken := make(map[types.UID]bool, len(s.Taken))
	if len(t.failed)+len(t.succeeded) > 0 {
		for _, pod := range s.Taken {
			isTaken[pod.UID] = true
		}
	}
	remaining := func(uids []types.UID) []types.UID {
		return slices.DeleteFunc(slices.Clone(uids), func(uid types.UID) bool { return isTaken[uid] })
	}
	second.UncountedFailed, second.UncountedSucceeded = remaining(t.failed), remaining(t.succeeded)
	counted := len(t.failed) - len(second.UncountedFailed)
	second.Failed += int32(counted)
	isFinished := s.finishing != nil && !s.CapReached &&
		len(second.UncountedFailed)+len(second.UncountedSucceeded) == 0 &&
		(s.terminating == 0 || !s.Rules.awaitsTerminating())
	if isFinished {
		second.set(s.terminalCondition())
		if s.finishing.Success {
			second.CompletionTime = &metav1.Time{Time: s.Now}
		}
	}
	if isFinished || counted > 0 || len(t.succeeded) != len(second.UncountedSucceeded) {
		s.Second = &second
		second.Refused = s.refusesFinish(&second, isFinished)
	}
}

// newTracking counts what lost its finalizer since it was written down
// (cleanUncountedPodsWithoutFinalizers, v1.37.2).
func (s *sync) newTracking() *tracking {
	t := &tracking{recorded: RecordedSucceeded(s.Job)}
	uncounted := s.Job.Status.UncountedTerminatedPods
	if uncounted == nil || len(uncounted.Failed)+len(uncounted.Succeeded) == 0 {
		return t
	}
	there := map[types.UID]bool{}
	for _, pod := range s.live {
		if (pod.Counted || pod.CountedSucceeded) && pod.isNew() {
			there[pod.UID] = true
		}
	}
	isGone := func(uid types.UID) bool { return !there[uid] }
	t.failed = slices.DeleteFunc(slices.Clone(uncounted.Failed), isGone)
	t.succeeded = slices.DeleteFunc(slices.Clone(uncounted.Succeeded), isGone)
	t.counted = int64(len(uncounted.Failed) - len(t.failed))
	return t
}

// takeFinalizers goes through the pods in order of index until the cap is met.
// Pods of one index are in no order: where not all fit, chance decides.
func (s *sync) takeFinalizers(t *tracking) {
	delayed := s.Delayed
	var removable []*Pod
	for from, to := 0, 0; from < len(s.live) && !s.CapReached; from = to {
		removable = removable[:0]
		adds := 0
		for to = from; to < len(s.live) && s.live[to].Index == s.live[from].Index; to++ {
			if pod := s.live[to]; pod.isNew() && s.canRemoveFinalizer(pod, &delayed) {
				removable = append(removable, pod)
				adds += s.adds(pod, t)
			}
		}
		if len(removable) > 1 && t.full+adds >= MaxUncountedPods {
			removable = s.chooseTaken(removable, t)
		}
		for _, pod := range removable {
			s.Taken = append(s.Taken, pod)
			s.account(pod, t)
			if t.full >= MaxUncountedPods {
				s.CapReached = true
				break
			}
		}
	}
}

// chooseTaken puts the pods of one index in the order in which they are taken,
// which matters where the cap comes between them.
func (s *sync) chooseTaken(pods []*Pod, t *tracking) []*Pod {
	slices.SortFunc(pods, byName)
	among, full := slices.Clone(pods), t.full
	for i := range pods {
		if s.Choose != nil {
			next := i + s.Choose(Choice{ChoiceTaken, pods[i:], 1})
			pods[i], pods[next] = pods[next], pods[i]
		}
		if full += s.adds(pods[i], t); full >= MaxUncountedPods {
			s.Chances = append(s.Chances, Choice{ChoiceTaken, among, i + 1})
			break
		}
	}
	return pods
}

// canRemoveFinalizer: of a Job that goes on, all but what runs, or carries the
// count over to a replacement that is still to come (v1.37.2).
func (s *sync) canRemoveFinalizer(pod *Pod, delayed *[]*Pod) bool {
	if s.Job.DeletionTimestamp != nil || s.finishing != nil || pod.Succeeded() {
		return true
	}
	if !pod.Failed {
		return false
	}
	for len(*delayed) > 0 && (*delayed)[0].Index < pod.Index {
		*delayed = (*delayed)[1:]
	}
	return len(*delayed) == 0 || (*delayed)[0] != pod
}

// account writes the pod down. A success needs nothing but its index.
func (s *sync) account(pod *Pod, t *tracking) {
	added := s.adds(pod, t)
	t.full += added
	if added > 0 && !pod.Succeeded() {
		t.failed = append(t.failed, pod.UID)
	}
}

// adds is how much the pod adds to what is uncounted. Where the Job fails, every
// pod that runs still is a failure, unless podFailurePolicy ignores what it
// looks like now. Two successes of one index count twice towards the cap.
func (s *sync) adds(pod *Pod, t *tracking) int {
	switch {
	case pod.Counted || !pod.ValidIndex:
		return 0
	case pod.Succeeded():
		if t.recorded.Has(pod.Index) {
			return 0
		}
		return 1
	case pod.Failed:
		if !pod.Match.Counts() {
			return 0
		}
		return 1
	case s.finishing != nil && !s.finishing.Success:
		if !s.policy.Match(pod.Attempt).Counts() {
			return 0
		}
		return 1
	}
	return 0
}
