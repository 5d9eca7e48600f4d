//go:build !linux

package process

import "syscall"

// dieWithParent has no equal here: Stop has to be called.
func dieWithParent() *syscall.SysProcAttr { return nil }
