package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// deaf is a command that computes and listens to no context.
func deaf(context.Context) int {
	fmt.Println("computing")
	for n := 0; ; n++ {
	}
}

// TestASignalEndsWhatNoContextEnds: whatever the program hangs in.
func TestASignalEndsWhatNoContextEnds(t *testing.T) {
	explain := []string{"kubectl-indexjob", "explain"}
	for _, test := range []struct {
		name string
		args []string
		env  string
		// begin leads the program to where it hangs; first is a FIFO that it
		// opens before that.
		begin func(t *testing.T, first string, stdout io.Reader)
		// in is the system call that it hangs in, if it is in one.
		in int
	}{
		{"evidence that nobody writes", append(explain, "-f", "first", "-f", "silent"), "", fedFile(example), unix.SYS_OPENAT},
		{"a kubeconfig that nobody writes", append(explain, "nightly"), "KUBECONFIG=first:silent", fed(fmt.Sprintf(kubeconfig, nobody)), unix.SYS_OPENAT},
		{"a pipe that nobody empties", append(explain, "-f", "first", "-o", "json"), "", func(t *testing.T, first string, stdout io.Reader) {
			fedFile(large)(t, first, stdout)
			_, _ = io.ReadFull(stdout, make([]byte, 1))
		}, unix.SYS_WRITE},
		{"a plugin that does not listen", append(explain, "nightly", "--kubeconfig", "plugin"), "", func(t *testing.T, first string, _ io.Reader) {
			pid, err := os.ReadFile(first)
			if err != nil {
				t.Fatal(err)
			}
			plugin, err := strconv.Atoi(strings.TrimSpace(string(pid)))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = syscall.Kill(plugin, syscall.SIGKILL) })
		}, 0},
		{"a long computation", []string{"deaf"}, "", func(_ *testing.T, _ string, stdout io.Reader) {
			_, _ = io.ReadFull(stdout, make([]byte, 1))
		}, 0},
	} {
		for _, by := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(fmt.Sprintf("%s, %v", test.name, by), func(t *testing.T) {
				c := exec.CommandContext(t.Context(), test.args[0], test.args[1:]...)
				c.Dir = t.TempDir()
				c.Env = append(os.Environ(), "KUBECONFIG=", "CI=", "GITHUB_ACTIONS=", "GITLAB_CI=", test.env)
				first := filepath.Join(c.Dir, "first")
				for _, name := range []string{first, filepath.Join(c.Dir, "silent")} {
					if err := unix.Mkfifo(name, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.WriteFile(filepath.Join(c.Dir, "plugin"), []byte(deafPlugin), 0o600); err != nil {
					t.Fatal(err)
				}
				stdout, err := c.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				test.begin(t, first, stdout)
				if test.in != 0 {
					awaitCall(t, c.Process.Pid, test.in)
				}
				end(t, c, by)
			})
		}
	}
}

// awaitCall waits until a thread of a process stays in a system call.
func awaitCall(t *testing.T, pid, call int) {
	t.Helper()
	for stays, n := 0, 0; stays < 5; n++ {
		if n == 1000 {
			t.Fatalf("the program does not hang in system call %d", call)
		}
		time.Sleep(10 * time.Millisecond)
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
		stays++
		if !slices.ContainsFunc(threads, func(thread string) bool {
			now, _ := os.ReadFile(thread)
			return strings.HasPrefix(string(now), fmt.Sprintf("%d ", call))
		}) {
			stays = 0
		}
	}
}

// fed writes a text to the FIFO.
func fed(text string) func(*testing.T, string, io.Reader) {
	return func(t *testing.T, first string, _ io.Reader) {
		if err := os.WriteFile(first, []byte(text), 0); err != nil {
			t.Fatal(err)
		}
	}
}

func fedFile(name string) func(*testing.T, string, io.Reader) {
	return func(t *testing.T, first string, stdout io.Reader) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fed(string(text))(t, first, stdout)
	}
}

const (
	example = examples + "/d-fail-job-rule.yaml"
	large   = examples + "/embed.json.gz" // more than a pipe holds
	nobody  = "https://127.0.0.1:1"       // a plugin is asked for no plain http
)

// deafPlugin tells its process once it listens to no signal.
const deafPlugin = `apiVersion: v1
kind: Config
current-context: test
contexts:
- name: test
  context: {cluster: test, user: test}
clusters:
- name: test
  cluster: {server: "` + nobody + `"}
users:
- name: test
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      interactiveMode: Never
      command: sh
      args: [-c, "trap '' INT TERM; echo $$ > first; exec sleep 60"]
`
