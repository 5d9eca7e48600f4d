//go:build unix

package terminal

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestShellReadsQuoted asks a real shell what it makes of the words.
func TestShellReadsQuoted(t *testing.T) {
	script := `printf '%s\0'`
	for _, word := range words {
		script += " " + Quote(word)
	}
	out, err := exec.CommandContext(t.Context(), "bash", "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	read := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if !slices.Equal(read, words) {
		t.Errorf("%q, want %q", read, words)
	}
}
