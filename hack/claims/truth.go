package claims

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
)

// What in truth happened, by the ledger.

// endOf is when the pod ended by its own word, as the controller reads it.
func endOf(pod *recording.Pod) time.Time {
	attempt := evidence.Reduce(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: pod.CreationTime}, Status: pod.Status})
	return controller.Rules{Minor: controller.Newest}.FinishedTime(&attempt).Time()
}

// decided is when the Job was decided, from its last conditions.
func (c *check) decided() time.Time {
	var decided time.Time
	for _, cond := range c.ledger.Job.Status.Conditions {
		if cond.Status != corev1.ConditionTrue {
			continue
		}
		switch cond.Type {
		case batchv1.JobFailureTarget, batchv1.JobSuccessCriteriaMet, batchv1.JobFailed, batchv1.JobComplete:
			if decided.IsZero() || cond.LastTransitionTime.Time.Before(decided) {
				decided = cond.LastTransitionTime.Time
			}
		}
	}
	return decided
}

// isKilled: the controller deleted the pod when it decided the Job.
func (c *check) isKilled(pod *recording.Pod) bool {
	decided := c.decided()
	return !decided.IsZero() && pod.DeletedBy == recording.DeletedByController && pod.DeletionSeenTime != nil && !pod.DeletionSeenTime.Time.Before(decided.Add(-2*time.Second))
}

// hadEndedWhenDeleted: the controller deleted what had failed by itself, unseen.
func hadEndedWhenDeleted(pod *recording.Pod) bool {
	return pod.FinishTime != nil && pod.DeletionSeenTime != nil && !pod.FinishTime.After(pod.DeletionSeenTime.Time)
}

// isListedActive: the list of pods that was read has it so. The ledger does not
// keep the version of a deletion.
func isListedActive(a v1alpha1.Attempt) bool {
	return a.Source == v1alpha1.SourcePod && a.Terminating != nil && !*a.Terminating && a.Phase != corev1.PodSucceeded && a.Phase != corev1.PodFailed
}

// isActive at the instant of reading, or so near to it that it may have been.
func (c *check) isActive(pod *recording.Pod) bool {
	if ended, known := precedes(pod.FinishVersion, c.moment.PodsVersion); known {
		return !ended
	}
	ended := pod.FinishTime != nil && pod.FinishTime.Time.Before(c.at.Add(-time.Second)) ||
		pod.DeletionSeenTime != nil && pod.DeletionSeenTime.Time.Before(c.at.Add(-time.Second))
	return !ended
}

// unseen are the pods that the explanation does not know: of those that it does
// it has the status from the evidence itself.
func unseen(pods []*recording.Pod, record *v1alpha1.IndexFate) []*recording.Pod {
	return slices.DeleteFunc(slices.Clone(pods), func(pod *recording.Pod) bool {
		return slices.ContainsFunc(record.Attempts, func(a v1alpha1.Attempt) bool { return a.Source == v1alpha1.SourcePod && a.Pod == pod.Name })
	})
}

// ranBy: a container of the pod had started, by its own word. A watch tells
// late under load.
func ranBy(pod *recording.Pod, t time.Time) bool {
	for _, status := range pod.Status.ContainerStatuses {
		if status.RestartCount > 0 {
			return true
		}
		if running := status.State.Running; running != nil && !running.StartedAt.After(t) {
			return true
		}
		if ended := status.State.Terminated; ended != nil && !ended.StartedAt.IsZero() && !ended.StartedAt.After(t) {
			return true
		}
	}
	return false
}

// isSurelyActive: more than a second before and after it too.
func (c *check) isSurelyActive(pod *recording.Pod) bool {
	for _, version := range []string{pod.FinishVersion, pod.VanishedVersion} {
		if over, known := precedes(version, c.moment.PodsVersion); known && over {
			return false
		}
	}
	later := c.at.Add(time.Second)
	return pod.CreationTime.Add(2*time.Second).Before(c.at) && // it is kept to the second
		(pod.FinishTime == nil || pod.FinishTime.Time.After(later)) &&
		(pod.DeletionSeenTime == nil || pod.DeletionSeenTime.Time.After(later))
}

func (c *check) finalState() v1alpha1.State {
	for _, cond := range c.ledger.Job.Status.Conditions {
		if cond.Status == corev1.ConditionTrue && cond.Type == batchv1.JobComplete {
			return v1alpha1.StateComplete
		}
		if cond.Status == corev1.ConditionTrue && cond.Type == batchv1.JobFailed {
			return v1alpha1.StateFailed
		}
	}
	return v1alpha1.StateRunning
}

// specChanges are when somebody changed the spec.
func (c *check) specChanges() []time.Time {
	var changes []time.Time
	for _, change := range c.ledger.History[min(1, len(c.ledger.History)):] { // the first is the Job's creation
		if change.Spec != nil {
			changes = append(changes, change.Time.Time)
		}
	}
	return changes
}

func (c *check) completionsChanged() bool {
	for i := range c.ledger.History {
		if spec := c.ledger.History[i].Spec; spec != nil && c.e.Spec.Completions != nil && *spec.Completions != *c.e.Spec.Completions {
			return true
		}
	}
	return false
}

// isListed: the list that was read has the index or, where the next sync is to
// record it, a later one has.
func (c *check) isListed(ix int32, record *v1alpha1.IndexFate, list func(*batchv1.JobStatus) string) bool {
	completions := *c.e.Spec.Completions
	read := &batchv1.JobStatus{CompletedIndexes: c.e.Status.CompletedIndexes, FailedIndexes: c.e.Status.FailedIndexes}
	if set, _ := indexes.ParseStatus(list(read), completions); set.Has(ix) || *record.Recorded {
		return set.Has(ix)
	}
	for i := range c.ledger.History {
		if set, _ := indexes.ParseStatus(list(&c.ledger.History[i].Status), completions); set.Has(ix) {
			return true
		}
	}
	return false
}

func hasSucceeded(pod *recording.Pod) bool { return pod.Status.Phase == corev1.PodSucceeded }

// wasRemoved: the controller deleted the pod uncounted, or somebody took its
// finalizer before it ended. For a suspension or as surplus it loses the finalizer
// first, for the decision last.
func (c *check) wasRemoved(pod *recording.Pod) bool {
	if endedUnaccounted(pod) || pod.DeletedBy != recording.DeletedByController {
		return endedUnaccounted(pod)
	}
	accounted, deleted := pod.AccountedTime, pod.DeletionSeenTime
	return !c.isKilled(pod) || accounted != nil && deleted != nil && !accounted.After(deleted.Time)
}

func (c *check) inFinal(ix int32) bool {
	status := &c.ledger.Job.Status
	for _, list := range []string{completedOf(status), failedOf(status)} {
		if set, _ := indexes.ParseStatus(list, *c.e.Spec.Completions); set.Has(ix) {
			return true
		}
	}
	return false
}

func completedOf(status *batchv1.JobStatus) string { return status.CompletedIndexes }

func failedOf(status *batchv1.JobStatus) string {
	if status.FailedIndexes == nil {
		return ""
	}
	return *status.FailedIndexes
}

func count(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}
