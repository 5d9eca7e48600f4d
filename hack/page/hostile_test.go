package page

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
	"github.com/indexjob/kubectl-indexjob/pkg/view/viewtest"
)

// shown is how a page shows text from a cluster.
func shown(text string) string {
	return terminal.SanitizeLine(strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(text))
}

// TestAttacks puts every attack into every string of an Explanation and of its logs,
// and opens the page: the text is there as text, and nothing else happened.
func TestAttacks(t *testing.T) {
	browser := Start(t)
	for _, attack := range viewtest.Attacks {
		e := viewtest.Explanation(attack)
		logs := []view.Log{{Cause: 1, Pod: attack, Container: attack, Lines: []string{attack, "\t" + attack}}, {Cause: 1, Pod: attack, Gone: attack}}
		tab := browser.Open(t, htmlOf(t, e, logs), Opening{Fragment: "index=0"})
		tab.Ready()
		want := shown(attack)
		for _, of := range []string{
			`[...document.querySelectorAll("#indexes ~ .scroll td:last-child")]`,
			`[document.querySelector("#detail > p")]`,
		} {
			for _, text := range Eval[[]string](tab, of+`.map((element) => element.textContent)`) {
				if text != want {
					t.Errorf("%s of %.40q is\n%q, want\n%q", of, attack, text, want)
				}
			}
		}
		for selector, is := range map[string]string{".cause h3": want, ".log summary": "Log of index 0", "#log-1": "no log: " + want, "#detail": want, "#filter": ""} {
			if text := Eval[string](tab, `document.querySelector(`+quoted(t, selector)+`).textContent`); !strings.Contains(text, is) {
				t.Errorf("%s of %.40q is %q", selector, attack, text)
			}
		}
		if text, want := Eval[string](tab, `document.querySelector("#log-0").textContent`), terminal.SanitizeLog(attack); !strings.HasPrefix(text, strings.TrimRight(want, " \t")) {
			t.Errorf("the log of %.40q is %q", attack, text)
		}
		nothingButOurs(t, tab)
		keepsRaw(t, tab, e)
		quiet(t, tab)
	}
}

// nothingButOurs holds that no text became an element or an attribute.
func nothingButOurs(t *testing.T, tab *Tab) {
	t.Helper()
	names := Eval[[]string](tab, `[...new Set([...document.querySelectorAll("*")].map((element) => element.localName))].sort()`)
	for _, name := range names {
		if !slices.Contains(strings.Fields(ourElements), name) {
			t.Errorf("the page has an element %s", name)
		}
	}
	for _, address := range Eval[[]string](tab, `[...document.querySelectorAll("[href], [src], [action], [srcset]")].map((element) => element.getAttribute("href") ?? "?")`) {
		if !strings.HasPrefix(address, "#") {
			t.Errorf("the page has a link to %q", address)
		}
	}
	for _, name := range Eval[[]string](tab, `[...document.querySelectorAll("*")].flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith("on") || name === "style")`) {
		t.Errorf("the page has an attribute %s", name)
	}
	if n := Eval[int](tab, `document.querySelectorAll("script").length`); n != 3 {
		t.Errorf("the page has %d scripts", n)
	}
}

const ourElements = `a article b blockquote body br button code dd details div dl dt h1 h2 h3 head header html
	input label li main meta nav option p path pre rect script section select span style summary svg table tbody td text th thead title tr ul wbr`

// keepsRaw holds that the JSON is the Explanation, byte for byte.
func keepsRaw(t *testing.T, tab *Tab, e *v1alpha1.Explanation) {
	t.Helper()
	want, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if got := Eval[string](tab, `unpack("document")`); got != string(want) {
		t.Errorf("the JSON is\n%.300q, want\n%.300q", got, want)
	}
}

func quoted(t testing.TB, text string) string {
	t.Helper()
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestHostileFragments: what stands behind the # is the reader's, and may be anything.
func TestHostileFragments(t *testing.T) {
	browser := Start(t)
	html := htmlOf(t, example(t, "c-preempted-failed-retried.yaml"), nil)
	for _, fragment := range []string{"index=-1", "index=99999999999999999999", "index=1e3", "index=", "cause=__proto__", "cause=%3Cimg%20src=x%20onerror=alert(1)%3E", "%", "cause=%E0%A4%A", "index=1=2", "detail"} {
		tab := browser.Open(t, html, Opening{Fragment: fragment})
		tab.Ready()
		quiet(t, tab)
	}
}
