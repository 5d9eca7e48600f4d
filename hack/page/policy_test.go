package page

import (
	"strings"
	"testing"
)

// TestWithoutScriptsAndStyles: what a Jenkins serves under its default policy, which
// forbids both, and what a browser shows whose scripts are off, tells all the same.
func TestWithoutScriptsAndStyles(t *testing.T) {
	browser := Start(t)
	html := htmlOf(t, example(t, "c-preempted-failed-retried.yaml"), nil)
	for name, how := range map[string]Opening{"Jenkins": {Headers: jenkins}, "no scripts": {WithoutScripts: true}} {
		tab := browser.Open(t, html, how)
		text := tab.Text("body")
		for _, want := range []string{
			"FAILED", "default/preempted-failed-retried", "Every index is done, 2 failed.", "1,2", // the verdict and the failed indexes
			"main exited 1", "3 attempts of 2 indexes on 2 nodes", "main exited 42", // the causes
			"6 first try", "1 FailIndex", // the legend of the grid
			"first failure", "decided", "22:43:56", // the timeline
			"FailIndex on exit code in 42", "decided 1 attempt", "Matches the controller.", "kubectl indexjob logs",
		} {
			if !strings.Contains(letters(text), letters(want)) {
				t.Errorf("%s: the page does not tell %q", name, want)
			}
		}
		// A picture without styles has its size and its colours all the same.
		for _, want := range []string{`svg[aria-label^="The fates"] path[fill="#c62f3d"]`, `svg[aria-label^="Pods over time"] path[fill]`, `svg[aria-label="Attempts over time"] path[fill]`} {
			if !isSeen(tab, want) {
				t.Errorf("%s: there is no %s to be seen", name, want)
			}
		}
		for _, hidden := range []string{"#filter", "#detail", "#download"} {
			if isSeen(tab, hidden) {
				t.Errorf("%s: %s is seen, and does nothing", name, hidden)
			}
		}
		for _, said := range tab.Said() {
			if name == "no scripts" || !strings.Contains(said, "Content Security Policy") && !strings.Contains(said, "sandboxed") {
				t.Errorf("%s: %s", name, said)
			}
		}
	}
}

// letters are what is left of a text whose letters a picture may part.
func letters(text string) string { return strings.Join(strings.Fields(text), "") }

// isSeen reports whether an element is there and takes up room.
func isSeen(tab *Tab, selector string) bool {
	tab.t.Helper()
	return strings.TrimSpace(Eval[string](tab, `(() => {
		const box = document.querySelector(`+quoted(tab.t, selector)+`)?.getBoundingClientRect();
		return box && box.width > 0 && box.height > 0 ? "seen" : "";
	})()`)) == "seen"
}

// TestForeignPolicies: a server may forbid more, as GitHub and GitLab do, and the page
// works as far as it is let.
func TestForeignPolicies(t *testing.T) {
	browser := Start(t)
	html := htmlOf(t, example(t, "embed.json.gz"), nil)
	tab := browser.Open(t, html, Opening{Fragment: "index=707", Headers: map[string]string{"Content-Security-Policy": "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"}})
	tab.Ready()
	if got := tab.Text("#detail h3"); got != "Index 707" {
		t.Errorf("in a sandbox #index=707 shows %q", got)
	}
	quiet(t, tab)
}

// TestPrint: on paper nothing is cut off, nothing is dark, and nothing is a button.
func TestPrint(t *testing.T) {
	tab := Start(t).Open(t, htmlOf(t, example(t, "embed.json.gz"), nil), Opening{Width: 720, Media: "print", Dark: true})
	tab.Ready()
	if ground := Eval[string](tab, `getComputedStyle(document.documentElement).backgroundColor`); ground != "rgb(255, 255, 255)" {
		t.Errorf("the paper is %s", ground)
	}
	if wide := Eval[int](tab, `document.documentElement.scrollWidth`); wide > 720 {
		t.Errorf("it is %d pixels wide", wide)
	}
	if isSeen(tab, "button") || isSeen(tab, "#filter") {
		t.Error("there are buttons on paper")
	}
}
