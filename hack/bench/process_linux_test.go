package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// plugin is the program that is measured, built as releases are.
var plugin string

// roles are what this test binary is when it runs itself: a process of its own
// each, so that none adds to the memory or the time of another.
var roles = map[string]func() error{
	"serve":  serve,
	"read":   readPages,
	"decode": decodePages,
	"write":  writeFile,
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

// cost is what a process took.
type cost struct {
	Wall, CPU time.Duration
	// Peak is its resident memory at the highest, in bytes.
	Peak int64
}

// measure runs a process to its end.
func measure(b *testing.B, cmd *exec.Cmd) cost {
	b.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", filepath.Base(cmd.Path), err, stderr.Bytes())
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return cost{
		Wall: time.Since(begin),
		CPU:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		Peak: usage.Maxrss << 10,
	}
}

func (c cost) add(d cost) cost {
	return cost{c.Wall + d.Wall, c.CPU + d.CPU, max(c.Peak, d.Peak)}
}

// report adds the metrics of one process to those of a benchmark.
func (c cost) report(b *testing.B, what string) {
	b.ReportMetric(c.Wall.Seconds()/float64(b.N), what+"-wall-s/op")
	b.ReportMetric(c.CPU.Seconds()/float64(b.N), what+"-cpu-s/op")
	b.ReportMetric(float64(c.Peak)/(1<<20), what+"-peak-MiB")
}

// as is this binary in one of its roles.
func as(role string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd
}

// costOf runs a role that measures itself, since what it prepares is not meant.
func costOf(b *testing.B, cmd *exec.Cmd) cost {
	b.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	var c cost
	if err := json.Unmarshal(out, &c); err != nil {
		b.Fatalf("%v in %q", err, out)
	}
	return c
}

// tell is how such a role ends: it prints what do took.
func tell(do func() error) error {
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	begin := time.Now()
	if err := do(); err != nil {
		return err
	}
	wall := time.Since(begin)
	syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	return json.NewEncoder(os.Stdout).Encode(cost{wall, cpu, after.Maxrss << 10})
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
