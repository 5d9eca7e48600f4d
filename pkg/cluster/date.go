package cluster

import (
	"net/http"
	"sync"
	"time"
)

// maxSkew is how far the local clock may be from the server's before it is no
// longer believed. Deadlines and retries are told in seconds, but a pod's times
// come from several nodes anyway.
const maxSkew = time.Minute

// serverDate remembers how far the local clock is from the Date header of the
// server's last answer.
type serverDate struct {
	now  func() time.Time
	mu   sync.Mutex
	skew time.Duration
}

func (d *serverDate) wrap(next http.RoundTripper) http.RoundTripper {
	return &dateReader{next, d}
}

// offset is what to add to the local clock to get the server's, 0 where both
// agree well enough.
func (d *serverDate) offset() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.skew.Abs() <= maxSkew {
		return 0
	}
	return d.skew
}

type dateReader struct {
	next http.RoundTripper
	date *serverDate
}

// WrappedRoundTripper lets client-go cancel requests below.
func (r *dateReader) WrappedRoundTripper() http.RoundTripper { return r.next }

func (r *dateReader) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	if err != nil {
		return response, err
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		r.date.mu.Lock()
		r.date.skew = date.Sub(r.date.now()).Truncate(time.Second)
		r.date.mu.Unlock()
	}
	return response, nil
}
