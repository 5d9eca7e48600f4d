package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/browse"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
)

// readLog tells the screen the last lines of a log, and what is written on, until it
// ends or nobody reads it any more.
func (b *browser) readLog(ctx context.Context, asked browse.FollowLog) {
	sink := &logSink{number: asked.Number, send: func(news browse.Log) { b.send(news) }}
	flushing, stop := context.WithCancel(ctx)
	var flushed sync.WaitGroup
	flushed.Go(func() {
		for pause(flushing, betweenFlushes) {
			sink.flush()
		}
	})
	defer func() {
		stop()
		flushed.Wait()
		if ctx.Err() == nil {
			sink.end()
		}
	}()
	look, e := b.seen()
	record := e.RecordOf(asked.Index)
	if record == nil {
		sink.say(fmt.Sprintf("index %d: no log: nothing is known of it any more", asked.Index))
		return
	}
	for n := range record.Attempts {
		if a := &record.Attempts[n]; a.Number == asked.Attempt {
			b.readOn(ctx, look.Of, sourceOf(e.Evidence.Coverage, asked.Index, a, ""), sink)
			return
		}
	}
	sink.say(fmt.Sprintf("index %d, attempt %d: no log: nothing is known of it any more", asked.Index, asked.Attempt))
}

// readOn reads a log to its end, which is that of a log that was opened when its pod
// had ended already: one that ends before may have broken off.
func (b *browser) readOn(ctx context.Context, job browse.JobKey, source logSource, sink *logSink) {
	of := &logsOptions{client: b.options.client, namespace: job.Namespace}
	l := &followedLog{logSource: source, printer: &logPrinter{out: sink, err: notes{sink}}}
	l.open = func(ctx context.Context, place *logPlace) (io.ReadCloser, error) {
		// Of a log that is followed and has no line a server answers nothing at all: what
		// is there is read first.
		request := cluster.LogRequest{Follow: l.isOpened, Timestamps: true, Tail: new(int64(browse.MostLogLines))}
		if place.lines > 0 {
			request.Tail, request.SinceTime = nil, place.last
		}
		stream, err := of.open(ctx, source, request)
		if err == nil {
			sink.opened()
		}
		return stream, err
	}
	for pauses := logPauses; ; {
		isOver := b.isOver(source)
		lines, isFirst := l.place.lines, !l.isOpened
		broke, err := l.readOn(ctx)
		var none *cluster.NoLog
		isNone := errors.As(broke, &none)
		switch {
		case ctx.Err() != nil || err != nil:
			return
		case broke == nil && isOver, isNone && !none.Waiting && !none.Unreachable && l.isOpened:
			_ = l.end(nil) // the last one went with its pod
			return
		case isNone && !none.Unreachable && (!none.Waiting || isOver), broke != nil && !cluster.MayPass(broke):
			_ = l.end(broke)
			return
		case broke != nil:
			sink.say(source.String() + ": no log: " + whyNoLog(broke) + "; trying again")
		case isFirst:
			continue
		case l.place.lines > lines:
			pauses = logPauses
		}
		if !pause(ctx, pauses.Step()) {
			return
		}
	}
}

// isOver: nothing more is written to a log.
func (b *browser) isOver(source logSource) bool {
	look, e := b.seen()
	record := e.RecordOf(source.index)
	if look.Gone || record == nil || source.gone != "" {
		return true
	}
	for n := range record.Attempts {
		if a := &record.Attempts[n]; a.Pod == source.pod {
			return a.Source != v1alpha1.SourcePod || a.Phase == corev1.PodSucceeded || a.Phase == corev1.PodFailed
		}
	}
	return true
}

// betweenFlushes is how long lines are gathered before the screen is told.
const betweenFlushes = 100 * time.Millisecond

// logSink gathers what is to be told of a log.
type logSink struct {
	number int
	send   func(browse.Log)

	sending sync.Mutex // in order
	mu      sync.Mutex
	lines   []string
	words   string
	isOpen  bool
	news    bool
}

// Write takes a line.
func (s *logSink) Write(line []byte) (int, error) {
	s.mu.Lock()
	s.lines = append(s.lines, strings.TrimSuffix(string(line), "\n"))
	s.words, s.news = "", true
	isFull := len(s.lines) >= browse.MostLogLines
	s.mu.Unlock()
	if isFull {
		s.flush()
	}
	return len(line), nil
}

// opened: the log can be read.
func (s *logSink) opened() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isOpen {
		s.words, s.isOpen, s.news = "", true, true
	}
}

// say takes words about the log.
func (s *logSink) say(words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words, s.news = words, true
}

func (s *logSink) flush() {
	s.sending.Lock()
	defer s.sending.Unlock()
	s.mu.Lock()
	lines, words, isOpen, news := s.lines, s.words, s.isOpen, s.news
	s.lines, s.news = nil, false
	s.mu.Unlock()
	if news {
		s.send(browse.Log{Number: s.number, Lines: lines, Words: words, Opened: isOpen})
	}
}

func (s *logSink) end() {
	s.mu.Lock()
	lines, words, isOpen := s.lines, s.words, s.isOpen
	s.mu.Unlock()
	s.send(browse.Log{Number: s.number, Lines: lines, Words: words, Opened: isOpen, Ended: true})
}

// notes takes the words of a printer about its log.
type notes struct{ sink *logSink }

func (n notes) Write(words []byte) (int, error) {
	n.sink.say(strings.TrimSuffix(string(words), "\n"))
	return len(words), nil
}
