//go:build linux

package jobs

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/recorder"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// Stage is a node, and a recorder of what happens there.
type Stage struct {
	scenarios.Stage
	Node *node.Node

	mu      sync.Mutex
	deleted map[types.UID]bool // by a user
}

// NewStage records the Jobs of a control plane until ctx ends.
func NewStage(ctx context.Context, client kubernetes.Interface, n *node.Node) (*Stage, error) {
	s := &Stage{Node: n, deleted: map[types.UID]bool{}}
	s.Client = client
	var err error
	s.Recorder, err = recorder.Start(ctx, client, s.deletedBy)
	return s, err
}

// deletedBy says who deleted a pod: whoever disrupts one leaves a condition.
func (s *Stage) deletedBy(pod *corev1.Pod) (recording.Deleter, bool) {
	s.mu.Lock()
	user := s.deleted[pod.UID]
	s.mu.Unlock()
	if user {
		return recording.DeletedByUser, true
	}
	for _, c := range pod.Status.Conditions {
		if c.Type != corev1.DisruptionTarget || c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Reason {
		case corev1.PodReasonPreemptionByScheduler:
			return recording.DeletedByScheduler, true
		case "DeletionByTaintManager":
			return recording.DeletedByTaint, true
		case "EvictionByEvictionAPI":
			return recording.DeletedByEviction, true
		}
	}
	return "", false
}

// Run is a scenario that is being played.
type Run struct {
	*scenarios.Run
	Stage *Stage
}

// longest is how long any of them may take.
const longest = 90 * time.Second

// Play plays a scenario and yields its recording.
func (s *Stage) Play(ctx context.Context, scenario Scenario) (*recording.Recording, error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: scenario.Job.Namespace}}
	if _, err := s.Client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("make a namespace: %w", err)
	}
	if do := scenario.Do; do != nil {
		scenario.Act = func(r *scenarios.Run) error { return do(&Run{r, s}) }
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	r, err := scenario.Run(ctx, s.Stage)
	if r != nil {
		r.Name = "node-" + scenario.Name + "_1.37"
	}
	return r, err
}

// Clear ends what the scenario has left running, for the next to have the node.
func (s *Stage) Clear(ctx context.Context, scenario Scenario) error {
	background := metav1.DeletePropagationBackground
	return s.Client.BatchV1().Jobs(scenario.Job.Namespace).Delete(ctx, scenario.Job.Name, metav1.DeleteOptions{PropagationPolicy: &background})
}

// Delete is a user's deletion of a pod.
func (r *Run) Delete(pod *corev1.Pod) error {
	r.Tape.Did("delete pod %s", pod.Name)
	r.Stage.mu.Lock()
	r.Stage.deleted[pod.UID] = true
	r.Stage.mu.Unlock()
	return r.Client.CoreV1().Pods(pod.Namespace).Delete(r.Ctx, pod.Name, metav1.DeleteOptions{})
}

// Evict is what `kubectl drain` does to a pod.
func (r *Run) Evict(pod *corev1.Pod) error {
	r.Tape.Did("evict pod %s", pod.Name)
	return r.Client.PolicyV1().Evictions(pod.Namespace).Evict(r.Ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace}})
}

// Told waits until there is such an event: they are written behind the status.
func (r *Run) Told(reason, words string) error {
	for {
		events, err := r.Client.CoreV1().Events(r.Job.Namespace).List(r.Ctx, metav1.ListOptions{FieldSelector: "reason=" + reason})
		if err != nil {
			return err
		}
		for i := range events.Items {
			if strings.Contains(events.Items[i].Message, words) {
				return nil
			}
		}
		if err := r.Sleep(100 * time.Millisecond); err != nil {
			return fmt.Errorf("wait for an event %s that says %q: %w", reason, words, err)
		}
	}
}
