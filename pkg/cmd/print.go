package cmd

import (
	"encoding/json"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// printer writes an Explanation for a program.
type printer func(*v1alpha1.Explanation, io.Writer) error

// toPrinter is what -o asks for, nil for the screen.
func toPrinter(flags *genericclioptions.PrintFlags) (printer, error) {
	if *flags.OutputFormat == "" && *flags.TemplatePrinterFlags.TemplateArgument == "" {
		return nil, nil
	}
	kubectls, err := flags.ToPrinter()
	if err != nil {
		return nil, fmt.Errorf("reading -o: %w\nhint: kubectl indexjob explain --help lists the formats", err)
	}
	convert := asUnstructured
	switch *flags.OutputFormat {
	case "json", "yaml", "kyaml":
		convert = asItIs
	case "name":
		convert = asJob
	}
	return func(explanation *v1alpha1.Explanation, out io.Writer) error {
		object, err := convert(explanation)
		if err != nil {
			return fmt.Errorf("printing: %w", err)
		}
		return kubectls.PrintObj(object, out)
	}, nil
}

func asItIs(explanation *v1alpha1.Explanation) (runtime.Object, error) { return explanation, nil }

// asUnstructured makes templates see what -o json shows: with the Go types a
// jsonpath would print a time as Go does.
func asUnstructured(explanation *v1alpha1.Explanation) (runtime.Object, error) {
	data, err := json.Marshal(explanation)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	return object, object.UnmarshalJSON(data)
}

// asJob makes -o name print job.batch/NAME, which other commands can take.
func asJob(explanation *v1alpha1.Explanation) (runtime.Object, error) {
	return &metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Name: explanation.Metadata.Name},
	}, nil
}
