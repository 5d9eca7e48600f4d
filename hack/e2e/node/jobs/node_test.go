//go:build linux

package jobs_test

import (
	"errors"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
)

func TestThereIsNoWayOut(t *testing.T) {
	connection, err := net.DialTimeout("tcp", "192.0.2.1:80", time.Second)
	if !errors.Is(err, syscall.ENETUNREACH) {
		t.Errorf("dial an address of elsewhere: %v, %v", connection, err)
	}
}

// Logs go from the container by kubelet and API server to whoever asks.
func TestTheNodeServesLogs(t *testing.T) {
	pods := stage.Client.CoreV1().Pods(metav1.NamespaceDefault)
	if _, err := pods.Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "talks"},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever,
			Containers:    []corev1.Container{{Name: "main", Image: node.Image, Command: []string{"echo", "cannot open shard"}}},
		},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	kubectl := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), plane.Kubectl, append(args, "--kubeconfig="+plane.Kubeconfig)...).CombinedOutput()
		if err != nil {
			t.Errorf("kubectl %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	kubectl("wait", "pod/talks", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s")
	if log := kubectl("logs", "talks"); strings.TrimSpace(log) != "cannot open shard" {
		t.Errorf("its log is %q", log)
	}
}
