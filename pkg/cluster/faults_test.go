package cluster

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// TestOnlyReads: our own client refuses to write, before anything is sent.
func TestOnlyReads(t *testing.T) {
	server := clustertest.New(newJob(), newPod("own"))
	c := client(t, server, noon) // which reports what a server was sent
	const job, pod = "/apis/batch/v1/namespaces/default/jobs/nightly", "/api/v1/namespaces/default/pods/own"
	for what, write := range map[string]*rest.Request{
		"create": c.batch.Post().AbsPath(path.Dir(job)).Body(newJob()),
		"update": c.batch.Put().AbsPath(job).Body(newJob()),
		"patch":  c.core.Patch(types.MergePatchType).AbsPath(pod).Body([]byte("{}")),
		"delete": c.core.Delete().AbsPath(pod),
		"evict":  c.core.Post().AbsPath(pod + "/eviction"),
	} {
		if err := write.Do(t.Context()).Error(); err == nil || !strings.Contains(err.Error(), "is refused: this program only reads") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if requests := server.Requests(); len(requests) > 0 {
		t.Errorf("the server was sent %q", requests)
	}
}

// waits are what keeps a client waiting.
var waits = map[string]clustertest.Fault{
	"stalls":     clustertest.Stall,
	"never ends": clustertest.Endless,
	"is busy":    clustertest.BusyFor(4),
}

// TestEveryWaitEndsOnCancel within a second, whatever is being read.
func TestEveryWaitEndsOnCancel(t *testing.T) {
	for name, wait := range waits {
		for _, resource := range []string{"jobs", "pods", "events", "version"} {
			t.Run(resource+" "+name, func(t *testing.T) {
				server := clustertest.New(newJob(), newPod("own"))
				c := client(t, server, noon)
				ctx, cancel := context.WithCancel(t.Context())
				var cancelled time.Time
				server.On(resource, clustertest.Forever, func(w http.ResponseWriter, r *http.Request) bool {
					time.AfterFunc(50*time.Millisecond, func() {
						if ctx.Err() == nil {
							cancelled = time.Now()
						}
						cancel()
					})
					return wait(w, r)
				})
				_, err := c.Observe(ctx, "default", "nightly")
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error %v", err)
				}
				if took := time.Since(cancelled); took > time.Second {
					t.Errorf("it took %s", took)
				}
			})
		}
	}
}

// TestEveryWaitEndsOnTimeout: --request-timeout ends what Ctrl-C does.
func TestEveryWaitEndsOnTimeout(t *testing.T) {
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"))
			t.Cleanup(server.Close)
			server.On("pods", clustertest.Forever, wait)
			begin := time.Now()
			_, err := patientClient(t, server, noon, 200*time.Millisecond).Observe(t.Context(), "default", "nightly")
			wantError(t, err, "listing the pods of job default/nightly")
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// deaf is what stands before the network and listens to no context, as client-go
// does while a credential plugin runs.
type deaf struct{ heard chan struct{} }

func (d deaf) RoundTrip(*http.Request) (*http.Response, error) {
	<-d.heard
	return nil, errors.New("too late")
}

// TestEveryWaitEndsInAPlugin that does not listen.
func TestEveryWaitEndsInAPlugin(t *testing.T) {
	plugin := deaf{make(chan struct{})}
	defer close(plugin.heard)
	config := &rest.Config{Host: "http://127.0.0.1:1", WrapTransport: func(http.RoundTripper) http.RoundTripper { return plugin }}
	c, err := NewClient(config, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Observe(ctx, "default", "nightly"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// TestEndlessAnswers end before they have filled the memory, whatever is read;
// what is read as it comes does not.
func TestEndlessAnswers(t *testing.T) {
	before := maxAnswer
	defer func() { maxAnswer = before }()
	maxAnswer = 64 << 10
	for resource, want := range map[string]string{
		"jobs": "reading job default/nightly: ",
		"pods": "listing the pods of job default/nightly: ",
	} {
		t.Run(resource, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"))
			c := client(t, server, noon)
			server.On(resource, clustertest.Forever, clustertest.Endless)
			_, err := c.Observe(t.Context(), "default", "nightly")
			wantError(t, err, want)
			if !errors.Is(err, errEndless) || !strings.Contains(err.Error(), "--chunk-size") {
				t.Errorf("error %v", err)
			}
		})
	}
	for _, resource := range []string{"events", "version"} {
		t.Run(resource, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"))
			c := client(t, server, noon)
			server.On(resource, clustertest.Forever, clustertest.Endless)
			seen, err := c.Observe(t.Context(), "default", "nightly")
			if err != nil || len(seen.Gaps) != 1 || !strings.Contains(seen.Gaps[0].Error, errEndless.Error()) {
				t.Errorf("error %v, evidence %+v", err, seen)
			}
		})
	}
	t.Run("a log", func(t *testing.T) {
		server := clustertest.New(newJob(), newPod("own", func(p *corev1.Pod) { p.Spec.Containers = []corev1.Container{{Name: "main"}} }))
		server.Write("default/own/main", strings.Repeat("x", 4*int(maxAnswer)))
		stream, err := client(t, server, noon).Log(t.Context(), LogRequest{Namespace: "default", Pod: "own"})
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		if n, err := io.Copy(io.Discard, stream); err != nil || n != 4*maxAnswer {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}

// TestABusyServerIsTold of, and one that wants hours is not waited for.
func TestABusyServerIsTold(t *testing.T) {
	for _, test := range []struct {
		seconds int
		want    string
	}{
		{4, "context canceled"},
		{3600, "listing the pods of job default/nightly: too many requests"},
	} {
		server := clustertest.New(newJob(), newPod("own"))
		t.Cleanup(server.Close)
		server.On("pods", clustertest.Forever, clustertest.BusyFor(test.seconds))
		c := patientClient(t, server, noon, 0)
		ctx, cancel := context.WithCancel(t.Context())
		var told time.Duration
		c.Busy = func(wait time.Duration) {
			if told = wait; wait < maxPatience {
				cancel()
			}
		}
		_, err := c.Observe(ctx, "default", "nightly")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %s", err, test.want)
		}
		if want := time.Duration(test.seconds) * time.Second; told != want {
			t.Errorf("told of %s, want %s", told, want)
		}
		cancel()
	}
}

// TestBusyAgainAndAgain: --request-timeout ends the whole of it, not each try.
func TestBusyAgainAndAgain(t *testing.T) {
	for _, resource := range []string{"jobs", "pods"} {
		server := clustertest.New(newJob(), newPod("own"))
		t.Cleanup(server.Close)
		server.On(resource, clustertest.Forever, clustertest.Busy)
		begin := time.Now()
		_, err := patientClient(t, server, noon, 1100*time.Millisecond).Observe(t.Context(), "default", "nightly")
		if took := time.Since(begin); err == nil || took > 3*time.Second {
			t.Errorf("%s: %v after %s", resource, err, took)
		}
	}
}

// TestBrokenPod: a page that is whole, with a pod that is not, is no evidence,
// whether it is decoded while another is read or is the last.
func TestBrokenPod(t *testing.T) {
	for _, next := range []string{"next", ""} {
		t.Run("before "+next, func(t *testing.T) {
			list := &corev1.PodList{ListMeta: metav1.ListMeta{Continue: next}, Items: []corev1.Pod{*newPod("own")}}
			raw, err := list.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			raw = append(raw, "\x12\x04\x0a\x05ab"...) // an item whose metadata has five bytes, of which two are there
			page, err := (&runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: "PodList"}, Raw: raw}).Marshal()
			if err != nil {
				t.Fatal(err)
			}
			server := clustertest.New(newJob(), newPod("own"))
			server.On("pods", 1, func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
				_, _ = w.Write(append(slices.Clone(protobufMagic), page...))
				return true
			})
			_, err = client(t, server, noon).Observe(t.Context(), "default", "nightly")
			wantError(t, err, "listing the pods of job default/nightly: decoding a pod: ")
		})
	}
}

// TestHalfOfTheEvents is not taken for all of them.
func TestHalfOfTheEvents(t *testing.T) {
	for name, fault := range map[string]func(*clustertest.Server) clustertest.Fault{
		"cut":   func(s *clustertest.Server) clustertest.Fault { return s.Cut },
		"half":  func(s *clustertest.Server) clustertest.Fault { return s.Half },
		"html":  fixed(clustertest.HTML),
		"stale": fixed(clustertest.Expire),
	} {
		t.Run(name, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"), newEvent("a", aboutJob), newEvent("b", aboutJob), newEvent("c", aboutJob))
			c := client(t, server, noon)
			c.ChunkSize = 1
			server.On("events", 1, clustertest.Pass)
			server.On("events", clustertest.Forever, fault(server))
			seen, err := c.Observe(t.Context(), "default", "nightly")
			if err != nil {
				t.Fatal(err)
			}
			if seen.Coverage.Events != evidence.None || gapKinds(seen) != evidence.GapEvents {
				t.Errorf("coverage %s with %d events, gaps %v", seen.Coverage.Events, len(seen.Events), seen.Gaps)
			}
		})
	}
}
