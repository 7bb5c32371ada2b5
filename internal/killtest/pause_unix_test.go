//go:build unix

package killtest

import (
	"os"
	"syscall"
)

// pause stops this program, as a machine that goes to sleep does.
func pause() {
	if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
		panic(err)
	}
}

// wake lets a paused program go on.
func wake(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
