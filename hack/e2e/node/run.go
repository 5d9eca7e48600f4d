//go:build linux

package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

// roleVariable tells a program that Run starts once more what it is there for,
// and dirVariable where.
const (
	roleVariable = "INDEXJOB_NODE_ROLE"
	dirVariable  = "INDEXJOB_NODE_DIR"
)

// The roles; the first caller has none.
const (
	keeper = "keeper"
	first  = "first" // PID 1 of the namespaces
	inside = "inside"
)

// Dir is the node's folder, within the body.
func Dir() string { return os.Getenv(dirVariable) }

// Run runs the body inside the namespaces and returns its exit status. Before,
// and outside, where there is a network, prepare fetches and builds. It is to be
// called first thing in main or TestMain: everything before it happens four
// times.
func Run(prepare func(ctx context.Context, dir string) error, body func() int) int {
	var status int
	var err error
	switch os.Getenv(roleVariable) {
	case keeper:
		status, err = keep(Dir())
	case first:
		status, err = runFirst(Dir())
	case inside:
		return body()
	default:
		status, err = supervise(prepare)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		return max(status, 1)
	}
	return status
}

// supervise is the caller's part: it waits for the keeper, and stands in for it.
func supervise(prepare func(ctx context.Context, dir string) error) (status int, err error) {
	if err := Fit(); err != nil {
		return 1, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := sweep(); err != nil {
		return 1, fmt.Errorf("remove what another left: %w", err)
	}
	dir, lock, err := newDir()
	if err != nil {
		return 1, err
	}
	defer lock.Close()
	if err = isSeenInside(dir); err == nil {
		err = prepare(ctx, dir)
	}
	if err != nil {
		return 1, errors.Join(err, remove(dir))
	}
	k, err := startKeeper(dir, lock)
	if err != nil {
		return 1, errors.Join(err, remove(dir))
	}
	cancel := context.AfterFunc(ctx, func() { _ = k.lifeline.Close() })
	defer cancel()
	var exit *exec.ExitError
	if err := k.cmd.Wait(); errors.As(err, &exit) && !exit.Exited() {
		// Somebody killed it. The node died with it, and is to be removed all the same.
		return 1, errors.Join(fmt.Errorf("the keeper ended early: %w", err), remove(dir))
	} else if exit == nil && err != nil {
		return 1, err
	}
	if ctx.Err() != nil {
		return 130, nil
	}
	return k.cmd.ProcessState.ExitCode(), nil
}

// keeperProcess is a keeper as the caller sees it.
type keeperProcess struct {
	cmd *exec.Cmd
	// lifeline is a pipe of which only we hold this end: its end is ours.
	lifeline io.Closer
}

// startKeeper starts it apart from us, so that neither a Ctrl-C nor whoever kills
// a process group ends it with us.
func startKeeper(dir string, lock *os.File) (*keeperProcess, error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd, err := again(keeper, dir)
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{theirs, lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the keeper: %w", err)
	}
	return &keeperProcess{cmd, ours}, nil
}

// again is this very program, in another role.
func again(role, dir string) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, os.Args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// Whatever makes a temporary folder makes it where it is removed.
	cmd.Env = append(os.Environ(), roleVariable+"="+role, dirVariable+"="+dir, "TMPDIR="+filepath.Join(dir, "tmp"))
	return cmd, nil
}
