package spill

import (
	"errors"
	"syscall"
)

// full tells whether err says that there is no more room:
// ERROR_HANDLE_DISK_FULL or ERROR_DISK_FULL.
func full(err error) bool {
	return errors.Is(err, syscall.Errno(39)) || errors.Is(err, syscall.Errno(112))
}
