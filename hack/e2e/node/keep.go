//go:build linux

package node

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// keep starts the node, waits until it or the caller ends, and removes what they
// leave. Nothing but SIGKILL ends it before.
func keep(dir string) (status int, err error) {
	// Not signal.Ignore, which every program of the node would inherit.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	lifeline := os.NewFile(3, "lifeline")
	syscall.CloseOnExec(3) // and 4, the lock: nobody but us is to hold them
	syscall.CloseOnExec(4)
	defer func() { err = errors.Join(err, remove(dir)) }()
	// The kernel ends PID 1 when the thread that started it ends.
	runtime.LockOSThread()
	cmd, err := startFirst(dir)
	if err != nil {
		return 1, err
	}
	go func() {
		_, _ = io.Copy(io.Discard, lifeline) // returns when the caller has ended
		_ = cmd.Process.Kill()
	}()
	// PID 1 is gone only when every process of its namespace is.
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return 1, err
	}
	if !cmd.ProcessState.Exited() {
		return 1, nil // killed, because the caller had ended
	}
	if status = cmd.ProcessState.ExitCode(); status != 0 {
		keepLogs(dir)
	}
	return status, nil
}

// startFirst starts PID 1 in new namespaces and cgroups. A cgroup namespace shows
// as its root where its maker is: that is why we go there for a moment.
func startFirst(dir string) (*exec.Cmd, error) {
	home, err := hierarchies()
	if err != nil {
		return nil, err
	}
	cgroups, err := makeCgroups(dir)
	if err != nil {
		return nil, fmt.Errorf("make cgroups: %w", err)
	}
	cmd, err := again(first, dir)
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := enter(cgroups); err != nil {
		return nil, err
	}
	err = cmd.Start()
	back := make([]string, len(home))
	for i, h := range home {
		back[i] = h.folder
	}
	if err := errors.Join(err, enter(back)); err != nil {
		return nil, fmt.Errorf("start a process in new namespaces: %w", err)
	}
	return cmd, nil
}
