//go:build linux

package jobs

import (
	"encoding/json"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

// evictedAlone are pods that go and leave the others where they are: for what they
// do themselves, or because of what they ask for.
func evictedAlone() []Scenario {
	return []Scenario{
		{
			Scenario: scenarios.Scenario{
				Name:  "evicted-own-storage",
				Shows: "index 0 exceeds its limit of ephemeral storage: it is evicted, without DisruptionTarget",
				Job: newJob("evicted-own-storage", 1, `dd if=/dev/zero of=/scratch/f bs=1M count=40; sleep 600`, scratch(""),
					limits(map[corev1.ResourceName]string{corev1.ResourceEphemeralStorage: "20Mi"})),
				Want: ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  said(0, "Evicted", "exceeds the total limit of containers 20Mi"),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "evicted-emptydir",
				Shows: "index 0 exceeds the limit of its emptyDir: it is evicted, without DisruptionTarget",
				Job:   newJob("evicted-emptydir", 1, `dd if=/dev/zero of=/scratch/f bs=1M count=30; sleep 600`, scratch("10Mi")),
				Want:  ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Fates: Fates{0: limitExceeded},
			Pods:  said(0, "Evicted", `Usage of EmptyDir volume "scratch" exceeds the limit "10Mi"`),
		},
		{
			Scenario: scenarios.Scenario{
				Name:    "preempted",
				Shows:   "a pod of higher priority needs the cpu: the scheduler deletes that of index 0",
				Job:     newJob("preempted", 1, lingers),
				Prepare: mostOfTheCPU,
				Want:    ends(batchv1.JobReasonFailedIndexes, "", "0"),
			},
			Do:    preempt,
			Fates: Fates{0: limitExceeded},
			Pods:  all(disrupted(0, corev1.PodReasonPreemptionByScheduler, recording.DeletedByScheduler), told("Preempted", "")),
		},
	}
}

// evictedWithOthers are pods of a node that is to be rid of all, or of any.
func evictedWithOthers() []Scenario {
	return []Scenario{
		{
			Scenario: scenarios.Scenario{
				Name:  "evicted-node-pressure",
				Shows: "index 0 fills the node's disk: it is evicted, which a rule ignores, and waits until the pressure is over",
				Job: newJob("evicted-node-pressure", 1, `[ "$IGNORED$FAILED" = 0 ] || exit 0; dd if=/dev/zero of=/scratch/f bs=1M count=850; sleep 600`,
					counts, scratch(""), retries(3), rules(ignoreDisruptions)),
				Want: ends(batchv1.JobReasonCompletionsReached, "0", ""),
			},
			// A pod that the kubelet sees before the taint is refused, and counts.
			Fates: Fates{0: "Succeeded/AfterIgnored|Succeeded/AfterRetries"},
			Pods:  all(said(0, "Evicted", "The node was low on resource: ephemeral-storage"), disrupted(0, corev1.PodReasonTerminationByKubelet, "")),
		},
		{
			Scenario: scenarios.Scenario{
				Name:  "tainted",
				Shows: "the node is tainted NoExecute: its pod is deleted, which a rule ignores, and the next waits until the taint is gone",
				Job:   newJob("tainted", 1, `trap "exit 143" TERM; sleep 6 & wait $!`, rules(ignoreDisruptions)),
				Want:  ends(batchv1.JobReasonCompletionsReached, "0", ""),
			},
			Do:    taint,
			Fates: Fates{0: "Succeeded/AfterIgnored"},
			Pods:  disrupted(0, "DeletionByTaintManager", recording.DeletedByTaint),
		},
	}
}

// taint puts a taint on the node until the pod is gone and its replacement waits.
func taint(r *Run) error {
	if _, err := r.running(1); err != nil {
		return err
	}
	if err := r.setTaints(corev1.Taint{Key: "example.com/maintenance", Effect: corev1.TaintEffectNoExecute}); err != nil {
		return err
	}
	if _, err := r.pods("the replacement waits", 1, isUnschedulable); err != nil {
		return err
	}
	if err := r.Take("tainted"); err != nil {
		return err
	}
	return r.setTaints()
}

func (r *Run) setTaints(taints ...corev1.Taint) error {
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"taints": taints}})
	if err != nil {
		return err
	}
	r.Tape.Did("taint the node: %v", taints)
	_, err = r.Client.CoreV1().Nodes().Patch(r.Ctx, node.Name, types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}

// mostOfTheCPU has the Job's pod ask for more than half of it.
func mostOfTheCPU(r *scenarios.Run) error {
	n, err := r.Client.CoreV1().Nodes().Get(r.Ctx, node.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	cpu := n.Status.Allocatable[corev1.ResourceCPU]
	cpu.SetMilli(cpu.MilliValue() * 6 / 10)
	r.Job.Spec.Template.Spec.Containers[0].Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: cpu}
	return nil
}

// preempt starts a pod for which there is no room beside that of the Job.
func preempt(r *Run) error {
	if _, err := r.running(1); err != nil {
		return err
	}
	class := &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: "urgent"}, Value: 1000}
	if _, err := r.Client.SchedulingV1().PriorityClasses().Create(r.Ctx, class, metav1.CreateOptions{}); err != nil {
		return err
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "urgent", Namespace: r.Job.Namespace}, Spec: *r.Job.Spec.Template.Spec.DeepCopy()}
	pod.Spec.PriorityClassName = class.Name
	pod.Spec.Containers[0].Command = []string{"true"}
	pod.Spec.Priority, pod.Spec.PreemptionPolicy = nil, nil
	r.Tape.Did("create pod urgent")
	_, err := r.Client.CoreV1().Pods(pod.Namespace).Create(r.Ctx, pod, metav1.CreateOptions{})
	return err
}
