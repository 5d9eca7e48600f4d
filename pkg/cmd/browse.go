package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/indexjob/kubectl-indexjob/pkg/browse"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// browseFlags is what can be typed after browse.
type browseFlags struct {
	evidenceFlags
	AllNamespaces bool
	Selector      string
	Color         terminal.Color
	LocalTime     bool
}

// browseOptions is what is needed to browse one Job, or the table of Jobs.
type browseOptions struct {
	// observe reads files; it is nil for a cluster.
	observe func(context.Context) (*evidence.Job, error)
	client  *cluster.Client
	// reference is the Job to begin with, if it has a name.
	reference cluster.Reference
	namespace string
	// isTable: it begins with the table of the Jobs that the selector chooses.
	isTable  bool
	selector string
	screen   browse.Options
	terminal terminal.Terminal
}

func newBrowse(config *connectionFlags, t terminal.Terminal) *cobra.Command {
	flags := &browseFlags{evidenceFlags: newEvidenceFlags(config), Color: terminal.ColorAuto}
	cmd := &cobra.Command{
		Use:   "browse [NAME | job/NAME | cronjob/NAME] [-f FILE]",
		Short: "Move about in a Job, live: indexes, causes, logs",
		Long: `Move about in a Job on the whole screen, live: its grid, every attempt of an
index, the logs, the causes. Without a NAME it begins with the table of the
Indexed Jobs, the worst first. With -f it shows what kubectl printed.

? lists the keys. The screen stays when the Job ends, until q is typed; y leaves
it with the command that shows the same.`,
		Example: `  # The Job nightly
  kubectl indexjob browse nightly

  # All Indexed Jobs of the namespace, or of a team everywhere
  kubectl indexjob browse
  kubectl indexjob browse -A -l team=search

  # What somebody saved
  kubectl indexjob browse -f nightly.yaml`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.toOptions(args, t)
			if err != nil {
				return err
			}
			return options.run(cmd.Context())
		},
	}
	flags.addFlags(cmd)
	cmd.ValidArgsFunction = flags.jobs(t)
	return cmd
}

func (f *browseFlags) addFlags(cmd *cobra.Command) {
	f.evidenceFlags.addFlags(cmd)
	cmd.Flags().BoolVarP(&f.AllNamespaces, "all-namespaces", "A", false, "The Jobs of all namespaces")
	cmd.Flags().StringVarP(&f.Selector, "selector", "l", "", "Only Jobs with these `labels`, as in a=b,c!=d")
	cmd.Flags().Var(&f.Color, "color", "Colour: auto, always or never")
	cmd.Flags().BoolVar(&f.LocalTime, "local-time", false, "Tell times in the local time zone, not in UTC")
	complete(cmd, map[string]cobra.CompletionFunc{"color": words(colors...)})
}

func (f *browseFlags) toOptions(args []string, t terminal.Terminal) (*browseOptions, error) {
	reference, err := f.toReference(args)
	if err != nil {
		return nil, err
	}
	isTable := reference.Name == "" && len(f.Filenames) == 0
	if !isTable && (f.AllNamespaces || f.Selector != "") {
		return nil, errors.New("-A and -l choose the Jobs of the table, and one Job was named\nhint: leave them out, or the name")
	}
	if _, err := labels.Parse(f.Selector); err != nil {
		return nil, fmt.Errorf("reading -l %s: %w\nhint: -l team=search,stage!=test", f.Selector, err)
	}
	if err := f.checkTerminal(args, t); err != nil {
		return nil, err
	}
	o := &browseOptions{reference: reference, isTable: isTable, selector: f.Selector, terminal: t}
	o.screen.Timeline = replay.TimelineOf
	o.screen.Color, o.screen.IsFile, o.screen.CanSuspend = t.Colored(f.Color), len(f.Filenames) > 0, hasShell()
	if f.LocalTime {
		o.screen.Location = time.Local
	}
	o.screen.Command = func(job browse.JobKey) []string { return f.commandOf(job, !o.screen.IsFile || reference.Name != "") }
	if o.screen.IsFile {
		o.observe, err = f.toObserve(reference, t)
		return o, err
	}
	quiet := t
	quiet.Err = io.Discard // a warning would be written across the screen
	if o.client, o.namespace, err = connect(f.Config, quiet, f.ChunkSize); err != nil || !isTable {
		return o, err
	}
	if f.Partial {
		return nil, errors.New("--partial is for -f, and no file was named\nhint: leave out --partial; a cluster says itself what may not be read")
	}
	o.screen.Scope = "namespace " + o.namespace
	if f.AllNamespaces {
		o.namespace, o.screen.Scope, o.screen.Columns.Namespace = metav1.NamespaceAll, "all namespaces", true
	}
	o.screen.ListCommand = f.listCommand()
	return o, nil
}

// checkTerminal says what to type where nobody could move about.
func (f *browseFlags) checkTerminal(args []string, t terminal.Terminal) error {
	instead := "kubectl indexjob list tells the same of the Jobs"
	if len(args) > 0 || len(f.Filenames) > 0 {
		instead = strings.Join(quoted(f.command(strings.Join(args, ""), len(args) > 0)), " ") + " tells the same as a log"
	}
	what := "that keys can be read from and a screen be drawn on"
	switch {
	case t.IsDumb():
		what = "that can do more than TERM=dumb says"
	case t.OutIsTTY && (isTerminal(t.In) || slices.Contains(f.Filenames, "-")):
		return nil
	}
	return fmt.Errorf("browse needs a terminal %s\nhint: %s", what, instead)
}

func isTerminal(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

// commandOf is how a Job is explained, which of the table of all namespaces may be in
// any of them.
func (f *browseFlags) commandOf(job browse.JobKey, named bool) []string {
	of := f.evidenceFlags
	if f.AllNamespaces {
		config := *f.Config
		config.Overrides.Context.Namespace = job.Namespace
		of.Config = &config
	}
	return of.command(job.Name, named)
}

func (f *browseFlags) listCommand() string {
	words := []string{"kubectl", "indexjob", "list"}
	if f.AllNamespaces {
		words = append(words, "-A")
	}
	if f.Selector != "" {
		words = append(words, "-l", f.Selector)
	}
	return strings.Join(quoted(append(words, f.connectionWords()...)), " ")
}

func quoted(words []string) []string {
	var all []string
	for _, word := range words {
		all = append(all, terminal.Quote(word))
	}
	return all
}

// run shows the screen until somebody leaves it.
func (o *browseOptions) run(ctx context.Context) error {
	b := &browser{options: o}
	if err := b.begin(ctx); err != nil {
		return err
	}
	t := o.terminal
	if !isTerminal(t.In) { // the file came that way
		keys, _, err := tea.OpenTTY()
		if err != nil {
			return fmt.Errorf("opening the terminal to read keys from it: %w\nhint: name a file, for -f - takes the place of the keyboard", err)
		}
		defer keys.Close()
		t.In = keys
	}
	b.Model = browse.New(o.screen)
	if err := play(ctx, t, o.screen.Color, b, b.feed); err != nil {
		return err
	}
	switch {
	case b.Interrupted():
		return verdict(exitInterrupted)
	case b.Parting() != "":
		_, err := fmt.Fprintln(o.terminal.Out, b.Parting())
		return err
	}
	return nil
}
