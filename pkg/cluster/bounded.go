package cluster

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxAnswer is more than a page is, of which two are in memory at a time: 500 pods
// have 1.5 MiB. Who asks for all pods at once, with --chunk-size=0, may come upon
// it. A test wants it smaller.
var maxAnswer int64 = 64 << 20

// bounded ends an answer that does not end by itself, before it has filled the
// memory: client-go reads answers whole, and so each event of a watch. What is read
// as it comes, logs, may go on for ever.
type bounded struct{ next http.RoundTripper }

// WrappedRoundTripper lets client-go cancel requests below.
func (b bounded) WrappedRoundTripper() http.RoundTripper { return b.next }

func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(request)
	if err != nil || strings.HasSuffix(request.URL.Path, "/log") {
		return response, err
	}
	if request.URL.Query().Has("watch") && response.StatusCode == http.StatusOK {
		response.Body = frames(response)
		return response, nil
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
