package cluster

import (
	"context"
	"time"
)

// news holds a token while there is something that nobody has been told of, and
// another while that must not wait.
type news struct{ some, urgent token }

func newNews() news { return news{newToken(), newToken()} }

// tell that there is something, which never waits for who listens.
func (n news) tell() { n.some.leave() }

// tellAtOnce that there is something which ends the rest of who listens.
func (n news) tellAtOnce() { n.urgent.leave() }

// wait rests, then waits for news, or for so long. What comes at the same time is
// waited for, too.
func (n news) wait(ctx context.Context, rest, atMost time.Duration) error {
	resting, waiting := time.NewTimer(rest), time.NewTimer(rest+atMost)
	defer resting.Stop()
	defer waiting.Stop()
	var some <-chan struct{} // nil while resting
	for came := false; !came; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-resting.C:
			some = n.some
		case <-waiting.C:
			return ctx.Err()
		case <-some:
			came = true
		case <-n.urgent:
			came = true
		}
	}
	if !idle(ctx, settling) {
		return ctx.Err()
	}
	n.some.take() // what came meanwhile is seen now
	n.urgent.take()
	return nil
}

// token is there or not.
type token chan struct{}

func newToken() token { return make(token, 1) }

// leave it where there is none.
func (t token) leave() {
	select {
	case t <- struct{}{}:
	default:
	}
}

// take it away where there is one.
func (t token) take() {
	select {
	case <-t:
	default:
	}
}
