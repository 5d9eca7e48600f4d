package cluster

import (
	"net/http"
	"strconv"
	"time"
)

// maxPatience is how long a busy server may ask us to wait before somebody
// should hear of it: client-go waits as long as it is told, ten times, without
// a word, and --request-timeout does not end it.
const maxPatience = 10 * time.Second

// patience hides from client-go that it is to come back too late, so that the
// server's refusal becomes an error at once.
type patience struct {
	next http.RoundTripper
	most time.Duration
}

// WrappedRoundTripper lets client-go cancel requests below.
func (p patience) WrappedRoundTripper() http.RoundTripper { return p.next }

func (p patience) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := p.next.RoundTrip(request)
	if err != nil {
		return response, err
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && time.Duration(seconds)*time.Second > p.most {
		response.Header.Del("Retry-After")
	}
	return response, nil
}
