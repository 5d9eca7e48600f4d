package cmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		if err != nil && !errors.Is(err, os.ErrNotExist) {
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

func wantRefused(t *testing.T, err error, why string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), why) {
		t.Errorf("error %v, want %s", err, why)
	}
}

// TestWriteFile: whole or not at all, and over nothing unless told to.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.json")
	full := errors.New("no space left")

	if err := writeFile(name, evidenceMode, false, writing("half", full)); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	wantFiles(t, dir, nil)
	if err := writeFile(name, evidenceMode, false, writing("one", nil)); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, map[string]string{"a.json": "one"})
	wantRefused(t, writeFile(name, evidenceMode, false, writing("two", nil)), "it is there already")
	if err := writeFile(name, evidenceMode, true, writing("half", full)); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	wantFiles(t, dir, map[string]string{"a.json": "one"})
	if err := writeFile(name, evidenceMode, true, writing("two", nil)); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, map[string]string{"a.json": "two"})

	// Somebody makes the file while it is written.
	late := filepath.Join(dir, "late")
	wantRefused(t, writeFile(late, evidenceMode, false, func(io.Writer) error {
		return os.WriteFile(late, []byte("theirs"), 0o600)
	}), "it is there already")
	wantFiles(t, dir, map[string]string{"a.json": "two", "late": "theirs"})
}

// TestWriteFileRefuses what is no regular file, before anything is written.
func TestWriteFileRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "theirs"), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"theirs", "nowhere"} {
		name := filepath.Join(dir, "to-"+to)
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
		for _, replace := range []bool{false, true} {
			wantRefused(t, checkFile(name, replace), "it is a link")
			wantRefused(t, writeFile(name, reportMode, replace, writing("ours", nil)), "it is a link")
		}
		wantRefused(t, appendFile(name, func(int64) (string, error) { return "ours", nil }), "it is a link")
	}
	wantFiles(t, dir, map[string]string{"theirs": "theirs", "to-theirs": "theirs", "to-nowhere": ""})

	wantRefused(t, writeFile(dir, evidenceMode, true, writing("ours", nil)), "it is a folder")
	wantRefused(t, writeFile(filepath.Join(dir, "absent", "a"), evidenceMode, true, writing("ours", nil)), "there is no folder ")
	wantRefused(t, checkFile(os.DevNull, true), "it is a device")

	// A link that is laid while the file is written leads nowhere either.
	late := filepath.Join(dir, "late")
	wantRefused(t, writeFile(late, reportMode, true, func(io.Writer) error { return os.Symlink("theirs", late) }), "it is a link")
	wantFiles(t, dir, map[string]string{"theirs": "theirs", "to-theirs": "theirs", "to-nowhere": "", "late": "theirs"})
}

// TestAppendFile: what others add stays, and the file stays the same one.
func TestAppendFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "summary.md")
	theirs, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	for _, text := range []string{"one ", "two "} {
		err := appendFile(name, func(size int64) (string, error) {
			if _, err := theirs.WriteString("theirs "); err != nil {
				return "", err
			}
			return text, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	full := errors.New("it is full")
	if err := appendFile(name, func(int64) (string, error) { return "", full }); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "theirs one theirs two " {
		t.Errorf("%q, %v", got, err)
	}
}
