package cluster

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// hadBy are the files of a Job with two pods, one of them deeper, and what is not
// to be read.
var hadBy = map[string]string{
	"job.json":     fmt.Sprintf(jobLine, "2"),
	"a.yaml":       podText("a"),
	"deeper/b.yml": podText("b"),
	"notes.txt":    "- this is [no YAML",
	"list.yaml~":   "{",
}

func podText(name string) string {
	return fmt.Sprintf("--- {apiVersion: v1, kind: Pod, metadata: {name: %s, uid: %[1]s, labels: {batch.kubernetes.io/controller-uid: u}, ownerReferences: [{kind: Job, name: j, uid: u, controller: true}]}}\n", name)
}

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	name = filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFolders(t *testing.T) {
	folder := t.TempDir()
	for name, text := range hadBy {
		write(t, folder, name, text)
	}
	elsewhere := write(t, t.TempDir(), "c.yaml", podText("c"))
	if err := os.Symlink(elsewhere, filepath.Join(folder, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		options []FileOption
		pods    int
	}{
		{"a folder alone", nil, 2},
		{"and those below it", []FileOption{Recursive()}, 3},
	} {
		seen, err := ReadFiles(t.Context(), []string{folder}, nil, "", Reference{}, c.options...)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if len(seen.Attempts) != c.pods {
			t.Errorf("%s: %v", c.name, podNames(seen))
		}
	}
}

func TestArchives(t *testing.T) {
	var asTar, asZip bytes.Buffer
	tarred, zipped := tar.NewWriter(&asTar), zip.NewWriter(&asZip)
	for name, text := range hadBy {
		if err := tarred.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		entry, err := zipped.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(tarred, text)
		fmt.Fprint(entry, text)
	}
	if err := tarred.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, text := range map[string]string{"a.tar": asTar.String(), "a.tgz": gzipped(t, asTar.String()), "a.zip": asZip.String()} {
		seen, err := ReadFiles(t.Context(), []string{write(t, folder, name, text)}, nil, "", Reference{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(seen.Attempts) != 2 {
			t.Errorf("%s: %v", name, podNames(seen))
		}
	}
	_, err := ReadFiles(t.Context(), []string{"-"}, &asZip, "", Reference{})
	wantError(t, err, "a zip file is read from its end")
}
