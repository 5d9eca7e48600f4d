package cmd

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

const (
	// maxStreams is how many logs are read at a time, as kubectl has it: each
	// holds a connection to a node.
	maxStreams = 5
	// allTails is how long the reading of all last lines may take.
	allTails = 10 * time.Second
)

// tails says how many last lines are read of the logs of causes.
type tails struct {
	// lines is how many of each, 0 for none.
	lines int
	// brief: so many of the first fatal cause alone, fewer of each further one, and
	// none of causes that are not fatal.
	brief bool
}

// How many lines brief tails have of each further cause, and in all.
const (
	briefLines    = 5
	mostBrief     = 60
	mostWholeLogs = 10
)

// tail is a log of which so many last lines are wanted.
type tail struct {
	view.Log
	lines int
}

// of are the logs that are wanted: of the chosen indexes, of the chosen cause, or of
// all causes that there is room for.
func (t tails) of(e *v1alpha1.Explanation, chosen choice) []tail {
	var wanted []tail
	switch {
	case t.lines == 0:
	case chosen.isByIndex:
		wanted = t.ofIndexes(e, chosen.indexes)
	default:
		left, next := mostBrief, t.lines
		for n := range e.Signatures {
			cause := &e.Signatures[n]
			lines := t.lines
			if t.brief {
				lines = min(left, next)
			}
			isChosen := chosen.cause == n+1 || chosen.cause == 0 && (!t.brief || e.IsFatal(cause))
			hasRoom := lines > 0 && (t.brief || len(wanted) < mostWholeLogs)
			if !isChosen || !hasRoom || cause.Example == nil {
				continue
			}
			left, next = left-lines, briefLines
			wanted = append(wanted, tail{view.Log{Cause: n + 1, Index: cause.Example.Index, Attempt: cause.Example.Attempt, Pod: cause.Example.Pod, Container: cause.Container}, lines})
		}
	}
	return wanted
}

// ofIndexes are the logs of the last attempts of indexes.
func (t tails) ofIndexes(e *v1alpha1.Explanation, of indexes.Set) []tail {
	var wanted []tail
	for i := range e.Fates {
		record := &e.Fates[i]
		if n := len(record.Attempts); n > 0 && of.Has(record.Index) && len(wanted) < mostWholeLogs {
			last := &record.Attempts[n-1]
			l := view.Log{Index: record.Index, Attempt: last.Number, Pod: last.Pod}
			if last.Failure != nil {
				l.Container = last.Failure.Container
			}
			wanted = append(wanted, tail{l, t.lines})
		}
	}
	return wanted
}

// lastLines reads them.
func lastLines(ctx context.Context, client *cluster.Client, e *v1alpha1.Explanation, wanted []tail) ([]view.Log, error) {
	limited, cancel := context.WithTimeoutCause(ctx, allTails, &cluster.NoLog{Because: "reading all logs took more than " + allTails.String()})
	defer cancel()
	logs := make([]view.Log, len(wanted))
	var group errgroup.Group
	group.SetLimit(maxStreams)
	for i := range logs {
		group.Go(func() error {
			logs[i] = wanted[i].Log
			l := &logs[i]
			if l.Gone = podGone(e, l.Index, l.Pod); l.Gone != "" {
				return nil
			}
			var err error
			l.Lines, err = client.LastLines(limited, cluster.LogRequest{Namespace: e.Metadata.Namespace, Pod: l.Pod, Container: l.Container}, wanted[i].lines)
			l.Gone = whyNoLog(err)
			return nil
		})
	}
	_ = group.Wait() // a log that cannot be read is told in its place, as is time that was over
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	return logs, nil
}

// podGone is why the pod of an attempt cannot have a log any more, empty if it may
// have one.
func podGone(e *v1alpha1.Explanation, index int32, pod string) string {
	if pod == "" {
		return e.Evidence.Coverage.WithoutPod(&v1alpha1.Attempt{Source: v1alpha1.SourceAnnotation})
	}
	record := e.RecordOf(index)
	if record == nil {
		return ""
	}
	for n := range record.Attempts {
		if a := &record.Attempts[n]; a.Pod == pod {
			return e.Evidence.Coverage.WithoutPod(a)
		}
	}
	return ""
}

// whyNoLog is an error in one line, without its hint.
func whyNoLog(err error) string {
	var none *cluster.NoLog
	switch {
	case err == nil:
		return ""
	case errors.As(err, &none):
		return none.Because
	}
	return inShort(err)
}
