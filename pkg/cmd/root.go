package cmd

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// garbagePercent is how much garbage is borne, of what is in use: less than Go
// does of its own accord, for pages leave much of it behind and memory on a
// laptop is dearer than what it costs to sweep more often.
const garbagePercent = 20

// Main is the whole program: it runs the command that args name, without the
// program's own name, and returns the exit status.
func Main(args []string) int {
	if _, chosen := os.LookupEnv("GOGC"); !chosen {
		debug.SetGCPercent(garbagePercent)
	}
	return underSignals(func(ctx context.Context) int { return run(ctx, terminal.FromOS(), args) })
}

func run(ctx context.Context, t terminal.Terminal, args []string) int {
	root := newRoot(t)
	if err := unknownCommand(root, args); err != nil {
		return exitStatus(ctx, t, err)
	}
	root.SetArgs(args)
	return exitStatus(ctx, t, root.ExecuteContext(ctx))
}

// unknownCommand finds a command that is none before its flags are read, which would
// be unknown as well.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], "__") || args[0] == "help" {
		return nil
	}
	if found, _, _ := root.Find(args); found != root {
		return nil
	}
	return root.Args(root, args[:1])
}

func newRoot(t terminal.Terminal) *cobra.Command {
	root := &cobra.Command{
		Use: "kubectl-indexjob",
		// kubectl finds plugins by their file's name and calls them by words.
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl indexjob"},
		Short:       "Explain the fate of every index of an Indexed Job",
		Long: `Explain the fate of every index of a Kubernetes Indexed Job: which indexes
failed, retried, were ignored or never started, which rule or limit decided,
and what failed the Job. It only ever reads.`,
		Example: `  # What became of the Job nightly?
  kubectl indexjob explain nightly

  # Which Jobs are in trouble?
  kubectl indexjob list -A

  # In a pipeline
  kubectl indexjob wait nightly --timeout 30m --report junit=nightly.xml`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			if meant := cluster.Nearest(args[0], verbs(cmd)); meant != "" {
				return fmt.Errorf("unknown command %q\nhint: did you mean kubectl indexjob %s?", args[0], meant)
			}
			return fmt.Errorf("unknown command %q\nhint: kubectl indexjob --help lists them; kubectl indexjob explain %s explains that Job", args[0], terminal.Quote(args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(t.In)
	root.SetOut(t.Out)
	root.SetErr(t.Err)
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().BoolP("help", "h", false, "Show this help, or that of a command")
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(t.Out, helpOf(cmd)) })
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if meant := flagMeant(cmd, err); meant != "" {
			return fmt.Errorf("%w\nhint: did you mean %s?", err, meant)
		}
		return fmt.Errorf("%w\nhint: %s --help", err, cmd.CommandPath())
	})

	config := newConnectionFlags()
	config.addFlags(root.PersistentFlags())
	completeConnection(root, config, t)
	addLogFlags(root)

	root.AddCommand(
		newBrowse(config, t),
		newCompletion(t),
		newExplain(config, t),
		newList(config, t),
		newLogs(config, t),
		newSnapshot(config, t),
		newVersion(t),
		newWait(config, t),
	)
	nameValues(root)
	return root
}

// logNothing once: klog may not be given another logger while anything runs.
var logNothing = sync.OnceFunc(func() { klog.SetLogger(logr.Discard()) })

// addLogFlags adds -v and --vmodule, the two that kubectl shows. Without them
// client-go logs nothing: its errors come back to us, and are told once.
func addLogFlags(root *cobra.Command) {
	all := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(all)
	for name, usage := range map[string]string{
		"v":       "Log requests, from `level` 6 on",
		"vmodule": "Log by source file, as `pattern=level`",
	} {
		all.Lookup(name).Usage = usage
		root.PersistentFlags().AddGoFlag(all.Lookup(name))
	}
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		if !cmd.Flags().Changed("v") && !cmd.Flags().Changed("vmodule") {
			logNothing()
		}
	}
}
