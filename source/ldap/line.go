package ldap

import (
	"errors"
	"math"
	"net"
	"sync"
	"time"
)

var errPageTooLarge = errors.New("the server sent more than MaxPageBytes for one page")

// line is the connection below TLS and below go-ldap. go-ldap knows no
// context, reports the cause of a cut only as text, and can wait for ever on
// a server that hangs; what is done here holds whatever go-ldap does.
type line struct {
	net.Conn

	mu     sync.Mutex
	budget int64 // bytes that may still be read for this exchange
	cause  error // the first failure
}

func newLine(c net.Conn) *line { return &line{Conn: c, budget: 1 << 20} }

// begin gives one exchange its time and its size.
func (l *line) begin(timeout time.Duration, budget int64) {
	l.mu.Lock()
	l.budget = budget
	l.mu.Unlock()
	_ = l.SetDeadline(time.Now().Add(timeout))
}

// end lets the connection wait until the next exchange.
func (l *line) end() { _ = l.SetDeadline(time.Time{}) }

// handOver leaves time and size to who bounds them for each request. What went
// wrong while the connection was taken from go-ldap does not count.
func (l *line) handOver() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.budget, l.cause = math.MaxInt64, nil
	_ = l.SetDeadline(time.Time{})
}

// abort cuts the connection: every read and write on it returns at once.
func (l *line) abort() { _ = l.Conn.Close() }

func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.budget -= int64(n)
	if err == nil && l.budget < 0 {
		err = errPageTooLarge
		n = 0
	}
	l.fail(err)
	return n, err
}

func (l *line) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail(err)
	return n, err
}

func (l *line) fail(err error) {
	if err != nil && l.cause == nil {
		l.cause = err
	}
}

// upper is the connection above TLS. An end that TLS itself announces is seen
// only here.
type upper struct {
	net.Conn
	line *line
}

func (u upper) Read(p []byte) (int, error) {
	n, err := u.Conn.Read(p)
	u.line.mu.Lock()
	defer u.line.mu.Unlock()
	u.line.fail(err)
	return n, err
}

// broken gives the first failure, nil while there was none.
func (l *line) broken() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cause
}
