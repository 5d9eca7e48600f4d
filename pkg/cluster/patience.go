package cluster

import (
	"net/http"
	"strconv"
	"time"
)

// maxPatience is how long a busy server may ask us to wait: client-go waits as
// long as it is told, ten times.
const maxPatience = 10 * time.Second

// patience tells that a server asks to be left alone, of which client-go says no
// word, and hides from it what is too long, so that the server's refusal becomes
// an error at once.
type patience struct {
	next http.RoundTripper
	most time.Duration
	tell func(time.Duration)
}

// WrappedRoundTripper lets client-go cancel requests below.
func (p patience) WrappedRoundTripper() http.RoundTripper { return p.next }

func (p patience) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := p.next.RoundTrip(request)
	if err != nil {
		return response, err
	}
	seconds, err := strconv.ParseInt(response.Header.Get("Retry-After"), 10, 32)
	if err != nil {
		return response, nil //nolint:nilerr // there is none, or a date, for which client-go does not wait
	}
	wait := time.Duration(seconds) * time.Second
	p.tell(wait)
	if wait > p.most {
		response.Header.Del("Retry-After")
	}
	return response, nil
}
