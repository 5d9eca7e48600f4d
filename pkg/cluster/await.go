package cluster

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// askAgain is how often a Job that is not there is asked for.
const askAgain = time.Second

// Await waits until the Job is there, or for so long; that it is not there then
// shows when it is read. A server in trouble is asked again, one that refuses
// is not.
func (c *Client) Await(ctx context.Context, namespace, name string, atMost time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for {
		_, err := c.jobs(namespace).get(ctx, name)
		if err == nil || apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) || !idle(ctx, askAgain) {
			return
		}
	}
}
