package speed

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/indexjob/kubectl-indexjob/hack/bench"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/controlplane"
)

const (
	namespace = "default"
	indexes   = 20_000
	// rounds are enough for other work on the machine to hit all alike.
	rounds = 5
	// roleVariable makes this binary the client that throws pages away: its
	// value is the kubeconfig.
	roleVariable = "INDEXJOB_SPEED_READ"
)

func TestMain(m *testing.M) {
	if kubeconfig := os.Getenv(roleVariable); kubeconfig != "" {
		config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
		if err == nil {
			err = bench.ReadPages(config, namespace)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "speed:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// BenchmarkAPIServer explains a Job of 20,000 pods.
func BenchmarkAPIServer(b *testing.B) {
	plane, err := controlplane.Start(b.Context(), cmp.Or(os.Getenv("K8S"), "1.37.2"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = plane.Stop(false) })
	fill(b, plane)
	plugin := filepath.Join(b.TempDir(), "kubectl-indexjob")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", plugin, "./cmd/kubectl-indexjob")
	build.Dir, build.Env = "../../..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build the plugin: %v\n%s", err, out)
	}
	var explain, read, kubectl bench.Cost
	for b.Loop() {
		for range rounds {
			read = read.Add(bench.Measure(b, readPages(plane.Kubeconfig)))
			explain = explain.Add(bench.Measure(b, exec.Command(plugin, "explain", bench.Name, "--kubeconfig", plane.Kubeconfig)))
		}
		kubectl = kubectl.Add(bench.Measure(b, exec.Command(plane.Kubectl, "get", "pods", "-o", "json", "--kubeconfig", plane.Kubeconfig)))
	}
	explain.Report(b, "explain")
	read.Report(b, "read")
	kubectl.Report(b, "kubectl")
	b.ReportMetric(explain.Wall.Seconds()/read.Wall.Seconds(), "wall/read")
	b.ReportMetric(explain.CPU.Seconds()/rounds/kubectl.CPU.Seconds(), "cpu/kubectl")
}

func readPages(kubeconfig string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+kubeconfig)
	return cmd
}

// fill creates the Job and its pods. Another controller manages the Job, for the
// built-in one would delete pods that it did not create.
func fill(b *testing.B, plane *controlplane.ControlPlane) {
	b.Helper()
	config, err := plane.Config()
	if err != nil {
		b.Fatal(err)
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		b.Fatal(err)
	}
	template := bench.Job(indexes, 1)
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: bench.Name}, Spec: template.Spec}
	job.Spec.ManagedBy = new("example.com/nobody")
	job.Spec.Selector, job.Spec.Template.Labels = nil, nil
	job.Spec.MaxFailedIndexes = new(int32(10_000))
	if job, err = client.BatchV1().Jobs(namespace).Create(b.Context(), job, metav1.CreateOptions{}); err != nil {
		b.Fatal(err)
	}
	pods := make(chan *corev1.Pod)
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for pod := range pods {
				if err := create(b.Context(), client, job, pod); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for pod := range bench.Pods(indexes, 1) {
		pods <- pod
	}
	close(pods)
	workers.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// create makes a pod that runs: of those that ended, the garbage collection of
// pods leaves 12,500.
func create(ctx context.Context, client kubernetes.Interface, job *batchv1.Job, pod *corev1.Pod) error {
	pod.ResourceVersion, pod.UID, pod.ManagedFields, pod.Spec.NodeName = "", "", nil, ""
	pod.OwnerReferences[0].UID = job.UID
	pod.Labels[batchv1.ControllerUidLabel] = string(job.UID)
	created, err := client.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	created.Status = pod.Status
	created.Status.Phase = corev1.PodRunning
	_, err = client.CoreV1().Pods(namespace).UpdateStatus(ctx, created, metav1.UpdateOptions{})
	return err
}
