package cluster

import (
	"context"
	"time"
)

// news holds a token while there is something that nobody has been told of.
type news chan struct{}

func newNews() news { return make(news, 1) }

// tell that there is something, which never waits for who listens.
func (n news) tell() {
	select {
	case n <- struct{}{}:
	default:
	}
}

// wait for news, or for so long. What comes at the same time is waited for, too.
func (n news) wait(ctx context.Context, atMost time.Duration) error {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-n:
		if !idle(ctx, settling) {
			return ctx.Err()
		}
		select {
		case <-n: // what came meanwhile is seen now
		default:
		}
	}
	return nil
}
