package cluster

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func TestObserveExpires(t *testing.T) {
	for _, test := range []struct {
		name    string
		expired int
		want    string
	}{
		{"once", 1, ""},
		{"twice", 2, ""},
		{"three times", 3, "listing the pods of job default/nightly: the list expired 3 times half-way"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := manyPods(25)
			c := client(t, server, noon)
			c.ChunkSize = 10
			for range test.expired {
				server.On("pods", 1, clustertest.Pass)
				server.On("pods", 1, clustertest.Expire)
			}
			seen, err := c.Observe(t.Context(), "default", "nightly")
			if test.want != "" {
				wantError(t, err, test.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(seen.Attempts) != 25 {
				t.Errorf("%d pods, want each of 25 once", len(seen.Attempts))
			}
		})
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", want)
	}
	text, hint, ok := strings.Cut(err.Error(), "\n")
	if !strings.Contains(text, want) || !ok || !strings.HasPrefix(hint, "hint: ") || strings.Contains(hint, "\n") {
		t.Errorf("error %q, want one line with %q and one with a hint", err, want)
	}
}

// TestObserveFaults: what goes wrong with the Job or its pods is an error, and
// never half of the truth.
func TestObserveFaults(t *testing.T) {
	for _, test := range []struct {
		name     string
		resource string
		fault    func(*clustertest.Server) clustertest.Fault
		skip     int // requests that go well before
		want     string
	}{
		{"job forbidden", "jobs", fixed(clustertest.Forbid), 0, "reading job default/nightly: jobs.batch \"nightly\" is forbidden"},
		{"broken", "pods", fixed(clustertest.Break), 0, "listing the pods of job default/nightly: Internal error"},
		{"broken later", "pods", fixed(clustertest.Break), 1, "listing the pods"},
		{"connection cut", "pods", func(s *clustertest.Server) clustertest.Fault { return s.Cut }, 1, "listing the pods"},
		{"half a message", "pods", func(s *clustertest.Server) clustertest.Fault { return s.Half }, 1, "listing the pods"},
		{"a proxy's page", "pods", fixed(clustertest.HTML), 1, "listing the pods"},
		{"a proxy's page instead of the job", "jobs", fixed(clustertest.HTML), 0, "reading job default/nightly"},
		{"stalls", "pods", fixed(clustertest.Stall), 1, "listing the pods"},
		{"never ends", "pods", fixed(clustertest.Endless), 1, "listing the pods"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := manyPods(25)
			t.Cleanup(s.Close)
			c := patientClient(t, s, noon, 300*time.Millisecond)
			c.ChunkSize = 10
			if test.skip > 0 {
				s.On(test.resource, test.skip, clustertest.Pass)
			}
			s.On(test.resource, clustertest.Forever, test.fault(s))
			seen, err := c.Observe(t.Context(), "default", "nightly")
			wantError(t, err, test.want)
			if seen != nil {
				t.Errorf("there is evidence beside the error")
			}
		})
	}
}

func fixed(fault clustertest.Fault) func(*clustertest.Server) clustertest.Fault {
	return func(*clustertest.Server) clustertest.Fault { return fault }
}

func TestObserveRetriesBusyServer(t *testing.T) {
	server := manyPods(3)
	server.On("pods", 1, clustertest.Busy)
	seen, err := observe(t, server, newJob(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.Attempts) != 3 {
		t.Errorf("%d pods", len(seen.Attempts))
	}
}

// TestObserveGaps: what may be missing is a gap.
func TestObserveGaps(t *testing.T) {
	for _, test := range []struct {
		name     string
		resource string
		fault    clustertest.Fault
		want     evidence.Gap
	}{
		{"pods forbidden", "pods", clustertest.Forbid, evidence.Gap{Kind: evidence.GapPods, Message: "pods could not be listed: it is forbidden; needed is list on pods in namespace default"}},
		{"events forbidden", "events", clustertest.Forbid, evidence.Gap{Kind: evidence.GapEvents, Message: "events could not be read: it is forbidden; needed is list on events in namespace default"}},
		{"events broken", "events", clustertest.Break, evidence.Gap{Kind: evidence.GapEvents, Message: "events could not be read", Error: "Internal error occurred: etcdserver: request timed out"}},
		{"version forbidden", "version", clustertest.Forbid, evidence.Gap{Kind: evidence.GapVersion, Message: "the server's version could not be read", Error: `forbidden: User "jane" cannot read resource "version" in the namespace`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"), newEvent("e", aboutJob))
			server.On(test.resource, clustertest.Forever, test.fault)
			seen, err := observe(t, server, newJob(), noon)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]evidence.Gap{test.want}, seen.Gaps); diff != "" {
				t.Error(diff)
			}
			if want := (evidence.Coverage{Pods: levelOf(test.resource != "pods"), Events: levelOf(test.resource != "events")}); seen.Coverage != want {
				t.Errorf("coverage %v, want %v", seen.Coverage, want)
			}
		})
	}
}

// TestObserveClock: hours between the clocks must not turn into hours of
// backoff.
func TestObserveClock(t *testing.T) {
	server := clustertest.New(newJob())
	c := client(t, server, noon)
	server.Clock = func() time.Time { return noon.Add(5 * time.Hour) }
	seen, err := c.Observe(t.Context(), "default", "nightly")
	if err != nil {
		t.Fatal(err)
	}
	if !seen.ObservedAt.Equal(noon.Add(5*time.Hour)) || gapKinds(seen) != evidence.GapClock {
		t.Errorf("observed at %v, %v", seen.ObservedAt, seen.Gaps)
	}
}

func TestObserveEndsOnCancel(t *testing.T) {
	for _, resource := range []string{"jobs", "pods", "events", "version"} {
		t.Run(resource, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"))
			c := client(t, server, noon)
			ctx, cancel := context.WithCancel(t.Context())
			server.On(resource, 1, func(w http.ResponseWriter, r *http.Request) bool {
				cancel()
				return clustertest.Stall(w, r)
			})
			_, err := c.Observe(ctx, "default", "nightly")
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		})
	}
}
