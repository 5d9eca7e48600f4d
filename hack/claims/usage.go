package claims

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// PartsOf are all but the total.
func PartsOf(p v1alpha1.UsageParts) []float64 {
	return []float64{p.Useful, p.Failed, p.Ignored, p.Removed, p.Stopped, p.Running}
}

// EachParts hands over pod-seconds, and each resource.
func EachParts(u *v1alpha1.Usage, do func(name string, p v1alpha1.UsageParts)) {
	do("pods", u.PodSeconds)
	for name, parts := range u.Resources {
		do(string(name), parts)
	}
}

// usage adds up, and is exact only where no pod is gone.
func (c *check) usage() {
	usage := c.e.Usage
	if usage == nil {
		return
	}
	EachParts(usage, func(name string, p v1alpha1.UsageParts) {
		sum := 0.0
		for _, part := range PartsOf(p) {
			c.claim(part >= 0, "usage: %s has a part below zero: %+v", name, p)
			sum += part
		}
		c.claim(sum == p.Total, "usage: the parts of %s come to %g, the total is %g", name, sum, p.Total)
	})
	for i := range c.ledger.Pods {
		pod := &c.ledger.Pods[i]
		isGone := pod.VanishedTime != nil && pod.VanishedTime.Before(&c.moment.ObservedAt)
		c.claim(!usage.Exact || !isGone || c.isSeen(pod) || pod.Index == nil, "usage: exact, and pod %s is gone", pod.Name)
	}
}

// HeldByLedger is from the node of each pod to its end, or to now.
func HeldByLedger(ledger *recording.Ledger, now, observed time.Time) (held float64, pods int) {
	for i := range ledger.Pods {
		pod := &ledger.Pods[i]
		from := scheduled(pod)
		if from == nil || from.After(now) {
			continue
		}
		end := now
		for _, at := range []*time.Time{containersEnd(pod), vanished(pod)} {
			if at != nil && at.Before(end) && !at.After(observed) {
				end = *at
			}
		}
		held += max(0, end.Sub(*from).Seconds())
		pods++
	}
	return held, pods
}

// scheduled is when the pod got its node, nil if it never did.
func scheduled(pod *recording.Pod) *time.Time {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodScheduled && c.Status == corev1.ConditionTrue {
			return &c.LastTransitionTime.Time
		}
	}
	if pod.Status.StartTime != nil {
		return &pod.Status.StartTime.Time
	}
	return nil
}

// containersEnd is when the last container did; a kubelet says so some seconds later.
func containersEnd(pod *recording.Pod) *time.Time {
	if pod.FinishTime == nil {
		return nil
	}
	last := time.Time{}
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses} {
		for i := range statuses {
			if t := statuses[i].State.Terminated; t != nil && t.FinishedAt.After(last) {
				last = t.FinishedAt.Time
			}
		}
	}
	if last.IsZero() {
		return &pod.FinishTime.Time
	}
	return &last
}

func vanished(pod *recording.Pod) *time.Time {
	if pod.VanishedTime == nil {
		return nil
	}
	return &pod.VanishedTime.Time
}
