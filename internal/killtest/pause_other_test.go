//go:build !unix

package killtest

// pause is for systems on which a process can be stopped and go on.
func pause() {}
