package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/replay"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
	"github.com/indexjob/kubectl-indexjob/pkg/view"
)

// outputWide is the value of -o that adds columns.
const outputWide = "wide"

// listFlags is what can be typed after list.
type listFlags struct {
	Config        *connectionFlags
	Print         printFlags
	AllNamespaces bool
	Selector      string
	SortBy        string
	NoHeaders     bool
	Color         terminal.Color
	Watch         bool
	ChunkSize     int64
}

// listOptions is what is needed to list Jobs.
type listOptions struct {
	client    *cluster.Client
	namespace string // empty for all of them
	selector  string
	order     replay.Order
	print     printer // nil draws the table
	columns   view.Columns
	screen    view.Screen
	out, err  io.Writer
}

func newList(config *connectionFlags, t terminal.Terminal) *cobra.Command {
	flags := &listFlags{
		Config: config,

		SortBy:    string(replay.ByState),
		Color:     terminal.ColorAuto,
		ChunkSize: cluster.DefaultChunkSize,
	}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the Indexed Jobs, the worst first",
		Long: `List the Indexed Jobs, the worst first, with a bar of what became of their
indexes: o succeeded, x failed, > active, - waiting or in backoff, u unfinished
when the Job was decided.

--sort-by orders what -o prints, too: by state the worst is first, by age the
youngest, by failed the one with most failed indexes.

--watch keeps the table up to date until q is typed. Off a terminal it goes on
with a row for each Job whose state, counts or reason changed, or that is gone.

Only the Jobs are read, not their pods: kubectl indexjob explain NAME says more.`,
		Example: `  # The Indexed Jobs of this namespace
  kubectl indexjob list

  # Those of a team, everywhere, with their failed indexes
  kubectl indexjob list -A -l team=search -o wide

  # Live, the youngest first
  kubectl indexjob list --watch --sort-by age

  # The names of those with failed indexes
  kubectl indexjob list -o jsonpath='{range .items[?(@.counts.Failed)]
    }{.metadata.name}{"\n"}{end}'`,
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("list takes no name, and %q was given\nhint: kubectl indexjob explain %s explains that Job; -l chooses by label", args[0], terminal.Quote(args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.Watch {
				options, err := flags.toWatch(t)
				if err != nil {
					return err
				}
				return options.run(cmd.Context())
			}
			options, err := flags.toOptions(t)
			if err != nil {
				return err
			}
			return options.run(cmd.Context())
		},
	}
	flags.addFlags(cmd)
	return cmd
}

func (f *listFlags) addFlags(cmd *cobra.Command) {
	f.Print.addFlags(cmd.Flags(), outputWide)
	cmd.Flags().BoolVarP(&f.AllNamespaces, "all-namespaces", "A", false, "The Jobs of all namespaces")
	cmd.Flags().StringVarP(&f.Selector, "selector", "l", "", "Only Jobs with these `labels`, as in a=b,c!=d")
	cmd.Flags().StringVar(&f.SortBy, "sort-by", f.SortBy, "Order by this `key`: state, age, failed or name")
	cmd.Flags().BoolVar(&f.NoHeaders, "no-headers", false, "Leave out the titles of the columns")
	cmd.Flags().Var(&f.Color, "color", "Colour: auto, always or never")
	cmd.Flags().BoolVarP(&f.Watch, "watch", "w", false, "Keep the list up to date until it is left")
	addChunkSize(cmd, &f.ChunkSize)
	complete(cmd, map[string]cobra.CompletionFunc{
		"output": words(outputWords(outputWide)...), "template": files, "color": words(colors...), "sort-by": words(orderWords()...),
	})
}

func orderWords() []string {
	var words []string
	for _, order := range replay.Orders {
		words = append(words, string(order))
	}
	return words
}

func (f *listFlags) toOptions(t terminal.Terminal) (*listOptions, error) {
	if err := checkChunkSize(f.ChunkSize); err != nil {
		return nil, err
	}
	if _, err := labels.Parse(f.Selector); err != nil {
		return nil, fmt.Errorf("reading -l %s: %w\nhint: -l team=search,stage!=test", f.Selector, err)
	}
	if !slices.Contains(replay.Orders, replay.Order(f.SortBy)) {
		return nil, fmt.Errorf("--sort-by %s is not known\nhint: --sort-by state, age, failed or name", f.SortBy)
	}
	o := &listOptions{
		selector: f.Selector,
		order:    replay.Order(f.SortBy),
		columns:  view.Columns{Namespace: f.AllNamespaces, NoTitles: f.NoHeaders},
		out:      t.Out,
		err:      t.Err,
	}
	o.screen.Color = t.Colored(f.Color)
	if t.OutIsTTY {
		o.screen.Width, _ = t.Size()
	}
	var err error
	if f.Print.Output == outputWide {
		o.columns.Wide = true
	} else if o.print, err = f.Print.toPrint("list"); err != nil {
		return nil, err
	}
	o.client, o.namespace, err = connect(f.Config, t, f.ChunkSize)
	if f.AllNamespaces {
		o.namespace = metav1.NamespaceAll
	}
	return o, err
}

func (o *listOptions) run(ctx context.Context) error {
	listing, err := o.client.List(ctx, o.namespace, o.selector)
	if err != nil {
		return err
	}
	list := replay.Summarize(listing.Indexed, listing.ObservedAt)
	replay.Sort(list, o.order)
	if o.print != nil {
		return o.print(list, o.out)
	}
	if len(list.Items) == 0 {
		return o.nothing(listing.Others)
	}
	_, err = io.WriteString(o.out, view.List(list, o.columns, o.screen))
	return err
}

// nothing says on stderr, as kubectl does, that the list is empty.
func (o *listOptions) nothing(others int) error {
	_, err := fmt.Fprintln(o.err, o.nothingFound(others))
	return err
}

func (o *listOptions) nothingFound(others int) string {
	where := "namespace " + o.namespace
	if o.namespace == metav1.NamespaceAll {
		where = "any namespace"
	}
	words := "No Indexed Jobs found in " + where + "."
	if others > 0 {
		words += fmt.Sprintf(" Jobs of another completionMode: %d; kubectl get jobs lists them.", others)
	}
	return terminal.SanitizeLine(words)
}
