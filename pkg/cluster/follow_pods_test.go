package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestKept(t *testing.T) {
	var k kept[string]
	for _, uid := range []types.UID{"a", "b", "c", "b"} {
		if err := k.put(uid, string(uid)+"!", 10); err != nil {
			t.Fatal(err)
		}
	}
	before := k.total
	k.remove("a")
	k.remove("unknown")
	if got := k.items; !slices.Equal(got, []string{"c!", "b!"}) || *k.get("c") != "c!" || k.get("a") != nil {
		t.Errorf("kept %v", got)
	}
	if k.total != before*2/3 {
		t.Errorf("%d bytes after one of three was let go, which took %d", k.total, before)
	}
}

// TestOfManyThatVanishedTheNewestAreKept: an index may be tried for weeks.
func TestOfManyThatVanishedTheNewestAreKept(t *testing.T) {
	var pods followedPods
	for n := range mostVanished + 50 {
		uid := types.UID(fmt.Sprint(n))
		for range 2 { // a watch that begins anew tells of it once more
			if err := pods.vanish(evidence.Attempt{UID: uid, Index: int32(n % 2), Finalizer: true}, noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	for n := range 2 * mostVanished {
		if err := pods.vanish(evidence.Attempt{UID: types.UID(fmt.Sprint("other", n)), Index: 7}, noon); err != nil {
			t.Fatal(err)
		}
	}
	counts := map[int32]int{}
	for _, a := range pods.items {
		counts[a.Index]++
		if a.Vanished.IsZero() || a.Finalizer {
			t.Errorf("%+v has not vanished", a)
		}
	}
	if pods.get("other99") != nil || pods.get("other100") == nil {
		t.Error("it is not the newest that are kept")
	}
	if counts[0] != (mostVanished+50)/2 || counts[7] != mostVanished {
		t.Errorf("kept of each index: %v", counts)
	}
	// A list keeps what is known of them.
	if err := pods.relist(listedPods{attempts: []evidence.Attempt{{UID: "new"}}}, noon); err != nil {
		t.Fatal(err)
	}
	if len(pods.items) != 1+mostVanished+50+mostVanished {
		t.Errorf("%d are left after a list", len(pods.items))
	}
}

// TestADecisionEndsTheRest: what decides is not waited for.
func TestADecisionEndsTheRest(t *testing.T) {
	server := clustertest.New(newJob(), newPod("nightly-0-aaaaa"))
	f := followed(t, server)
	until(t, f, isAfterPods)
	begin := time.Now()
	server.Put(newJob(complete))
	var seen Sighting
	if err := f.Next(t.Context(), time.Hour, time.Hour, func(s Sighting) { seen = s.Clone() }); err != nil {
		t.Fatal(err)
	}
	if !isComplete(seen) || time.Since(begin) > 10*time.Second {
		t.Errorf("after %s: %+v", time.Since(begin), seen.Seen.Job.Status)
	}
}

// TestOtherNewsWaitForTheRest.
func TestOtherNewsWaitForTheRest(t *testing.T) {
	server := clustertest.New(newJob())
	f := followed(t, server)
	until(t, f, isAfterPods)
	begin := time.Now()
	server.Put(newPod("nightly-0-aaaaa"), newPod("nightly-1-aaaaa"))
	const rest = 700 * time.Millisecond
	if err := f.Next(t.Context(), rest, time.Hour, func(s Sighting) {
		if len(s.Seen.Attempts) != 2 {
			t.Errorf("%d pods", len(s.Seen.Attempts))
		}
	}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < rest {
		t.Errorf("shown after %s", took)
	}
}
