package cmd

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

const (
	// mostExamples is how many causes have a log shown.
	mostExamples = 10
	// maxStreams is how many logs are read at a time, as kubectl has it: each
	// holds a connection to a node.
	maxStreams = 5
)

// exampleLogs are the last lines of the example attempt of each cause.
func exampleLogs(ctx context.Context, client *cluster.Client, e *v1alpha1.Explanation, lines int) ([]view.Log, error) {
	var logs []view.Log
	for n := range e.Signatures[:min(mostExamples, len(e.Signatures))] {
		cause := &e.Signatures[n]
		if cause.Example != nil {
			logs = append(logs, view.Log{Cause: n + 1, Index: cause.Example.Index, Pod: cause.Example.Pod, Container: cause.Container})
		}
	}
	var group errgroup.Group
	group.SetLimit(maxStreams)
	for i := range logs {
		group.Go(func() error {
			l := &logs[i]
			if l.Gone = podGone(e, l.Index, l.Pod); l.Gone != "" {
				return nil
			}
			var err error
			l.Lines, err = client.LastLines(ctx, cluster.LogRequest{Namespace: e.Metadata.Namespace, Pod: l.Pod, Container: l.Container}, lines)
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

// podDeleted is said of a pod that only the annotations of a later one count.
const podDeleted = "its pod was deleted; the annotations of a later pod count it"

// podGone is why the pod of an attempt cannot have a log any more.
func podGone(e *v1alpha1.Explanation, index int32, pod string) string {
	if pod == "" {
		return podDeleted
	}
	for i := range e.Fates {
		for n := range e.Fates[i].Attempts {
			if a := &e.Fates[i].Attempts[n]; e.Fates[i].Index == index && a.Pod == pod {
				return attemptGone(a)
			}
		}
	}
	return ""
}

// attemptGone is why an attempt has no log any more, empty if it may have one.
func attemptGone(a *v1alpha1.Attempt) string {
	switch a.Source {
	case v1alpha1.SourceAnnotation:
		return podDeleted
	case v1alpha1.SourceEvent:
		return "its pod was deleted; it is known from an event only"
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
	why, _, _ := strings.Cut(err.Error(), "\n")
	return why
}
