package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckSizes(t *testing.T) {
	folder := t.TempDir()
	if err := checkSizes(folder); err == nil {
		t.Error("no binary is not enough")
	}
	for _, binary := range []struct {
		name string
		size int64
		want string
	}{
		{"kubectl-indexjob", maxBinary, ""},
		{"kubectl-indexjob.exe", maxBinary + 1<<20, "kubectl-indexjob.exe has 33.0 MiB"},
	} {
		name := filepath.Join(folder, "platform", binary.name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, binary.size); err != nil {
			t.Fatal(err)
		}
		switch err := checkSizes(folder); {
		case binary.want == "" && err != nil:
			t.Errorf("%s: %v", binary.name, err)
		case binary.want != "" && (err == nil || !strings.Contains(err.Error(), binary.want)):
			t.Errorf("%s: %v, want %s", binary.name, err, binary.want)
		}
	}
}
