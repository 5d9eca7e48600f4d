package nodes

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// kubelet brings one pod through its life, from the scheduler on.
type kubelet struct {
	nodes   *Nodes
	pod     *corev1.Pod
	index   int
	attempt int
	outcome Outcome
	log     *podLog

	ctx        context.Context // ends when the pod is gone
	cancel     context.CancelFunc
	deleted    chan struct{} // closed when the pod has a deletionTimestamp
	deleteOnce sync.Once
	status     corev1.PodStatus // as written last
}

var (
	// errDeleted says that the pod was deleted while something was to happen.
	errDeleted = errors.New("pod deleted")
	// errNeverBound says that it was deleted before a kubelet had to do with it:
	// the API server removes it by itself.
	errNeverBound = errors.New("pod deleted before it was bound")
)

func (k *kubelet) run() {
	err := k.live()
	if err == nil {
		err = k.wait(Forever)
	}
	if errors.Is(err, errDeleted) {
		err = k.terminate()
	}
	if err != nil && k.ctx.Err() == nil && !apierrors.IsNotFound(err) && !errors.Is(err, errNeverBound) {
		log.Printf("nodes: pod %s: %v", k.pod.Name, err)
	}
}

// live is the life of a pod that nobody disturbs. It ends with a terminal
// phase, or with errDeleted.
func (k *kubelet) live() error {
	if err := k.schedule(); err != nil {
		return err
	}
	if k.outcome.End == Refuse {
		return k.refuse()
	}
	if err := k.pull(); err != nil {
		return err
	}
	if failed, err := k.initialize(); failed || err != nil {
		return err
	}
	k.begins()
	if err := k.write(k.running(0)); err != nil {
		return err
	}
	if err := k.restart(); err != nil {
		return err
	}
	if k.outcome.End == Hang {
		return k.wait(Forever)
	}
	if err := k.wait(k.runs()); err != nil {
		return err
	}
	if len(k.outcome.Conditions) > 0 {
		if err := k.write(corev1.PodStatus{Conditions: k.outcome.Conditions}); err != nil {
			return err
		}
	}
	return k.end()
}

func (k *kubelet) schedule() error {
	if k.outcome.Unschedulable > 0 {
		if err := k.write(k.unschedulable()); err != nil {
			return err
		}
		if err := k.wait(k.outcome.Unschedulable); err != nil {
			return errNeverBound
		}
	}
	binding := &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: k.pod.Namespace, Name: k.pod.Name, UID: k.pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: k.outcome.Node},
	}
	err := retry(k.ctx, func() error {
		return k.nodes.client.CoreV1().Pods(k.pod.Namespace).Bind(k.nodes.ctx, binding, metav1.CreateOptions{})
	})
	if apierrors.IsConflict(err) {
		return errNeverBound
	}
	return err
}

func (k *kubelet) pull() error {
	if k.outcome.ImagePullBackOff == 0 {
		return nil
	}
	if err := k.write(k.waiting("ImagePullBackOff", `Back-off pulling image "registry.invalid/main:none"`)); err != nil {
		return err
	}
	return k.wait(k.outcome.ImagePullBackOff)
}

// restart restarts the app containers in place. It does not return while a
// container fails that its pod's restartPolicy restarts.
func (k *kubelet) restart() error {
	var restarts int32
	for restarts < k.outcome.Restarts || k.crashLoops() {
		if err := k.wait(k.runs()); err != nil {
			return err
		}
		restarts++
		k.begins()
		if err := k.write(k.running(restarts)); err != nil {
			return err
		}
	}
	return nil
}

func (k *kubelet) crashLoops() bool {
	if k.outcome.End != Exit || k.pod.Spec.RestartPolicy == corev1.RestartPolicyNever {
		return false
	}
	for _, container := range k.pod.Spec.Containers {
		if k.exitCode(container.Name) != 0 {
			return true
		}
	}
	return false
}

// end brings about what ends the pod.
func (k *kubelet) end() error {
	switch k.outcome.End {
	case Exit:
		return k.write(k.exited())
	case NodePressure, EphemeralStorage:
		return k.write(k.evicted())
	case Preempt:
		if err := k.write(corev1.PodStatus{Conditions: []corev1.PodCondition{preempted()}}); err != nil {
			return err
		}
		return k.askDeletion(recording.DeletedByScheduler, k.delete)
	case Delete:
		return k.askDeletion(recording.DeletedByUser, k.delete)
	case Lose:
		if err := k.write(corev1.PodStatus{Conditions: []corev1.PodCondition{tainted()}}); err != nil {
			return err
		}
		return k.askDeletion(recording.DeletedByTaint, k.delete)
	case Drain:
		return k.askDeletion(recording.DeletedByEviction, k.evict)
	default:
		return errors.New("no such end: " + string(k.outcome.End))
	}
}

// askDeletion has somebody delete the pod, and waits for it to be told.
func (k *kubelet) askDeletion(by recording.Deleter, ask func(by recording.Deleter) error) error {
	if err := retry(k.ctx, func() error { return ask(by) }); err != nil {
		return err
	}
	return k.wait(Forever)
}

func (k *kubelet) delete(by recording.Deleter) error {
	return k.nodes.Delete(k.nodes.ctx, k.pod, by, metav1.DeleteOptions{})
}

func (k *kubelet) evict(by recording.Deleter) error {
	k.nodes.mu.Lock()
	k.nodes.deleters[k.pod.UID] = by
	k.nodes.mu.Unlock()
	return k.nodes.client.PolicyV1().Evictions(k.pod.Namespace).Evict(k.nodes.ctx, &policyv1.Eviction{
		ObjectMeta: metav1.ObjectMeta{Namespace: k.pod.Namespace, Name: k.pod.Name},
	})
}

// terminate ends the containers of a deleted pod, and removes it. Since 1.27 a
// kubelet brings every deleted pod into a terminal phase first.
func (k *kubelet) terminate() error {
	if !k.finished() {
		if err := k.endContainers(); err != nil {
			return err
		}
	}
	none := int64(0)
	options := metav1.DeleteOptions{GracePeriodSeconds: &none, Preconditions: metav1.NewUIDPreconditions(string(k.pod.UID))}
	return retry(k.ctx, func() error {
		return k.nodes.client.CoreV1().Pods(k.pod.Namespace).Delete(k.nodes.ctx, k.pod.Name, options)
	})
}

func (k *kubelet) endContainers() error {
	termination := cmp.Or(k.outcome.Termination, DefaultTermination)
	if k.outcome.End == Lose {
		termination = Forever
	}
	select {
	case <-k.ctx.Done():
		return k.ctx.Err()
	case <-time.After(termination):
		return k.write(k.terminated())
	}
}

func (k *kubelet) finished() bool {
	return k.status.Phase == corev1.PodFailed || k.status.Phase == corev1.PodSucceeded
}

// write patches the status. A strategic patch merges conditions by type, so
// that those of others stay.
func (k *kubelet) write(status corev1.PodStatus) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": k.pod.UID},
		"status":   status,
	})
	if err != nil {
		return err
	}
	if status.Phase != "" {
		k.status = status
	}
	if k.finished() {
		k.ends()
	}
	return retry(k.ctx, func() error {
		_, err := k.nodes.client.CoreV1().Pods(k.pod.Namespace).Patch(k.nodes.ctx, k.pod.Name,
			types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
		return err
	})
}

func (k *kubelet) runs() time.Duration {
	if k.outcome.Runs == 0 {
		return DefaultRun
	}
	return k.outcome.Runs
}

// wait lets time pass, or returns errDeleted.
func (k *kubelet) wait(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-k.ctx.Done():
		return k.ctx.Err()
	case <-k.deleted:
		return errDeleted
	case <-timer.C:
		return nil
	}
}
