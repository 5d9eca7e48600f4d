package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

// BenchmarkLoopback explains 100,000 pods of a server on this machine that has
// its pages ready. Beside it, in the same run: the same pages from memory,
// decoded by client-go's own decoder and dropped ("decode"), and the same pages
// read by client-go and thrown away ("read").
func BenchmarkLoopback(b *testing.B) {
	for _, job := range []struct{ indexes, attempts int32 }{{100_000, 1}, {50_000, 2}} {
		b.Run(fmt.Sprintf("indexes=%d/attempts=%d", job.indexes, job.attempts), func(b *testing.B) {
			build(b)
			address := startServer(b, job.indexes, job.attempts)
			var explain, decode, read Cost
			for b.Loop() {
				decode = decode.Add(costOf(b, as("decode", fmt.Sprint(job.indexes), fmt.Sprint(job.attempts))))
				read = read.Add(Measure(b, as("read", address)))
				cmd := exec.Command(plugin, "explain", Name, "-n", Namespace, "-s", address)
				cmd.Env = append(os.Environ(), "KUBECONFIG="+os.DevNull)
				explain = explain.Add(Measure(b, cmd))
			}
			explain.Report(b, "explain")
			decode.Report(b, "decode")
			read.Report(b, "read")
			b.ReportMetric(explain.CPU.Seconds()/decode.CPU.Seconds(), "cpu/decode")
			b.ReportMetric(explain.Wall.Seconds()/decode.Wall.Seconds(), "wall/decode")
			b.ReportMetric(explain.Wall.Seconds()/read.Wall.Seconds(), "wall/read")
		})
	}
}

// pages are the answers to a paged list, in protobuf.
func pages(indexes, attempts int32) [][]byte {
	var pages [][]byte
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "900000"}}
	left := int64(indexes) * int64(attempts)
	for pod := range Pods(indexes, attempts) {
		list.Items = append(list.Items, *pod)
		if left--; left > 0 && len(list.Items) < PageSize {
			continue
		}
		if left > 0 {
			list.Continue = strconv.Itoa(len(pages) + 1)
			list.RemainingItemCount = &left
		} else {
			list.Continue, list.RemainingItemCount = "", nil
		}
		pages = append(pages, clustertest.Encode(list, runtime.ContentTypeProtobuf))
		list.Items = list.Items[:0]
	}
	return pages
}

// serve is an API server that has nothing to do but send.
func serve() error {
	indexes, attempts, err := size()
	if err != nil {
		return err
	}
	pages := pages(indexes, attempts)
	job := clustertest.Encode(Job(indexes, attempts), runtime.ContentTypeProtobuf)
	noEvents := clustertest.Encode(&corev1.EventList{}, runtime.ContentTypeProtobuf)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := noEvents
		switch {
		case r.URL.Path == "/version":
			w.Header().Set("Content-Type", runtime.ContentTypeJSON)
			fmt.Fprint(w, `{"gitVersion":"v1.37.2"}`)
			return
		case strings.HasSuffix(r.URL.Path, "/jobs/"+Name):
			answer = job
		case strings.HasSuffix(r.URL.Path, "/pods"):
			n, _ := strconv.Atoi(r.URL.Query().Get("continue"))
			answer = pages[n]
		}
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		w.Write(answer)
	}))
	fmt.Println(server.URL)
	_, err = io.Copy(io.Discard, os.Stdin) // until the benchmark ends
	return err
}

func readPages() error {
	return ReadPages(&rest.Config{Host: os.Args[1]}, Namespace)
}

// decodePages is what client-go takes to decode the pages, and nothing else.
func decodePages() error {
	indexes, attempts, err := size()
	if err != nil {
		return err
	}
	pages := pages(indexes, attempts)
	runtimeGC()
	return Tell(func() error {
		for _, page := range pages {
			if _, err := runtime.Decode(scheme.Codecs.UniversalDeserializer(), page); err != nil {
				return err
			}
		}
		return nil
	})
}
