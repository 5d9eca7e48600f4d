package cluster

import (
	"fmt"
	"net/http"
)

// readOnly lets nothing through but GET, which get, list and watch are. It is
// the last thing before the network, so that no code that is added later, and
// none of client-go's, can change a cluster.
type readOnly struct{ next http.RoundTripper }

// WrappedRoundTripper lets client-go cancel requests below.
func (r readOnly) WrappedRoundTripper() http.RoundTripper { return r.next }

func (r readOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet {
		return nil, fmt.Errorf("%s is refused: this program only reads", request.Method)
	}
	return r.next.RoundTrip(request)
}
