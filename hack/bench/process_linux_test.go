package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// plugin is the program that is measured, built as releases are.
var plugin string

// roles are what this test binary is when it runs itself: a process of its own
// each, so that none adds to the memory or the time of another.
var roles = map[string]func() error{
	"serve":   serve,
	"read":    readPages,
	"decode":  decodePages,
	"write":   writeFile,
	"hostile": writeHostile,
	"busy":    serveBusy,
	"watch":   watchAll,
}

const roleVariable = "INDEXJOB_BENCH_ROLE"

func TestMain(m *testing.M) {
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		if err := role(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "indexjob-bench-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	defer os.RemoveAll(folder)
	plugin = filepath.Join(folder, "kubectl-indexjob")
	return m.Run()
}

// build is for benchmarks alone: tests need no plugin.
func build(b *testing.B) {
	b.Helper()
	if _, err := os.Stat(plugin); err == nil {
		return
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", plugin, "../../cmd/kubectl-indexjob")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build the plugin: %v\n%s", err, out)
	}
}

// as is this binary in one of its roles.
func as(role string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd
}

// costOf runs a role that measures itself, since what it prepares is not meant.
func costOf(b *testing.B, cmd *exec.Cmd) Cost {
	b.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	var c Cost
	if err := json.Unmarshal(out, &c); err != nil {
		b.Fatalf("%v in %q", err, out)
	}
	return c
}

// startServer runs the loopback server until the benchmark ends.
func startServer(b *testing.B, indexes, attempts int32) (address string) {
	b.Helper()
	cmd := as("serve", fmt.Sprint(indexes), fmt.Sprint(attempts))
	cmd.Stderr = os.Stderr
	stdin, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	line := make([]byte, 128)
	n, err := stdout.Read(line)
	if err != nil && err != io.EOF || n == 0 {
		b.Fatalf("the server did not start: %v", err)
	}
	return strings.TrimSpace(string(line[:n]))
}

// size reads the arguments of a role.
func size() (indexes, attempts int32, err error) {
	_, err = fmt.Sscan(strings.Join(os.Args[1:3], " "), &indexes, &attempts)
	return indexes, attempts, err
}
