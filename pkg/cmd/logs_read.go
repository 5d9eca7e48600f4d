package cmd

import (
	"context"
	"errors"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// logPauses are how long to wait before a log that broke off is opened anew. The
// status of a container comes about a second after its log has ended.
var logPauses = wait.Backoff{Duration: 500 * time.Millisecond, Factor: 2, Steps: 10, Cap: 8 * time.Second}

const (
	// mostBreaks is how often in a row a log may break off while the server itself
	// can be read.
	mostBreaks = 6
	// livelyLog is how long one has to last for the next break to be the first:
	// proxies cut what is silent.
	livelyLog = 10 * time.Second
)

// logStage is how far a container has come, so far as its log is concerned.
type logStage uint8

const (
	logNotStarted logStage = iota
	logOpen
	logPaused // the container has ended and its pod has not: it may start again
	logEnded
)

// stageOf is the stage of a container of a pod, nil for a pod that is gone.
func stageOf(pod *evidence.Attempt, container string) logStage {
	if pod == nil || !pod.Vanished.IsZero() || pod.Phase == corev1.PodSucceeded || pod.Phase == corev1.PodFailed {
		return logEnded
	}
	for i := range pod.Containers {
		switch c := &pod.Containers[i]; {
		case c.Name != container:
		case c.Running:
			return logOpen
		case c.Terminated != nil || c.LastTerminated != nil:
			return logPaused
		default:
			return logNotStarted
		}
	}
	if pod.Phase == corev1.PodRunning {
		return logOpen
	}
	return logNotStarted
}

// followedLog is the log of one attempt, however often it breaks off.
type followedLog struct {
	logSource
	printer *logPrinter
	open    func(context.Context, *logPlace) (io.ReadCloser, error)
	stamps  bool // are wanted
	place   logPlace
	// rest is the line that has no end yet. skips: the line was read before.
	rest     string
	skips    bool
	isOpened bool
}

// readOn reads what has come since. It returns why that broke off, and apart from
// it why it cannot be written.
func (l *followedLog) readOn(ctx context.Context) (broke, err error) {
	stream, broke := l.open(ctx, &l.place)
	if broke != nil {
		return broke, nil
	}
	defer stream.Close()
	if !l.isOpened {
		l.isOpened = true
		l.printer.opened()
	}
	l.place.resume()
	l.rest, err = eachLine(stream, l.take)
	if broken := (*brokenLog)(nil); errors.As(err, &broken) {
		return broken.error, nil
	}
	return nil, err
}

func (l *followedLog) take(text string, isBegin bool) error {
	if isBegin {
		written, words := stamped(text)
		isNew, isGap := l.place.take(written)
		if l.skips = !isNew; isGap {
			if err := l.printer.note(l.String() + ": its log broke off, and lines may be missing"); err != nil {
				return err
			}
		}
		if !l.stamps {
			text = words
		}
	}
	if l.skips {
		return nil
	}
	return l.printer.line(l.logSource, text)
}

// end prints what comes after the last line break, and says why the log may have
// had more, if it may.
func (l *followedLog) end(broke error) error {
	if l.rest != "" {
		if err := l.take(l.rest, true); err != nil {
			return err
		}
	}
	switch {
	case broke == nil:
		return nil
	case !l.isOpened:
		return l.printer.none(l.logSource, whyNoLog(broke))
	}
	return l.printer.note(l.String() + ": its log broke off, and lines may be missing: " + whyNoLog(broke))
}

// readToEnd prints a log to its end, which is that of a log that was opened when
// its pod had ended already: one that ends before may have broken off.
func (f *following) readToEnd(ctx context.Context, l *followedLog) error {
	pauses, left := f.pauses, mostBreaks
	var before error
	for {
		stage, err := f.awaitStage(ctx, l.logSource, nil, func(s logStage) bool { return s != logNotStarted })
		if err != nil {
			return err
		}
		lines, opened := l.place.lines, f.options.now()
		broke, err := l.readOn(ctx)
		var none *cluster.NoLog
		isNone := errors.As(broke, &none)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case broke == nil && stage == logEnded:
			return l.end(nil)
		case isNone && !none.Waiting && !none.Unreachable && l.isOpened:
			return l.end(before) // it went with its pod
		case isNone && !none.Unreachable && (!none.Waiting || stage == logEnded):
			return l.end(broke)
		case broke != nil && !cluster.MayPass(broke):
			return broke
		case l.place.lines > lines || f.options.now().Sub(opened) >= livelyLog:
			pauses, left = f.pauses, mostBreaks
		case broke != nil && !f.isTroubled():
			left--
		}
		if left == 0 {
			f.count(func() { f.broken++ })
			return l.end(broke)
		}
		before = broke
		timer := time.NewTimer(pauses.Step())
		expired := timer.C
		if broke == nil && stage == logPaused {
			expired = nil // nothing comes before its container starts again or its pod ends
		}
		_, err = f.awaitStage(ctx, l.logSource, expired, func(s logStage) bool { return s != stage })
		timer.Stop()
		if err != nil {
			return err
		}
	}
}

// awaitStage waits until a log has come to a stage as wanted, or until then.
func (f *following) awaitStage(ctx context.Context, source logSource, until <-chan time.Time, wanted func(logStage) bool) (logStage, error) {
	for {
		now, changed := f.news.latest()
		stage := now.stageOf(source)
		if wanted(stage) {
			return stage, nil
		}
		select {
		case <-ctx.Done():
			return stage, ctx.Err()
		case <-until:
			return stage, nil
		case <-changed:
		}
	}
}
