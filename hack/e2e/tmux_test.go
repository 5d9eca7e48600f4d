package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tmux is a terminal of 80 by 24 with a shell, in which the plugin is on the PATH.
type tmux struct{ socket, dir string }

func newTmux(t *testing.T) *tmux {
	t.Helper()
	dir, err := buildPlugin()
	if err != nil {
		t.Fatal(err)
	}
	m := &tmux{socket: filepath.Join(t.TempDir(), "tmux"), dir: dir}
	m.run(t, "new-session", "-d", "-x", "80", "-y", "24", "sh")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", m.socket, "kill-server").Run() })
	return m
}

func (m *tmux) run(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "tmux", append([]string{"-S", m.socket, "-f", os.DevNull}, args...)...)
	command.Env = append(os.Environ(), "KUBECONFIG="+plane.Kubeconfig, "PS1=$ ", "PATH="+m.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// see waits until the screen shows a text, and returns it.
func (m *tmux) see(t *testing.T, what string) string {
	t.Helper()
	pane := ""
	for range 400 {
		pane = m.run(t, "capture-pane", "-p")
		if strings.Contains(pane, what) {
			return pane
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the screen does not show %q:\n%s", what, pane)
	return ""
}
