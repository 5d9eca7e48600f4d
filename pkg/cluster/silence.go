package cluster

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// silence is after how long a server is asked though nothing has changed, and how long
// no answer to that is trouble: a watch of one that froze is as silent as that of
// what does not change, and client-go takes 45 seconds to tell.
const silence = 3 * time.Second

// mostSilence is how long an answer is waited for before it is asked for anew.
const mostSilence = 10 * time.Second

var errNoAnswer = errors.New("it does not answer")

// ask asks a server, and tells of trouble as soon as no answer comes, and of none when
// one has come: also that there is nothing is one.
func ask(ctx context.Context, trouble func(error), question func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, mostSilence)
	defer cancel()
	slow := time.AfterFunc(silence, func() { trouble(errNoAnswer) })
	err := question(ctx)
	slow.Stop()
	if err == nil || apierrors.IsNotFound(err) {
		trouble(nil)
	}
	return err
}
