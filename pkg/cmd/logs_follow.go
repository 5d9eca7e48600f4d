package cmd

import (
	"context"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/indexes"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// mostFollowed is how many indexes are followed at the same time, as stern has it:
// each holds a log open on a node.
const mostFollowed = 50

// following prints the logs of some indexes as their attempts come.
type following struct {
	options   *logsOptions
	selection logSelection
	watcher   *watcher
	printer   *logPrinter
	news      news
	pauses    wait.Backoff // before a log that broke off is opened anew
	// of are the indexes that something was, or is, waited for.
	of map[int32]*indexLogs
	// podless had no pod when the following began.
	podless  indexes.Set
	troubled bool

	mu      sync.Mutex
	sources []logSource // that were told
	broken  int         // logs that could not be read to their end
}

// follow prints the logs of the chosen indexes to the end of each.
func (o *logsOptions) follow(ctx context.Context, name string) error {
	follower, err := o.client.Follow(ctx, o.namespace, name)
	if err != nil {
		return err
	}
	defer follower.Stop()
	f := &following{options: o, watcher: &watcher{follower: follower, explain: replay.Explain, now: o.now}, printer: o.printer(true), pauses: logPauses, of: map[int32]*indexLogs{}}
	if err := f.begin(ctx); err != nil {
		return err
	}
	for {
		if err := f.printAll(ctx); err != nil {
			return err
		}
		// What ends an index may be seen before its last pod is.
		now, _ := f.news.latest()
		final, err := f.watcher.last(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case final.explanation == nil:
			return err
		}
		final.gone = now.gone
		f.post(final)
		if ended, going := f.unread(); len(ended)+len(going) == 0 {
			return f.conclude()
		}
		if !pause(ctx, breath) {
			return ctx.Err()
		}
	}
}

// begin takes the first look, by which it is known what was chosen.
func (f *following) begin(ctx context.Context) error {
	var first look
	for first.explanation == nil {
		var err error
		if first, err = f.watcher.nextSeen(ctx); err != nil {
			return err
		}
		if err := f.tell(first); err != nil {
			return err
		}
	}
	e := first.explanation
	var err error
	if f.selection, err = f.options.choice.of(e); err != nil {
		return err
	}
	if first.seen.Coverage.Pods == evidence.None {
		return fmt.Errorf("the pods of job %s cannot be listed, so that their logs cannot be followed\nhint: ask for a Role with get, list and watch on pods", e.Metadata.Name)
	}
	f.printer.prefixed = f.selection.attempt == 0 || f.selection.indexes.Len() > 1
	f.post(first)
	going := int64(0)
	for i := range e.Fates {
		record := &e.Fates[i]
		of := indexes.Range(record.Index, record.Last()).Intersect(f.selection.indexes)
		if first.gone || isOver(e, record) {
			continue
		}
		going += of.Len()
		if len(record.Attempts) == 0 {
			f.podless = f.podless.Union(of)
		}
	}
	if going > mostFollowed {
		return fmt.Errorf("%d indexes cannot be followed at the same time\nhint: choose %d at most, with --index", going, mostFollowed)
	}
	if f.selection.failed || f.selection.signature != "" {
		f.podless = indexes.Set{} // nobody waits for their pods
	}
	return f.tellPodless("has no pod yet", "have no pod yet", f.podless)
}

func (f *following) tellPodless(one, several string, set indexes.Set) error {
	switch set.Len() {
	case 0:
		return nil
	case 1:
		return f.printer.note(nameOf(set) + " " + one)
	}
	return f.printer.note(nameOf(set) + " " + several)
}

// printAll prints what there is and, of indexes that are not over, what comes.
// Those that are over come first, each to its end.
func (f *following) printAll(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	watching, stop := context.WithCancel(ctx)
	all.Go(func() error {
		if err := f.watch(watching); watching.Err() == nil {
			return err
		}
		return nil
	})
	all.Go(func() error {
		defer stop()
		ended, going := f.unread()
		for _, logs := range ended {
			if err := logs.print(ctx); err != nil {
				return err
			}
		}
		several, ctx := errgroup.WithContext(ctx)
		for _, logs := range going {
			several.Go(func() error { return logs.print(ctx) })
		}
		return several.Wait()
	})
	return all.Wait()
}

// watch posts whatever is new until ctx ends.
func (f *following) watch(ctx context.Context) error {
	for {
		now, err := f.watcher.nextSeen(ctx)
		if err != nil {
			return err
		}
		if err := f.tell(now); err != nil {
			return err
		}
		if now.explanation != nil {
			f.post(now)
		}
	}
}

// tell says what is new of the Job itself, and of our sight of it.
func (f *following) tell(now look) error {
	before, _ := f.news.latest()
	if now.gone && !before.gone && now.explanation != nil {
		if err := f.printer.note("job " + now.explanation.Metadata.Name + " was deleted"); err != nil {
			return err
		}
	}
	if words := turn(now.trouble, &f.troubled); words != "" {
		return f.printer.note(words)
	}
	return nil
}

func (f *following) post(now look) {
	pods := map[string]*evidence.Attempt{}
	for i := range now.seen.Attempts {
		if pod := &now.seen.Attempts[i]; f.selection.indexes.Has(pod.Index) {
			pods[pod.Name] = pod
		}
	}
	f.news.post(logSight{now, pods})
}

func (f *following) isTroubled() bool {
	now, _ := f.news.latest()
	return now.trouble != nil
}

// unread are the chosen indexes of which something is to be read, or may come.
func (f *following) unread() (ended, going []*indexLogs) {
	now, _ := f.news.latest()
	e := now.explanation
	for i := range e.Fates {
		record := &e.Fates[i]
		over := now.gone || isOver(e, record)
		if over && len(record.Attempts) == 0 {
			continue
		}
		for _, part := range indexes.Range(record.Index, record.Last()).Intersect(f.selection.indexes).Intervals() {
			for index := part.First; index <= part.Last; index++ {
				logs := f.logsOf(index)
				switch next, done := logs.next(&now); {
				case over && next != nil:
					ended = append(ended, logs)
				case !over && !done:
					going = append(going, logs)
				}
			}
		}
	}
	return ended, going
}

func (f *following) logsOf(index int32) *indexLogs {
	if f.of[index] == nil {
		f.of[index] = &indexLogs{following: f, index: index, read: map[string]bool{}}
	}
	return f.of[index]
}

func (f *following) count(what func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what()
}

// conclude says what did not come.
func (f *following) conclude() error {
	now, _ := f.news.latest()
	never := indexes.Builder{}
	for _, part := range f.podless.Intervals() {
		for index := part.First; index <= part.Last; index++ {
			if record := now.explanation.RecordOf(index); record == nil || len(record.Attempts) == 0 {
				never.Add(index)
			}
		}
	}
	if err := f.tellPodless("never got a pod", "never got a pod", never.Set()); err != nil {
		return err
	}
	switch {
	case len(f.sources) == 0:
		return f.selection.none(now.explanation)
	case f.printer.printed == 0:
		return noLogOf(f.sources)
	case f.broken > 0:
		return fmt.Errorf("logs that could not be read to their ends: %d\nhint: without -f kubectl indexjob logs %s prints what is left of them", f.broken, terminal.Quote(now.explanation.Metadata.Name))
	}
	return nil
}

// open opens a log where it was left.
func (f *following) open(ctx context.Context, source logSource, place *logPlace) (io.ReadCloser, error) {
	request := f.options.request
	request.Timestamps = true
	if place.lines > 0 {
		request.Tail, request.Since, request.SinceTime = nil, nil, place.last
	}
	return f.options.open(ctx, source, request)
}

// isOver: the index has come to its end, or the Job has.
func isOver(e *v1alpha1.Explanation, record *v1alpha1.IndexFate) bool {
	switch record.Fate {
	case v1alpha1.Succeeded, v1alpha1.Failed, v1alpha1.Stopped, v1alpha1.NeverStarted, v1alpha1.Unfinished:
		return true
	}
	return e.Conclusion.State.Decided()
}
