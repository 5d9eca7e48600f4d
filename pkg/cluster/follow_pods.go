package cluster

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// mostVanished is of how many pods of an index the end is remembered once they are
// gone, the newest, which is how many attempts are told of an index whose pods
// only counts tell of.
const mostVanished = 100

// followedPods are the pods that are there, and those that have vanished.
type followedPods struct {
	kept[evidence.Attempt]
	// vanished are those of each index, as they went.
	vanished map[int32][]types.UID
}

func (p *followedPods) put(attempt evidence.Attempt) error {
	return p.kept.put(attempt.UID, attempt, ofAttempt)
}

// vanish keeps what was last known of a pod that is not there any more.
func (p *followedPods) vanish(attempt evidence.Attempt, now time.Time) error {
	if before := p.get(attempt.UID); before != nil && !before.Vanished.IsZero() {
		return nil
	}
	if err := p.put(vanished(attempt, now)); err != nil {
		return err
	}
	if p.vanished == nil {
		p.vanished = map[int32][]types.UID{}
	}
	of := append(p.vanished[attempt.Index], attempt.UID)
	if len(of) > mostVanished {
		p.remove(of[0])
		of = slices.Delete(of, 0, 1)
	}
	p.vanished[attempt.Index] = of
	return nil
}

// relist takes a list for what is there. What is not in it has vanished.
func (p *followedPods) relist(list listedPods, now time.Time) error {
	before := *p
	*p = followedPods{kept: keptOf(list.attempts, func(a *evidence.Attempt) types.UID { return a.UID }, list.bytes), vanished: before.vanished}
	for i := range before.items {
		attempt := &before.items[i]
		switch {
		case p.get(attempt.UID) != nil:
		case !attempt.Vanished.IsZero():
			if err := p.put(*attempt); err != nil {
				return err
			}
		default:
			if err := p.vanish(*attempt, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// withVanished adds to the attempts that were listed those seen before.
func withVanished(listed, before []evidence.Attempt, now time.Time) []evidence.Attempt {
	there := make(map[types.UID]bool, len(listed))
	for i := range listed {
		there[listed[i].UID] = true
	}
	for i := range before {
		if !there[before[i].UID] {
			listed = append(listed, vanished(before[i], now))
		}
	}
	return listed
}

// vanished is a pod that is not there any more. It cannot have gone before the
// controller let it go.
func vanished(attempt evidence.Attempt, now time.Time) evidence.Attempt {
	if attempt.Vanished.IsZero() {
		attempt.Vanished, attempt.Finalizer = evidence.InstantOf(now), false
	}
	return attempt
}

// watchReducer reduces the pods that a watch tells of. What they have in common is
// kept once, as long as most that shared it may still be there.
type watchReducer struct {
	evidence.Reducer
	reduced int
}

// leastShared is for how many versions of pods a reducer is worth its while.
const leastShared = 1000

func (r *watchReducer) reduce(pod *corev1.Pod, job *batchv1.Job, pods int) evidence.Attempt {
	if r.reduced++; r.reduced > max(leastShared, pods) {
		*r = watchReducer{reduced: 1}
	}
	return r.Reduce(pod, job)
}
