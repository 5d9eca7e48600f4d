package page

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// example explains a file of hack/examples.
func example(t testing.TB, name string) *v1alpha1.Explanation {
	t.Helper()
	seen, err := cluster.ReadFiles(t.Context(), []string{filepath.Join("..", "examples", name)}, nil, "", cluster.Reference{})
	if err != nil {
		t.Fatal(err)
	}
	e := replay.Explain(seen, seen.ObservedAt)
	e.Timeline = replay.TimelineOf(e)
	return e
}

func htmlOf(t testing.TB, e *v1alpha1.Explanation, logs []view.Log) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := view.HTML(&b, e, logs); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// quiet holds that a page did nothing but be shown.
func quiet(t testing.TB, tab *Tab) {
	t.Helper()
	for _, words := range tab.Said() {
		t.Error(words)
	}
}

func TestThePageOpens(t *testing.T) {
	tab := Start(t).Open(t, htmlOf(t, example(t, "c-preempted-failed-retried.yaml"), nil), Opening{})
	if h1 := tab.Text("h1"); !strings.Contains(h1, "FAILED") || !strings.Contains(h1, "preempted-failed-retried") {
		t.Errorf("the heading is %q", h1)
	}
	quiet(t, tab)
}
