package process

import "syscall"

// dieWithParent ends a child with us, however we end: a test that is killed
// leaves no control plane behind. The child has a process group of its own, so
// that a Ctrl-C is ours to handle.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
