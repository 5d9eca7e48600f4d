package cluster

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

func snapshotText(t *testing.T, seen *evidence.Job) string {
	t.Helper()
	var b strings.Builder
	if err := WriteSnapshot(&b, seen, true); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// FuzzReadFiles: whatever the file, an answer or an error of two lines.
func FuzzReadFiles(f *testing.F) {
	addCases(f)
	// Small seeds: the engine spends its time on making them smaller.
	f.Add([]byte(twoJobs))
	f.Add([]byte(fmt.Sprintf(jobLine, "2147483647")))
	f.Add([]byte(laughs("lol", 3)))
	f.Add([]byte("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    uid: a\n    labels: {a: b}\n  status: {phase: Failed}\nkind: List\n"))
	f.Add([]byte(`{"kind":"EventList","apiVersion":"events.k8s.io/v1","items":[{"regarding":{"kind":"Job","uid":"u"},"eventTime":"2026-11-22T10:00:00.000000Z","series":{"count":3}}]}`))
	f.Add([]byte("items:\n- kind: Pod\n  apiVersion: v1\n-\n- - a\nkind: List\n"))
	f.Add([]byte("--- {}\n...\n--- |\n a\n"))
	f.Add([]byte(`{"kind":"List","apiVersion":"v1","metadata":{"annotations":{"indexjob/observedAt":"2026-11-22T10:00:00Z","indexjob/gaps":"[{\"kind\":\"Clock\",\"message\":\"a\",\"error\":\"b\"}]","indexjob/read":"pods,events"}},"items":[` + fmt.Sprintf(jobLine, "1") + `]}`))
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255})
	f.Fuzz(func(t *testing.T, text []byte) {
		// Without cancellation there is no goroutine, whose timing the engine
		// would take for new coverage.
		seen, err := ReadFiles(context.Background(), []string{"-"}, bytes.NewReader(text), "", Reference{})
		if (seen == nil) == (err == nil) {
			t.Fatalf("evidence %v beside error %v", seen, err)
		}
		if err != nil && strings.Count(err.Error(), "\nhint: ") != 1 {
			t.Fatalf("error without a hint: %v", err)
		}
		if err != nil {
			return
		}
		if *seen.Job.Spec.Completions < 0 {
			t.Fatal("negative completions")
		}
		// Whatever could be read can be written, and read again.
		snapshot := snapshotText(t, seen)
		again, err := ReadFiles(context.Background(), []string{"-"}, strings.NewReader(snapshot), "", Reference{})
		if err != nil {
			t.Fatalf("%v: %s", err, snapshot)
		}
		if len(again.Attempts) != len(seen.Attempts) || again.Coverage != seen.Coverage || again.Order != seen.Order && seen.Job.ResourceVersion != "" || len(again.Gaps) != len(seen.Gaps) {
			t.Fatalf("of %d pods and %d events %d and %d came back, gaps %v and %v: %s",
				len(seen.Attempts), len(seen.Events), len(again.Attempts), len(again.Events), seen.Gaps, again.Gaps, snapshot)
		}
	})
}

// addCases begins with what people have.
func addCases(f *testing.F) {
	n := 0
	err := filepath.WalkDir("../../hack/cases", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		f.Add(text)
		n++
		return err
	})
	if err != nil || n < 50 {
		f.Fatalf("%d files: %v", n, err)
	}
}
