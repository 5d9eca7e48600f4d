package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

func TestDocuments(t *testing.T) {
	for _, scenario := range scenarios.Documents() {
		t.Run(scenario.Name, func(t *testing.T) {
			t.Parallel()
			r := play(t, scenario, stage)
			explainDocument(t, r)
			if *record && *k8s == defaultVersion {
				writeExample(t, r)
			}
		})
	}
}

// play runs the scenario, holds it against what it has to be, and writes its
// recording where that is asked for.
func play(t *testing.T, scenario scenarios.Scenario, on scenarios.Stage) *recording.Recording {
	r, err := scenario.Run(t.Context(), on)
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range scenario.Want.Differences(r) {
		t.Error(difference)
	}
	if *record && (scenario.Differs || *k8s == defaultVersion) && !t.Failed() {
		r.Name += fmt.Sprintf("_1.%d", minor(*k8s))
		if err := r.WriteFile(filepath.Join("..", "recording", "testdata")); err != nil {
			t.Error(err)
		}
	}
	return r
}

// writeExample writes the final moment as a person would have got it.
func writeExample(t *testing.T, r *recording.Recording) {
	final, _ := r.Moment(recording.Final)
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s.\n", r.Shows)
	b.Write(final.Evidence)
	name, _, _ := strings.Cut(r.Name, "_")
	if err := os.WriteFile(filepath.Join("..", "examples", name+".yaml"), b.Bytes(), 0o644); err != nil {
		t.Error(err)
	}
}

// minor is 37 of 1.37.2.
func minor(version string) int {
	var n int
	_, _ = fmt.Sscanf(version, "1.%d.", &n)
	return n
}

func TestCorpus(t *testing.T) {
	for _, scenario := range scenarios.Corpus(minor(*k8s)) {
		t.Run(scenario.Name, func(t *testing.T) {
			t.Parallel()
			play(t, scenario, stage)
		})
	}
}

// TestCorpusOfASilentController stops the controllers of a control plane of its
// own while the Jobs run.
func TestCorpusOfASilentController(t *testing.T) {
	t.Parallel()
	own, on := ownPlane(t)
	time.AfterFunc(scenarios.SilentFrom, func() {
		time.AfterFunc(scenarios.SilentTo-scenarios.SilentFrom, own.SilenceControllers())
	})
	t.Run("jobs", func(t *testing.T) {
		for _, scenario := range scenarios.Silent(minor(*k8s)) {
			t.Run(scenario.Name, func(t *testing.T) {
				t.Parallel()
				play(t, scenario, on)
			})
		}
	})
}
