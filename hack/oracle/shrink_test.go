package oracle

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// shrink takes away from the case whatever it can while it still differs:
// pods first, then what pods and the Job are made of.
func shrink(c *Case, differs func(*Case) bool) *Case {
	for again := true; again; {
		again = false
		for _, smaller := range reductions(c) {
			if differs(smaller) {
				c, again = smaller, true
				break
			}
		}
	}
	return c
}

// reductions are all cases that lack one thing, the greatest first.
func reductions(c *Case) []*Case {
	var smaller []*Case
	without := func(take func(*Case)) {
		next := c.copy()
		take(next)
		if !reflect.DeepEqual(next, c) {
			smaller = append(smaller, next)
		}
	}
	for i := range c.Pods {
		without(func(c *Case) { c.Pods = slices.Delete(c.Pods, i, i+1) })
	}
	without(func(c *Case) { c.Memory = Memory{} })
	without(func(c *Case) { c.Memory.Unobserved = false })
	without(func(c *Case) { c.Memory.Removing = nil })
	without(func(c *Case) { c.Memory.Failures, c.Memory.LastFailure = 0, time.Time{} })
	withoutPolicies(c, without)
	withoutPartsOfJob(c, without)
	without(func(c *Case) { c.Job.Status.CompletedIndexes = "" })
	without(func(c *Case) { c.Job.Status.FailedIndexes = nil })
	without(func(c *Case) { c.Job.Status.UncountedTerminatedPods = nil })
	if c.Job.Spec.PodFailurePolicy == nil { // which forces it
		without(func(c *Case) { c.Job.Spec.PodReplacementPolicy = nil })
	}
	for i := range strings.Split(c.Job.Status.CompletedIndexes, ",") {
		without(func(c *Case) { dropFragment(&c.Job.Status.CompletedIndexes, i) })
	}
	if c.Job.Status.FailedIndexes != nil {
		for i := range strings.Split(*c.Job.Status.FailedIndexes, ",") {
			without(func(c *Case) { dropFragment(c.Job.Status.FailedIndexes, i) })
		}
	}
	for i := range c.Pods {
		withoutPartsOf(c.Pods[i], func(take func(*corev1.Pod)) {
			without(func(c *Case) { take(c.Pods[i]) })
		})
	}
	return smaller
}

func withoutPartsOfJob(c *Case, without func(func(*Case))) {
	for i := range c.Job.Status.Conditions {
		without(func(c *Case) { c.Job.Status.Conditions = slices.Delete(c.Job.Status.Conditions, i, i+1) })
	}
	without(func(c *Case) { c.Job.DeletionTimestamp = nil })
	without(func(c *Case) { c.Job.Spec.Suspend = nil })
	without(func(c *Case) { c.Job.Spec.ActiveDeadlineSeconds = nil })
	without(func(c *Case) { c.Job.Spec.MaxFailedIndexes = nil })
	without(func(c *Case) { c.Job.Status.Active = 0 })
	without(func(c *Case) { c.Job.Status.Failed = 0 })
}

func dropFragment(list *string, i int) {
	*list = strings.Join(slices.Delete(strings.Split(*list, ","), i, i+1), ",")
}

func withoutPolicies(c *Case, without func(func(*Case))) {
	without(func(c *Case) { c.Job.Spec.PodFailurePolicy = nil })
	without(func(c *Case) { c.Job.Spec.SuccessPolicy = nil })
	if policy := c.Job.Spec.PodFailurePolicy; policy != nil {
		for i, rule := range policy.Rules {
			rules := func(c *Case) *[]batchv1.PodFailurePolicyRule { return &c.Job.Spec.PodFailurePolicy.Rules }
			without(func(c *Case) { *rules(c) = slices.Delete(*rules(c), i, i+1) })
			without(func(c *Case) { (*rules(c))[i].OnExitCodes = nil })
			without(func(c *Case) { (*rules(c))[i].OnPodConditions = nil })
			for j := range rule.OnPodConditions {
				without(func(c *Case) {
					patterns := &(*rules(c))[i].OnPodConditions
					*patterns = slices.Delete(*patterns, j, j+1)
				})
			}
			if rule.OnExitCodes != nil {
				without(func(c *Case) { (*rules(c))[i].OnExitCodes.ContainerName = nil })
				for j := range rule.OnExitCodes.Values {
					without(func(c *Case) {
						values := &(*rules(c))[i].OnExitCodes.Values
						*values = slices.Delete(*values, j, j+1)
					})
				}
			}
		}
	}
	if policy := c.Job.Spec.SuccessPolicy; policy != nil {
		for i := range policy.Rules {
			without(func(c *Case) {
				c.Job.Spec.SuccessPolicy.Rules = slices.Delete(c.Job.Spec.SuccessPolicy.Rules, i, i+1)
			})
			without(func(c *Case) { c.Job.Spec.SuccessPolicy.Rules[i].SucceededCount = nil })
			without(func(c *Case) { c.Job.Spec.SuccessPolicy.Rules[i].SucceededIndexes = nil })
		}
	}
}

func withoutPartsOf(pod *corev1.Pod, without func(func(*corev1.Pod))) {
	for i := range pod.Status.ContainerStatuses {
		without(func(p *corev1.Pod) {
			p.Status.ContainerStatuses = slices.Delete(p.Status.ContainerStatuses, i, i+1)
		})
	}
	for i := range pod.Status.InitContainerStatuses {
		without(func(p *corev1.Pod) {
			p.Status.InitContainerStatuses = slices.Delete(p.Status.InitContainerStatuses, i, i+1)
		})
	}
	for i := range pod.Status.Conditions {
		without(func(p *corev1.Pod) { p.Status.Conditions = slices.Delete(p.Status.Conditions, i, i+1) })
	}
	without(func(p *corev1.Pod) { p.Spec.InitContainers = nil })
	without(func(p *corev1.Pod) { p.DeletionTimestamp, p.DeletionGracePeriodSeconds = nil, nil })
	without(func(p *corev1.Pod) { p.DeletionGracePeriodSeconds = nil })
	for _, key := range slices.Sorted(maps.Keys(pod.Annotations)) {
		without(func(p *corev1.Pod) { delete(p.Annotations, key) })
	}
	for i := range pod.Status.ContainerStatuses {
		without(func(p *corev1.Pod) {
			p.Status.ContainerStatuses[i].LastTerminationState = corev1.ContainerState{}
			p.Status.ContainerStatuses[i].RestartCount = 0
		})
	}
}

func TestShrinkLeavesOnlyWhatDiffers(t *testing.T) {
	g := &generator{newSource(*seed, 0)}
	c := &Case{Job: g.job(), Now: epoch}
	for i := range 8 {
		c.Pods = append(c.Pods, g.pod(i, 5))
	}
	c.Pods[3].Annotations[batchv1.JobIndexFailureCountAnnotation] = "777"
	c.Job.Status.CompletedIndexes = "0,3,5"
	planted := func(c *Case) bool {
		return strings.Contains(c.Job.Status.CompletedIndexes, "3") && slices.ContainsFunc(c.Pods, func(p *corev1.Pod) bool {
			return p.Annotations[batchv1.JobIndexFailureCountAnnotation] == "777"
		})
	}
	c = shrink(c, planted)
	if len(c.Pods) != 1 || c.Pods[0].Name != "job-3" || c.Job.Status.CompletedIndexes != "3" ||
		len(c.Pods[0].Annotations) != 1 || len(c.Pods[0].Status.ContainerStatuses) != 0 || c.Job.Spec.PodFailurePolicy != nil {
		t.Errorf("more than the difference is left:\n%s", c)
	}
}
