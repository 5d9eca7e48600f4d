package replay

import (
	"slices"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestWhatAMessageHasInCommonWithOthers(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{"", ""},
		{"no space left on device", "no space left on device"},
		{"  loading \nno rows \n\n", "no rows"},
		{"Traceback (most recent call last):\n  File \"a.py\", line 88, in main\nValueError: shard 3 has 0 rows", "ValueError: shard N has N rows"},
		{"loading\npanic: no rows\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:3 +0x1d", "panic: no rows"},
		{"Exception in thread \"main\" java.lang.Error: no rows\n\tat A.main(A.java:3)", "Exception in thread \"main\" java.lang.Error: no rows"},
		{"cannot reach 10.0.3.17:8080", "cannot reach N.N.N.N:N"},
		{"pod j-3-abcde failed", "pod POD failed"},
		{"pod other-12-x7z9q failed", "pod POD failed"},
		{"request 0f8fad5b-d9cb-469f-a165-70867728950e", "request UUID"},
		{"at 2026-01-01T00:00:07.123Z gone", "at TIME gone"},
		{"at 00:00:07 gone", "at TIME gone"},
		{"address 0xdeadbeef", "address HEX"},
		{"commit 3f786850e387550fdab836ed7e6dc881de23001b", "commit HEX"},
		{"took 17ms", "took Nms"},
		{strings.Repeat("é", 500), strings.Repeat("é", longestText)},
	} {
		if got := normalise(tellingLine(c.message), "j-3-abcde"); got != c.want {
			t.Errorf("%q: got %q, want %q", c.message, got, c.want)
		}
	}
}

func TestCausesOfOneKindAreOneSignature(t *testing.T) {
	e := see(aJob(20, perIndex(5), policy(ignoreDisruption, failIndexOn42), failures(1)),
		aPod(0, 0, exited(1, 5), says("cannot reach 10.0.0.1"), onNode("a"), accounted),
		aPod(0, 20, born(1, 0), exited(1, 25), says("cannot reach 10.0.0.2"), onNode("a")),
		aPod(1, 0, exited(1, 7), says("cannot reach 10.0.0.3"), onNode("b")),
		aPod(2, 0, exited(42, 9), onNode("c")),
		aPod(3, 0, exited(143, 9), disrupted(8), onNode("c")),
		aPod(4, 0, exited(143, 9), onNode("c")),
		aPod(5, 0, exited(143, 9), onNode("c")),
		aPod(6, 0, exited(143, 9), onNode("c")),
	).explain()
	var got []string
	for _, s := range e.Signatures {
		got = append(got, s.Text+" "+string(s.Decision)+" "+s.Indexes)
	}
	want := `main exited 42 FailIndex 2; cannot reach N.N.N.N (main exited 1) Count 0,1; main exited 143 Count 4-6; EvictionByEvictionAPI (DisruptionTarget) Ignore 3`
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
	lost := e.Signatures[1]
	if lost.Attempts != 3 || len(lost.Nodes) != 2 || lost.Nodes[0].Name != "a" || lost.Nodes[0].Attempts != 2 || lost.Outcomes["BackingOff"] != "0,1" {
		t.Errorf("got %+v", lost)
	}
	if !lost.FirstTime.Time.Equal(at(5)) || !lost.LastTime.Time.Equal(at(25)) || lost.Example.Pod != podName(0, 20) || *lost.ExitCode != 1 || lost.Rule != nil {
		t.Errorf("got %+v", lost)
	}
	if *lost.FirstIndex != 0 || lost.Example.Attempt != 2 || lost.Example.Node != "a" {
		t.Errorf("got %d, %+v", *lost.FirstIndex, lost.Example)
	}
	if alone := see(aJob(1, perIndex(5)), aPod(0, 0, exited(1, 5), says("cannot reach 10.0.0.1"))).explain(); alone.Signatures[0].Text != "cannot reach 10.0.0.1 (main exited 1)" {
		t.Errorf("got %q", alone.Signatures[0].Text)
	}
	if rule := e.Signatures[0].Rule; rule == nil || *rule != 1 {
		t.Errorf("got %+v", e.Signatures[0])
	}
}

// One index may fail of several causes: each attempt says of which, and one that
// was killed by the decision says of none.
func TestAnAttemptNamesItsSignature(t *testing.T) {
	e := see(aJob(2, perIndex(1), policy(failJobOn42), failing(26, "PodFailurePolicy"), failures(3)),
		aPod(0, 0, exited(1, 5), accounted),
		aPod(0, 20, born(1, 0), exited(42, 25), accounted),
		aPod(1, 0, exited(143, 30), deleted(27)),
	).explain()
	byID := map[string]string{"": ""}
	for _, s := range e.Signatures {
		byID[s.ID] = s.Text
	}
	var got []string
	for _, fate := range e.Fates {
		for _, a := range fate.Attempts {
			got = append(got, byID[a.Signature])
		}
	}
	if want := []string{"main exited 1", "main exited 42", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The ID of a cause is what a script keeps: it follows from the cause alone.
func TestACauseKeepsItsID(t *testing.T) {
	one := see(aJob(3, perIndex(5)), aPod(1, 0, exited(1, 5), says("cannot reach 10.0.0.1"))).explain()
	other := see(aJob(3, perIndex(0)), aPod(0, 0, exited(2, 5)), aPod(2, 0, exited(1, 9), says("cannot reach 10.0.0.7"))).explain()
	id := one.Signatures[0].ID
	if len(id) != idLength || !strings.Contains(idDigits[:idLetters], id[:1]) {
		t.Errorf("ID %q", id)
	}
	if other.Signatures[0].ID != id && other.Signatures[1].ID != id {
		t.Errorf("got %q and %q, want %q", other.Signatures[0].ID, other.Signatures[1].ID, id)
	}
	if other.Signatures[0].ID == other.Signatures[1].ID {
		t.Error("two causes have one ID")
	}
}

// The example of a cause is the last attempt of an index that failed, in its own
// words.
func TestTheExampleOfACauseFailed(t *testing.T) {
	lost := says("shard 7 has 3 rows")
	e := see(aJob(3, perIndex(1)), aPod(0, 0, exited(1, 5), says("shard 1 has 9 rows")),
		aPod(2, 0, exited(1, 5), lost, accounted), aPod(2, 20, born(1, 0), exited(1, 25), lost)).explain()
	if got := e.Signatures[0]; got.Example.Index != 2 || got.Example.Pod != podName(2, 20) || got.Message != "shard 7 has 3 rows" {
		t.Errorf("example %+v: %q", got.Example, got.Message)
	}
}

// The pods that the controller deleted did not fail by themselves.
func TestAKilledPodHasNoCause(t *testing.T) {
	killed := see(aJob(2, failures(2), failedJob(60, "DeadlineExceeded")), aPod(0, 0, deleted(60), exited(143, 62), accounted)).explain()
	suspended := see(aJob(2, generation(2), suspended), aPod(0, 0, deleted(50), exited(143, 52), accounted)).events(created(0, 0), removal(0, 0, 50)).explain()
	if len(killed.Signatures)+len(suspended.Signatures) > 0 {
		t.Errorf("got %v and %v", killed.Signatures, suspended.Signatures)
	}
}

// Attempts of one text that the policy treats differently are told apart.
func TestOneTextMayBeTreatedInTwoWays(t *testing.T) {
	byProxy := withContainer(evidence.Sidecar, "proxy", 5, 6)
	e := see(aJob(2, perIndex(5), policy(ignoreOn5)), aPod(0, 0, exited(5, 5)), aPod(1, 0, exited(5, 5), byProxy, func(pod *evidence.Attempt) { pod.Containers[0].Terminated.ExitCode = 6 })).explain()
	if len(e.Signatures) != 2 || e.Signatures[1].Container != "proxy" || e.Signatures[1].ContainerType != "Sidecar" {
		t.Errorf("got %+v", e.Signatures)
	}
}
