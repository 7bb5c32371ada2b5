//go:build !unix

package killtest

import (
	"errors"
	"os"
)

func pause() {}

func wake(*os.Process) error { return errors.ErrUnsupported }
