package testserver

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end the child with its parent, so that a test
// binary that panics or is killed leaves no server behind.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
