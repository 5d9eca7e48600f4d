package cluster_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	"github.com/indexjob/kubectl-indexjob/hack/recording"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// TestBothWaysAgree reads every moment of the corpus from a server and from a
// file, and wants the same evidence.
func TestBothWaysAgree(t *testing.T) {
	recordings, err := recording.ReadDir("../../hack/recording/testdata")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, r := range recordings {
		for _, moment := range r.Moments {
			t.Run(r.Name+"/"+moment.Name, func(t *testing.T) {
				objects, err := clustertest.Load(moment.Evidence)
				if err != nil {
					t.Fatal(err)
				}
				job := jobOf(objects)
				if job == nil {
					t.Logf("the Job is gone at this moment")
					return
				}
				at := moment.ObservedAt.Time
				fromServer, serverErr := observe(t, clustertest.New(objects...), job, at)
				fromFile, fileErr := cluster.ReadFiles(t.Context(), []string{"-"},
					strings.NewReader(string(moment.Evidence)+readAt(at, "v1.37.2")), "", cluster.Reference{})
				if serverErr != nil || fileErr != nil {
					t.Fatalf("server: %v, file: %v", serverErr, fileErr)
				}
				forgetWhatOneWayAloneTells(fromServer, fromFile)
				forgetWhatFilesCannotTell(fromServer)
				forgetWhatFilesCannotTell(fromFile)
				if diff := cmp.Diff(fromServer, fromFile); diff != "" {
					t.Errorf("server (-) and file (+) differ:\n%s", diff)
				}
				compared++
			})
		}
	}
	if compared < len(recordings) {
		t.Errorf("only %d moments of %d recordings were compared", compared, len(recordings))
	}
}

// forgetWhatOneWayAloneTells: a server is asked for the warnings of pods alone, and
// of pods that all succeeded for none.
func forgetWhatOneWayAloneTells(fromServer, fromFile *evidence.Job) {
	fromFile.Events = slices.DeleteFunc(fromFile.Events, func(e evidence.Event) bool {
		return e.Kind == "Pod" && (e.Type == "Normal" || fromServer.PodEvents == evidence.None)
	})
	fromServer.PodEvents, fromFile.PodEvents = "", ""
}

// forgetWhatFilesCannotTell: a file without pods or events may have been
// written without asking for them.
func forgetWhatFilesCannotTell(seen *evidence.Job) {
	if len(seen.Attempts) == 0 {
		seen.Coverage.Pods = evidence.None
	}
	if !slices.ContainsFunc(seen.Events, func(e evidence.Event) bool { return e.Kind == "Job" }) {
		seen.Coverage.Events = evidence.None
	}
	seen.Gaps = slices.DeleteFunc(seen.Gaps, func(g evidence.Gap) bool {
		return seen.Coverage.Pods == evidence.None && g.Kind == evidence.GapPods || seen.Coverage.Events == evidence.None && g.Kind == evidence.GapEvents
	})
	if len(seen.Gaps) == 0 {
		seen.Gaps = nil
	}
	// Orders have tests of their own: a server's evidence is bracketed.
	seen.Order, seen.EventsOrder, seen.Before = "", "", nil
	sorted(seen)
}

func jobOf(objects []runtime.Object) *batchv1.Job {
	for _, object := range objects {
		if job, ok := object.(*batchv1.Job); ok {
			return job
		}
	}
	return nil
}

// readAt is a document that says when, and of which server, a file was read.
func readAt(at time.Time, version string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: List\nitems: []\nmetadata:\n  annotations:\n    %s: %q\n    %s: %q\n",
		cluster.AnnotationObservedAt, at.UTC().Format(time.RFC3339), cluster.AnnotationServerVersion, version)
}

func observe(t *testing.T, server *clustertest.Server, job *batchv1.Job, at time.Time) (*evidence.Job, error) {
	t.Helper()
	defer server.Close()
	clock := func() time.Time { return at }
	server.Clock = clock
	client, err := cluster.NewClient(&rest.Config{Host: server.URL}, clock)
	if err != nil {
		t.Fatal(err)
	}
	return client.Observe(t.Context(), job.Namespace, job.Name)
}
