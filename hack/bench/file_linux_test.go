package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"testing"

	"sigs.k8s.io/yaml"
)

func runtimeGC() { goruntime.GC() }

// BenchmarkFile explains 100,000 pods from a file as kubectl writes it. For
// JSON there is a floor in the same run: jq, looking for the first item.
func BenchmarkFile(b *testing.B) {
	for _, format := range []string{"json", "yaml"} {
		b.Run(format, func(b *testing.B) {
			build(b)
			file := filepath.Join(b.TempDir(), "large."+format)
			if out, err := as("write", "100000", "1", file).CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
			info, err := os.Stat(file)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(info.Size())
			var explain, jq Cost
			for b.Loop() {
				explain = explain.Add(Measure(b, exec.Command(plugin, "explain", "-f", file)))
				if path, err := exec.LookPath("jq"); err == nil && format == "json" {
					jq = jq.Add(Measure(b, exec.Command(path, "-c", ".items[0]", file)))
				}
			}
			explain.Report(b, "explain")
			if jq.Wall > 0 {
				jq.Report(b, "jq")
				b.ReportMetric(explain.Wall.Seconds()/jq.Wall.Seconds(), "wall/jq")
			}
		})
	}
}

// BenchmarkStart explains a file of ten indexes: what is left is starting up.
func BenchmarkStart(b *testing.B) {
	build(b)
	var explain Cost
	for b.Loop() {
		explain = explain.Add(Measure(b, exec.Command(plugin, "explain", "-f", "../examples/a-two-indexes-fail.yaml")))
	}
	explain.Report(b, "explain")
	info, err := os.Stat(plugin)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "binary-MiB")
}

// writeFile writes what `kubectl get job,pods -o json` or yaml prints.
func writeFile() error {
	indexes, attempts, err := size()
	if err != nil {
		return err
	}
	name := os.Args[3]
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	list := jsonList
	if filepath.Ext(name) == ".yaml" {
		list = yamlList
	}
	if err := list(w, func(item func(any) error) error {
		if err := item(Job(indexes, attempts)); err != nil {
			return err
		}
		for pod := range Pods(indexes, attempts) {
			pod.ManagedFields = nil // as kubectl does
			if err := item(pod); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}

func jsonList(w *bufio.Writer, each func(func(any) error) error) error {
	fmt.Fprint(w, "{\n    \"apiVersion\": \"v1\",\n    \"items\": [")
	separator := "\n        "
	err := each(func(object any) error {
		text, err := json.MarshalIndent(object, "        ", "    ")
		fmt.Fprintf(w, "%s%s", separator, text)
		separator = ",\n        "
		return err
	})
	fmt.Fprint(w, "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n")
	return err
}

func yamlList(w *bufio.Writer, each func(func(any) error) error) error {
	fmt.Fprint(w, "apiVersion: v1\nitems:\n")
	err := each(func(object any) error {
		text, err := yaml.Marshal(object)
		dash := "- "
		for line := range bytes.Lines(text) {
			fmt.Fprintf(w, "%s%s", dash, line)
			dash = "  "
		}
		return err
	})
	fmt.Fprint(w, "kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	return err
}
