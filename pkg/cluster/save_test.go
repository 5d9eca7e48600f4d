package cluster

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/indexjob/kubectl-indexjob/pkg/evidence"
)

// filesIn are the names and texts of all that a folder holds.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(text)
	}
	return files
}

func wantFiles(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := filesIn(t, dir)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s holds %q, want %q", name, got[name], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files %v, want %d", len(got), got, len(want))
	}
}

func writing(text string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		_, _ = io.WriteString(w, text)
		return err
	}
}

// TestSave: whole or not at all, for its owner alone, over nothing.
func TestSave(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.json")
	full := errors.New("no space left")

	if err := save(name, false, writing("half", full)); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	wantFiles(t, dir, nil)

	if err := save(name, false, writing("one", nil)); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, map[string]string{"a.json": "one"})
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	if err := save(name, false, writing("two", nil)); !errors.Is(err, os.ErrExist) {
		t.Errorf("error %v", err)
	}
	if err := save(name, true, writing("half", full)); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	wantFiles(t, dir, map[string]string{"a.json": "one"})

	// Whatever rights the old file had, or to wherever it led.
	if err := os.Chmod(name, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := save(name, true, writing("two", nil)); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, map[string]string{"a.json": "two"})
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestSaveFollowsNoLink: a link that somebody laid there leads nowhere.
func TestSaveFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "theirs"), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"theirs", "nowhere"} {
		name := filepath.Join(dir, "to-"+to)
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
		if err := CheckNew(name); err == nil {
			t.Errorf("%s is taken for new", name)
		}
		if err := save(name, false, writing("mine", nil)); !errors.Is(err, os.ErrExist) {
			t.Errorf("error %v", err)
		}
		if err := save(name, true, writing("mine", nil)); err != nil {
			t.Error(err)
		}
	}
	wantFiles(t, dir, map[string]string{"theirs": "theirs", "to-theirs": "mine", "to-nowhere": "mine"})
}

func TestSaveSnapshotErrors(t *testing.T) {
	dir := t.TempDir()
	seen := &evidence.Job{Job: newJob()}
	if err := SaveSnapshot(filepath.Join(dir, "a.json"), seen, false, false); err != nil {
		t.Fatal(err)
	}
	wantError(t, SaveSnapshot(filepath.Join(dir, "a.json"), seen, false, false), "it is there already")
	wantError(t, CheckNew(filepath.Join(dir, "a.json")), "it is there already")
	wantError(t, SaveSnapshot(filepath.Join(dir, "absent", "a.json"), seen, false, false), "no such file or directory")
	wantError(t, SaveSnapshot(dir, seen, false, true), "")
}
