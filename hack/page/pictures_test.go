package page

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

var (
	update = flag.Bool("update", false, "write the pictures of the page into docs/pictures")
	keep   = flag.String("keep", "", "write every look of the page, from top to bottom, into this `folder`")
)

// mostOfPicture is how large a picture may be that the repository keeps, in bytes.
const mostOfPicture = 300 << 10

// TestPictures draws the pictures of the documents. Fonts differ from machine to
// machine: what is held is that each is there, and small.
func TestPictures(t *testing.T) {
	browser := Start(t)
	e := example(t, "embed.json.gz")
	html := htmlOf(t, e, tails(e))
	for name, how := range map[string]Opening{
		"page-1280":      {Width: 1280, Height: 1240},
		"page-1280-dark": {Width: 1280, Height: 1240, Dark: true},
		"page-index":     {Width: 1280, Height: 1100, Fragment: "index=707"},
		"page-800-time":  {Width: 800, Height: 1000, Fragment: "time"},
		"page-400-dark":  {Width: 400, Height: 900, Dark: true, Fragment: "cause=j797"},
	} {
		tab := browser.Open(t, html, how)
		tab.Ready()
		picture := run(tab, chromedp.CaptureScreenshot())
		path := filepath.Join("..", "..", "docs", "pictures", name+".png")
		if *update {
			if err := os.WriteFile(path, picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if kept, err := os.Stat(path); err != nil || kept.Size() > mostOfPicture {
			t.Errorf("%s is not there, or too large: %v, %v", path, kept, err)
		}
	}
}

// TestLooks opens every look of the page that a person has to have seen: with -keep
// FOLDER they are there to be looked at.
func TestLooks(t *testing.T) {
	browser := Start(t)
	for _, of := range []struct{ name, example, fragment string }{
		{"small", "c-preempted-failed-retried.yaml", "index=1"},
		{"failjob", "d-fail-job-rule.yaml", ""},
		{"large", "embed.json.gz", "index=700"},
	} {
		e := example(t, of.example)
		html := htmlOf(t, e, tails(e))
		for _, look := range []struct {
			name string
			how  Opening
		}{
			{"1280-light", Opening{Width: 1280, Height: 900, Fragment: of.fragment}},
			{"1280-dark", Opening{Width: 1280, Height: 900, Dark: true}},
			{"800-light", Opening{Width: 800, Height: 900, Fragment: of.fragment}},
			{"400-dark", Opening{Width: 400, Height: 800, Dark: true, Fragment: of.fragment}},
			{"400-light", Opening{Width: 400, Height: 800}},
			{"print", Opening{Width: 800, Height: 900, Media: "print"}},
			{"plain", Opening{Width: 1000, Height: 900, WithoutScripts: true, Headers: jenkins}},
		} {
			tab := browser.Open(t, html, look.how)
			if look.name != "plain" {
				tab.Ready()
				quiet(t, tab)
			}
			tab.keep(of.name + "-" + look.name)
		}
	}
}

// keep keeps the whole page as a picture, if that was asked for.
func (tab *Tab) keep(name string) {
	tab.t.Helper()
	if *keep == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*keep, name+".png"), run(tab, chromedp.FullScreenshot(100)), 0o644); err != nil {
		tab.t.Fatal(err)
	}
}

// tails are last lines such as the programs of the examples might write: a file holds
// no logs.
func tails(e *v1alpha1.Explanation) []view.Log {
	var logs []view.Log
	for n := range e.Signatures {
		if cause := &e.Signatures[n]; e.IsFatal(cause) && cause.Example != nil {
			logs = append(logs, view.Log{
				Cause: n + 1, Index: cause.Example.Index, Attempt: cause.Example.Attempt, Pod: cause.Example.Pod, Container: cause.Container,
				Lines: []string{"loading shard " + strconv.Itoa(int(cause.Example.Index)), "step 118  loss 2.317", "step 119  loss 2.309", "error: " + cause.Text},
			})
		}
	}
	return logs
}

// jenkins is what a Jenkins serves archived files with, unless it is told not to.
var jenkins = map[string]string{"Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; style-src 'self';"}
