//go:build linux

package node_test

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/controlplane"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
)

// runPod starts one that goes on, and returns once it runs.
func runPod(ctx context.Context, plane *controlplane.ControlPlane) error {
	config, err := plane.Config()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	pods := client.CoreV1().Pods(metav1.NamespaceDefault)
	if _, err := pods.Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "goes-on"},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "main", Image: node.Image, Command: []string{"sleep", "3600"}}},
			Volumes:    []corev1.Volume{{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory}}}},
		},
	}, metav1.CreateOptions{}); err != nil {
		return err
	}
	for range 300 {
		pod, err := pods.Get(ctx, "goes-on", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if pod.Status.Phase == corev1.PodRunning {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("pod goes-on does not run")
}
