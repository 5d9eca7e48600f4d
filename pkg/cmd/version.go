package cmd

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// version is set by the release's linker; without it the build's own record is
// asked.
var version string

type buildVersion struct {
	Version   string `json:"version"`
	GitCommit string `json:"gitCommit,omitempty"`
	GoVersion string `json:"goVersion"`
	Platform  string `json:"platform"`
}

func newVersion(t terminal.Terminal) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of this plugin",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := buildInfo().format(output)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(t.Out, text)
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "Print in this `format`, json or yaml")
	complete(cmd, map[string]cobra.CompletionFunc{"output": words("json", "yaml")})
	return cmd
}

func buildInfo() buildVersion {
	build := buildVersion{Version: version, GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if build.Version == "" {
			build.Version = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				build.GitCommit = setting.Value
			}
		}
	}
	if build.Version == "" {
		build.Version = "(devel)"
	}
	return build
}

func (b buildVersion) format(output string) (string, error) {
	switch output {
	case "":
		return b.Version + "\n", nil
	case "json":
		data, err := json.MarshalIndent(b, "", "  ")
		return string(data) + "\n", err
	case "yaml":
		data, err := yaml.Marshal(b)
		return string(data), err
	}
	return "", fmt.Errorf("-o %s is no format of version\nhint: json or yaml", output)
}
