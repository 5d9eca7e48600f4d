package replay

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// The first delay (DefaultJobPodFailureBackOff in job_controller.go, v1.37.2).
const firstDelay = 10 * time.Second

// Delay before the attempt that follows the given number of failures in a row.
// It doubles from ten seconds up to the cap (getRemainingTimeForFailuresCount
// in backoff_utils.go, v1.37.2). A sum of hand-written counts that overflowed
// is below zero and, as upstream, gives the first delay.
func Delay(failures int32, cap time.Duration) time.Duration {
	if failures == 0 {
		return 0
	}
	delay := firstDelay
	for i := int32(1); i < failures; i++ {
		if delay *= 2; delay >= cap {
			return cap
		}
	}
	return delay
}

// RemainingTime is how long the index of the failed pod waits from now on.
// Ignored failures lengthen the delay as counted ones do
// (getRemainingTimePerIndex, v1.37.2).
func (r Rules) RemainingTime(failed *evidence.Attempt, now time.Time) time.Duration {
	return max(0, r.FinishedTime(failed).Add(Delay(bornWith(failed)+1, r.maxDelay())).Sub(now))
}

// retryTime is the earliest instant at which the failed pod is replaced.
func (f *facts) retryTime(failed *podFacts) time.Time {
	return failed.finished.Add(Delay(failed.bornWith()+1, f.rules.maxDelay()))
}

func (f *facts) remainingTime(failed *podFacts) time.Duration {
	return max(0, f.retryTime(failed).Sub(f.now))
}

// bornWith is how many failures, counted and ignored, came before the pod in
// its chain. The annotations may hold anything: the sum overflows where
// upstream's does (getIndexAbsoluteFailureCount, v1.37.2).
func bornWith(pod *evidence.Attempt) int32 {
	return pod.FailureCount + pod.IgnoredFailureCount
}

// FinishedTime is when the pod ended by the controller's reckoning: the first
// there is of its containers' end, Ready turned False, the call that deleted
// it, its creation (getFinishedTime in backoff_utils.go, v1.37.2).
func (r Rules) FinishedTime(pod *evidence.Attempt) time.Time {
	if t := r.finishTimeOfContainers(pod); !t.IsZero() {
		return t
	}
	if c := condition(pod, corev1.PodReady); c != nil && c.Status == corev1.ConditionFalse && !c.LastTransitionTime.IsZero() {
		return c.LastTransitionTime.Time()
	}
	if t := deleteCallTime(pod); !t.IsZero() {
		return t
	}
	return pod.CreationTime.Time()
}

// finishTimeOfContainers is the latest end of the app containers, or zero
// where one has none; from 1.31 on the sidecars count too, and then theirs
// alone may stand where the app containers' is missing.
func (r Rules) finishTimeOfContainers(pod *evidence.Attempt) time.Time {
	finish := latestEnd(0, pod, evidence.App)
	if r.countsSidecars() {
		finish = latestEnd(finish, pod, evidence.Sidecar)
	}
	return finish.Time()
}

// latestEnd is zero as soon as one container of the kind has no end.
func latestEnd(latest evidence.Instant, pod *evidence.Attempt, kind evidence.ContainerType) evidence.Instant {
	for i := range pod.Containers {
		c := &pod.Containers[i]
		if c.Type != kind {
			continue
		}
		if c.FinishedAt.IsZero() {
			return 0
		}
		latest = max(latest, c.FinishedAt)
	}
	return latest
}

// deleteCallTime is the moment of the DELETE call, or zero.
func deleteCallTime(pod *evidence.Attempt) time.Time {
	return pod.DeletionTime.Time().Add(-pod.DeletionGracePeriod)
}
