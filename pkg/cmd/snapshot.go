package cmd

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// snapshotFlags is what can be typed after snapshot.
type snapshotFlags struct {
	evidenceFlags
	Output   string
	Messages bool
	Force    bool
}

// snapshotOptions is what is needed to write one snapshot.
type snapshotOptions struct {
	observe  func(context.Context) (*evidence.Job, error)
	output   string
	messages bool
	force    bool
	out, err io.Writer
}

func newSnapshot(config *connectionFlags, t terminal.Terminal) *cobra.Command {
	flags := &snapshotFlags{evidenceFlags: newEvidenceFlags(config)}
	cmd := &cobra.Command{
		Use:   "snapshot [NAME | job/NAME | cronjob/NAME] [-o FILE] [-f FILE]",
		Short: "Write what explain reads into a file, without secrets",
		Long: `Write what explain reads of a Job into a file, to explain it later or elsewhere:
with a failed CI run, or in a bug report.

What is not read is not in it: no environment, command, image or volume, no
labels and annotations but the Job controller's own. Messages, which programs
fill as they like, are left out unless --messages asks for them; causes that
only their messages tell apart become one. Names of the namespace, of pods,
containers and nodes are kept.

With -f the evidence comes from what kubectl printed, which holds all of that.`,
		Example: `  # Keep a Job that failed in CI
  kubectl indexjob snapshot nightly -o nightly.json
  kubectl indexjob explain -f nightly.json

  # Take out of a file what is nobody's business
  kubectl indexjob snapshot -f everything.yaml -o nightly.json`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
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
	cmd.Flags().StringVarP(&flags.Output, "output", "o", "-", "Write this `file`, - for standard output")
	cmd.Flags().BoolVar(&flags.Messages, "messages", false, "Keep messages of containers, events and errors")
	cmd.Flags().BoolVar(&flags.Force, "force", false, "Overwrite the file if it is there")
	complete(cmd, map[string]cobra.CompletionFunc{"output": files})
	return cmd
}

func (f *snapshotFlags) toOptions(args []string, t terminal.Terminal) (*snapshotOptions, error) {
	reference, err := f.toReference(args)
	if err != nil {
		return nil, err
	}
	o := &snapshotOptions{output: f.Output, messages: f.Messages, force: f.Force, out: t.Out, err: t.Err}
	o.observe, err = f.toObserve(reference, t)
	return o, err
}

// validate finds out now what would be a pity after minutes of reading.
func (o *snapshotOptions) validate() error {
	switch o.output {
	case "":
		return fmt.Errorf("-o names no file\nhint: -o nightly.json, or - for standard output")
	case "json", "yaml":
		return fmt.Errorf("-o %s: -o is a file here, not a format\nhint: -o nightly.%[1]s, or ./%[1]s if that is its name", o.output)
	}
	if isStdout(o.output) {
		return nil
	}
	return o.writing(checkFile(o.output, o.force))
}

// writing says which file an error is about.
func (o *snapshotOptions) writing(err error) error {
	if err != nil {
		return fmt.Errorf("writing %s: %w", o.output, err)
	}
	return nil
}

func (o *snapshotOptions) run(ctx context.Context) error {
	seen, err := o.observe(ctx)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return cluster.WriteSnapshot(w, seen, o.messages) }
	if isStdout(o.output) {
		err = write(o.out)
	} else {
		err = o.writing(writeFile(o.output, evidenceMode, o.force, write))
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(o.err, o.report(seen))
	return err
}

// report says what the snapshot keeps, leaves out and lacks.
func (o *snapshotOptions) report(seen *evidence.Job) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(terminal.SanitizeLine(fmt.Sprintf(format, args...)) + "\n")
	}
	line("snapshot: job %s at %s, pods: %d, events: %d", strings.TrimPrefix(seen.Job.Namespace+"/"+seen.Job.Name, "/"),
		seen.ObservedAt.UTC().Format(time.RFC3339), len(seen.Attempts), len(seen.Events))
	kept, leftOut := "", ", messages (--messages keeps them)"
	if o.messages {
		kept, leftOut = ", messages (read them before you give it away)", ""
	}
	line("kept: limits, policies and counts of the Job; names, nodes, times, phases, exit codes, reasons%s", kept)
	line("left out: environments, commands, images, volumes, addresses, other labels and annotations%s", leftOut)
	for _, gap := range seen.Gaps {
		line("missing: %s", gap.Message)
	}
	if !isStdout(o.output) {
		b.WriteString("next: kubectl indexjob explain -f " + terminal.Quote(o.output) + "\n")
	}
	return b.String()
}
