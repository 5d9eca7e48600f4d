package e2e

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

// TestLarge holds what we say of a real Job of 2,000 indexes, from the snapshot in
// hack/examples; with -record that is taken anew, which takes two minutes and all
// that the machine has.
func TestLarge(t *testing.T) {
	if *record && *k8s == defaultVersion {
		recordLarge(t)
	}
	seen, err := cluster.ReadFiles(t.Context(), []string{largeFile}, nil, "", cluster.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	holdLarge(t, seen)
}

var largeFile = filepath.Join("..", "examples", "embed.json.gz")

func holdLarge(t *testing.T, seen *evidence.Job) {
	t.Helper()
	e := replay.Explain(seen, seen.ObservedAt)
	if e.Agreement.Result != v1alpha1.Agrees || e.Conclusion.State != v1alpha1.StateRunning || e.Conclusion.CanOnlyEnd != v1alpha1.StateFailed {
		t.Errorf("%s: %s, can only end %q", e.Agreement.Result, e.Conclusion.State, e.Conclusion.CanOnlyEnd)
	}
	if n := e.Counts[v1alpha1.Unknown]; n > 0 {
		t.Errorf("%d unknown indexes: read at an unlucky moment", n)
	}
	t.Logf("%d pods, %v", len(seen.Attempts), e.Counts)
}

// recordLarge plays the Job. Its ledger and all that kubectl prints of it would be
// many megabytes: what is claimed of it is held against them here, and what stays
// is a snapshot.
func recordLarge(t *testing.T) {
	t.Helper()
	scenario := scenarios.Large()
	r, err := scenario.Run(t.Context(), stage)
	if err != nil {
		t.Fatal(err)
	}
	background := metav1.DeletePropagationBackground
	if err := stage.Client.BatchV1().Jobs(scenario.Job.Namespace).Delete(t.Context(), scenario.Job.Name, metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		t.Error(err)
	}
	for _, wrong := range claims.Hold(r, 2) {
		t.Error(wrong)
	}
	final, _ := r.Moment(recording.Final)
	seen, err := claims.Read(r, final)
	if err != nil {
		t.Fatal(err)
	}
	holdLarge(t, seen)
	if t.Failed() {
		r.Name += "-large"
		t.Fatalf("its recording goes to %s: %v", *keep, r.WriteFile(*keep))
	}
	file, err := os.Create(largeFile)
	if err != nil {
		t.Fatal(err)
	}
	packed, _ := gzip.NewWriterLevel(file, gzip.BestCompression)
	for _, err := range []error{cluster.WriteSnapshot(packed, seen, true), packed.Close(), file.Close()} {
		if err != nil {
			t.Error(err)
		}
	}
}
