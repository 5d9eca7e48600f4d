package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// TestDownload: what the button gives is the Explanation, as -o json has it.
func TestDownload(t *testing.T) {
	folder := t.TempDir()
	e := example(t, "c-preempted-failed-retried.yaml")
	tab := Start(t).Open(t, htmlOf(t, e, nil), Opening{})
	tab.Ready()
	done := make(chan string, 1)
	if err := chromedp.ListenBrowser(tab.ctx, func(event any) {
		if progress, ok := event.(*browser.EventDownloadProgress); ok && progress.State == browser.DownloadProgressStateCompleted {
			done <- progress.GUID
		}
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.CallBrowser(tab.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder, EventsEnabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	tab.Do(chromedp.Click(chromedp.CSS("#download")))
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("nothing was downloaded")
	}
	data, err := os.ReadFile(filepath.Join(folder, "preempted-failed-retried.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got v1alpha1.Explanation
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e.DeepCopyObject(), got.DeepCopyObject()); diff != "" {
		t.Errorf("the JSON differs (-want +got):\n%s", diff)
	}
	quiet(t, tab)
}
