package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// TestListsWithoutEnd are an error, whatever is listed and whoever lists it.
func TestListsWithoutEnd(t *testing.T) {
	const most = 1100
	for kind, test := range map[string]struct {
		token func(page int) string
		empty bool
		want  string
	}{
		"the same page":   {func(int) string { return "again" }, false, "the server gave the same page twice"},
		"a circle of 7":   {func(page int) string { return fmt.Sprint(page % 7) }, false, "the server gave the same page twice"},
		"a way to it":     {func(page int) string { return fmt.Sprint(min(page, 300+page%40)) }, false, "the server gave the same page twice"},
		"nothing, always": {func(page int) string { return fmt.Sprint(page) }, true, "101 pages brought 0 objects"},
	} {
		for resource, list := range map[string]struct {
			of   func(metav1.ListMeta, bool) runtime.Object
			read func(context.Context, *Client) error
		}{
			"pods": {podList, func(ctx context.Context, c *Client) error { _, err := c.Observe(ctx, "default", "nightly"); return err }},
			"jobs": {jobList, func(ctx context.Context, c *Client) error { _, err := c.List(ctx, "default", ""); return err }},
			"events": {eventList, func(ctx context.Context, c *Client) error {
				seen, err := c.Observe(ctx, "default", "nightly")
				return errors.Join(err, gapError(seen))
			}},
		} {
			t.Run(resource+" "+kind, func(t *testing.T) {
				server := clustertest.New(newJob(), newPod("own"))
				pages := 0
				server.On(resource, clustertest.Forever, func(w http.ResponseWriter, r *http.Request) bool {
					if !strings.HasSuffix(r.URL.Path, "/"+resource) {
						return false // the Job by its name
					}
					if pages++; pages > most {
						return clustertest.Break(w, r)
					}
					w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
					_, _ = w.Write(clustertest.Encode(list.of(metav1.ListMeta{Continue: test.token(pages)}, test.empty), runtime.ContentTypeProtobuf))
					return true
				})
				err := list.read(t.Context(), client(t, server, noon))
				if err == nil || !strings.Contains(err.Error(), errNoEnd.Error()+": "+test.want) {
					t.Errorf("after %d pages: %v", pages, err)
				}
			})
		}
	}
}

func podList(m metav1.ListMeta, empty bool) runtime.Object {
	list := &corev1.PodList{ListMeta: m}
	if !empty {
		list.Items = []corev1.Pod{*newPod("own")}
	}
	return list
}

func jobList(m metav1.ListMeta, empty bool) runtime.Object {
	list := &batchv1.JobList{ListMeta: m}
	if !empty {
		list.Items = []batchv1.Job{*newJob()}
	}
	return list
}

func eventList(m metav1.ListMeta, empty bool) runtime.Object {
	list := &corev1.EventList{ListMeta: m}
	if !empty {
		list.Items = []corev1.Event{*newEvent("a", aboutJob)}
	}
	return list
}

// gapError is what the gaps of evidence say.
func gapError(seen *evidence.Job) error {
	var all []error
	for i := range seen.Gaps {
		all = append(all, errors.New(seen.Gaps[i].Error))
	}
	return errors.Join(all...)
}

// TestListsWithAnEnd: what a list may have of idle pages grows with what came.
func TestListsWithAnEnd(t *testing.T) {
	var pages pageCount
	for n := range 10_000 {
		if err := pages.add(pageRead{next: fmt.Sprint(n), objects: n % 2 * 2}); err != nil {
			t.Fatalf("page %d: %v", n, err)
		}
	}
}

// TestTheFollowerPages: the Job, its pods and its events.
func TestTheFollowerPages(t *testing.T) {
	server := clustertest.New(newJob(), newPod("a"), newPod("b"), newPod("c"), newEvent("a", aboutJob), newEvent("b", aboutJob), newEvent("c", aboutJob))
	client(t, server, noon) // which closes the server at the end
	c := patientClient(t, server, noon, 0)
	c.ChunkSize = 2
	f, err := c.Follow(t.Context(), "default", "nightly")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	if seen := until(t, f, isRead).Seen; len(seen.Attempts) != 3 || len(seen.Events) != 3 {
		t.Errorf("%d pods, %d events", len(seen.Attempts), len(seen.Events))
	}
	for _, request := range server.Requests() {
		if strings.Contains(request, "Selector=") && !strings.Contains(request, "watch=true") && !strings.Contains(request, "limit=2") {
			t.Errorf("not by pages: %s", request)
		}
	}
}
