package cluster

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// answerWith gives the same answer to whatever is asked.
func answerWith(object runtime.Object) clustertest.Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		_, _ = w.Write(clustertest.Encode(object, runtime.ContentTypeProtobuf))
		return true
	}
}

// TestAnswersToAnotherQuestion: of another name, namespace or UID.
func TestAnswersToAnotherQuestion(t *testing.T) {
	otherNamespace := func(j *batchv1.Job) { j.Namespace = "other" }
	otherPod := newPod("own", func(p *corev1.Pod) { p.Namespace = "other" })
	for _, test := range []struct {
		name, resource string
		answer         runtime.Object
		want           string
	}{
		{"a Job of another name", "jobs", newJob(func(j *batchv1.Job) { j.Name = "other" }), `reading job default/nightly: the server answers with what was not asked for: metadata.name is "other", not "nightly"`},
		{"a Job of another namespace", "jobs", newJob(otherNamespace), `reading job default/nightly: the server answers with what was not asked for: "nightly" is of namespace "other"`},
		{"nothing", "jobs", &batchv1.Job{}, `reading job default/nightly: the server answers with what was not asked for: "" is of namespace ""`},
		{"pods of another namespace", "pods", &corev1.PodList{Items: []corev1.Pod{*otherPod}}, `listing the pods of job default/nightly: the server answers with what was not asked for: "own" is of namespace "other"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"))
			server.On(test.resource, clustertest.Forever, answerWith(test.answer))
			_, err := client(t, server, noon).Observe(t.Context(), "default", "nightly")
			wantError(t, err, test.want)
		})
	}
	t.Run("Jobs of another namespace", func(t *testing.T) {
		server := clustertest.New(newJob())
		server.On("jobs", clustertest.Forever, answerWith(&batchv1.JobList{Items: []batchv1.Job{*newJob(otherNamespace)}}))
		_, err := client(t, server, noon).List(t.Context(), "default", "")
		wantError(t, err, "listing the Jobs of namespace default: the server answers with what was not asked for")
	})
	for name, change := range map[string]func(*corev1.Event){
		"events of another Job":       func(e *corev1.Event) { e.InvolvedObject.UID = "other" },
		"events of another namespace": func(e *corev1.Event) { e.Namespace = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			server := clustertest.New(newJob(), newPod("own"))
			server.On("events", clustertest.Forever, answerWith(&corev1.EventList{Items: []corev1.Event{*newEvent("a", aboutJob, change)}}))
			seen, err := client(t, server, noon).Observe(t.Context(), "default", "nightly")
			if err != nil || len(seen.Events) > 0 || !strings.Contains(gapError(seen).Error(), errOtherAnswer.Error()) {
				t.Errorf("error %v, evidence %+v", err, seen)
			}
		})
	}
	t.Run("a Job that is followed", func(t *testing.T) {
		server := clustertest.New(newJob())
		f := followed(t, server)
		until(t, f, isAfterPods)
		asked := make(chan struct{}, 10)
		server.On("jobs", clustertest.Forever, func(w http.ResponseWriter, r *http.Request) bool {
			asked <- struct{}{}
			return answerWith(newJob(func(j *batchv1.Job) { j.Name, j.UID = "other", "other" }))(w, r)
		})
		server.Put(newPod("a")) // so that the Job is read once more
		for range 2 {           // the first answer was refused once a second is asked for
			select {
			case <-asked:
			case <-time.After(10 * time.Second):
				t.Fatal("the Job is not read once more")
			}
		}
		if f.lastSighting().Gone {
			t.Error("another Job is taken for its end")
		}
	})
}

// TestRedirects are followed to the same server alone: whoever is at the other
// end of another gets no token, and is told of no impersonation.
func TestRedirects(t *testing.T) {
	elsewhere := func(t *testing.T, start func(http.Handler) *httptest.Server) *httptest.Server {
		other := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			t.Errorf("the other server was sent %s with %v", r.URL, r.Header)
		}))
		t.Cleanup(other.Close)
		return other
	}
	for name, test := range map[string]struct {
		from, to func(http.Handler) *httptest.Server
	}{
		"another port":  {httptest.NewServer, httptest.NewServer},
		"https to http": {httptest.NewTLSServer, httptest.NewServer},
	} {
		t.Run(name, func(t *testing.T) {
			other := elsewhere(t, test.to)
			server := test.from(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
			}))
			t.Cleanup(server.Close)
			c, err := NewClient(&rest.Config{
				Host: server.URL, BearerToken: "secret", Impersonate: rest.ImpersonationConfig{UserName: "boss"},
				TLSClientConfig: rest.TLSClientConfig{CAData: []byte(authority(server))},
			}, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.core.Client.CloseIdleConnections)
			_, err = c.Observe(t.Context(), "default", "nightly")
			wantError(t, err, "the server redirects to another, "+other.URL)
		})
	}
	t.Run("the same server", func(t *testing.T) {
		server := clustertest.New(newJob(), newPod("own"))
		server.On("pods", 1, func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return true
		})
		if _, err := client(t, server, noon).Observe(t.Context(), "default", "nightly"); err != nil {
			t.Error(err)
		}
	})
	t.Run("a circle", func(t *testing.T) {
		server := clustertest.New(newJob())
		server.On("jobs", clustertest.Forever, func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return true
		})
		_, err := client(t, server, noon).Observe(t.Context(), "default", "nightly")
		wantError(t, err, "the server redirects more than 10 times")
	})
}

// authority is what a server's certificate is trusted by, nothing where it has
// none.
func authority(server *httptest.Server) string {
	if server.Certificate() == nil {
		return ""
	}
	return "-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString(server.Certificate().Raw) + "\n-----END CERTIFICATE-----\n"
}

func TestServersAreTheSame(t *testing.T) {
	for _, test := range []struct {
		one, other string
		same       bool
	}{
		{"https://a", "https://A:443/x", true},
		{"http://a:80", "http://a", true},
		{"https://[::1]:6443", "https://[::1]:6443/y", true},
		{"https://a", "http://a", false},
		{"https://a:443", "http://a:443", false},
		{"https://a", "https://a:6443", false},
		{"https://a", "https://a.b", false},
		{"https://a", "https://a@b", false},
	} {
		one, _ := http.NewRequest(http.MethodGet, test.one, nil)
		other, _ := http.NewRequest(http.MethodGet, test.other, nil)
		if same := sameServer(other, []*http.Request{one}) == nil; same != test.same {
			t.Errorf("%s and %s: %v", test.one, test.other, same)
		}
	}
}
