package replay

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
)

func TestWhoseRulesAreReplayed(t *testing.T) {
	without := aJob(1, conditionTrue(batchv1.JobFailed, 6, "DeadlineExceeded", ""))
	for _, c := range []struct {
		name    string
		version string
		job     *batchv1.Job
		want    string
	}{
		{"the server's", "v1.29.2", aJob(1), "1.29"},
		{"with a vendor's suffix", "v1.31.4-gke.1183000", aJob(1), "1.31"},
		{"the newest known, of a newer server", "v1.99.0", aJob(1), "1.37"},
		{"the newest known, of an unknown one", "", aJob(1), "1.37"},
		{"1.30 where a decision left no interim condition", "", without, "1.30"},
		{"the newest where it left one", "", aJob(1, failedJob(6, "DeadlineExceeded")), "1.37"},
		{"1.30 where it completed without one", "", aJob(1, conditionTrue(batchv1.JobComplete, 6, "", "")), "1.30"},
		{"the server's, whatever the conditions say", "v1.33.1", without, "1.33"},
		{"the newest of what is no version", "devel", aJob(1), "1.37"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := see(c.job).version(c.version).explain().Evidence.RulesOf; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// Before 1.31 only the end of a Job is recorded: what was deleted some seconds
// before, the decision may have killed or somebody else, and nobody claims either
// unless an event says who.
func TestADecisionWithoutItsInstant(t *testing.T) {
	old := aJob(2, failures(2), conditionTrue(batchv1.JobFailed, 60, "DeadlineExceeded", ""))
	wantFate(t, see(old, aPod(0, 0, deleted(60), accounted)).version("v1.29.2").explain(), 0, "Stopped/WhileRunning")
	wantFate(t, see(old, aPod(0, 0, deleted(57), accounted)).events(removal(0, 0, 57)).version("v1.29.2").explain(), 0, "Stopped/WhileRunning")
	wantFate(t, see(old, aPod(0, 0, deleted(40), accounted)).version("v1.29.2").explain(), 0, "Stopped/PodGone")
	recorded := aJob(2, failures(2), failedJob(60, "DeadlineExceeded"))
	wantFate(t, see(recorded, aPod(0, 0, deleted(57), accounted)).explain(), 0, "Stopped/PodGone")
}

// A sidecar that outlives its pod's failure delays the retry from 1.31 on.
func TestASidecarDelaysTheRetry(t *testing.T) {
	s := see(aJob(1, perIndex(3)), aPod(0, 0, exited(1, 90), withContainer("Sidecar", "proxy", 143, 97)))
	if got := fateOf(s.version("v1.31.2").explain(), 0).RetryTime; !got.Time.Equal(at(107)) {
		t.Errorf("1.31: got %v", got)
	}
	if got := fateOf(s.version("v1.29.2").explain(), 0).RetryTime; !got.Time.Equal(at(100)) {
		t.Errorf("1.29: got %v", got)
	}
}
