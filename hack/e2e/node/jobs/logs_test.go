//go:build linux

package jobs_test

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
)

// writes is a suspended Job of three indexes, two at a time, the second of which
// fails once.
func writes(name string) *batchv1.Job {
	failed := "metadata.annotations['" + batchv1.JobIndexFailureCountAnnotation + "']"
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: metav1.NamespaceDefault},
		Spec: batchv1.JobSpec{
			Completions: new(int32(3)), Parallelism: new(int32(2)), CompletionMode: new(batchv1.IndexedCompletion), BackoffLimitPerIndex: new(int32(1)), Suspend: new(true),
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				RestartPolicy: corev1.RestartPolicyNever,
				Containers: []corev1.Container{{
					Name: "main", Image: node.Image,
					Command: []string{"sh", "-c", `echo begin; sleep 2; [ $JOB_COMPLETION_INDEX$FAILED = 10 ] && echo bad >&2 && exit 1; printf end`},
					Env:     []corev1.EnvVar{{Name: "FAILED", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: failed}}}},
				}},
			}},
		},
	}
}

// TestLogsFollowARetry: from before the Job has a pod, over the retry of an index,
// to the end of another that has to wait for its turn.
func TestLogsFollowARetry(t *testing.T) {
	job := writes("writes")
	jobs := stage.Client.BatchV1().Jobs(job.Namespace)
	if _, err := jobs.Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // it takes a quarter of that
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(node.Dir(), "kubectl-indexjob"),
		"logs", job.Name, "--index", "1,2", "-f", "--namespace="+job.Namespace, "--kubeconfig="+plane.Kubeconfig)
	var out, errs bytes.Buffer
	told := &told{all: &errs, text: "indexes 1,2 have no pod yet\n", is: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &out, told
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-told.is:
	case err := <-ended:
		t.Fatalf("it ended: %v\n%s", err, &errs)
	}
	resume := []byte(`{"spec":{"suspend":false}}`)
	if _, err := jobs.Patch(t.Context(), job.Name, types.MergePatchType, resume, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("%v\n%s", err, &errs)
	}
	t.Logf("\n%s%s", &errs, &out)
	if errs.String() != told.text {
		t.Errorf("stderr has\n%s", &errs)
	}
	for prefix, want := range map[string]string{
		"1#": "1#1 begin\n1#1 bad\n1#2 begin\n1#2 end\n",
		"2#": "2#1 begin\n2#1 end\n",
	} {
		var got strings.Builder
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, prefix) {
				got.WriteString(line)
			}
		}
		if got.String() != want {
			t.Errorf("got\n%swant\n%s", &got, want)
		}
	}
}

// told closes is once a text was written. It is no bytes.Buffer, which os/exec would
// read into without a Write.
type told struct {
	all  *bytes.Buffer
	text string
	is   chan struct{}
	once sync.Once
}

func (w *told) Write(p []byte) (int, error) {
	n, err := w.all.Write(p)
	if strings.Contains(w.all.String(), w.text) {
		w.once.Do(func() { close(w.is) })
	}
	return n, err
}
