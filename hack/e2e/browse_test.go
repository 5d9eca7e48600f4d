package e2e

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/nodes"
)

// TestBrowse goes from the table of Jobs to the log of a failed index and back, in a
// real terminal, and sees the end of the Job and its deletion without being closed.
func TestBrowse(t *testing.T) {
	t.Parallel()
	job := awaited("browse-me", func(s *batchv1.JobSpec) { s.BackoffLimitPerIndex = new(int32(0)) })
	begin(t, stage, job, nodes.Plan{1: {hang}, 2: {nodes.ExitCode(1)}})
	tmux := newTmux(t)
	type step struct{ keys, shows string }
	do := func(steps ...step) {
		t.Helper()
		for _, s := range steps {
			tmux.run(t, append([]string{"send-keys"}, strings.Fields(s.keys)...)...)
			screen := tmux.see(t, s.shows)
			t.Logf("%s:\n%s", s.keys, screen)
		}
	}
	tmux.run(t, "send-keys", "kubectl-indexjob browse", "Enter")
	tmux.see(t, "REASON") // the table, of the Jobs of all tests: ours may be far below
	do(
		step{"/ browse-me Enter", "> browse-me"},
		step{"Enter", "1/3, 1 failed; 1 running"},
		step{"n", "index 2  X limit exceeded"},
		step{"Enter", "Next attempt: none, the index is in failedIndexes."},
		step{"l", "main exits 1"},
		step{"Escape", "INDEX 2"},
		step{"C-z", "Stopped"},
	)
	tmux.run(t, "resize-window", "-x", "200", "-y", "50")
	tmux.run(t, "send-keys", "fg; echo status $?", "Enter")
	do(step{"Escape", "> .>X"})
	deadline := []byte(`{"spec":{"activeDeadlineSeconds":1}}`)
	if _, err := stage.Client.BatchV1().Jobs(job.Namespace).Patch(t.Context(), job.Name, types.MergePatchType, deadline, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	do(step{"n", "FAILED (DeadlineExceeded)"})
	if err := stage.Client.BatchV1().Jobs(job.Namespace).Delete(t.Context(), job.Name, metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)}); err != nil {
		t.Fatal(err)
	}
	tmux.see(t, "The Job was deleted")
	time.Sleep(time.Second)
	do(step{"Escape", "Indexed Jobs of namespace default"}, step{"q", "status 0"})
}
