package bench

import (
	"context"
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
	coreclient "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster/clustertest"
)

const pageSize = 500

// BenchmarkLoopback explains 100,000 pods of a server on this machine that has
// its pages ready. Beside it, in the same run: the same pages from memory,
// decoded by client-go's own decoder and dropped ("decode"), and the same pages
// read by client-go and thrown away ("read").
func BenchmarkLoopback(b *testing.B) {
	for _, job := range []struct{ indexes, attempts int32 }{{100_000, 1}, {50_000, 2}} {
		b.Run(fmt.Sprintf("indexes=%d/attempts=%d", job.indexes, job.attempts), func(b *testing.B) {
			build(b)
			address := startServer(b, job.indexes, job.attempts)
			var explain, decode, read cost
			for b.Loop() {
				decode = decode.add(costOf(b, as("decode", fmt.Sprint(job.indexes), fmt.Sprint(job.attempts))))
				read = read.add(costOf(b, as("read", address)))
				cmd := exec.Command(plugin, "explain", Name, "-n", Namespace, "-s", address)
				cmd.Env = append(os.Environ(), "KUBECONFIG="+os.DevNull)
				explain = explain.add(measure(b, cmd))
			}
			explain.report(b, "explain")
			decode.report(b, "decode")
			read.report(b, "read")
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
		if left--; left > 0 && len(list.Items) < pageSize {
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

// readPages is the least that a client can do: each page is read, its token is
// looked at, and it is thrown away.
func readPages() error {
	config := &rest.Config{Host: os.Args[1], QPS: -1}
	client, err := coreclient.NewForConfig(config)
	if err != nil {
		return err
	}
	return tell(func() error {
		for options := (metav1.ListOptions{Limit: pageSize}); ; {
			body, err := client.RESTClient().Get().Namespace(Namespace).Resource("pods").
				VersionedParams(&options, scheme.ParameterCodec).UseProtobufAsDefault().Do(context.Background()).Raw()
			if err != nil {
				return err
			}
			if options.Continue, err = tokenOf(body); err != nil || options.Continue == "" {
				return err
			}
		}
	})
}

// tokenOf decodes the front of a list alone, up to its first pod.
func tokenOf(page []byte) (string, error) {
	var envelope runtime.Unknown
	if err := envelope.Unmarshal(page[4:]); err != nil {
		return "", err
	}
	// The metadata is the first field: a tag, its length in one byte or two.
	length, skip := int(envelope.Raw[1]), 2
	if length >= 0x80 {
		length, skip = length&0x7f|int(envelope.Raw[2])<<7, 3
	}
	var metadata metav1.ListMeta
	err := metadata.Unmarshal(envelope.Raw[skip : skip+length])
	return metadata.Continue, err
}

// decodePages is what client-go takes to decode the pages, and nothing else.
func decodePages() error {
	indexes, attempts, err := size()
	if err != nil {
		return err
	}
	pages := pages(indexes, attempts)
	runtimeGC()
	return tell(func() error {
		for _, page := range pages {
			if _, err := runtime.Decode(scheme.Codecs.UniversalDeserializer(), page); err != nil {
				return err
			}
		}
		return nil
	})
}
