package page

import "testing"

// TestNothingIsWiderThanTheScreen: pictures and tables scroll by themselves, the page
// never does so sideways.
func TestNothingIsWiderThanTheScreen(t *testing.T) {
	browser := Start(t)
	for _, name := range []string{"c-preempted-failed-retried.yaml", "embed.json.gz"} {
		html := htmlOf(t, example(t, name), nil)
		for _, width := range []int64{320, 400, 800, 1280} {
			tab := browser.Open(t, html, Opening{Width: width, Height: 800, Fragment: "index=1"})
			tab.Ready()
			if wide := Eval[int64](tab, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("%s is %d pixels wide on a screen of %d", name, wide, width)
			}
		}
	}
}
