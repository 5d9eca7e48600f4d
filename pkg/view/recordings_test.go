package view

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
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
	if name == "embed" { // too large for the corpus
		seen, err := cluster.ReadFiles(t.Context(), []string{"../../hack/examples/embed.json.gz"}, nil, "", cluster.Reference{})
		if err != nil {
			t.Fatal(err)
		}
		return seen
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

// Everything that a screen can tell is told in some archive, and of a real Job
// wherever a real Job can come to it.
func TestTheArchivesTellEverything(t *testing.T) {
	drawn, recorded := map[string]bool{}, map[string]bool{}
	for _, archive := range archives(t) {
		tell(drawn, explanationOf(t, archive))
	}
	for name := range archivesOf(t, "testdata/recordings") {
		seen := evidenceOf(t, name)
		tell(recorded, replay.Explain(seen, seen.ObservedAt))
	}
	for what := range strings.FieldsSeq(toldOfRealJobs) {
		if !recorded[what] {
			t.Errorf("no archive of a recording tells %s", what)
		}
	}
	for _, letter := range worstFirst {
		if !recorded[string(letter)] {
			t.Errorf("no archive of a recording shows %c", letter)
		}
	}
	for what := range strings.FieldsSeq(toldOfInventedJobs) {
		if !drawn[what] || recorded[what] {
			t.Errorf("%s: told by a drawing %v, by a recording %v", what, drawn[what], recorded[what])
		}
	}
}

// toldOfRealJobs are states with their reasons, fates with theirs, and findings.
const toldOfRealJobs = `
	Running/ Running/can-only-end-Failed Suspended/ Complete/
	Failed/PodFailurePolicy Failed/BackoffLimitExceeded Failed/DeadlineExceeded Failed/MaxFailedIndexesExceeded Failed/FailedIndexes
	Failing/PodFailurePolicy Failing/BackoffLimitExceeded Failing/DeadlineExceeded Failing/MaxFailedIndexesExceeded
	Complete/SuccessPolicy Complete/CompletionsReached Succeeding/SuccessPolicy

	Succeeded/FirstAttempt Succeeded/AfterRetries Succeeded/AfterIgnored Succeeded/AfterRestart Succeeded/HistoryGone
	Failed/FailIndexRule Failed/BackoffLimitPerIndexExceeded Failed/HistoryGone
	Running/FirstAttempt Running/Retry Running/HistoryGone
	Pending/Unschedulable Pending/ImagePullBackOff Pending/NotScheduled Terminating/
	Stopped/FailJobRule Stopped/AfterFailure Stopped/WhileRunning Stopped/WhilePending Stopped/WhileTerminating
	Stopped/NotCounted Stopped/PodGone NeverStarted/ Unfinished/
	Unknown/ForeignController
	BackingOff/BackoffDelay BackingOff/ParallelismLimit BackingOff/BehindBackoff BackingOff/CreateFailed BackingOff/JobSuspended BackingOff/JobFailing BackingOff/JobSucceeding
	Waiting/ParallelismLimit Waiting/BehindBackoff Waiting/CreateFailed Waiting/JobSuspended Waiting/JobDeleted Waiting/DueNow

	StuckPending StuckCreate StuckTerminating StuckController SlowRunner RestartsCounted RestartsInPlace
	BackoffHoldsSlots IgnoredLengthensBackoff DisruptionCounted SuspectedDisruption SidecarMatched OOMKilled
	GatheredOnNode NoMaxFailedIndexes`

// toldOfInventedJobs are what takes a Job longer than anybody records, or a
// controller that errs.
const toldOfInventedJobs = `Disagrees GatheredInTime`

func tell(told map[string]bool, e *v1alpha1.Explanation) {
	c := &e.Conclusion
	told[string(c.State)+"/"+c.Reason] = true
	told[string(c.State)+"/can-only-end-"+string(c.CanOnlyEnd)] = true
	told[string(e.Agreement.Result)] = true
	for i := range e.Fates {
		record := &e.Fates[i]
		told[string(record.Fate)+"/"+record.Reason] = true
		told[string(kinds[kindOf(record.Fate, record.Reason)].letter)] = true
	}
	for _, finding := range e.Findings {
		told[string(finding.Kind)] = true
	}
}
