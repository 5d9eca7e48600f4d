package page

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	update = flag.Bool("update", false, "write the pictures of the page into docs/pictures")
	keep   = flag.String("keep", "", "write every page as a picture, from top to bottom, into this `folder`, to be looked at")
)

// whole is every look of the page that somebody has to have looked at.
func TestLooks(t *testing.T) {
	browser := Start(t)
	for _, of := range []struct{ name, example, fragment string }{
		{"small", "c-preempted-failed-retried.yaml", "index=1"},
		{"failjob", "d-fail-job-rule.yaml", ""},
		{"large", "embed.json.gz", "index=700"},
	} {
		html := htmlOf(t, example(t, of.example), nil)
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
			}
			picture := run(tab, chromedp.FullScreenshot(100))
			if *keep == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(*keep, of.name+"-"+look.name+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// jenkins is what a Jenkins serves archived files with, unless it is told not to.
var jenkins = map[string]string{"Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; style-src 'self';"}
