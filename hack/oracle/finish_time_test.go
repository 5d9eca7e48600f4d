package oracle

import (
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/indexjob/kubectl-indexjob/hack/oracle/upstream"
	"github.com/indexjob/kubectl-indexjob/pkg/controller"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

var rules = controller.Rules{Minor: controller.Newest}

// remaining is how long the replacement of a failed pod still has to wait.
func remaining(pod *controller.Pod, now time.Time) time.Duration {
	return max(0, pod.RetryTime().Sub(now))
}

func TestFinishTimeAndDelay(t *testing.T) {
	clock := clocktesting.NewFakeClock(epoch)
	comparison{
		cases: 300_000,
		generate: func(g *generator) *Case {
			now := epoch.Add(time.Duration(g.IntN(2400)) * time.Second)
			return &Case{Job: &batchv1.Job{}, Pods: []*corev1.Pod{g.pod(0, 5)}, Now: now}
		},
		compare: func(c *Case, saw func(string)) string { return compareFinishTime(c, clock, saw) },
		branches: map[string]int{
			"finish: app containers":          30_000,
			"finish: a sidecar after them":    5_000,
			"finish: a sidecar alone":         5_000,
			"finish: Ready turned False":      5_000,
			"finish: the call that deleted":   20_000,
			"finish: creation":                30_000,
			"deleted without a grace period":  10_000,
			"the delay is over":               50_000,
			"the delay runs":                  50_000,
			"the delay is at its cap":         20_000,
			"the sum of the counts overflows": 500,
			"ignored failures lengthen it":    20_000,
		},
	}.run(t)
}

func compareFinishTime(c *Case, clock *clocktesting.FakeClock, saw func(string)) string {
	if len(c.Pods) == 0 {
		return "" // made too small
	}
	pod := c.Pods[0]
	attempt := evidence.Reduce(pod)
	finished := upstream.GetFinishedTime(pod)
	if ours := rules.FinishedTime(&attempt).Time(); !ours.Equal(finished) {
		return differ("getFinishedTime", finished, ours)
	}
	clock.SetTime(c.Now)
	theirs := upstream.GetRemainingTimePerIndex(quiet, clock, controller.FirstDelay, controller.MaxDelay, pod)
	reckoned := &controller.Pod{
		Attempt: &attempt, FailureCount: attempt.FailureCount, IgnoredFailureCount: attempt.IgnoredFailureCount,
		Finished: rules.FinishedTime(&attempt),
	}
	if ours := remaining(reckoned, c.Now); ours != theirs {
		return differ("getRemainingTimePerIndex", theirs, ours)
	}
	sawFinish(pod, &attempt, finished, saw)
	sawDelay(&attempt, theirs, saw)
	return ""
}

func sawFinish(pod *corev1.Pod, attempt *evidence.Attempt, finished time.Time, saw func(string)) {
	appsEnded, sidecarsEnded := true, true
	var latestApp, latestSidecar evidence.Instant
	for _, container := range attempt.Containers {
		ended, latest := &appsEnded, &latestApp
		switch container.Type {
		case evidence.Init:
			continue
		case evidence.Sidecar:
			ended, latest = &sidecarsEnded, &latestSidecar
		}
		if container.Terminated == nil || container.FinishedAt.IsZero() {
			*ended = false
		} else {
			*latest = max(*latest, container.FinishedAt)
		}
	}
	switch {
	case appsEnded && sidecarsEnded && latestApp.Time().Equal(finished) && latestSidecar < latestApp:
		saw("finish: app containers")
	case sidecarsEnded && appsEnded && !latestApp.IsZero() && latestSidecar > latestApp:
		saw("finish: a sidecar after them")
	case sidecarsEnded && !latestSidecar.IsZero() && (!appsEnded || latestApp.IsZero()):
		saw("finish: a sidecar alone")
	case sidecarsEnded && !latestSidecar.IsZero():
	case readyFalse(pod).Equal(finished):
		saw("finish: Ready turned False")
	case pod.DeletionTimestamp != nil:
		saw("finish: the call that deleted")
		if pod.DeletionGracePeriodSeconds == nil {
			saw("deleted without a grace period")
		}
	default:
		saw("finish: creation")
	}
}

func readyFalse(pod *corev1.Pod) time.Time {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionFalse {
			return condition.LastTransitionTime.Time
		}
	}
	return time.Time{}
}

func sawDelay(attempt *evidence.Attempt, remaining time.Duration, saw func(string)) {
	failures := int64(attempt.FailureCount) + int64(attempt.IgnoredFailureCount)
	if remaining == 0 {
		saw("the delay is over")
	} else {
		saw("the delay runs")
	}
	if failures > 6 && remaining > 0 {
		saw("the delay is at its cap")
	}
	if failures+1 > 1<<31-1 {
		saw("the sum of the counts overflows")
	}
	if attempt.IgnoredFailureCount > 0 && remaining > 0 {
		saw("ignored failures lengthen it")
	}
}

// Every count.
func TestDelay(t *testing.T) {
	clock := clocktesting.NewFakeClock(epoch)
	counts := []int32{-1 << 31, -2, -1, 1 << 20, 1<<31 - 1}
	for count := int32(0); count < 70; count++ {
		counts = append(counts, count)
	}
	for _, count := range counts {
		want := upstream.GetRemainingTimeForFailuresCount(clock, controller.FirstDelay, controller.MaxDelay, count, &epoch)
		if got := controller.Delay(count); got != want {
			t.Error(differ(fmt.Sprintf("delay after %d failures", count), want, got))
		}
	}
}
