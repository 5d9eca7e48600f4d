package cluster

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxAnswer is more than any page is: etcd takes no object above 1.5 MiB. Who
// asks for all pods at once, with --chunk-size=0, may come upon it. A test
// wants it smaller.
var maxAnswer int64 = 1 << 30

// bounded ends an answer that does not end by itself, before it has filled the
// memory: client-go reads answers whole. What is read as it comes, watches and
// logs, may go on for ever.
type bounded struct{ next http.RoundTripper }

// WrappedRoundTripper lets client-go cancel requests below.
func (b bounded) WrappedRoundTripper() http.RoundTripper { return b.next }

func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(request)
	if err != nil || request.URL.Query().Has("watch") || strings.HasSuffix(request.URL.Path, "/log") {
		return response, err
	}
	response.Body = &boundedBody{response.Body, maxAnswer}
	return response, nil
}

type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, errEndless
	}
	return n, err
}

var errEndless = fmt.Errorf("the server's answer is larger than %d MiB", maxAnswer>>20)
