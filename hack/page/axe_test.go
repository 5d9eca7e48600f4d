package page

import (
	_ "embed"
	"fmt"
	"testing"
)

// axe is axe-core 4.14.1 as npm has it, under the MPL-2.0 beside it.
//
//go:embed testdata/axe-core/axe.min.js
var axe string

// TestAccessible asks axe-core, on every kind of page, in light and in dark, with an
// index chosen and a filter at work.
func TestAccessible(t *testing.T) {
	browser := Start(t)
	for _, name := range []string{"c-preempted-failed-retried.yaml", "d-fail-job-rule.yaml", "embed.json.gz"} {
		html := htmlOf(t, example(t, name), nil)
		for _, how := range []Opening{{}, {Dark: true, Fragment: "index=2"}, {Width: 400, Height: 800, Fragment: "index=1"}} {
			tab := browser.Open(t, html, how)
			tab.Ready()
			Eval[bool](tab, `(() => { const text = document.querySelector("#filter input"); text.value = "main"; text.dispatchEvent(new Event("input")); return true; })()`)
			Eval[bool](tab, axe+`; true`)
			for _, found := range Eval[[]finding](tab, `axe.run().then((results) => results.violations.map(({id, help, nodes}) => ({id, help, html: nodes.map((node) => node.html + node.failureSummary)})))`) {
				t.Errorf("%s at %d: %s", name, how.Width, found)
			}
		}
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
