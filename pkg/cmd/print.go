package cmd

import (
	"encoding/json"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// printer writes an Explanation or a JobSummaryList for a program.
type printer func(runtime.Object, io.Writer) error

// toPrint is what -o asks of a command, nil for the screen.
func (f *printFlags) toPrint(command string) (printer, error) {
	if f.Output == "" && f.Template == "" {
		return nil, nil
	}
	kubectls, err := f.toPrinter()
	if err != nil {
		return nil, fmt.Errorf("reading -o: %w\nhint: kubectl indexjob %s --help lists the formats", err, command)
	}
	convert := asUnstructured
	switch f.Output {
	case "json", "yaml", "kyaml":
		convert = asItIs
	case "name":
		convert = asJobs
	}
	return func(object runtime.Object, out io.Writer) error {
		object, err := convert(object)
		if err != nil {
			return fmt.Errorf("printing: %w", err)
		}
		return kubectls.PrintObj(object, out)
	}, nil
}

func asItIs(object runtime.Object) (runtime.Object, error) { return object, nil }

// asUnstructured makes templates see what -o json shows: with the Go types a
// jsonpath would print a time as Go does.
func asUnstructured(object runtime.Object) (runtime.Object, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	free := &unstructured.Unstructured{}
	return free, free.UnmarshalJSON(data)
}

// asJobs makes -o name print job.batch/NAME, which other commands can take. A
// name out of a file can hold anything.
func asJobs(object runtime.Object) (runtime.Object, error) {
	jobs := &unstructured.UnstructuredList{}
	add := func(job v1alpha1.Metadata) {
		jobs.Items = append(jobs.Items, unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": terminal.SanitizeLine(job.Name)},
		}})
	}
	switch object := object.(type) {
	case *v1alpha1.Explanation:
		add(object.Metadata)
	case *v1alpha1.JobSummaryList:
		for i := range object.Items {
			add(object.Items[i].Metadata)
		}
	default:
		return nil, fmt.Errorf("a %T has no name", object)
	}
	return jobs, nil
}
