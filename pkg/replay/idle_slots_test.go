package replay

import (
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// Index 0 fails and is retried, beside index 1, which waits for the one slot or does not.
func TestHeldSlots(t *testing.T) {
	retried := func(parallel int32, second int) seen {
		return see(aJob(2, perIndex(6), parallelism(parallel)),
			aPod(0, 0, exited(1, 10), accounted),
			aPod(0, 20, born(1, 0), exited(1, 30), accounted),
			aPod(0, 50, born(2, 0), exited(1, 60), accounted),
			aPod(0, 100, born(3, 0), succeeded(110), accounted),
			aPod(1, second)).at(200)
	}
	for _, c := range []struct {
		name string
		seen seen
		says string // "": it is not found
	}{
		{"another waited all the time", retried(1, 111), "slots stood idle for 1m10s in all, held by indexes in backoff while others waited to start; the pods took 2m9s"},
		{"nobody waited", retried(2, 0), ""},
		{"another waited for less than a minute of it", retried(1, 65), ""},
		{"another still waits", see(aJob(2, perIndex(6), parallelism(1)), aPod(0, 0, born(5, 0), exited(1, 10))).at(200), "slots stood idle for at least 3m10s in all"},
		{"the time of a retry came and went", see(aJob(2, perIndex(6), parallelism(1)), aPod(0, 0, born(2, 0), exited(1, 10))).at(900), ""},
		{"what is a small part of all", see(aJob(3, perIndex(6), parallelism(2)), aPod(0, 0, born(5, 0), exited(1, 10)), aPod(1, 0)).at(9000), ""},
		{"without limits of its own an index holds no slot", see(aJob(2, parallelism(1)), aPod(0, 0, exited(1, 10), accounted), aPod(0, 90, exited(1, 95), accounted), aPod(1, 150)).at(200), ""},
		{"after a change of the spec nobody knows who waited", retried(1, 111).but(func(s *evidence.Job) { s.Job = aJob(2, perIndex(6), parallelism(1), generation(3)) }), ""},
		{"until the Job was decided", see(aJob(2, perIndex(6), parallelism(1), failures(6), failedJob(100, "DeadlineExceeded")), aPod(0, 0, born(5, 0), exited(1, 10), accounted)).at(900), "slots stood idle for at least 1m30s in all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			about := "0"
			if c.says == "" {
				about = "none"
			}
			wantFinding(t, c.seen.explain(), "BackoffHeldSlots", about, c.says)
		})
	}
}
