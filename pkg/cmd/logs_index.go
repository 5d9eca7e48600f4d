package cmd

import (
	"context"
	"fmt"
	"io"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// indexLogs are the logs of one index, which are printed in the order of its
// attempts.
type indexLogs struct {
	*following
	index int32
	read  map[string]bool // attempts, by their keys
}

// print prints them until no other can come.
func (l *indexLogs) print(ctx context.Context) error {
	for {
		now, changed := l.news.latest()
		attempt, done := l.next(&now)
		switch {
		case attempt != nil:
			l.read[keyOf(attempt)] = true
			if err := l.printLog(ctx, sourceOf(now.explanation.Evidence.Coverage, l.index, attempt, l.options.request.Container)); err != nil {
				return err
			}
		case done:
			return nil
		default:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-changed:
			}
		}
	}
}

func (l *indexLogs) printLog(ctx context.Context, source logSource) error {
	l.count(func() { l.sources = append(l.sources, source) })
	if source.gone != "" {
		return l.printer.none(source, source.gone)
	}
	return l.readToEnd(ctx, &followedLog{
		logSource: source, printer: l.printer, stamps: l.options.request.Timestamps,
		open: func(ctx context.Context, place *logPlace) (io.ReadCloser, error) { return l.open(ctx, source, place) },
	})
}

// next is the first attempt that is wanted and was not read. Done: nor will one
// come.
func (l *indexLogs) next(now *logSight) (attempt *v1alpha1.Attempt, done bool) {
	record := now.explanation.RecordOf(l.index)
	if record == nil {
		return nil, true
	}
	done = now.gone || isOver(now.explanation, record)
	for n := range record.Attempts {
		a := &record.Attempts[n]
		isRead := l.read[keyOf(a)]
		// The pod that an event names may be newer than those that were seen.
		mayCome := !done && a.Source == v1alpha1.SourceEvent && n == len(record.Attempts)-1
		if !isRead && !mayCome && l.selection.wants(a) {
			return a, false
		}
		if only := l.selection.attempt; only > 0 && (a.Number > only || a.Number == only && isRead) {
			return nil, true
		}
	}
	return nil, done
}

// keyOf tells an attempt from others of its index: numbers move where one turns up
// that was not known.
func keyOf(a *v1alpha1.Attempt) string {
	if a.Pod != "" {
		return a.Pod
	}
	return fmt.Sprint(a.Number)
}
