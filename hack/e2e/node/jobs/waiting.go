//go:build linux

package jobs

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
)

// patience is the activeDeadlineSeconds of Jobs that wait for what never comes.
// Events are written by then, also where the machine is slow.
const patience = 15

// waiting are pods that never start, until the Job's deadline ends them. Then they
// are gone, and only events tell why.
func waiting() []Scenario {
	return []Scenario{
		neverStarts("missing-image", "an image that cannot be pulled",
			onMain(func(c *corev1.Container) { c.Image = "e2e.local/missing:1" }),
			isWaiting("ErrImagePull", "ImagePullBackOff"), "Failed", "ErrImagePull"),
		neverStarts("missing-secret", "the environment is from a secret that is not there",
			onMain(func(c *corev1.Container) {
				c.EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "nope"}}}}
			}),
			isWaiting("CreateContainerConfigError"), "Failed", `secret "nope" not found`),
		neverStarts("missing-volume", "a volume is a secret that is not there",
			onPod(func(p *corev1.PodSpec) {
				p.Volumes = []corev1.Volume{{Name: "keys", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "nope"}}}}
				p.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "keys", MountPath: "/keys"}}
			}),
			isWaiting("ContainerCreating"), "FailedMount", `secret "nope" not found`),
		brokenSandbox(),
		neverStarts("unschedulable", "no node has that much cpu",
			onMain(func(c *corev1.Container) {
				c.Resources.Requests = resources(map[corev1.ResourceName]string{corev1.ResourceCPU: "1000"})
			}),
			isUnschedulable, "FailedScheduling", "Insufficient cpu"),
	}
}

// neverStarts is read once its pod waits as told and the reason has been written.
func neverStarts(name, shows string, change func(*batchv1.JobSpec), waits func(*corev1.Pod) bool, reason, words string) Scenario {
	return Scenario{
		Scenario: scenarios.Scenario{
			Name: name, Shows: shows + ": the Job's deadline ends it",
			Job:  newJob(name, 1, "exit 0", change, deadline(patience)),
			Want: ends(batchv1.JobReasonDeadlineExceeded, "", ""),
		},
		Do: func(r *Run) error {
			if _, err := r.pods("it waits", 1, waits); err != nil {
				return err
			}
			if err := r.Told(reason, words); err != nil {
				return err
			}
			return r.Take("waiting")
		},
		Fates: Fates{0: "Stopped"},
		Pods:  told(reason, words),
	}
}

func isUnschedulable(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Reason == corev1.PodReasonUnschedulable {
			return true
		}
	}
	return false
}

// brokenSandbox asks for a handler that containerd has not.
func brokenSandbox() Scenario {
	s := neverStarts("broken-sandbox", "no sandbox can be made: the runtime has no such handler",
		onPod(func(p *corev1.PodSpec) { p.RuntimeClassName = ptr("broken") }),
		isWaiting("ContainerCreating"), "FailedCreatePodSandBox", `no runtime for "broken" is configured`)
	s.Prepare = func(r *scenarios.Run) error {
		_, err := r.Client.NodeV1().RuntimeClasses().Create(r.Ctx, &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: "broken"}, Handler: "broken"}, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("create RuntimeClass broken: %w", err)
		}
		return nil
	}
	return s
}
