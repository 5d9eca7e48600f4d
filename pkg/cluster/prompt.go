package cluster

import "net/http"

// prompt lets go of a request as soon as its context ends. net/http does so by
// itself, a credential plugin that client-go runs before does not.
type prompt struct{ next http.RoundTripper }

// WrappedRoundTripper lets client-go cancel requests below.
func (p prompt) WrappedRoundTripper() http.RoundTripper { return p.next }

func (p prompt) RoundTrip(request *http.Request) (*http.Response, error) {
	type answer struct {
		response *http.Response
		err      error
	}
	answers := make(chan answer, 1)
	go func() {
		response, err := p.next.RoundTrip(request) //nolint:bodyclose // its reader's affair
		answers <- answer{response, err}
	}()
	select {
	case a := <-answers:
		return a.response, a.err
	case <-request.Context().Done():
		go func() {
			if late := <-answers; late.err == nil {
				late.response.Body.Close()
			}
		}()
		return nil, request.Context().Err()
	}
}
