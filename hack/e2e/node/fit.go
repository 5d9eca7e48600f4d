//go:build linux

package node

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// namespaces are all that Linux has beside users and time.
const namespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
	syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWCGROUP

// Fit says why a real node cannot run on this machine, if so.
func Fit() error {
	if os.Geteuid() != 0 {
		return errors.New("a real node needs root\nhint: run it as root, or in a container that is privileged")
	}
	for _, program := range []string{"apt-get", "dpkg-deb", "mke2fs", "mount"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("a real node needs Debian's packages: %w", err)
		}
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		return fmt.Errorf("a real node needs loop devices: %w", err)
	}
	all, err := hierarchies()
	if err != nil {
		return err
	}
	for _, h := range all {
		probe := filepath.Join(h.folder, fmt.Sprintf("indexjob-probe-%d", os.Getpid()))
		if err := os.Mkdir(probe, 0o755); err != nil {
			return fmt.Errorf("a real node needs cgroups of its own: %w", err)
		}
		if err := os.Remove(probe); err != nil {
			return err
		}
	}
	probe := exec.Command("true")
	probe.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces}
	if err := probe.Run(); err != nil {
		return fmt.Errorf("a real node needs namespaces of its own: %w", err)
	}
	return nil
}
