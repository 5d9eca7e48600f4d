package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// waitFlags is what can be typed after wait.
type waitFlags struct {
	*explainFlags
	For           string
	FailFast      bool
	Timeout       time.Duration
	CreateTimeout time.Duration
	StuckTimeout  time.Duration
}

// The values of --for.
const (
	forDecided  = "decided"
	forFinished = "finished"
)

// waitOptions is what is needed to wait for one Job.
type waitOptions struct {
	follow   func(context.Context) (*cluster.Follower, error)
	finished bool
	failFast bool
	creates  bool // a Job that is not there yet is waited for
	timeout  time.Duration
	// stuck is how long a Job may be hopeless; 0 is for ever.
	stuck    time.Duration
	now      func() time.Time
	result   *explainOptions
	terminal terminal.Terminal
}

func newWait(config *connectionFlags, t terminal.Terminal) *cobra.Command {
	flags := &waitFlags{explainFlags: newExplainFlags(config), For: forDecided}
	flags.Report.Tails = true
	cmd := &cobra.Command{
		Use:   "wait NAME | job/NAME | cronjob/NAME",
		Short: "Wait until a Job is decided, either way, and explain it",
		Long: `Wait until an Indexed Job is decided, be it complete or failed, and explain
what became of every index. It is decided as soon as the outcome is certain, and
finished when its last pod has ended too.

What changes meanwhile is told on standard error, a line each. Pods that are
gone at the end were seen before, so that more is known than by explain alone.
The exit status is 0 for a Job that completed, 2 for one that failed, 3 for one
that is not decided: the time ran out, or the Job was deleted. --stuck-timeout
gives up on pods whose image or configuration is missing, that the API server
rejects, or that no node takes for 15 minutes.`,
		Example: `  # In a pipeline
  kubectl apply -f tests.yaml
  kubectl indexjob wait tests --timeout 30m

  # And keep a report for the CI system
  kubectl indexjob wait tests --report junit=tests.xml --report json=tests.json

  # Not longer than until the first index has failed
  kubectl indexjob wait tests --fail-fast

  # A Job that something else is about to create, until its last pod is gone
  kubectl indexjob wait tests --create-timeout 2m --for finished`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.toOptions(args, t)
			if err != nil {
				return err
			}
			return options.run(cmd.Context())
		},
	}
	flags.addResultFlags(cmd)
	addChunkSize(cmd, &flags.ChunkSize)
	cmd.ValidArgsFunction = flags.jobs(t)
	cmd.Flags().StringVar(&flags.For, "for", flags.For, "Wait until this `state`: decided or finished")
	cmd.Flags().BoolVar(&flags.FailFast, "fail-fast", false, "End with 2 as soon as an index has failed")
	cmd.Flags().DurationVar(&flags.Timeout, "timeout", 0, "Give up after this `time`; 0 waits forever")
	cmd.Flags().DurationVar(&flags.CreateTimeout, "create-timeout", 0, "Wait this `time` for a Job that is not there yet")
	cmd.Flags().DurationVar(&flags.StuckTimeout, "stuck-timeout", 0, "End with 3 once it has been stuck for this `time`")
	complete(cmd, map[string]cobra.CompletionFunc{"for": words(forDecided, forFinished)})
	return cmd
}

func (f *waitFlags) toOptions(args []string, t terminal.Terminal) (*waitOptions, error) {
	switch {
	case len(args) == 0:
		return nil, errors.New("no Job was named\nhint: kubectl indexjob wait NAME")
	case f.For != forDecided && f.For != forFinished:
		return nil, fmt.Errorf("--for %s is not known\nhint: --for decided or --for finished", f.For)
	case f.Timeout < 0 || f.CreateTimeout < 0 || f.StuckTimeout < 0:
		return nil, errors.New("a time to wait is negative\nhint: --timeout 0 waits forever")
	}
	result, err := f.explainFlags.toOptions(args, t)
	if err != nil {
		return nil, err
	}
	follow, err := f.toFollow(args, f.CreateTimeout, t)
	if err != nil {
		return nil, err
	}
	return &waitOptions{
		follow:   follow,
		finished: f.For == forFinished,
		failFast: f.FailFast,
		creates:  f.CreateTimeout > 0,
		timeout:  f.Timeout,
		stuck:    f.StuckTimeout,
		now:      t.Now,
		result:   result,
		terminal: t,
	}, nil
}

// outcome is why the waiting ended.
type outcome string

const (
	decided    outcome = ""
	gone       outcome = "the Job was deleted; this is its last known state"
	timedOut   outcome = "timed out"
	failedFast outcome = "an index failed, the rest is not waited for"
	stuck      outcome = "stuck: nothing goes on, and what holds it up needs somebody"
)

func (o *waitOptions) run(ctx context.Context) error {
	limited := ctx
	if o.timeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	follower, err := o.follow(limited)
	switch {
	case err != nil && limited.Err() != nil && ctx.Err() == nil:
		return o.neverSeen(err)
	case apierrors.IsNotFound(err) && !o.creates:
		return fmt.Errorf("%w; --create-timeout 2m waits for a Job that is about to be created", err) // ends in its hint
	case err != nil:
		return err
	}
	defer follower.Stop()
	w := &watcher{follower: follower, explain: replay.Outline, now: o.now}
	log := newLog(o.terminal, o.result.screen, o.now)
	defer log.clear()
	for {
		why, err := o.watch(ctx, limited, w, log)
		if err != nil {
			return err
		}
		if over, err := o.conclude(ctx, limited, w, why, log); over {
			return err
		}
	}
}

// leastReading is how long what ends the waiting may take, however late it is.
const leastReading = time.Second

// conclude reads once more and explains, within the time that is left. It is not
// over if that takes back why the waiting has ended.
func (o *waitOptions) conclude(ctx, limited context.Context, w *watcher, why outcome, log *changeLog) (over bool, err error) {
	ending := ctx
	if until, is := limited.Deadline(); is {
		var cancel context.CancelFunc
		ending, cancel = context.WithTimeoutCause(ctx, max(leastReading, time.Until(until)), &cluster.NoLog{Because: "the time of --timeout was over"})
		defer cancel()
	}
	final, err := w.last(ending)
	switch {
	case ctx.Err() != nil:
		return true, ctx.Err()
	case err != nil && why == timedOut:
		return true, o.neverSeen(err)
	case err != nil:
		return true, err
	case why == stuck && !isHopeless(final.explanation):
		return false, nil
	case why == failedFast && final.explanation.Counts[v1alpha1.Failed] == 0 && !o.isOver(final.explanation):
		return false, nil
	}
	return true, o.end(ending, final, why, log)
}

// watch tells what changes until there is a reason to end.
func (o *waitOptions) watch(ctx, limited context.Context, w *watcher, log *changeLog) (outcome, error) {
	var hopelessSince time.Time
	for {
		seen, err := w.next(limited)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			return timedOut, nil
		}
		log.tell(seen)
		switch {
		case seen.explanation != nil && o.isOver(seen.explanation):
			return decided, nil
		case seen.gone:
			return gone, nil
		case seen.explanation != nil && o.failFast && seen.explanation.Counts[v1alpha1.Failed] > 0:
			return failedFast, nil
		}
		switch {
		case seen.explanation == nil || !isHopeless(seen.explanation):
			hopelessSince = time.Time{}
		case hopelessSince.IsZero():
			hopelessSince = o.now()
		case o.stuck > 0 && o.now().Sub(hopelessSince) >= o.stuck:
			return stuck, nil
		}
	}
}

// isOver: what was waited for has come.
func (o *waitOptions) isOver(e *v1alpha1.Explanation) bool {
	if o.finished {
		return e.Conclusion.FinishedTime != nil
	}
	return e.Conclusion.State.Decided()
}

// end explains, and gives the exit status.
func (o *waitOptions) end(ctx context.Context, final look, why outcome, log *changeLog) error {
	over := o.isOver(final.explanation)
	seen := "the Job now:"
	if final.trouble != nil {
		seen = "the last reading failed (" + inShort(final.trouble) + "); the Job as it was seen before:"
	}
	switch {
	case !over && why == timedOut:
		log.note("timed out after " + o.timeoutInWords() + "; " + seen)
	case !over:
		log.note(string(why))
	case final.trouble != nil:
		log.note(seen)
	}
	log.clear()
	if err := o.result.deliver(ctx, final); err != nil {
		return err
	}
	switch {
	case over:
		return verdictOn(final.explanation.Conclusion.State)
	case why == failedFast:
		return verdict(exitFailed)
	}
	return verdict(exitUndecided)
}

// timeoutInWords is the timeout as it is typed: 30m, not 30m0s.
func (o *waitOptions) timeoutInWords() string {
	words := o.timeout.String()
	if strings.HasSuffix(words, "m0s") {
		words = strings.TrimSuffix(words, "0s")
	}
	if strings.HasSuffix(words, "h0m") {
		words = strings.TrimSuffix(words, "0m")
	}
	return words
}

// neverSeen ends without an explanation: the time was over before.
func (o *waitOptions) neverSeen(err error) error {
	complain(o.terminal, fmt.Sprintf("timed out after %s, before the Job could be read: %v", o.timeoutInWords(), err))
	return verdict(exitUndecided)
}
