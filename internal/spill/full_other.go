//go:build !windows

package spill

import (
	"errors"
	"syscall"
)

// full tells whether err says that there is no more room.
func full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
