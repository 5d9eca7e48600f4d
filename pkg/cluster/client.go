package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"
)

// DefaultChunkSize is kubectl's own.
const DefaultChunkSize = 500

// maxRestarts is how often a list that expired half-way begins anew.
const maxRestarts = 2

// Client reads from one API server.
type Client struct {
	batch *rest.RESTClient
	core  *rest.RESTClient
	date  *serverDate
	now   func() time.Time
	// ChunkSize is the number of objects in a page of a list; 0 asks for all
	// of them at once.
	ChunkSize int64
	// Progress, unless nil, is told after each page how many pods of a Job were
	// read, and when that is done or given up.
	Progress func(pods int, done bool)

	excerptTimeout time.Duration
}

// NewClient connects to the server of config; now is the local clock.
func NewClient(config *rest.Config, now func() time.Time) (*Client, error) {
	config = rest.CopyConfig(config)
	// The server has a fairness of its own; client-go's 5 requests a second
	// would make 200 pages take 38 s.
	config.QPS = -1
	date := &serverDate{now: now}
	most := maxPatience
	if config.Timeout > 0 {
		most = min(most, config.Timeout)
	}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return patience{readOnly{next}, most} })
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return bounded{next} })
	config.Wrap(date.wrap)

	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	batch, err := restClient(config, transport, "/apis", batchv1.SchemeGroupVersion)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	core, err := restClient(config, transport, "/api", corev1.SchemeGroupVersion)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return &Client{batch: batch, core: core, date: date, now: now, ChunkSize: DefaultChunkSize, excerptTimeout: excerptTimeout}, nil
}

// serverVersion is the gitVersion of /version, such as v1.37.2.
func (c *Client) serverVersion(ctx context.Context) (string, error) {
	result := c.core.Get().AbsPath("/version").Do(ctx)
	if err := result.Error(); err != nil { // which says more than Raw's
		return "", err
	}
	body, err := result.Raw()
	if err != nil {
		return "", err
	}
	var info version.Info
	if err := json.Unmarshal(body, &info); err != nil {
		return "", err
	}
	return info.GitVersion, nil
}

// eachPage asks for one page of a list after the other; page reads one and
// returns the token of the next. Where the list expires half-way (410: the
// revision it was taken at is compacted away) it begins anew and restart drops
// what was gathered: going on from a later revision could miss a pod, or give
// one twice. The resourceVersion stays unset: "0" makes a server ignore the
// limit.
func (c *Client) eachPage(options metav1.ListOptions, page func(metav1.ListOptions) (string, error), restart func()) error {
	options.Limit = c.ChunkSize
	for restarts := 0; ; {
		next, err := page(options)
		switch {
		case err != nil && options.Continue != "" && (apierrors.IsResourceExpired(err) || apierrors.IsGone(err)):
			if restarts == maxRestarts {
				return fmt.Errorf("the list expired %d times half-way: %w", restarts+1, err)
			}
			restarts++
			restart()
			options.Continue = ""
			continue
		case err != nil:
			return err
		case next == "":
			return nil
		case next == options.Continue:
			return fmt.Errorf("the server gave the same page twice")
		}
		options.Continue = next
	}
}
