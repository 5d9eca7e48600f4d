package replay

import (
	"cmp"
	"slices"
	"sort"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// facts is what every concern of the explanation reads: the evidence in order,
// and what follows from it directly.
type facts struct {
	seen  *evidence.Job
	job   *batchv1.Job
	now   time.Time
	rules Rules

	completions int32
	// pods are all attempts, by index and age; groups those of valid indexes.
	pods   []*podFacts
	groups []podRange
	// withPods are the valid indexes that have a pod.
	withPods indexes.Set
	// completed and failed are as recorded in the status.
	completed, failed indexes.Set

	verdict  verdict
	sync     syncResult
	events   jobEvents
	accounts accounts
	failJob  failJob
	// released is when the backoff of a Job without per-index limits lets go of
	// every creation, by estimate, and delay how long until then; since
	// deferred, it has held them without a break.
	released time.Time
	delay    time.Duration
	deferred time.Time
	queue    queue
	// createdAbove is, of each group, when the last pod was created from there up.
	createdAbove []evidence.Instant
	// lastChange is when the Job or one of its pods last changed.
	lastChange time.Time
	// podsChange is that of the pods alone.
	podsChange time.Time
	// isBehind: the controller has not accounted for pods that ended a while ago.
	isBehind bool
	// shared is what the records of attempts have in common.
	shared *shared
}

// podRange is where the pods of an index stand.
type podRange struct{ index, from, to int32 }

func gather(seen *evidence.Job, now time.Time) *facts {
	f := &facts{
		seen: seen, job: seen.Job, now: now,
		rules:       rulesFor(seen),
		completions: completions(seen.Job),
		shared:      newShared(),
	}
	f.verdict = verdictOf(f.job)
	f.events = readEvents(seen)
	f.reckonPods()
	f.completed, _ = indexes.ParseStatus(f.job.Status.CompletedIndexes, f.completions)
	f.failed = recordedFailedIndexes(f.job)
	f.sync = f.replaySync()
	f.isBehind = !f.verdict.isDecided() && f.lagsBehindPods()
	f.accounts = f.settleAccounts()
	f.failJob = f.readFailJob()
	f.released, f.deferred = f.globalRelease(), f.deferredSince()
	f.delay = max(0, f.released.Sub(f.now))
	f.queue = f.lineUp()
	f.createdAbove = f.lastCreations()
	f.lastChange = f.newestChange()
	return f
}

// reckonPods reckons the pods in the order of the evidence, which is how they
// lie in memory, and puts each where it belongs.
func (f *facts) reckonPods() {
	places, n := placesByIndex(f.seen.Attempts, func(a *evidence.Attempt) bool { return a.Owned || f.adopts() })
	reckoned := make([]podFacts, n)
	var changes [atOnce]time.Time
	inParts(len(places), func(part, from, to int) {
		changes[part] = f.reckonInto(reckoned, f.seen.Attempts[from:to], places[from:to])
	})
	for _, change := range changes {
		f.podsChange = later(f.podsChange, change)
	}
	f.pods = make([]*podFacts, n)
	for i := range reckoned {
		f.pods[i] = &reckoned[i]
	}
	f.groups = groupsOf(f.pods)
	var with indexes.Builder
	for i := range f.groups {
		with.Add(f.groups[i].index)
	}
	f.withPods = with.Set()
}

// reckonInto reckons attempts into the places that are theirs, and says when one
// of them changed last.
func (f *facts) reckonInto(reckoned []podFacts, attempts []evidence.Attempt, places []int32) (change time.Time) {
	reckoner := newReckoner(f.job, f.rules)
	for i, place := range places {
		if place < 0 {
			continue
		}
		attempt, pod := &attempts[i], &reckoned[place]
		reckoner.reckon(attempt, pod)
		pod.isAtDecision = f.isAtDecision(attempt)
		_, pod.isRemoved = f.events.deleted[attempt.Name]
		pod.isOwnFailure = pod.isFailed && !pod.isAtDecision && !pod.isRemoved
		switch {
		case pod.isFailed:
			reckoner.judge(pod, reckoner.endings.of(attempt))
			pod.failure = reckoner.endings.failureOf(attempt, pod.ending)
		case pod.isAtDecision:
			pod.ending = reckoner.endings.of(attempt)
		}
		change = later(change, pod.lastChange())
	}
	return change
}

// groupsOf parts pods that are in order of index, and puts those of each in
// order of age.
func groupsOf(pods []*podFacts) []podRange {
	groups := make([]podRange, 0, len(pods))
	for from := 0; from < len(pods); {
		to := from + 1
		for to < len(pods) && pods[to].index == pods[from].index {
			to++
		}
		slices.SortFunc(pods[from:to], older)
		if pods[from].hasValidIndex {
			groups = append(groups, podRange{pods[from].index, int32(from), int32(to)})
		}
		from = to
	}
	return groups
}

// podsOf are the pods of an index, oldest first.
func (f *facts) podsOf(index int32) []*podFacts {
	// Where every index has a pod, the first guess is right.
	n := min(int(index), len(f.groups)-1)
	if n < 0 {
		return nil
	}
	if f.groups[n].index != index {
		found := false
		if n, found = slices.BinarySearchFunc(f.groups[:n+1], index, func(g podRange, index int32) int { return cmp.Compare(g.index, index) }); !found {
			return nil
		}
	}
	return f.podsIn(f.groups[n])
}

func (f *facts) podsIn(group podRange) []*podFacts { return f.pods[group.from:group.to:group.to] }

// endingOf is how the pod failed or, if it did not, how it would have.
func (f *facts) endingOf(pod *podFacts) *ending {
	if pod.ending != nil {
		return pod.ending
	}
	return newEnding(f.job.Spec.PodFailurePolicy, pod.Attempt)
}

// isForeign: another controller manages the Job, and the built-in one's rules
// say nothing (managedByExternalController, v1.37.2).
func (f *facts) isForeign() bool {
	return f.job.Spec.ManagedBy != nil && *f.job.Spec.ManagedBy != batchv1.JobControllerName
}

// adopts: a pod that nobody controls becomes the Job's at the next sync, unless
// the Job is over or being deleted (AdoptPod in controller_ref_manager.go,
// v1.37.2).
func (f *facts) adopts() bool { return !f.verdict.isFinished() && f.job.DeletionTimestamp == nil }

func (f *facts) isSuspended() bool {
	return f.job.Spec.Suspend != nil && *f.job.Spec.Suspend
}

// isUndisturbed: nobody changed the spec since the Job began to run, so that
// no suspension, surplus removal or scale-down can have cut a chain. The
// second generation of a Job that was resumed is the resumption itself.
func (f *facts) isUndisturbed() bool {
	switch f.job.Generation {
	case 1:
		return true
	case 2:
		return !f.isSuspended() && f.wasResumed()
	}
	return false
}

// neverReplacedDeleted: no pod on its way out was ever replaced. A policy that
// says so now may have said otherwise, unless a podFailurePolicy forces it.
func (f *facts) neverReplacedDeleted() bool {
	return OnlyReplaceFailedPods(f.job) && (f.job.Spec.PodFailurePolicy != nil || f.isUndisturbed())
}

func (f *facts) wasResumed() bool {
	for i := range f.job.Status.Conditions {
		c := &f.job.Status.Conditions[i]
		if c.Type == batchv1.JobSuspended && c.Status == corev1.ConditionFalse {
			return true
		}
	}
	return false
}

// ignores reports whether some rule of the policy may forgive a failure.
func (f *facts) ignores() bool { return f.hasRule(batchv1.PodFailurePolicyActionIgnore) }

func (f *facts) hasRule(action batchv1.PodFailurePolicyAction) bool {
	if f.job.Spec.PodFailurePolicy == nil {
		return false
	}
	for i := range f.job.Spec.PodFailurePolicy.Rules {
		if f.job.Spec.PodFailurePolicy.Rules[i].Action == action {
			return true
		}
	}
	return false
}

func (f *facts) perIndex() bool { return f.job.Spec.BackoffLimitPerIndex != nil }

func (f *facts) parallelism() int64 {
	if f.job.Spec.Parallelism == nil {
		return 1
	}
	return int64(*f.job.Spec.Parallelism)
}

// open are the indexes in neither list.
func (f *facts) open() indexes.Set {
	return indexes.Range(0, f.completions-1).Minus(f.completed.Union(f.failed))
}

// failedTotal is status.failed and what is on its way there.
func (f *facts) failedTotal() int64 {
	total := int64(f.job.Status.Failed)
	if uncounted := f.job.Status.UncountedTerminatedPods; uncounted != nil {
		total += int64(len(uncounted.Failed))
	}
	return total
}

// newest is the youngest pod of the index, nil where there is none.
func (f *facts) newest(index int32) *podFacts { return newestOf(f.podsOf(index)) }

func newestOf(pods []*podFacts) *podFacts {
	if len(pods) == 0 {
		return nil
	}
	return pods[len(pods)-1]
}

// verdict is what the Job's conditions say of it.
type verdict struct {
	state v1alpha1.State
	// condition that decided, interim before terminal; nil while undecided.
	condition *batchv1.JobCondition
	// decided and finished are when; zero while not.
	decided, finished time.Time
	success           bool
}

func verdictOf(job *batchv1.Job) verdict {
	failed, complete := jobCondition(job, batchv1.JobFailed), jobCondition(job, batchv1.JobComplete)
	target, criteria := jobCondition(job, batchv1.JobFailureTarget), jobCondition(job, batchv1.JobSuccessCriteriaMet)
	var v verdict
	switch {
	case failed != nil:
		v = verdict{state: v1alpha1.StateFailed, condition: failed, decided: failed.LastTransitionTime.Time, finished: failed.LastTransitionTime.Time}
	case complete != nil:
		v = verdict{state: v1alpha1.StateComplete, condition: complete, decided: complete.LastTransitionTime.Time, finished: complete.LastTransitionTime.Time, success: true}
	case target != nil:
		v = verdict{state: v1alpha1.StateFailing, condition: target}
	case criteria != nil:
		v = verdict{state: v1alpha1.StateSucceeding, condition: criteria, success: true}
	case job.Spec.Suspend != nil && *job.Spec.Suspend:
		return verdict{state: v1alpha1.StateSuspended}
	default:
		return verdict{state: v1alpha1.StateRunning}
	}
	if interim := target; interim != nil && !v.success {
		v.decided = interim.LastTransitionTime.Time
	}
	if interim := criteria; interim != nil && v.success {
		v.decided = interim.LastTransitionTime.Time
	}
	return v
}

func (v verdict) isDecided() bool  { return v.condition != nil }
func (v verdict) isFinished() bool { return !v.finished.IsZero() }

// isAtDecision reports whether the controller deleted the pod when it decided
// the Job. Both times are kept to the second, by two clocks.
func (f *facts) isAtDecision(pod *evidence.Attempt) bool {
	if !f.verdict.isDecided() || pod.DeletionTime.IsZero() {
		return false
	}
	slack := time.Second
	if jobCondition(f.job, batchv1.JobFailureTarget) == nil && jobCondition(f.job, batchv1.JobSuccessCriteriaMet) == nil {
		// Before 1.31 the time of the decision is not kept, only that of the end.
		slack = 5 * time.Second
	}
	decision := f.verdict.decided.Add(-slack)
	if end := f.rules.finishTimeOfContainers(pod); isTerminal(pod) && !end.IsZero() && end.Before(decision) {
		return false // it had ended, and was deleted for another reason
	}
	return !deleteCallTime(pod).Before(decision)
}

// sortedIndexes are the valid indexes that have a pod, ascending.
func sortedIndexes[V any](of map[int32]V) []int32 {
	keys := make([]int32, 0, len(of))
	for ix := range of {
		keys = append(keys, ix)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}
