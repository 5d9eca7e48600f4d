package cmd

import (
	_ "embed"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// What kubectl runs to complete the arguments of a plugin, by its own name
// (pluginCompletion in k8s.io/kubectl/pkg/cmd/plugin/plugin_completion.go,
// v0.37.2). The archives of a release hold them too.
var (
	//go:embed kubectl_complete-indexjob
	completeScript string
	//go:embed kubectl_complete-indexjob.cmd
	completeBatch string
)

// shells are what completion writes for: kubectl's own way, and the shells that
// complete kubectl-indexjob where that is called directly.
var shells = map[string]func(root *cobra.Command, out io.Writer) error{
	"kubectl": func(_ *cobra.Command, out io.Writer) error {
		_, err := io.WriteString(out, completeScriptOf(runtime.GOOS))
		return err
	},
	"bash":       func(root *cobra.Command, out io.Writer) error { return root.GenBashCompletionV2(out, true) },
	"zsh":        (*cobra.Command).GenZshCompletion,
	"fish":       func(root *cobra.Command, out io.Writer) error { return root.GenFishCompletion(out, true) },
	"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
}

func completeScriptOf(system string) string {
	if system == "windows" {
		return completeBatch
	}
	return completeScript
}

func newCompletion(t terminal.Terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "completion kubectl | bash | zsh | fish | powershell",
		Short: "Print what completes names and flags on TAB",
		Long: `Print what completes the names of Jobs, the indexes that failed, and flags.

kubectl 1.26 and later completes a plugin by a file named
kubectl_complete-indexjob on the PATH, in every shell that completes kubectl.
The others are for who types kubectl-indexjob.`,
		Example: `  # For kubectl indexjob, beside the plugin
  f=$(dirname "$(command -v kubectl-indexjob)")/kubectl_complete-indexjob
  kubectl indexjob completion kubectl > "$f" && chmod +x "$f"

  # For kubectl-indexjob, in this bash; likewise in zsh
  source <(kubectl-indexjob completion bash)

  # For kubectl-indexjob, in this fish
  kubectl-indexjob completion fish | source`,
		DisableFlagsInUseLine: true,
		ValidArgsFunction:     words("kubectl", "bash", "zsh", "fish", "powershell"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || shells[args[0]] == nil {
				return fmt.Errorf("completion is for one shell, and %q is none\nhint: kubectl indexjob completion kubectl, bash, zsh, fish or powershell", strings.Join(args, " "))
			}
			return shells[args[0]](cmd.Root(), t.Out)
		},
	}
}
