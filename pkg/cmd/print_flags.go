package cmd

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/printers"
)

// printFlags are those of kubectl get about -o (PrintFlags in
// k8s.io/cli-runtime/pkg/genericclioptions/print_flags.go, v0.37.2), with the
// printers that cli-runtime has for them.
type printFlags struct {
	Output            string
	Template          string
	AllowMissingKeys  bool
	ShowManagedFields bool
}

// Formats that take a template, inline as jsonpath={.spec} or by --template.
var (
	jsonpathFormats   = []string{"jsonpath", "jsonpath-as-json", "jsonpath-file"}
	goTemplateFormats = []string{"go-template", "go-template-file", "template", "templatefile"}
)

// outputFormats is what -o takes of every command that prints objects.
var outputFormats = slices.Concat([]string{"json", "yaml", "kyaml", "name"}, goTemplateFormats, jsonpathFormats)

// outputWords are what -o is completed by, with formats of the command's own.
func outputWords(own ...string) []string {
	words := slices.Concat(own, []string{"json", "yaml", "kyaml", "name"})
	for _, format := range slices.Concat(goTemplateFormats, jsonpathFormats) {
		words = append(words, format+"=")
	}
	return words
}

// formatsHelp is shown below the flags.
var formatsHelp = fmt.Sprintf("  json, yaml, kyaml, name\n  with a template, as in jsonpath={.metadata.name}:\n  %s\n  %s",
	strings.Join(jsonpathFormats, ", "), strings.Join(goTemplateFormats, ", "))

// addFlags adds them, with formats of the command's own.
func (f *printFlags) addFlags(flags *pflag.FlagSet, own ...string) {
	flags.StringVarP(&f.Output, "output", "o", "", "Print in a `format`: "+strings.Join(append(own, "json", "yaml", "jsonpath=", "..."), ", "))
	flags.StringVar(&f.Template, "template", "", "The `template`, or its file, for -o")
	flags.BoolVar(&f.AllowMissingKeys, "allow-missing-template-keys", true, "Absent fields are no error")
	flags.BoolVar(&f.ShowManagedFields, "show-managed-fields", false, "Accepted because kubectl has it")
	flags.Lookup("show-managed-fields").Hidden = true // nothing that is printed has any
}

// format is that of -o, without a template; --template alone means one of Go.
func (f *printFlags) format() (name, template string) {
	if f.Output == "" {
		return "go-template", f.Template
	}
	if f.Template != "" {
		return f.Output, f.Template
	}
	name, template, _ = strings.Cut(f.Output, "=")
	return name, template
}

func (f *printFlags) toPrinter() (printers.ResourcePrinter, error) {
	switch strings.ToLower(f.Output) {
	case "json":
		return &printers.JSONPrinter{}, nil
	case "yaml":
		return &printers.YAMLPrinter{}, nil
	case "kyaml":
		return &printers.KYAMLPrinter{}, nil
	case "name":
		return &printers.NamePrinter{ShortOutput: true}, nil
	}
	format, template := f.format()
	isJSONPath := slices.Contains(jsonpathFormats, format)
	switch {
	case !isJSONPath && !slices.Contains(goTemplateFormats, format):
		return nil, fmt.Errorf("%q is no format", f.Output)
	case template == "":
		return nil, fmt.Errorf("%s takes a template, and there is none", format)
	case strings.HasSuffix(format, "file"):
		text, err := os.ReadFile(template)
		if err != nil {
			return nil, err
		}
		template = string(text)
	}
	if isJSONPath {
		return f.jsonpathPrinter(format, template)
	}
	return f.goTemplatePrinter(template)
}

func (f *printFlags) jsonpathPrinter(format, template string) (printers.ResourcePrinter, error) {
	printer, err := printers.NewJSONPathPrinter(template)
	if err != nil {
		return nil, fmt.Errorf("its template %s: %w", template, err)
	}
	printer.AllowMissingKeys(f.AllowMissingKeys)
	printer.EnableJSONOutput(format == "jsonpath-as-json")
	return printer, nil
}

func (f *printFlags) goTemplatePrinter(template string) (printers.ResourcePrinter, error) {
	printer, err := printers.NewGoTemplatePrinter([]byte(template))
	if err != nil {
		return nil, fmt.Errorf("its template %s: %w", template, err)
	}
	printer.AllowMissingKeys(f.AllowMissingKeys)
	return printer, nil
}
