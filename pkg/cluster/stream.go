package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
)

// pauses are how long to wait after a failure, or a watch that did not last: ever
// longer, and by chance a little more, so that those who lost the same server do
// not all come back at once.
var pauses = wait.Backoff{Duration: 250 * time.Millisecond, Factor: 2, Jitter: 0.5, Steps: 10, Cap: 8 * time.Second}

// forbiddenPause is how long to wait before a list is taken again that must not be
// watched or read at all.
const forbiddenPause = 10 * time.Second

// A watch is asked to end after so many seconds, so that a connection that died
// unnoticed is not waited on for ever, and has lasted after livelyWatch.
const (
	watchSeconds = int64(290)
	livelyWatch  = 2 * time.Second
)

// stream is one kind of object, listed once and then watched for as long as the
// server remembers where the last watch ended.
type stream struct {
	// list reads all there is and tells its resourceVersion.
	list func(context.Context) (string, error)
	// watch begins where the options say.
	watch func(context.Context, metav1.ListOptions) (watch.Interface, error)
	// on takes each change.
	on func(watch.EventType, runtime.Object)
	// check refuses what was not asked for.
	check func(runtime.Object) error
	// trouble is told of each failure, and of nil when all is well again.
	trouble func(error)
	pauses  wait.Backoff
}

// run goes on until ctx ends.
func (s *stream) run(ctx context.Context) {
	version, next := "", s.pauses
	for ctx.Err() == nil {
		var err error
		if version == "" {
			version, err = s.list(ctx)
			s.tell(ctx, err)
		}
		if err == nil {
			var lively bool
			version, lively, err = s.follow(ctx, version)
			if lively {
				next = s.pauses
			}
			if err == nil && lively {
				continue
			}
			s.tell(ctx, err)
		}
		pause := next.Step()
		if apierrors.IsForbidden(err) {
			pause = forbiddenPause
		}
		if !idle(ctx, pause) {
			return
		}
	}
}

// tell passes a failure on. One to watch what could be listed is none: lists
// are then taken again and again. Nor is a version that is forgotten.
func (s *stream) tell(ctx context.Context, err error) {
	if ctx.Err() == nil && !errors.Is(err, errListAgain) {
		s.trouble(err)
	}
}

// errListAgain: the watch cannot go on from where it was.
var errListAgain = errors.New("the list has to be taken again")

// follow watches from a version on. It returns the version to go on from, ""
// where a new list is needed, and whether the watch was lively, which is to say
// that it lasted: one that tells something and ends may do so for ever.
func (s *stream) follow(ctx context.Context, version string) (next string, lively bool, err error) {
	// A watch whose answer makes no sense would be left open by client-go.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watching, err := s.watch(ctx, metav1.ListOptions{
		ResourceVersion:     version,
		AllowWatchBookmarks: true,
		TimeoutSeconds:      new(watchSeconds),
	})
	if err != nil {
		return s.resume(version, err)
	}
	defer watching.Stop()
	s.trouble(nil)
	lasted := time.NewTimer(livelyWatch)
	defer lasted.Stop()
	for {
		select {
		case <-ctx.Done():
			return version, lively, nil
		case <-lasted.C:
			lively = true
		case event, open := <-watching.ResultChan():
			if !open {
				return version, lively, nil
			}
			if event.Type == watch.Error {
				next, _, err := s.resume(version, apierrors.FromObject(event.Object))
				return next, lively, err
			}
			if event.Type != watch.Bookmark {
				if err := s.check(event.Object); err != nil {
					return version, lively, err
				}
				s.on(event.Type, event.Object)
			}
			if object, err := meta.Accessor(event.Object); err == nil {
				version = object.GetResourceVersion()
			}
		}
	}
}

// resume tells from a failure where to go on. What the server itself refuses
// (410, a version that it has never had) may concern the version; without an
// answer the version is as good as before. A 410 is no trouble.
func (s *stream) resume(version string, err error) (string, bool, error) {
	var answered apierrors.APIStatus
	switch {
	case apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || apierrors.IsForbidden(err):
		return "", false, fmt.Errorf("%w: %w", errListAgain, err)
	case errors.As(err, &answered):
		return "", false, err
	}
	return version, false, err
}

// idle waits, and reports whether ctx is still there.
func idle(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
