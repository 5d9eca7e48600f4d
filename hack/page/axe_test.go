package page

import (
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// axe is axe-core 4.14.1 as npm has it, under the MPL-2.0 beside it.
//
//go:embed testdata/axe-core/axe.min.js
var axe string

// TestAccessible asks axe-core, in light and in dark, on screens wide and narrow, with
// an index chosen and a filter at work.
func TestAccessible(t *testing.T) {
	browser := Start(t)
	for _, name := range []string{"c-preempted-failed-retried.yaml", "embed.json.gz"} {
		e := example(t, name)
		html := htmlOf(t, e, tails(e))
		for _, how := range []Opening{{}, {Dark: true, Fragment: "index=2"}, {Width: 400, Height: 800, Fragment: "index=1"}} {
			tab := browser.Open(t, html, how)
			tab.Ready()
			Eval[float64](tab, filterBy("main"))
			accessible(t, tab)
		}
	}
}

// TestEveryCase opens the page of each Explanation that the views are tested with.
func TestEveryCase(t *testing.T) {
	browser := Start(t)
	archives, err := filepath.Glob(filepath.Join("..", "..", "pkg", "view", "testdata", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("there are no archives: %v", err)
	}
	for n, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			e, logs := caseOf(t, path)
			tab := browser.Open(t, htmlOf(t, e, logs), Opening{Dark: n%2 == 1, Fragment: "index=0"})
			tab.Ready()
			tab.keep("case-" + filepath.Base(path))
			accessible(t, tab)
			nothingButOurs(t, tab)
			keepsRaw(t, tab, e)
			quiet(t, tab)
		})
	}
}

func caseOf(t *testing.T, path string) (*v1alpha1.Explanation, []view.Log) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	e, logs := &v1alpha1.Explanation{}, []view.Log(nil)
	for _, file := range archive.Files {
		switch file.Name {
		case "explanation.yaml":
			err = yaml.UnmarshalStrict(file.Data, e)
		case "logs.yaml":
			err = yaml.UnmarshalStrict(file.Data, &logs)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return e, logs
}

// accessible holds that axe finds nothing.
func accessible(t *testing.T, tab *Tab) {
	t.Helper()
	Eval[bool](tab, axe+`; true`)
	for _, found := range Eval[[]finding](tab, `axe.run().then((results) => results.violations.map(({id, help, nodes}) => ({id, help, html: nodes.map((node) => node.html + node.failureSummary)})))`) {
		t.Error(found)
	}
}

// finding is a rule of axe that the page breaks, and where.
type finding struct {
	ID, Help string
	HTML     []string
}

func (f finding) String() string {
	return fmt.Sprintf("%s: %s: %.900q", f.ID, f.Help, f.HTML)
}
