package testserver

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// start runs slapd on two free ports until the test ends. Another process may
// take a port in between, so it is tried more than once.
func (s *slapd) start(t testing.TB) {
	t.Helper()
	var err error
	for range 5 {
		if err = s.tryStart(t); err == nil {
			return
		}
	}
	t.Fatalf("slapd does not start: %v", err)
}

func (s *slapd) tryStart(t testing.TB) error {
	plain, encrypted := freePort(t), freePort(t)
	s.LDAPURL, s.URL = "ldap://"+plain, "ldaps://"+encrypted
	p := &process{done: make(chan struct{}), started: make(chan error, 1)}
	// -d keeps slapd in the foreground, whatever the level
	p.cmd = exec.Command(findServer("slapd"), "-d", "0", "-f", s.confFile(), "-h", s.LDAPURL+" "+s.URL)
	p.cmd.Stderr = &p.said
	go p.run()
	if err := <-p.started; err != nil {
		return err
	}
	t.Cleanup(p.stop)
	return p.await(func() error { return s.answers(encrypted) })
}

// answers proves that it is this server that listens: no other has a
// certificate of this test's authority.
func (s *slapd) answers(address string) error {
	dialer := &net.Dialer{Timeout: time.Second}
	conn, err := tls.DialWithDialer(dialer, "tcp", address, &tls.Config{RootCAs: s.authority.pool()})
	if err != nil {
		return err
	}
	return conn.Close()
}

func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fatal(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// process is a server that does not outlive the test binary.
type process struct {
	cmd     *exec.Cmd
	said    bytes.Buffer // read it after done only
	started chan error
	done    chan struct{}
}

// run starts the process and waits for its end on one locked thread: the
// kernel kills the child when the thread that started it ends.
func (p *process) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithParent(p.cmd)
	err := p.cmd.Start()
	p.started <- err
	if err == nil {
		_ = p.cmd.Wait()
		close(p.done)
	}
}

// await asks until the process is ready, has ended, or took too long.
func (p *process) await(ready func() error) error {
	deadline := time.After(20 * time.Second)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("it ended: %s", p.said.String())
		case <-deadline:
			return errors.Join(errors.New("it does not answer"), err)
		case <-poll.C:
		}
	}
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}
