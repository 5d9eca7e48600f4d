package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects is net/http's own.
const maxRedirects = 10

var errElsewhere = errors.New("the server redirects to another")

// sameServer refuses a redirect to another host or scheme: the token and the
// headers of an impersonation are added to each request, wherever it goes.
func sameServer(next *http.Request, before []*http.Request) error {
	switch {
	case serverOf(next.URL) != serverOf(before[0].URL):
		return fmt.Errorf("%w, %s", errElsewhere, serverOf(next.URL))
	case len(before) >= maxRedirects:
		return fmt.Errorf("the server redirects more than %d times", maxRedirects)
	}
	return nil
}

func serverOf(u *url.URL) string {
	port := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), cmp.Or(u.Port(), port))
}
