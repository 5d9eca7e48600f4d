package cmd

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// logsFlags is what can be typed after logs.
type logsFlags struct {
	Config     *connectionFlags
	Index      string
	Attempt    int32
	Failed     bool
	Cause      string
	Container  string
	Since      time.Duration
	Tail       int64
	Timestamps bool
	Follow     bool
	Color      terminal.Color
	ChunkSize  int64
}

// logsOptions is what is needed to print the logs of some attempts.
type logsOptions struct {
	client    *cluster.Client
	namespace string
	reference cluster.Reference
	choice    logChoice
	request   cluster.LogRequest
	color     bool
	now       func() time.Time
	out, err  io.Writer
}

func newLogs(config *connectionFlags, t terminal.Terminal) *cobra.Command {
	flags := &logsFlags{Config: config, Tail: -1, Color: terminal.ColorAuto, ChunkSize: cluster.DefaultChunkSize}
	cmd := &cobra.Command{
		Use:   "logs [NAME | job/NAME | cronjob/NAME] --index 2",
		Short: "Print what the attempts of an index wrote",
		Long: `Print what the attempts of an index wrote, so far as their pods are still there:
those that are gone are named on standard error, with the reason.

Where there is more than one log, each line begins with its index and attempt:
3#1 is the first attempt of index 3.

With -f it waits for pods and retries, until every index that was chosen has
come to its end or the Job is deleted. Attempts of one index are printed one
after the other, several indexes line by line. With --failed or --cause an
attempt is printed once it has failed.

Characters that steer a terminal, or a CI system's runner, are shown as escapes.`,
		Example: `  # Every attempt of index 2
  kubectl indexjob logs nightly --index 2

  # The first attempt alone, its sidecar
  kubectl indexjob logs nightly --index 2 --attempt 1 -c proxy

  # The last words of every attempt that failed
  kubectl indexjob logs nightly --failed --tail 5

  # What the attempts of index 2 wrote that failed of one cause
  kubectl indexjob logs nightly --index 2 --cause 1

  # Go on while these write, and with the retries that come
  kubectl indexjob logs nightly --index 3,7 -f`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.toOptions(args, t)
			if err != nil {
				return err
			}
			return options.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&flags.Index, "index", "", "Only these `indexes`, such as 3,7-9")
	cmd.Flags().Int32Var(&flags.Attempt, "attempt", 0, "Only this attempt of each, by its `number`")
	cmd.Flags().BoolVar(&flags.Failed, "failed", false, "Only attempts that failed, of any index")
	cmd.Flags().StringVar(&flags.Cause, "cause", "", "Only failed attempts of this cause: `ID` or number")
	cmd.Flags().StringVarP(&flags.Container, "container", "c", "", "The log of this `container`, not of the main one")
	cmd.Flags().DurationVar(&flags.Since, "since", 0, "Only what is newer than this `time`, such as 10s")
	cmd.Flags().Int64Var(&flags.Tail, "tail", flags.Tail, "Only this `number` of last lines of each, -1 for all")
	cmd.Flags().BoolVar(&flags.Timestamps, "timestamps", false, "Begin each line with its time")
	cmd.Flags().BoolVarP(&flags.Follow, "follow", "f", false, fmt.Sprintf("Go on, with the retries, of %d indexes at most", mostFollowed))
	cmd.Flags().Var(&flags.Color, "color", "Colour: auto, always or never")
	addChunkSize(cmd, &flags.ChunkSize)
	of := newEvidenceFlags(config)
	cmd.ValidArgsFunction = of.jobs(t)
	complete(cmd, map[string]cobra.CompletionFunc{"index": of.failedIndexes(t), "cause": of.causes(t), "color": words(colors...)})
	return cmd
}

func (f *logsFlags) toOptions(args []string, t terminal.Terminal) (*logsOptions, error) {
	o := &logsOptions{choice: logChoice{f.Index, f.Attempt, f.Failed, f.Cause}, color: t.Colored(f.Color), now: t.Now, out: t.Out, err: t.Err}
	o.request = cluster.LogRequest{Container: f.Container, Timestamps: f.Timestamps, Follow: f.Follow}
	switch {
	case len(args) > 1:
		return nil, fmt.Errorf("%d names were given, but the logs are of one Job\nhint: kubectl indexjob logs NAME --index 2", len(args))
	case f.Attempt < 0:
		return nil, fmt.Errorf("--attempt %d is negative\nhint: attempts count from 1, as in explain --index", f.Attempt)
	case f.Tail < -1:
		return nil, fmt.Errorf("--tail %d is negative\nhint: -1 is for all lines", f.Tail)
	case f.Since < 0:
		return nil, fmt.Errorf("--since %s is negative\nhint: --since 10m is for the last ten minutes", f.Since)
	}
	if f.Tail >= 0 {
		o.request.Tail = &f.Tail
	}
	if f.Since > 0 {
		o.request.Since = new(max(1, int64(f.Since.Round(time.Second)/time.Second)))
	}
	if err := checkChunkSize(f.ChunkSize); err != nil {
		return nil, err
	}
	var err error
	if len(args) == 1 {
		if o.reference, err = cluster.ParseReference(args[0]); err != nil {
			return nil, err
		}
	}
	o.client, o.namespace, err = connect(f.Config, t, f.ChunkSize)
	return o, err
}

func (o *logsOptions) run(ctx context.Context) error {
	name, err := o.client.Find(ctx, o.namespace, o.reference)
	if err != nil {
		return err
	}
	if o.request.Follow {
		return o.follow(ctx, name)
	}
	seen, err := o.client.Observe(ctx, o.namespace, name)
	if err != nil {
		return err
	}
	sources, err := o.sources(replay.Explain(seen, seen.ObservedAt))
	if err != nil {
		return err
	}
	return o.print(ctx, sources)
}

// print writes the logs one after the other.
func (o *logsOptions) print(ctx context.Context, sources []logSource) error {
	p := o.printer(len(sources) > 1)
	for _, source := range sources {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := p.print(source, func() (io.ReadCloser, error) { return o.open(ctx, source, o.request) }); err != nil {
			return err
		}
	}
	if p.printed > 0 {
		return nil
	}
	return noLogOf(sources)
}

func (o *logsOptions) printer(prefixed bool) *logPrinter {
	return &logPrinter{out: o.out, err: o.err, prefixed: prefixed, color: o.color}
}

func (o *logsOptions) open(ctx context.Context, source logSource, request cluster.LogRequest) (io.ReadCloser, error) {
	if source.gone != "" {
		return nil, &cluster.NoLog{Because: source.gone}
	}
	request.Namespace, request.Pod, request.Container = o.namespace, source.pod, source.container
	return o.client.Log(ctx, request)
}
