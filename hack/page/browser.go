package page

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Browser is a Chromium that tells everything it does beyond showing a page.
type Browser struct{ ctx context.Context }

// Start starts a Chromium, which ends with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	profile, err := os.MkdirTemp("", "indexjob-page-")
	if err != nil {
		t.Fatal(err)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.UserDataDir(profile),
		chromedp.NoSandbox, // tests may run as root
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(time.Minute),
	)...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closeBrowser()
		stop()
		_ = os.RemoveAll(profile) // of a browser that has ended
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	return &Browser{ctx}
}

// How a page is opened.
type Opening struct {
	Width, Height int64
	// Dark asks for the dark colours.
	Dark bool
	// Headers are those of the server; a Content-Security-Policy among them rules
	// beside that of the page.
	Headers map[string]string
	// WithoutScripts switches scripts off in the browser.
	WithoutScripts bool
	// Fragment is what stands behind the # of the address.
	Fragment string
	// Media is what the page is shown on, screen or print.
	Media string
}

// Tab is an open page.
type Tab struct {
	t      testing.TB
	ctx    context.Context
	server *httptest.Server
	mu     sync.Mutex
	said   []string
}

// Open serves a page over loopback and opens it in a tab of its own.
func (b *Browser) Open(t testing.TB, html []byte, how Opening) *Tab {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/page.html" {
			http.NotFound(w, r)
			return
		}
		for name, value := range how.Headers {
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(html)
	}))
	ctx, closeTab := chromedp.NewContext(b.ctx)
	t.Cleanup(func() {
		closeTab()
		server.Close()
	})
	tab := &Tab{t: t, ctx: ctx, server: server}
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	if how.Width == 0 {
		how.Width, how.Height = 1280, 900
	}
	scheme := "light"
	if how.Dark {
		scheme = "dark"
	}
	address := server.URL + "/page.html"
	if how.Fragment != "" {
		address += "#" + how.Fragment
	}
	call(tab, log.Enable, cdp.Empty{})
	call(tab, network.Enable, network.EnableParams{})
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: how.Media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: how.WithoutScripts})
	tab.Do(chromedp.EmulateViewport(how.Width, how.Height), chromedp.Navigate(address))
	return tab
}

// listen keeps what a page must never do: ask for anything but itself, open a
// dialog, write to the console, break its own policy.
func (tab *Tab) listen(event any) {
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(event.Request.URL, tab.server.URL+"/page.html") {
			tab.hear("request", event.Request.URL)
		}
	case *page.EventJavascriptDialogOpening:
		tab.hear("dialog", event.Message)
		go func() {
			_, _ = chromedp.Call(tab.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	case *runtime.EventConsoleAPICalled:
		for _, argument := range event.Args {
			tab.hear("console", string(argument.Value))
		}
	case *runtime.EventExceptionThrown:
		tab.hear("exception", event.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		tab.hear("log", event.Entry.Text)
	}
}

func (tab *Tab) hear(what, words string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.said = append(tab.said, what+": "+words)
}

// Said is everything that was heard.
func (tab *Tab) Said() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.said)
}

// patience is how long anything may take in a page.
const patience = time.Minute

// Do does things to the page.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		tab.t.Fatal(err)
	}
}

// call sends a command to the tab.
func call[P, R any](tab *Tab, command cdp.Command[P, R], of P) R {
	tab.t.Helper()
	result, err := chromedp.Call(tab.ctx, command, of)
	if err != nil {
		tab.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// run is what an action gives back.
func run[T any](tab *Tab, action chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		tab.t.Fatal(err)
	}
	return result
}

// Text is the text of the first element of a selector.
func (tab *Tab) Text(selector chromedp.CSS) string {
	tab.t.Helper()
	return run(tab, chromedp.TextContent(selector))
}

// Until waits until an expression is true in the page.
func (tab *Tab) Until(expression string) {
	tab.t.Helper()
	run(tab, chromedp.Poll[bool](expression))
}

// Eval is the value of an expression in the page.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	return run(tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Ready waits until the script of the page has done all that it does by itself.
func (tab *Tab) Ready() {
	tab.t.Helper()
	tab.Do(chromedp.WaitReady(chromedp.CSS("html[data-ready]")))
}
