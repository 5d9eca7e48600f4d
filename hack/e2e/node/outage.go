//go:build linux

package node

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Crash ends kubelet, runtime and all pods at once, as a power cut does. The disk
// stays.
func (n *Node) Crash() error {
	n.KillKubelet()
	n.containerd.Stop(syscall.SIGKILL)
	deadline := time.Now().Add(10 * time.Second)
	for {
		// Shims first: they would clean up behind their containers.
		left := append(shims(), podProcesses()...)
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("crash the node: processes %v stay", left)
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Boot starts them again.
func (n *Node) Boot(ctx context.Context) error {
	if err := n.startContainerd(ctx); err != nil {
		return err
	}
	return n.StartKubelet(ctx)
}

// shims are containerd's, one a pod. All processes that we see are the node's.
func shims() (pids []int) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if program, err := os.Readlink(link); err == nil && strings.HasPrefix(filepath.Base(program), "containerd-shim") {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// podProcesses are those in the cgroups of pods.
func podProcesses() (pids []int) {
	_ = filepath.WalkDir("/sys/fs/cgroup/pids/kubepods", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "cgroup.procs" {
			return nil // cgroups come and go
		}
		data, _ := os.ReadFile(path)
		for field := range strings.FieldsSeq(string(data)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
		return nil
	})
	return pids
}
