package soak

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
)

// step is one thing that a user does.
type step struct {
	after time.Duration // since the step before
	do    func(*scenarios.Run) error
}

// user draws what somebody does to the Job on the way. A Job that is held in the
// end is let go, since it would not end otherwise.
func (g generator) user(job *batchv1.Job) func(*scenarios.Run) error {
	var steps []step
	if *job.Spec.Suspend {
		steps = append(steps, g.resume())
	}
	if g.chance(45) {
		for range 1 + g.IntN(3) {
			steps = append(steps, g.steps(job)...)
		}
	}
	return func(r *scenarios.Run) error {
		for _, s := range steps {
			if err := r.Sleep(s.after); err != nil {
				return err
			}
			if current, _ := r.Tape.See(); current != nil && scenarios.Finished(current) {
				return nil
			}
			if err := s.do(r); hinders(err) {
				return err
			}
		}
		if err := letGo(r); hinders(err) {
			return err
		}
		return nil
	}
}

// hinders tells whether an error is one of ours: what validation refuses has
// simply not happened.
func hinders(err error) bool {
	return err != nil && !apierrors.IsInvalid(err) && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err)
}

// letGo looks at the Job itself, since the watch may be behind.
func letGo(r *scenarios.Run) error {
	job, err := r.Client.BatchV1().Jobs(r.Job.Namespace).Get(r.Ctx, r.Job.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if *job.Spec.Suspend || *job.Spec.Parallelism == 0 {
		return r.Change(map[string]any{"suspend": false, "parallelism": max(1, *job.Spec.Parallelism)})
	}
	return nil
}

func (g generator) steps(job *batchv1.Job) []step {
	after := g.seconds(0.5, 8)
	change := func(fields map[string]any) []step {
		return []step{{after, func(r *scenarios.Run) error { return r.Change(fields) }}}
	}
	completions := *job.Spec.Completions
	switch n := g.IntN(100); {
	case n < 25:
		return append(change(map[string]any{"suspend": true}), g.resume())
	case n < 45:
		return change(map[string]any{"parallelism": g.Int32N(completions + 2)})
	case n < 60:
		size := *g.int32(max(1, completions-3), completions+3)
		return change(map[string]any{"completions": size, "parallelism": size})
	case n < 68 && job.Spec.BackoffLimitPerIndex != nil:
		return change(map[string]any{"maxFailedIndexes": g.Int32N(completions)})
	case n < 74:
		return change(map[string]any{"backoffLimit": g.Int32N(5)})
	case n < 78:
		return change(map[string]any{"activeDeadlineSeconds": *g.int32(3, 25)})
	default:
		which := g.Int()
		return []step{{after, func(r *scenarios.Run) error { return deleteOne(r, which) }}}
	}
}

func (g generator) resume() step {
	return step{g.seconds(1, 6), func(r *scenarios.Run) error { return r.Change(map[string]any{"suspend": false}) }}
}

// deleteOne deletes one of the pods that are not being deleted.
func deleteOne(r *scenarios.Run, which int) error {
	_, pods := r.Tape.See()
	pods = slices.DeleteFunc(pods, func(pod *corev1.Pod) bool { return pod.DeletionTimestamp != nil })
	if len(pods) == 0 {
		return nil
	}
	return r.Delete(pods[which%len(pods)])
}
