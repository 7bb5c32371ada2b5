package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/adsync/sdk/internal/bench/report"
)

// figures are what one process cost.
type figures = report.Cost

// measure runs a command to its end and gives what it printed. The kernel's own
// maximum (ru_maxrss) is no use: a child inherits its parent's. So the peak of the
// child's own memory is read while it runs; what it takes in its last few
// milliseconds is missed.
func measure(ctx context.Context, name string, args ...string) (f figures, printed string, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return figures{}, "", err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	f.Peak, err = watch(cmd.Process.Pid, done)
	f.Wall = time.Since(begin)
	if err != nil {
		return f, "", fmt.Errorf("%s: %w\n%s", name, err, said.String())
	}
	f.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return f, out.String(), nil
}

// watch reads the peak until the process has ended.
func watch(pid int, done <-chan error) (peak int64, err error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return peak, err
		case <-tick.C:
			if now, err := memoryOf(pid, "VmHWM:"); err == nil {
				peak = max(peak, now)
			}
		}
	}
}

// memoryOf gives one of the kernel's figures of a process's memory, such as
// VmHWM, the high-water mark of what is resident.
func memoryOf(pid int, figure string) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, after, ok := bytes.Cut(status, []byte(figure))
	fields := bytes.Fields(after)
	if !ok || len(fields) == 0 {
		return 0, errors.New("no " + figure + " the process has ended")
	}
	kilobytes, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kilobytes << 10, err
}
