package view

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/bigjob"
	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
)

const recordings = "../../hack/recording/testdata"

// Each archive is the drawings of a real Job at a moment; its name is the
// recording's and the moment's. One that ends in +31m shows what the moment would
// be if nothing had moved since: no recording waits until a pod is stuck.
func TestRecordings(t *testing.T) {
	const folder = "testdata/recordings"
	for name, archive := range archivesOf(t, folder) {
		t.Run(name, func(t *testing.T) {
			seen := evidenceOf(t, name)
			e := replay.Explain(seen, seen.ObservedAt)
			hold(t, filepath.Join(folder, name+".txtar"), archive, func(drawing string) string { return draw(t, e, nil, drawing) })
		})
	}
}

func evidenceOf(t *testing.T, name string) *evidence.Job {
	t.Helper()
	if name == "bigjob" {
		return bigjob.Evidence()
	}
	name, later, isLater := strings.Cut(name, "+")
	dot := strings.LastIndexByte(name, '.')
	r, err := recording.ReadFile(filepath.Join(recordings, name[:dot]+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	moment, ok := r.Moment(name[dot+1:])
	if !ok {
		t.Fatalf("recording %s has no moment %s", r.Name, name[dot+1:])
	}
	seen, err := claims.Read(r, moment)
	if err != nil {
		t.Fatal(err)
	}
	if isLater {
		passed, err := time.ParseDuration(later)
		if err != nil {
			t.Fatal(err)
		}
		seen.ObservedAt = seen.ObservedAt.Add(passed)
	}
	return seen
}

// Everything that a screen can tell is told in some archive.
func TestTheArchivesTellEverything(t *testing.T) {
	told := map[string]bool{}
	tell := func(e *v1alpha1.Explanation) {
		c := &e.Conclusion
		told[string(c.State)], told[c.Reason], told["can only end "+string(c.CanOnlyEnd)] = true, true, true
		for i := range e.Fates {
			told[string(kinds[kindOf(e.Fates[i].Fate, e.Fates[i].Reason)].letter)] = true
			told[string(e.Fates[i].Fate)] = true
		}
		for _, finding := range e.Findings {
			told[finding.Kind] = true
		}
	}
	for _, archive := range archives(t) {
		tell(explanationOf(t, archive))
	}
	for name := range archivesOf(t, "testdata/recordings") {
		seen := evidenceOf(t, name)
		tell(replay.Explain(seen, seen.ObservedAt))
	}
	want := strings.Fields(`
		Running Suspended Failing Succeeding Failed Complete
		PodFailurePolicy BackoffLimitExceeded DeadlineExceeded MaxFailedIndexesExceeded FailedIndexes SuccessPolicy CompletionsReached
		StuckPending StuckCreate StuckTerminating StuckController RestartsCounted BackoffHoldsSlots IgnoredLengthensBackoff
		DisruptionCounted SuspectedDisruption SidecarMatched OOMKilled GatheredOnNode FailIndexNoRetry NoMaxFailedIndexes`)
	for _, fate := range v1alpha1.Fates {
		want = append(want, string(fate))
	}
	for _, letter := range worstFirst {
		want = append(want, string(letter))
	}
	for _, what := range append(want, "can only end Failed") {
		if !told[what] {
			t.Errorf("no archive tells %s", what)
		}
	}
}
