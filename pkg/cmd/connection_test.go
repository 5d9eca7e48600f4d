package cmd

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// TestConnectionFlags: each flag that connects kubectl is here by the same name,
// letter, type and default, and no other.
func TestConnectionFlags(t *testing.T) {
	for _, cacheDir := range []string{"", "/elsewhere"} {
		t.Setenv("KUBECACHEDIR", cacheDir)
		ours, kubectls := pflag.NewFlagSet("", 0), pflag.NewFlagSet("", 0)
		newConnectionFlags().addFlags(ours)
		genericclioptions.NewConfigFlags(true).AddFlags(kubectls)
		compareFlags(t, kubectls, ours)
	}
}

func compareFlags(t *testing.T, kubectls, ours *pflag.FlagSet) {
	t.Helper()
	type flag struct{ Shorthand, Type, Default string }
	list := func(flags *pflag.FlagSet) map[string]flag {
		all := map[string]flag{}
		flags.VisitAll(func(f *pflag.Flag) { all[f.Name] = flag{f.Shorthand, f.Value.Type(), f.DefValue} })
		return all
	}
	if diff := cmp.Diff(list(kubectls), list(ours)); diff != "" {
		t.Errorf("kubectl's flags and ours (-, +):\n%s", diff)
	}
}

const twoContexts = `apiVersion: v1
kind: Config
current-context: one
contexts:
- name: one
  context: {cluster: here, user: exec, namespace: ours}
- name: two
  context: {cluster: there, user: tokened}
clusters:
- name: here
  cluster: {server: "https://here.example:6443", certificate-authority: ca.crt, proxy-url: "http://proxy.example"}
- name: there
  cluster: {server: "https://there.example", insecure-skip-tls-verify: true, tls-server-name: other, disable-compression: true}
users:
- name: exec
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: true, interactiveMode: Never}}
- name: tokened
  user: {token: secret, as: boss}
- name: oidc
  user: {auth-provider: {name: oidc, config: {client-id: ours, idp-issuer-url: "https://issuer.example"}}}
`

// TestConnectionMeansKubectls: whatever is typed and whatever the kubeconfig,
// the connection is the one that kubectl makes.
func TestConnectionMeansKubectls(t *testing.T) {
	home := t.TempDir()
	kubeconfig := filepath.Join(home, "kubeconfig")
	broken := filepath.Join(home, "broken")
	for name, text := range map[string]string{kubeconfig: twoContexts, broken: "contexts: 7"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", home)
	for _, environment := range []string{"", kubeconfig, broken, kubeconfig + string(filepath.ListSeparator) + filepath.Join(home, "absent")} {
		t.Setenv("KUBECONFIG", environment)
		for _, args := range [][]string{
			{},
			{"--kubeconfig", kubeconfig},
			{"--kubeconfig", broken},
			{"--kubeconfig", "absent"},
			{"--context", "two"},
			{"--context", "absent"},
			{"--context", "two", "-n", "theirs"},
			{"--cluster", "there"},
			{"--cluster", "absent"},
			{"--user", "tokened"},
			{"--user", "oidc"},
			{"--user", "absent"},
			{"--namespace", "theirs"},
			{"-s", "https://elsewhere.example"},
			{"--server", "elsewhere.example:80"},
			{"--server", "http://["},
			{"--token", "mine"},
			{"--user", "tokened", "--token", "mine"},
			{"--as", "me"},
			{"--as", "me", "--as-group", "a,b", "--as-group", "c", "--as-uid", "7"},
			{"--as", "me", "--as-user-extra", "k=1", "--as-user-extra", "k=2", "--as-user-extra", "l=a=b", "--as-user-extra", "no"},
			{"--as-group", "alone"},
			{"--certificate-authority", "other.crt"},
			{"--client-certificate", "me.crt", "--client-key", "me.key"},
			{"--insecure-skip-tls-verify"},
			{"--insecure-skip-tls-verify=false", "--context", "two"},
			{"--tls-server-name", "another"},
			{"--request-timeout", "7s"},
			{"--request-timeout", "7"},
			{"--request-timeout", "0"},
			{"--request-timeout", "soon"},
			{"--disable-compression"},
			{"--proxy-url", "http://another.example"},
			{"--proxy-url", "://"},
			{"--cache-dir", "/elsewhere"},
		} {
			ours, kubectls := newConnectionFlags(), genericclioptions.NewConfigFlags(true)
			got := connectionOf(t, args, ours.addFlags, ours.clientConfig)
			want := connectionOf(t, args, kubectls.AddFlags, kubectls.ToRawKubeConfigLoader)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("KUBECONFIG=%s %q: kubectl's connection and ours (-, +):\n%s", environment, args, diff)
			}
		}
	}
}

// connection is what comes of a kubeconfig and flags, in a form to compare.
type connection struct {
	Config    map[string]any
	Namespace string
	// IsDefault: nothing is configured, and in a pod the pod's own is taken.
	IsDefault                   bool
	ConfigError, NamespaceError string
}

func connectionOf(t *testing.T, args []string, addFlags func(*pflag.FlagSet), kubeconfig func() clientcmd.ClientConfig) connection {
	t.Helper()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	addFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	namespace, _, namespaceErr := kubeconfig().Namespace()
	config, configErr := kubeconfig().ClientConfig()
	rules := kubeconfig().ConfigAccess().(clientcmd.ClientConfigLoader)
	return connection{fieldsOf(config), namespace, rules.IsDefaultConfig(config), inWords(configErr), inWords(namespaceErr)}
}

// fieldsOf is a config without its functions, but for the proxy that is chosen.
func fieldsOf(config *rest.Config) map[string]any {
	if config == nil {
		return nil
	}
	fields := map[string]any{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[rest.Config]()) {
		value := reflect.ValueOf(config).Elem().FieldByIndex(field.Index)
		if kind := field.Type.Kind(); kind != reflect.Func && kind != reflect.Interface && !field.Anonymous {
			fields[field.Name] = value.Interface()
		}
	}
	if config.Proxy != nil {
		proxy, _ := config.Proxy(&http.Request{})
		fields["Proxy"] = proxy.String()
	}
	if config.ExecProvider != nil {
		fields["ExecProvider"] = config.ExecProvider.String()
	}
	return fields
}

func inWords(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
