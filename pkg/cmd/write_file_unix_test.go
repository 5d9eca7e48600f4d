//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestWriteFileMode: evidence is for its owner alone, whatever rights the file
// had that it replaces; a report is as the umask has it.
func TestWriteFileMode(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o002))
	dir := t.TempDir()
	for mode, want := range map[os.FileMode]os.FileMode{evidenceMode: 0o600, reportMode: 0o664} {
		name := filepath.Join(dir, want.String())
		for _, before := range []os.FileMode{0o666, 0o400} {
			if err := writeFile(name, mode, true, writing("ours", nil)); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(name); err != nil || info.Mode() != want {
				t.Errorf("mode %v, %v, want %v", info.Mode(), err, want)
			}
			if err := os.Chmod(name, before); err != nil {
				t.Fatal(err)
			}
		}
	}
	if mode := (reportFile{format: "snapshot"}).mode(); mode != evidenceMode {
		t.Errorf("a report that is a snapshot has mode %v", mode)
	}
}

// TestWriteFileIntoPipe: a pipe that nobody reads is refused, not waited for.
func TestWriteFileIntoPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, checkFile(name, true), "it is a pipe")
	wantRefused(t, writeFile(name, evidenceMode, true, writing("ours", nil)), "it is a pipe")
	wantRefused(t, appendFile(name, func(int64) (string, error) { return "ours", nil }), "it is a pipe")
	if info, err := os.Lstat(name); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe became %v, %v", info, err)
	}
}
