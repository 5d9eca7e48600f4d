package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"
)

// DefaultChunkSize is kubectl's own.
const DefaultChunkSize = 500

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

	// Busy, unless nil, is told how long the server asks to be left alone, by
	// whichever request hears of it.
	Busy func(time.Duration)

	excerptTimeout time.Duration
}

// NewClient connects to the server of config; now is the local clock.
func NewClient(config *rest.Config, now func() time.Time) (*Client, error) {
	config = rest.CopyConfig(config)
	// The server has a fairness of its own; client-go's 5 requests a second
	// would make 200 pages take 38 s.
	config.QPS = -1
	date := &serverDate{now: now}
	c := &Client{date: date, now: now, ChunkSize: DefaultChunkSize, excerptTimeout: excerptTimeout}
	most := maxPatience
	if config.Timeout > 0 {
		most = min(most, config.Timeout)
	}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return patience{readOnly{next}, most, c.busy} })
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return bounded{next} })
	config.Wrap(date.wrap)

	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	transport.Transport, transport.CheckRedirect = prompt{transport.Transport}, sameServer
	if c.batch, err = restClient(config, transport, "/apis", batchv1.SchemeGroupVersion); err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	if c.core, err = restClient(config, transport, "/api", corev1.SchemeGroupVersion); err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return c, nil
}

func (c *Client) busy(wait time.Duration) {
	if c.Busy != nil {
		c.Busy(wait)
	}
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
