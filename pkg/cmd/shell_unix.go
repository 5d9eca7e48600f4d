//go:build unix

package cmd

import (
	"os"

	"golang.org/x/sys/unix"
)

// hasShell reports whether a shell with job control would notice that the program was
// suspended. Of an orphaned process group, such as that of a container or of ssh -t,
// the kernel stops nobody, and it would wait for ever to go on.
func hasShell() bool {
	parent := os.Getppid()
	session, err := unix.Getsid(0)
	ofParent, failed := unix.Getsid(parent)
	if parent == 0 || err != nil || failed != nil || session != ofParent {
		return false
	}
	group, err := unix.Getpgid(parent)
	return err == nil && (group != unix.Getpgrp() || parent != session)
}
