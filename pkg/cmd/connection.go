package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/homedir"

	// Clusters are reached by whatever a kubeconfig names: exec, oidc.
	_ "k8s.io/client-go/plugin/pkg/client/auth"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// connectionFlags say which cluster is meant, and as whom: kubectl's own flags
// (ConfigFlags in k8s.io/cli-runtime/pkg/genericclioptions/config_flags.go,
// v0.37.2), of which docs/decisions says why they are not taken from there.
type connectionFlags struct {
	Kubeconfig string
	UserExtra  []string
	Overrides  clientcmd.ConfigOverrides
}

func newConnectionFlags() *connectionFlags {
	return &connectionFlags{Overrides: clientcmd.ConfigOverrides{ClusterDefaults: clientcmd.ClusterDefaults}}
}

func (f *connectionFlags) addFlags(flags *pflag.FlagSet) {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	names := clientcmd.RecommendedConfigOverrideFlags("")
	names.ClusterOverrideFlags.APIServer.ShortName = "s"
	// No server has taken these two since 1.19.
	names.AuthOverrideFlags.Username.LongName, names.AuthOverrideFlags.Password.LongName = "", ""
	clientcmd.BindOverrideFlags(&f.Overrides, own, names)
	own.StringVar(&f.Kubeconfig, clientcmd.RecommendedConfigPathFlag, "", "")
	own.StringArrayVar(&f.UserExtra, "as-user-extra", []string{}, "")
	own.String("cache-dir", defaultCacheDir(), "")
	own.VisitAll(func(flag *pflag.Flag) { flag.Usage = connectionUsages[flag.Name] })
	own.Lookup("cache-dir").Hidden = true // nothing is cached
	flags.AddFlagSet(own)
}

// connectionUsages are kubectl's flags in a line each.
var connectionUsages = map[string]string{
	"as":                       "Impersonate this `user`",
	"as-group":                 "Impersonate this `group`; can be repeated",
	"as-uid":                   "Impersonate this `uid`",
	"as-user-extra":            "Impersonate with `key=value`; can be repeated",
	"cache-dir":                "Accepted because kubectl has it",
	"certificate-authority":    "Trust the authority in this `file`",
	"client-certificate":       "Log in with the certificate in this `file`",
	"client-key":               "Log in with the key in this `file`",
	"cluster":                  "Use this `cluster` of the kubeconfig",
	"context":                  "Use this `context` of the kubeconfig",
	"disable-compression":      "Ask for answers without compression",
	"insecure-skip-tls-verify": "Trust whatever answers; this is not secure",
	"kubeconfig":               "Use this `file` instead of KUBECONFIG's",
	"namespace":                "Look in this `namespace`",
	"proxy-url":                "Go through the proxy at this `url`",
	"request-timeout":          "Give a request this `time`, such as 30s",
	"server":                   "Ask the API server at this `url`",
	"tls-server-name":          "Expect this `name` in the server's certificate",
	"token":                    "Log in with this bearer `token`",
	"user":                     "Use this `user` of the kubeconfig",
}

// defaultCacheDir is kubectl's (getDefaultCacheDir).
func defaultCacheDir() string {
	if dir := os.Getenv("KUBECACHEDIR"); dir != "" {
		return dir
	}
	return filepath.Join(homedir.HomeDir(), ".kube", "cache")
}

// clientConfig is what the kubeconfig and the flags describe, or what a pod
// finds where there is no kubeconfig.
func (f *connectionFlags) clientConfig() clientcmd.ClientConfig {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.DefaultClientConfig = &clientcmd.DefaultClientConfig // else a pod's own is never taken
	rules.ExplicitPath = f.Kubeconfig
	overrides := f.Overrides
	overrides.AuthInfo.ImpersonateUserExtra = userExtra(f.UserExtra)
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &overrides)
}

// userExtra leaves out what is not KEY=VALUE, as kubectl does.
func userExtra(pairs []string) map[string][]string {
	var extra map[string][]string
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			continue
		}
		if extra == nil {
			extra = map[string][]string{}
		}
		extra[key] = append(extra[key], value)
	}
	return extra
}

// connect makes the client that the kubeconfig and kubectl's flags describe, and
// names the namespace that they choose.
func connect(flags *connectionFlags, t terminal.Terminal, chunkSize int64) (client *cluster.Client, namespace string, err error) {
	kubeconfig := flags.clientConfig()
	namespace, _, err = kubeconfig.Namespace()
	if err != nil {
		return nil, "", kubeconfigError(err)
	}
	config, err := kubeconfig.ClientConfig()
	if err != nil {
		return nil, "", kubeconfigError(err)
	}
	config.WarningHandler = sanitized{rest.NewWarningWriter(t.Err, rest.WarningWriterOptions{Deduplicate: true, Color: t.ErrIsTTY && t.Colored(terminal.ColorAuto)})}
	client, err = cluster.NewClient(config, t.Now)
	if err != nil {
		return nil, "", kubeconfigError(err)
	}
	client.ChunkSize, client.Busy = chunkSize, tellBusy(t)
	return client, namespace, nil
}

// tellBusy tells that a server asks to be left alone, where a person would begin
// to wonder.
func tellBusy(t terminal.Terminal) func(time.Duration) {
	return func(wait time.Duration) {
		if wait > patience {
			fmt.Fprintf(t.Err, "warning: the server is busy and asks to be left alone for %s\n", v1alpha1.Duration(wait))
		}
	}
}

func kubeconfigError(err error) error {
	return fmt.Errorf("reading the kubeconfig: %w\nhint: kubectl config view shows it; -f explains files without a cluster", err)
}

// sanitized shows a server's warnings, in which client-go leaves what reorders
// and hides.
type sanitized struct{ rest.WarningHandler }

func (s sanitized) HandleWarningHeader(code int, agent, text string) {
	s.WarningHandler.HandleWarningHeader(code, agent, terminal.SanitizeLine(text))
}

func addChunkSize(cmd *cobra.Command, size *int64) {
	cmd.Flags().Int64Var(size, "chunk-size", *size, "Objects in a page, 0 for all")
}

func checkChunkSize(size int64) error {
	if size < 0 {
		return fmt.Errorf("--chunk-size %d is negative\nhint: %d is the default, 0 asks for all at once", size, cluster.DefaultChunkSize)
	}
	return nil
}
