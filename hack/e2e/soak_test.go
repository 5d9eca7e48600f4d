package e2e

import (
	"cmp"
	"flag"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/indexjob/kubectl-indexjob/hack/claims"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/hack/e2e/soak"
	"github.com/indexjob/kubectl-indexjob/hack/recording"
)

var keep = flag.String("keep", os.TempDir(), "the folder for recordings of random Jobs about which we are wrong")

// TestSoak runs JOBS random Jobs from SEED on, and holds what we say of them
// against what happened.
func TestSoak(t *testing.T) {
	t.Parallel()
	options := soak.Options{
		Jobs:   int(number(t, "JOBS", 30)),
		Seed:   number(t, "SEED", uint64(time.Now().Unix())),
		AtOnce: 50,
		Check:  check,
		Keep:   *keep,
	}
	t.Logf("SEED=%d JOBS=%d on Kubernetes %s", options.Seed, options.Jobs, *k8s)
	reasons := map[string]int{}
	soak.Run(t.Context(), stage, options, func(r *recording.Recording, failure *soak.Failure) {
		if failure != nil {
			t.Errorf("%v\nhint: SEED=%d JOBS=1 runs it alone; its recording is in %s", failure, failure.Seed, options.Keep)
		}
		if r != nil {
			reasons[cmp.Or(scenarios.Reason(&r.Ledger.Job), "undecided")]++
		}
	})
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		t.Logf("%4d %s", reasons[reason], reason)
	}
}

// check says what is wrong about what we claim of a recording, whole and with
// evidence lost.
func check(r *recording.Recording) []string { return claims.Hold(r, 10) }

func number(t *testing.T, variable string, otherwise uint64) uint64 {
	value := os.Getenv(variable)
	if value == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		t.Fatalf("read %s: %v", variable, err)
	}
	return n
}
