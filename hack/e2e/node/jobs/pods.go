//go:build linux

package jobs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// What the pods are waited for, and what they have to have been.

// Check says what a recording lacks.
type Check func(*recording.Recording) error

// of are the pods of an index.
func of(index int, pods []*corev1.Pod) []*corev1.Pod {
	return slices.DeleteFunc(slices.Clone(pods), func(pod *corev1.Pod) bool {
		return pod.Annotations[batchv1.JobCompletionIndexAnnotation] != strconv.Itoa(index)
	})
}

// running waits until so many pods run, and returns them.
func (r *Run) running(count int) (pods []*corev1.Pod, err error) {
	return r.pods(fmt.Sprintf("%d pods run", count), count, func(pod *corev1.Pod) bool {
		return pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil
	})
}

// pods waits until so many pods are as wanted, and returns them.
func (r *Run) pods(what string, count int, wanted func(*corev1.Pod) bool) (pods []*corev1.Pod, err error) {
	err = r.Wait(what, func(_ *batchv1.Job, all []*corev1.Pod) bool {
		pods = slices.DeleteFunc(slices.Clone(all), func(pod *corev1.Pod) bool { return !wanted(pod) })
		return len(pods) >= count
	})
	return pods, err
}

// statuses are those of all containers, init containers first.
func statuses(status *corev1.PodStatus) []corev1.ContainerStatus {
	return slices.Concat(status.InitContainerStatuses, status.ContainerStatuses)
}

// isWaiting tells whether a container waits for one of the reasons.
func isWaiting(reasons ...string) func(*corev1.Pod) bool {
	return func(pod *corev1.Pod) bool {
		return slices.ContainsFunc(statuses(&pod.Status), func(s corev1.ContainerStatus) bool {
			return s.State.Waiting != nil && slices.Contains(reasons, s.State.Waiting.Reason)
		})
	}
}

// restarted tells whether a container has restarted that often.
func restarted(times int32) func(*corev1.Pod) bool {
	return func(pod *corev1.Pod) bool {
		return slices.ContainsFunc(statuses(&pod.Status), func(s corev1.ContainerStatus) bool { return s.RestartCount >= times })
	}
}

// somePod wants one pod of the index, of any if negative, to have been as told.
func somePod(what string, index int32, wanted func(*recording.Pod) bool) Check {
	return func(r *recording.Recording) error {
		var told []string
		for i := range r.Ledger.Pods {
			pod := &r.Ledger.Pods[i]
			if index >= 0 && (pod.Index == nil || *pod.Index != index) {
				continue
			}
			if wanted(pod) {
				return nil
			}
			told = append(told, describe(pod))
		}
		return fmt.Errorf("no pod of index %d %s: %s", index, what, strings.Join(told, "; "))
	}
}

// describe says how a pod ended.
func describe(pod *recording.Pod) string {
	words := []string{pod.Name, string(pod.Status.Phase), pod.Status.Reason, pod.Status.Message}
	for _, s := range statuses(&pod.Status) {
		if t := s.State.Terminated; t != nil {
			words = append(words, fmt.Sprintf("%s:%s/%d", s.Name, t.Reason, t.ExitCode))
		}
		if w := s.State.Waiting; w != nil {
			words = append(words, s.Name+":"+w.Reason)
		}
	}
	return strings.Join(words, " ")
}

// exited wants a container to have ended with a code, and a reason unless empty.
func exited(index int32, name string, code int32, reason string) Check {
	return somePod(fmt.Sprintf("has %s exited %d %s", name, code, reason), index, func(pod *recording.Pod) bool {
		return slices.ContainsFunc(statuses(&pod.Status), func(s corev1.ContainerStatus) bool {
			for _, t := range []*corev1.ContainerStateTerminated{s.State.Terminated, s.LastTerminationState.Terminated} {
				if s.Name == name && t != nil && t.ExitCode == code && (reason == "" || t.Reason == reason) {
					return true
				}
			}
			return false
		})
	})
}

// lastWords wants main's termination message to hold these.
func lastWords(index int32, words string) Check {
	return somePod(fmt.Sprintf("has last words %q", words), index, func(pod *recording.Pod) bool {
		return slices.ContainsFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool {
			return s.State.Terminated != nil && strings.Contains(s.State.Terminated.Message, words)
		})
	})
}

// said wants a pod's own reason, and some words of its message.
func said(index int32, reason, words string) Check {
	return somePod(fmt.Sprintf("says %s, %q", reason, words), index, func(pod *recording.Pod) bool {
		return pod.Status.Reason == reason && strings.Contains(pod.Status.Message, words)
	})
}

// disrupted wants a pod with the condition DisruptionTarget, for that reason, and
// deleted by that one.
func disrupted(index int32, reason string, by recording.Deleter) Check {
	return somePod("is disrupted: "+reason, index, func(pod *recording.Pod) bool {
		return pod.DeletedBy == by && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue && c.Reason == reason
		})
	})
}

// told wants an event with that reason and those words in a moment.
func told(reason, words string) Check {
	return func(r *recording.Recording) error {
		for _, m := range r.Moments {
			for event := range strings.SplitSeq(string(m.Evidence), "\n- apiVersion: v1\n") {
				if strings.Contains(event, "reason: "+reason+"\n") && strings.Contains(strings.Join(strings.Fields(event), " "), words) {
					return nil
				}
			}
		}
		return fmt.Errorf("no event %s says %q", reason, words)
	}
}

// all wants each of them.
func all(wants ...Check) Check {
	return func(r *recording.Recording) error {
		for _, want := range wants {
			if err := want(r); err != nil {
				return err
			}
		}
		return nil
	}
}

// either wants one of them: what a real node does not do the same twice.
func either(wants ...Check) Check {
	return func(r *recording.Recording) (err error) {
		for _, want := range wants {
			if err = want(r); err == nil {
				return nil
			}
		}
		return err
	}
}
