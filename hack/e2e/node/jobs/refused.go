//go:build linux

package jobs

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
)

// refused are pods that the kubelet does not take: no scheduler has looked at them.
func refused() []Scenario {
	return []Scenario{
		{
			Scenario: scenarios.Scenario{
				Name:  "out-of-cpu",
				Shows: "nodeName is set, and the node has no cpu left: the kubelet refuses the pod",
				Job: onNode(newJob("out-of-cpu", 1, "exit 0", onMain(func(c *corev1.Container) {
					c.Resources.Requests = resources(map[corev1.ResourceName]string{corev1.ResourceCPU: "1000"})
				}))),
				Want: ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  said(0, "OutOfcpu", "Node didn't have enough resource: cpu"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "affinity",
				Shows: "nodeName is set, and the node has not the label asked for: the kubelet refuses the pod",
				Job: onNode(newJob("affinity", 1, "exit 0", onPod(func(p *corev1.PodSpec) {
					p.NodeSelector = map[string]string{"disk": "ssd"}
				}))),
				Want: ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  said(0, "NodeAffinity", "Predicate NodeAffinity failed"),
		},
	}
}

func onNode(job *batchv1.Job) *batchv1.Job {
	job.Spec.Template.Spec.NodeName = node.Name
	return job
}
