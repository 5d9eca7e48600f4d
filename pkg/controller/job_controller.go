package controller

import (
	"cmp"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// State is what one sync of the controller finds: what is in its cache, and what
// it has in memory.
type State struct {
	Job *batchv1.Job
	// Pods are those that the Job controls and those that it may adopt, as a
	// Reckoner has them, in any order; none that is gone.
	Pods []*Pod
	// Now is the controller's clock.
	Now   time.Time
	Rules Rules
	// Backoff is what the controller remembers, without backoffLimitPerIndex.
	Backoff BackoffRecord
	// Unobserved: the controller has not seen all the pods yet that it created or
	// deleted before. It then creates no pod and ends no Job, though it deletes what
	// ending it would (SatisfiedExpectations, v1.37.2).
	Unobserved bool
	// Choose picks what the controller leaves to chance: which of c.Among is next.
	// Nil is the first.
	Choose func(c Choice) int
}

// Outcome is what the sync makes of it, granted that every request succeeds but
// for a status that the API server refuses on its contents.
type Outcome struct {
	// Skipped: the sync does nothing, since the Job is finished or managed by
	// another controller.
	Skipped bool

	// Succeeded and Failed are the lists of the next status.
	Succeeded, Failed indexes.Set
	// Refused are the indexes in both lists, where the API server takes no such
	// status: then nothing else comes about, now or later.
	Refused indexes.Set
	// Criteria are all that hold of those which end the Job, in the controller's
	// order: the first decides. None of a Job that is decided.
	Criteria []Criterion
	// FailedNow is what backoffLimit is held against.
	FailedNow int64
	// Active and Terminating are how many pods the sync finds to be.
	Active, Terminating int64
	// Delayed are the failed pods that wait for their replacement, by index.
	Delayed []*Pod
	// Slots is for how many pods there is room, Create for which indexes the next
	// are created, and InBackoff which of the lowest pending ones take up a slot
	// while they wait for their delay. They stand beside the criteria, the surplus
	// and the cap of one sync, which Created obeys.
	Slots             int64
	Create, InBackoff indexes.Set
	// Backoff is the record by which the sync delays creations, and Remembered what
	// is kept of it: a sync that writes no status forgets what it saw.
	Backoff, Remembered BackoffRecord

	// StartTime is the Job's from now on, Suspended the condition of that type
	// where the sync writes it.
	StartTime *metav1.Time
	Suspended corev1.ConditionStatus
	// Adopted and Released are the pods whose owner changes (ClaimPods, v1.37.2).
	Adopted, Released []*Pod
	// Created are the pods of this sync, by index.
	Created []Creation
	// Deleted are the pods that the sync deletes. Stripped: they lose their
	// finalizer first, and with it any effect on the counts.
	Deleted  []*Pod
	Stripped bool
	// Taken are the pods whose finalizer goes because they are accounted for, by
	// index. Of very many CapReached leaves the rest to the next sync.
	Taken      []*Pod
	CapReached bool
	// First and Second are the writes to the status, nil where there is none: what
	// is on its way into the counts with the interim condition, and the counts with
	// the terminal one.
	First, Second *StatusWrite
	// DeadlineSync and BackoffSync are when the controller looks again of its own
	// accord: at activeDeadlineSeconds, and once a delay is over. Zero is never.
	DeadlineSync, BackoffSync time.Time

	// Chances is what the controller leaves to chance. Without any, this is the only
	// outcome.
	Chances []Choice
}

// Criterion is one that ends the Job.
type Criterion struct {
	// Reason is that of the condition.
	Reason string
	// Success tells SuccessCriteriaMet from FailureTarget.
	Success bool
	// Pods match FailJob: any of them may be named.
	Pods []*Pod
	// Rule is the rule of successPolicy that is met.
	Rule int32
}

// Creation is a pod that is created, with its annotations; without
// backoffLimitPerIndex it bears no Counts.
type Creation struct {
	Index  int32
	Counts Counts
}

// Choice is a set of pods of which the controller takes some, as the order
// of its cache has them. The Outcome has one case; State.Choose tells which.
type Choice struct {
	What ChoiceOf
	// Among are the pods, Taken is how many of them are: the first, where nobody
	// chooses. They are by name, or by how much they carry over.
	Among []*Pod
	Taken int
}

// ChoiceOf is what a choice is about.
type ChoiceOf string

// The choices. The pod that a FailJob rule's message names is one more: any of
// Criterion.Pods.
const (
	// ChoiceDelayed: which failed pod of an index carries the count over.
	ChoiceDelayed ChoiceOf = "Delayed"
	// ChoiceKept: which active pod of an index stays.
	ChoiceKept ChoiceOf = "Kept"
	// ChoiceDeleted: which surplus pods go.
	ChoiceDeleted ChoiceOf = "Deleted"
	// ChoiceTaken: which pods of one index are accounted for before the cap is met.
	ChoiceTaken ChoiceOf = "Taken"
)

// Sync is syncJob (v1.37.2) as a function of what it finds.
func Sync(state State) Outcome {
	s := sync{State: state, policy: NewPodFailurePolicy(state.Job.Spec.PodFailurePolicy)}
	s.syncJob()
	return s.Outcome
}

func byIndex(a, b *Pod) int { return cmp.Compare(a.Index, b.Index) }

func byName(a, b *Pod) int { return cmp.Compare(a.Name, b.Name) }

// sync is the State, the Outcome so far, and what several steps read.
type sync struct {
	State
	Outcome
	// live are the claimed pods that are not history, by index.
	live []*Pod
	// activePods are those that are active.
	activePods []*Pod
	// active, ready and terminating are what the status says of the pods.
	active, ready, terminating int64
	// finishing is how the Job ends, nil while it does not.
	finishing *Criterion
	// policy is what decides whether pods that the decision stops are failures.
	policy PodFailurePolicy
	// interim: the condition that says so is written in this sync.
	interim bool
}

// choose takes n of the pods, which it puts first, and leaves a trace of it.
func (s *sync) choose(what ChoiceOf, among []*Pod, n int) []*Pod {
	s.Chances = append(s.Chances, Choice{what, slices.Clone(among), n})
	if s.Choose == nil {
		return among
	}
	for i := range n {
		next := i + s.Choose(Choice{what, among[i:], 1})
		among[i], among[next] = among[next], among[i]
	}
	return among
}
