package page

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestByKeyboard goes from the top of the page to every index and back, by keys alone.
func TestByKeyboard(t *testing.T) {
	tab := Start(t).Open(t, htmlOf(t, example(t, "c-preempted-failed-retried.yaml"), nil), Opening{})
	tab.Ready()
	for tabs := 0; Eval[string](tab, `document.activeElement.id`) != "grid"; tabs++ {
		if tabs > 60 {
			t.Fatal("no number of tabs leads to the grid")
		}
		tab.Do(chromedp.KeyEvent(kb.Tab))
	}
	for _, step := range []struct{ key, index, says string }{
		{kb.ArrowRight, "Index 0", "index 0, succeeded at once"},
		{kb.ArrowRight, "Index 1", "index 1, limit exceeded"},
		{kb.End, "Index 9", "index 9, succeeded at once"},
		{kb.ArrowRight, "Index 9", "index 9, succeeded at once"},
		{kb.ArrowLeft, "Index 8", "index 8, succeeded at once"},
		{"N", "Index 2", "index 2, FailIndex, no retry"},
		{"N", "Index 1", "index 1, limit exceeded"},
		{"n", "Index 2", "index 2, FailIndex, no retry"},
		{"n", "Index 1", "index 1, limit exceeded"},
		{kb.Home, "Index 0", "index 0, succeeded at once"},
		{kb.ArrowDown, "Index 9", "index 9, succeeded at once"},
		{kb.PageUp, "Index 0", "index 0, succeeded at once"},
	} {
		tab.Do(chromedp.KeyEvent(step.key))
		if got := tab.Text("#detail h3"); got != step.index {
			t.Errorf("%q shows %s, want %s", step.key, got, step.index)
		}
		if got := Eval[string](tab, `document.querySelector("#grid").getAttribute("aria-valuetext")`); got != step.says {
			t.Errorf("%q says %q, want %q", step.key, got, step.says)
		}
	}
	tab.Do(chromedp.KeyEvent(kb.Enter))
	if id := Eval[string](tab, `document.activeElement.id`); id != "detail" {
		t.Errorf("Enter leads to %q", id)
	}
	tab.Do(chromedp.KeyEvent(kb.Escape))
	if id := Eval[string](tab, `document.activeElement.id`); id != "grid" || !Eval[bool](tab, `document.querySelector("#detail").hidden`) {
		t.Errorf("Escape leads to %q", id)
	}
	quiet(t, tab)
}

// TestDetails: what is told of an index is what explain --index tells.
func TestDetails(t *testing.T) {
	tab := Start(t).Open(t, htmlOf(t, example(t, "c-preempted-failed-retried.yaml"), nil), Opening{Fragment: "index=1"})
	tab.Ready()
	for _, want := range []string{
		"main exited 1; 2 counted failures, 1 allowed", "pod preempted-failed-retried-1-fmw7z on node b1, failed", "then waited 10s",
		"rules[1] FailIndex no   container \"main\" exited 1, wants 42", "=> counted, since no rule matched: 1 -> 2; the limit is 1 retry",
		"none, the index is in failedIndexes", "kubectl indexjob explain preempted-failed-retried --index 1",
	} {
		if got := tab.Text("#detail"); !strings.Contains(got, want) {
			t.Errorf("it does not tell %q:\n%s", want, got)
		}
	}
	quiet(t, tab)
}

func TestFilter(t *testing.T) {
	tab := Start(t).Open(t, htmlOf(t, example(t, "embed.json.gz"), nil), Opening{})
	tab.Ready()
	for _, step := range []struct{ control, value, found string }{
		{"select", "X limit exceeded", "4 of 2,000 indexes: 323,383,707,880Copy"},
		{"label:nth-of-type(2) select", "main exited 42", "0 of 2,000 indexes"},
		{"select", "any", "3 of 2,000 indexes: 31,610,1034Copy"},
		{"label:nth-of-type(3) select", "gpu-17", "1 of 2,000 indexes: 31Copy"},
		{"label:nth-of-type(2) select", "any", "39 of 2,000 indexes: 31,109,"},
		{"input", "exited 42", "1 of 2,000 indexes: 31Copy"},
	} {
		Eval[bool](tab, `(() => {
			const control = document.querySelector(`+quoted(t, "#filter "+step.control)+`);
			const option = [...(control.options ?? [])].find((option) => option.textContent.includes(`+quoted(t, step.value)+`));
			control.value = option ? option.value : `+quoted(t, step.value)+`;
			control.dispatchEvent(new Event(control.options ? "change" : "input"));
			return true;
		})()`)
		if got := tab.Text("#found"); !strings.HasPrefix(got, step.found) {
			t.Errorf("%s is found after %q, want %s", got, step.value, step.found)
		}
	}
	if mask := Eval[string](tab, `document.querySelector("#grid .mask").getAttribute("d")`); strings.Count(mask, "M") != 1999 {
		t.Errorf("%d cells are dimmed, want all but one", strings.Count(mask, "M"))
	}
	tab.Do(chromedp.Focus(chromedp.CSS("#filter input")), chromedp.KeyEvent(kb.Escape))
	if got := tab.Text("#found"); got != "" {
		t.Errorf("after Escape %q is found", got)
	}
	quiet(t, tab)
}

func TestAddresses(t *testing.T) {
	browser := Start(t)
	html := htmlOf(t, example(t, "embed.json.gz"), nil)
	tab := browser.Open(t, html, Opening{Fragment: "index=707"})
	tab.Ready()
	if got := tab.Text("#detail h3"); got != "Index 707" {
		t.Errorf("#index=707 shows %q", got)
	}
	tab.Do(chromedp.Click(chromedp.CSS("#detail .id")))
	tab.Until(`document.querySelector("#found").textContent !== ""`)
	if got := tab.Text("#found"); !strings.HasPrefix(got, "15 of 2,000 indexes") {
		t.Errorf("the link to a cause finds %q", got)
	}
	tab = browser.Open(t, html, Opening{Fragment: "cause=djzk"})
	tab.Ready()
	if got := tab.Text("#found"); !strings.HasPrefix(got, "3 of 2,000 indexes: 31,610,1034") {
		t.Errorf("#cause=djzk finds %q", got)
	}
	if top := Eval[float64](tab, `document.getElementById("cause=djzk").getBoundingClientRect().top`); top < -1 || top > 900 {
		t.Errorf("#cause=djzk stands at %.0f", top)
	}
	quiet(t, tab)
}

// TestCopy copies where the clipboard is allowed, and else selects.
func TestCopy(t *testing.T) {
	b := Start(t)
	html := htmlOf(t, example(t, "c-preempted-failed-retried.yaml"), nil)
	tab := b.Open(t, html, Opening{})
	tab.Ready()
	call(tab, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: "clipboard-write"}, Setting: browser.PermissionSettingGranted})
	tab.Do(chromedp.Click(chromedp.CSS("header .copy")))
	tab.Until(`document.querySelector("header .copy").textContent === "Copied"`)
	sandboxed := b.Open(t, html, Opening{Headers: map[string]string{"Content-Security-Policy": "sandbox allow-scripts", "Permissions-Policy": "clipboard-write=()"}})
	sandboxed.Ready()
	sandboxed.Do(chromedp.Click(chromedp.CSS("header .copy")))
	sandboxed.Until(`document.querySelector("header .copy").textContent !== "Copy"`)
	if got := Eval[string](sandboxed, `getSelection().toString()`); got != "1,2" {
		t.Errorf("%q is selected", got)
	}
	quiet(t, tab)
}

// TestByMouse clicks into the middle of cells, where the picture is shrunk, too.
func TestByMouse(t *testing.T) {
	b := Start(t)
	html := htmlOf(t, example(t, "embed.json.gz"), nil)
	for _, width := range []int64{1280, 800} {
		tab := b.Open(t, html, Opening{Width: width, Height: 1000, Fragment: "index=0"})
		tab.Ready()
		at := Eval[[]float64](tab, `(() => {
			const { left, top, width } = document.querySelector("#grid svg").getBoundingClientRect();
			const scale = width / document.querySelector("#grid svg").viewBox.baseVal.width;
			const text = [...document.querySelectorAll("#grid .l-given")][0];
			return [left + text.x.baseVal[0].value * scale, top + (text.y.baseVal[0].value - 4) * scale];
		})()`)
		tab.Do(chromedp.MouseClickXY(at[0], at[1]))
		if got := tab.Text("#detail h3"); got != "Index 31" {
			t.Errorf("at %d pixels a click on the first F shows %q", width, got)
		}
		quiet(t, tab)
	}
}
