//go:build linux

package node_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/node"
)

const version = "1.37.2"

// subjectVariable makes this binary a node that is to be ended.
const subjectVariable = "INDEXJOB_NODE_SUBJECT"

func TestMain(m *testing.M) {
	if os.Getenv(subjectVariable) != "" {
		os.Exit(node.Run(func(ctx context.Context, _ string) error { return node.Prepare(ctx, version) }, beSubject))
	}
	os.Exit(m.Run())
}

// endFile in the node's folder asks the body to end, and holds its status.
const endFile = "end"

// beSubject runs a pod, says so, and waits for its end.
func beSubject() int {
	ctx := context.Background()
	plane, n, err := node.Start(ctx, version)
	if err == nil {
		err = runPod(ctx, plane)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("running in", node.Dir())
	for {
		if _, err := os.Stat(filepath.Join(node.Dir(), endFile)); err == nil {
			n.Stop()
			_ = plane.Stop(false)
			return 0
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// subject is a node as a process of its own.
type subject struct {
	caller *exec.Cmd
	dir    string
	out    *bufio.Scanner
}

// startSubject returns once its pod runs.
func startSubject(t *testing.T, tmp string) *subject {
	t.Helper()
	s := &subject{caller: exec.Command("/proc/self/exe")}
	s.caller.Env = append(os.Environ(), subjectVariable+"=1", "TMPDIR="+tmp)
	s.caller.Stderr = os.Stderr
	out, err := s.caller.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.caller.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.caller.Process.Kill() })
	s.out = bufio.NewScanner(out)
	for s.out.Scan() {
		if dir, ok := strings.CutPrefix(s.out.Text(), "running in "); ok {
			s.dir = dir
			return s
		}
	}
	t.Fatal("the node did not come up:", s.caller.Wait())
	return nil
}

// TestNothingIsLeft ends nodes that run a pod, and looks for what they leave.
func TestNothingIsLeft(t *testing.T) {
	before := lookAtMachine(t)
	for _, test := range []struct {
		name string
		end  func(t *testing.T, s *subject)
	}{
		{"when the body ends", func(t *testing.T, s *subject) {
			if err := os.WriteFile(filepath.Join(s.dir, endFile), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}},
		{"when the caller is killed", func(_ *testing.T, s *subject) { _ = s.caller.Process.Kill() }},
		{"when the keeper is killed", func(t *testing.T, s *subject) { _ = syscall.Kill(keeperOf(t, s.dir), syscall.SIGKILL) }},
		{"when both are, by the next caller, who is told to end", killBoth},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := startSubject(t, t.TempDir())
			if there := tracesOf(s.dir); len(there.Processes) < 8 || len(there.Mounts) == 0 || len(there.Cgroups) < 7 || len(there.Loops) != 1 || len(there.Folders) != 1 {
				t.Errorf("a running node has fewer traces than it ought to: %+v", there)
			}
			if diff := cmp.Diff(before, lookAtMachine(t)); diff != "" {
				t.Errorf("a running node has changed the machine (-before +while):\n%s", diff)
			}
			test.end(t, s)
			_ = s.caller.Wait()
			isGone(t, s.dir)
			if diff := cmp.Diff(before, lookAtMachine(t)); diff != "" {
				t.Errorf("the node has changed the machine (-before +after):\n%s", diff)
			}
		})
	}
}

// killBoth kills whoever would remove anything, and starts another node in the
// same place, which ends by a signal.
func killBoth(t *testing.T, s *subject) {
	_ = syscall.Kill(keeperOf(t, s.dir), syscall.SIGKILL)
	_ = s.caller.Process.Kill()
	_ = s.caller.Wait()
	if there := tracesOf(s.dir); len(there.Folders) == 0 || len(there.Cgroups) == 0 {
		t.Error("somebody has removed them already: this shows nothing")
	}
	next := startSubject(t, filepath.Dir(s.dir))
	isGone(t, s.dir)
	_ = next.caller.Process.Signal(syscall.SIGTERM)
	_ = next.caller.Wait()
	isGone(t, next.dir)
}

// isGone waits until there is no trace of a node: who removes it may outlive
// whom we waited for.
func isGone(t *testing.T, dir string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		left := tracesOf(dir)
		if left.none() {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%s has left %+v", dir, left)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
