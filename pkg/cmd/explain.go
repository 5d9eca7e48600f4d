package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// explainFlags is what can be typed after explain.
type explainFlags struct {
	evidenceFlags
	Print      printFlags
	Index      string
	Cause      string
	Timeline   bool
	ExitStatus bool
	Watch      bool
	Color      terminal.Color
	LocalTime  bool
	Report     reportFlags
}

// explainOptions is what is needed to explain one Job.
type explainOptions struct {
	observe    func(context.Context) (*evidence.Job, error)
	live       bool
	index      string
	cause      string // a number, an ID or a beginning of one
	timeline   bool
	print      printer // nil draws the screen
	screen     view.Screen
	command    func(job string) []string
	reports    *reports
	client     func() (*cluster.Client, error) // for logs
	exitStatus bool
	out        io.Writer
}

func newExplain(config *connectionFlags, t terminal.Terminal) *cobra.Command {
	flags := newExplainFlags(config)
	cmd := &cobra.Command{
		Use:   "explain [NAME | job/NAME | cronjob/NAME] [-f FILE]",
		Short: "Explain what became of every index of a Job",
		Long: `Explain what became of every index of an Indexed Job, and why.

Without a NAME the one Indexed Job of the namespace is meant; cronjob/NAME
means the newest Job of that CronJob. With -f no cluster is asked: the Job, its
pods and its events come from what kubectl printed, in yaml or json, gzipped or
not.

Reports and the logs of CI systems have the last lines that each cause wrote,
unless --logs=0. --ci is auto, github, gitlab, buildkite, plain or none. Off a
terminal --watch tells what changes, a line each.`,
		Example: `  # What became of the Job nightly?
  kubectl indexjob explain nightly

  # Every attempt of some indexes, and which rule decided
  kubectl indexjob explain nightly --index 2,7-9

  # Every index that one cause hit
  kubectl indexjob explain nightly --cause 1

  # Where the time went: attempts and waits to scale, how long, how much
  kubectl indexjob explain nightly --timeline

  # Live, until it is finished or q is typed
  kubectl indexjob explain nightly --watch

  # In a pipeline: a report for the CI system, and the last words of each cause
  kubectl indexjob explain nightly --report junit=nightly.xml --logs

  # A page to open in a browser, a week later, without a cluster
  kubectl indexjob explain nightly --report html=nightly.html

  # Without a cluster
  kubectl get events,pods,job -o yaml > nightly.yaml
  kubectl indexjob explain -f nightly.yaml

  # In a script: 0 complete, 2 failed, 3 not decided
  kubectl indexjob explain nightly --exit-status \
    -o jsonpath='{.conclusion.reason}'`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.Watch {
				options, err := flags.toWatch(args, t)
				if err != nil {
					return err
				}
				return options.run(cmd.Context())
			}
			options, err := flags.toOptions(args, t)
			if err != nil {
				return err
			}
			if err := options.validate(); err != nil {
				return err
			}
			return options.run(cmd.Context())
		},
	}
	flags.addFlags(cmd)
	cmd.ValidArgsFunction = flags.jobs(t)
	complete(cmd, map[string]cobra.CompletionFunc{"index": flags.failedIndexes(t), "cause": flags.causes(t)})
	return cmd
}

func newExplainFlags(config *connectionFlags) *explainFlags {
	return &explainFlags{
		evidenceFlags: newEvidenceFlags(config),

		Color:  terminal.ColorAuto,
		Report: newReportFlags(),
	}
}

func (f *explainFlags) addFlags(cmd *cobra.Command) {
	f.addResultFlags(cmd)
	f.evidenceFlags.addFlags(cmd)
	cmd.Flags().StringVar(&f.Index, "index", "", "Only these `indexes`, such as 3,7-9, in every detail")
	cmd.Flags().StringVar(&f.Cause, "cause", "", "Only this cause, by `ID` or number; all: every one")
	cmd.Flags().BoolVar(&f.Timeline, "timeline", false, "Draw it over time; --index or --cause choose rows")
	cmd.Flags().BoolVar(&f.ExitStatus, "exit-status", false, "Exit with 0 complete, 2 failed, 3 not decided")
	cmd.Flags().BoolVarP(&f.Watch, "watch", "w", false, "Keep the screen up to date until it is finished")
}

// addResultFlags adds those about how an explanation is shown.
func (f *explainFlags) addResultFlags(cmd *cobra.Command) {
	f.Print.addFlags(cmd.Flags())
	cmd.Flags().Var(&f.Color, "color", "Colour: auto, always or never")
	cmd.Flags().BoolVar(&f.LocalTime, "local-time", false, "Tell times in the local time zone, not in UTC")
	f.Report.addFlags(cmd)
	complete(cmd, map[string]cobra.CompletionFunc{"output": words(outputWords()...), "template": files, "color": words(colors...)})
}

// colors are the values of --color.
var colors = []string{string(terminal.ColorAuto), string(terminal.ColorAlways), string(terminal.ColorNever)}

func (f *explainFlags) toOptions(args []string, t terminal.Terminal) (*explainOptions, error) {
	reference, err := f.toReference(args)
	if err != nil {
		return nil, err
	}
	o := &explainOptions{
		live:       len(f.Filenames) == 0,
		index:      f.Index,
		cause:      f.Cause,
		timeline:   f.Timeline,
		exitStatus: f.ExitStatus,
		out:        t.Out,
	}
	o.screen.Width, o.screen.Height = t.Size()
	if t.OutIsTTY {
		o.screen.Height = abovePrompt(o.screen.Height)
	} else {
		o.screen.Width, o.screen.Height = t.LogWidth(), view.Unbounded
	}
	o.command = func(job string) []string { return f.command(job, reference.Name != "") }
	o.screen.Color = t.Colored(f.Color)
	if f.LocalTime {
		o.screen.Location = time.Local
	}
	if o.print, err = f.Print.toPrint("explain"); err != nil {
		return nil, err
	}
	if o.reports, err = f.Report.toReports(t, o.live); err != nil {
		return nil, err
	}
	o.client = func() (*cluster.Client, error) {
		client, _, err := connect(f.Config, t, f.ChunkSize)
		return client, err
	}
	o.observe, err = f.toObserve(reference, t)
	return o, err
}

// abovePrompt is the height of a screen without the line of the prompt, or of what
// stands in its place, as long as there is a line beside it.
func abovePrompt(height int) int { return max(1, height-1) }

func (o *explainOptions) validate() error {
	if o.timeline && o.cause == allCauses {
		return errors.New("--timeline and --cause all are mutually exclusive\nhint: --timeline alone has the rows of all; --timeline --cause ID has those of one cause")
	}
	if o.index != "" && o.cause == allCauses {
		return errors.New("--index and --cause all are mutually exclusive\nhint: --cause ID --index 3,7 shows those indexes of one cause")
	}
	return nil
}

func (o *explainOptions) run(ctx context.Context) error {
	explained, err := o.explain(ctx)
	if err != nil {
		return err
	}
	if err := o.deliver(ctx, explained); err != nil {
		return err
	}
	if o.exitStatus {
		return verdictOn(explained.explanation.Conclusion.State)
	}
	return nil
}

// deliver writes the reports and shows the explanation. Whoever waited for it
// sees it even where a report cannot be written or the time is over, but who
// interrupted it sees nothing.
func (o *explainOptions) deliver(ctx context.Context, of look) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	chosen, err := o.chosen(of.explanation)
	if err != nil {
		return err
	}
	o.time(of.explanation)
	logs, err := o.reports.logs(ctx, o.client, of.explanation, chosen)
	if err != nil {
		return err
	}
	pages, unwritten := o.reports.write(&reported{of.seen, of.explanation, logs, o.reports.suite})
	if err := o.show(of.explanation, chosen, logs); err != nil {
		return err
	}
	if o.print == nil {
		for _, page := range pages {
			fmt.Fprintln(o.out, terminal.SanitizeLine("Page: "+page))
		}
	}
	return unwritten
}

// explain reads and replays. What stands in files never settles.
func (o *explainOptions) explain(ctx context.Context) (look, error) {
	read := func() (look, error) {
		seen, err := o.observe(ctx)
		if err != nil {
			return look{}, err
		}
		return look{seen: seen, explanation: replay.Explain(seen, seen.ObservedAt)}, nil
	}
	if !o.live {
		return read()
	}
	return settled(read)
}

// time adds the Job over time where it was asked for.
func (o *explainOptions) time(explanation *v1alpha1.Explanation) {
	if o.timeline && explanation.Timeline == nil {
		explanation.Timeline = replay.TimelineOf(explanation)
	}
}

// show draws or prints what was chosen.
func (o *explainOptions) show(explanation *v1alpha1.Explanation, chosen choice, logs []view.Log) error {
	if o.print != nil {
		if !chosen.isOfAll() {
			explanation.Fates = only(explanation.Fates, chosen.indexes)
		}
		return o.print(explanation, o.out)
	}
	beside, below := o.reports.placed(logs, chosen.isOfAll() && o.cause != allCauses && !o.timeline)
	_, err := io.WriteString(o.out, o.reports.ci.written(explanation, o.draw(explanation, chosen, beside), below))
	return err
}

// draw is the text for a screen.
func (o *explainOptions) draw(explanation *v1alpha1.Explanation, chosen choice, logs []view.Log) string {
	o.screen.Command = o.command(explanation.Metadata.Name)
	switch {
	case o.timeline:
		o.time(explanation)
		return view.Timeline(explanation, chosen.rows(), o.screen)
	case o.cause == allCauses:
		return view.Causes(explanation, o.screen)
	case chosen.isByIndex:
		return view.Trace(explanation, chosen.indexes, o.screen)
	case chosen.cause != 0:
		return view.Cause(explanation, chosen.cause, o.screen)
	}
	return view.Text(explanation, logs, o.screen)
}
