package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// TestPrintFlags: the flags and formats of kubectl get are here, and no other.
func TestPrintFlags(t *testing.T) {
	ours, kubectls := pflag.NewFlagSet("", pflag.ContinueOnError), &cobra.Command{}
	(&printFlags{}).addFlags(ours)
	genericclioptions.NewPrintFlags("").AddFlags(kubectls)
	compareFlags(t, kubectls.Flags(), ours)
	formats := genericclioptions.NewPrintFlags("").AllowedFormats()
	if got, want := slices.Sorted(slices.Values(outputFormats)), slices.Sorted(slices.Values(formats)); !slices.Equal(got, want) {
		t.Errorf("formats %q, want %q", got, want)
	}
}

// TestPrintsAsKubectl: whatever is typed, what is printed is what kubectl would
// print of the same object, and what it refuses is refused.
func TestPrintsAsKubectl(t *testing.T) {
	files := t.TempDir()
	jsonpath, gotemplate := filepath.Join(files, "jsonpath"), filepath.Join(files, "gotemplate")
	for name, text := range map[string]string{jsonpath: "{.metadata.name}", gotemplate: "{{.metadata.name}}"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	object, err := asUnstructured(&v1alpha1.Explanation{
		TypeMeta: metav1.TypeMeta{APIVersion: "indexjob/v1alpha1", Kind: "Explanation"},
		Metadata: v1alpha1.Metadata{Namespace: "default", Name: "nightly"},
	})
	if err != nil {
		t.Fatal(err)
	}
	print := func(printer printers.ResourcePrinter, err error) (text string, refused bool) {
		var out bytes.Buffer
		if err == nil {
			err = printer.PrintObj(object, &out)
		}
		return out.String(), err != nil
	}
	for _, args := range [][]string{
		{"-o", "json"},
		{"-o", "JSON"},
		{"-o", "yaml", "--show-managed-fields"},
		{"-o", "kyaml"},
		{"-o", "name"},
		{"-o", "wide"},
		{"-o", "Jsonpath={.kind}"},
		{"-o", "json={.kind}"},
		{"-o", "jsonpath"},
		{"-o", "jsonpath="},
		{"-o", "jsonpath={.kind}"},
		{"-o", "jsonpath={.metadata['name']}=x"},
		{"-o", "jsonpath={.kind"},
		{"-o", "jsonpath={.absent}"},
		{"-o", "jsonpath={.absent}", "--allow-missing-template-keys=false"},
		{"-o", "jsonpath", "--template", "{.kind}"},
		{"-o", "jsonpath={.kind}", "--template", "{.kind}"},
		{"-o", "jsonpath-as-json={.metadata}"},
		{"-o", "jsonpath-file=" + jsonpath},
		{"-o", "jsonpath-file", "--template", jsonpath},
		{"-o", "jsonpath-file=absent"},
		{"-o", "go-template"},
		{"-o", "go-template={{.kind}}"},
		{"-o", "go-template={{.kind"},
		{"-o", "go-template={{.absent}}"},
		{"-o", "go-template={{.absent}}", "--allow-missing-template-keys=false"},
		{"-o", "go-template", "--template", "{{.kind}}"},
		{"--template", "{{.kind}}"},
		{"-o", "json", "--template", "{{.kind}}"},
		{"-o", "template={{.kind}}"},
		{"-o", "go-template-file=" + gotemplate},
		{"-o", "templatefile=" + gotemplate},
		{"-o", "templatefile", "--template", gotemplate},
		{"-o", "templatefile=absent"},
	} {
		flags, ours := pflag.NewFlagSet("", pflag.ContinueOnError), &printFlags{}
		ours.addFlags(flags)
		command, kubectls := &cobra.Command{}, genericclioptions.NewPrintFlags("")
		kubectls.AddFlags(command)
		for _, flags := range []*pflag.FlagSet{flags, command.Flags()} {
			if err := flags.Parse(args); err != nil {
				t.Fatal(err)
			}
		}
		got, refused := print(ours.toPrinter())
		want, mustRefuse := print(kubectls.ToPrinter())
		if refused != mustRefuse || got != want {
			t.Errorf("%q: refused %t, want %t\n%s\nwant\n%s", args, refused, mustRefuse, got, want)
		}
	}
}
