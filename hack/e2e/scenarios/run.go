package scenarios

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/recorder"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Stage is what a Job is run on.
type Stage struct {
	Client   kubernetes.Interface
	Nodes    *nodes.Nodes
	Recorder *recorder.Recorder
}

// Run is a scenario that is being played.
type Run struct {
	Stage
	Ctx context.Context
	// Job is as the API server created it.
	Job  *batchv1.Job
	Tape *recorder.Tape
}

// longest is how long any Job of the corpus may take: without per-index limits the
// delays before six failures in a row add up to five minutes.
const longest = 10 * time.Minute

// Run plays the scenario and yields its recording. Beside an error stands what
// there is of one, if anything: a Job that does not end is worth a look.
func (s *Scenario) Run(ctx context.Context, stage Stage) (*recording.Recording, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	run := &Run{Stage: stage, Ctx: ctx, Job: s.Job}
	if s.Prepare != nil {
		if err := s.Prepare(run); err != nil {
			return nil, fmt.Errorf("prepare %s: %w", s.Name, err)
		}
	}
	if err := run.create(s.Job, s.Script); err != nil {
		return nil, fmt.Errorf("run %s: %w", s.Name, err)
	}
	acted := make(chan error, 1)
	go func() {
		if s.Act == nil {
			acted <- nil
			return
		}
		acted <- s.Act(run)
	}()
	if err := run.moments(s.Moments); err != nil {
		return nil, fmt.Errorf("run %s: %w", s.Name, err)
	}
	if err := <-acted; err != nil {
		return nil, fmt.Errorf("act on %s: %w", s.Name, err)
	}
	if err := run.final(s.Until); err != nil {
		return run.Tape.Recording(s.Name, s.Shows), fmt.Errorf("run %s: %w", s.Name, err)
	}
	return run.Tape.Recording(s.Name, s.Shows), nil
}

func (r *Run) create(job *batchv1.Job, script nodes.Script) (err error) {
	if script != nil { // real nodes have none
		r.Nodes.Play(job.Namespace, job.Name, script)
	}
	r.Job, err = r.Client.BatchV1().Jobs(job.Namespace).Create(r.Ctx, job, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create job: %w", err)
	}
	r.Tape = r.Recorder.Tape(r.Job.UID)
	return nil
}

// moments reads the Job so long after its creation, until it is at rest.
func (r *Run) moments(after []time.Duration) error {
	begin := time.Now()
	for i, d := range after {
		over, err := r.sleepUntilRest(d - time.Since(begin))
		if over || err != nil {
			return err
		}
		if err := r.Take(fmt.Sprintf("moment-%02d", i+1)); err != nil {
			return err
		}
	}
	return nil
}

// final reads the Job once it is over and at rest, or when until has passed
// since its creation.
func (r *Run) final(until time.Duration) error {
	if until > 0 {
		if err := r.Sleep(time.Until(r.Job.CreationTimestamp.Add(until))); err != nil {
			return err
		}
		return r.Take(recording.Final)
	}
	if err := r.Wait("the Job is over and at rest", atRest); err != nil {
		return err
	}
	// Events are written behind the status.
	if err := r.Sleep(1500 * time.Millisecond); err != nil {
		return err
	}
	return r.Take(recording.Final)
}

// atRest is a finished Job whose pods are all accounted for, and none on its
// way out.
func atRest(job *batchv1.Job, pods []*corev1.Pod) bool {
	return Finished(job) && !slices.ContainsFunc(pods, func(pod *corev1.Pod) bool {
		return pod.DeletionTimestamp != nil || slices.Contains(pod.Finalizers, batchv1.JobTrackingFinalizer)
	})
}

// Finished tells whether the Job is Complete or Failed.
func Finished(job *batchv1.Job) bool {
	return Condition(job, batchv1.JobComplete) != nil || Condition(job, batchv1.JobFailed) != nil
}

// Condition is the condition of that type, where it is True.
func Condition(job *batchv1.Job, kind batchv1.JobConditionType) *batchv1.JobCondition {
	for i := range job.Status.Conditions {
		if c := &job.Status.Conditions[i]; c.Type == kind && c.Status == corev1.ConditionTrue {
			return c
		}
	}
	return nil
}

// Take reads the Job now.
func (r *Run) Take(name string) error {
	return r.Tape.Take(r.Ctx, name, r.Job.Namespace, r.Job.Name)
}

// Wait returns once the Job and its pods are as wanted.
func (r *Run) Wait(what string, wanted func(*batchv1.Job, []*corev1.Pod) bool) error {
	for {
		if job, pods := r.Tape.See(); job != nil && wanted(job, pods) {
			return nil
		}
		if err := r.Sleep(50 * time.Millisecond); err != nil {
			return fmt.Errorf("wait until %s: %w", what, err)
		}
	}
}

// sleepUntilRest lets time pass, and tells whether the Job came to rest.
func (r *Run) sleepUntilRest(d time.Duration) (over bool, err error) {
	for end := time.Now().Add(d); ; {
		if job, pods := r.Tape.See(); job != nil && atRest(job, pods) {
			return true, nil
		}
		left := time.Until(end)
		if left <= 0 {
			return false, nil
		}
		if err := r.Sleep(min(left, 100*time.Millisecond)); err != nil {
			return false, err
		}
	}
}

// Sleep lets time pass.
func (r *Run) Sleep(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.Ctx.Done():
		return r.Ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Change is a user's change of the Job's spec, by the fields' own names.
func (r *Run) Change(fields map[string]any) error {
	patch, err := json.Marshal(map[string]any{"spec": fields})
	if err != nil {
		return err
	}
	spec, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	r.Tape.Did("patch job: %s", spec)
	_, err = r.Client.BatchV1().Jobs(r.Job.Namespace).Patch(r.Ctx, r.Job.Name, types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}

// Delete is a user's deletion of a pod.
func (r *Run) Delete(pod *corev1.Pod) error {
	r.Tape.Did("delete pod %s", pod.Name)
	return r.Nodes.Delete(r.Ctx, pod, recording.DeletedByUser, metav1.DeleteOptions{})
}
