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

// runFirst is PID 1 of the namespaces: it makes the machine, starts the caller
// once more, and reaps what is orphaned, such as containerd's shims. Its end is
// that of every process there.
func runFirst(dir string) (status int, err error) {
	if err := makeMachine(dir); err != nil {
		return 1, fmt.Errorf("make the machine: %w", err)
	}
	cmd, err := again(inside, dir)
	if err != nil {
		return 1, err
	}
	// The hidden folders may hold the program, but not what the kernel runs already.
	cmd.Path = "/proc/self/exe"
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("start the body: %w", err)
	}
	for {
		var ended syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ended, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 1, fmt.Errorf("wait for the body: %w", err)
		case pid == cmd.Process.Pid && ended.Exited():
			return ended.ExitStatus(), nil
		case pid == cmd.Process.Pid:
			return 1, fmt.Errorf("the body was ended by %s", ended.Signal())
		}
	}
}

// makeMachine turns what the namespaces copied into a machine of its own.
func makeMachine(dir string) error {
	for _, step := range []func(dir string) error{mountApart, mountCgroups, mountState, pretendSysctls, setNetwork} {
		if err := step(dir); err != nil {
			return err
		}
	}
	if err := syscall.Sethostname([]byte(Name)); err != nil {
		return err
	}
	// Within, a kubelet's mounts have to reach the pods that are there already.
	return mount("", "/", "", syscall.MS_SHARED|syscall.MS_REC, "")
}

// setNetwork: loopback, and later the pods' bridge. There is no way out.
func setNetwork(string) error {
	packages, err := unpacked()
	if err != nil {
		return err
	}
	busybox := filepath.Join(packages, "bin", "busybox")
	for _, args := range [][]string{
		{"ip", "link", "set", "lo", "up"},
		{"ip", "addr", "add", Address + "/32", "dev", "lo"},
	} {
		if out, err := exec.Command(busybox, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", args, err, out)
		}
	}
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644) // of this namespace alone
}
