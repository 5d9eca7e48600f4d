//go:build linux

package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	dirPrefix = "indexjob-node-"
	// lockFile is locked while a caller or its keeper lives.
	lockFile = "lock"
)

// newDir makes a node's folder, which is ours while the lock is open.
func newDir() (dir string, lock *os.File, err error) {
	if dir, err = os.MkdirTemp("", dirPrefix); err != nil {
		return "", nil, err
	}
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o700); err != nil {
		return "", nil, err
	}
	if lock, err = os.Create(filepath.Join(dir, lockFile)); err != nil {
		return "", nil, err
	}
	return dir, lock, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
}

// remove removes all that a node leaves outside its namespaces: processes and
// mounts have ended with them.
func remove(dir string) error {
	// Cgroups first: while there are any, processes may still write.
	if err := removeCgroups(dir); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// keepLogs moves the logs of a body that failed to where they stay.
func keepLogs(dir string) {
	to := filepath.Join(filepath.Dir(dir), "indexjob-node.logs-"+strings.TrimPrefix(filepath.Base(dir), dirPrefix))
	found, _ := filepath.Glob(filepath.Join(dir, "tmp", "*", "logs"))
	for _, logs := range append(found, filepath.Join(dir, "logs")) {
		if os.MkdirAll(to, 0o755) == nil {
			_ = os.Rename(logs, filepath.Join(to, filepath.Base(filepath.Dir(logs))))
		}
	}
	fmt.Fprintln(os.Stderr, "node: the logs are in", to)
}

// sweep removes what is left of nodes whose caller and keeper were both killed.
func sweep() error {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	if err != nil {
		return err
	}
	var wrong error
	for _, dir := range dirs {
		wrong = errors.Join(wrong, sweepOne(dir))
	}
	return wrong
}

func sweepOne(dir string) error {
	lock, err := os.Open(filepath.Join(dir, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody is about to make it, or to remove it
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil // its owner lives
	}
	fmt.Fprintln(os.Stderr, "node: removing", dir, "whose owner is gone")
	return remove(dir)
}
