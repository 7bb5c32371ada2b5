// Package wire does searches on a connection that somebody else has opened,
// secured and bound.
//
// It sends what it is given and tells an answer that came to its end from one
// that did not; it knows nothing of paging, of kinds of servers, or of what a
// control means.
package wire

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// ErrClosed is the error of a request on a connection that was closed here.
var ErrClosed = errors.New("the connection was closed")

// ErrTooLarge is in the error about an answer beyond its limit.
var ErrTooLarge = ber.ErrTooLarge

// Limits bound one answer, or one message of an answer that is read as it comes.
type Limits struct {
	Time  time.Duration // from sending the request on
	Bytes int64
}

// Conn is a connection on which several requests may be under way. There is no
// goroutine that always reads: one of those who wait for an answer reads, and
// gives the others what is theirs.
//
// The first failure is for good: an answer that was cut off can be told from a
// whole one only by asking anew, elsewhere.
type Conn struct {
	socket net.Conn
	limits Limits
	reader *ber.Reader
	turn   chan struct{} // holds one token; who has it may read

	typical int // entries of the last answer; of who has the turn

	writing sync.Mutex

	mu      sync.Mutex
	last    int64 // number of the last request
	pending map[int64]*Request
	armed   time.Time
	err     error
}

// firstID is beyond what whoever bound the connection may have used.
const firstID = 1 << 16

// New takes a connection over. Nothing may be on its way from the server that
// is not an answer to a request made here.
func New(socket net.Conn, limits Limits) *Conn {
	c := &Conn{socket: socket, limits: limits, reader: ber.NewReader(socket, limits.Bytes), turn: make(chan struct{}, 1), last: firstID, pending: map[int64]*Request{}}
	c.turn <- struct{}{}
	return c
}

// send numbers a request and sends it.
func (c *Conn) send(r *Request, encode func(id int64) []byte) error {
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return c.err
	}
	c.last++
	deadline := time.Now().Add(c.limits.Time)
	r.id, r.left, r.deadline = c.last, c.limits.Bytes, deadline
	c.pending[r.id] = r
	c.arm()
	c.mu.Unlock()
	if err := c.write(encode(r.id), deadline); err != nil {
		c.fail(err)
		return c.broken()
	}
	return nil
}

func (c *Conn) write(message []byte, deadline time.Time) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.socket.SetWriteDeadline(deadline)
	_, err := c.socket.Write(message)
	// TLS may have to write in the middle of a read, whenever that is.
	_ = c.socket.SetWriteDeadline(time.Time{})
	return err
}

// arm makes reading end when the first of the requests under way is overdue.
// The lock is held.
func (c *Conn) arm() {
	var first time.Time
	for _, r := range c.pending {
		if first.IsZero() || r.deadline.Before(first) {
			first = r.deadline
		}
	}
	if !first.Equal(c.armed) {
		c.armed = first
		_ = c.socket.SetReadDeadline(first)
	}
}

// overdue tells whether a request waited as long as it may.
func (c *Conn) overdue() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for _, r := range c.pending {
		if !now.Before(r.deadline) {
			return true
		}
	}
	return false
}

// finish ends one request, with or without an error. The lock is held.
func (c *Conn) finish(r *Request, err error) {
	if c.pending[r.id] != r {
		return
	}
	delete(c.pending, r.id)
	r.err = err
	close(r.done)
	c.arm()
}

// fail ends the connection and all requests under way with it.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	_ = c.socket.Close()
	for _, r := range c.pending {
		c.finish(r, err)
	}
}

func (c *Conn) broken() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// abandonTime bounds how long a cancelled read may take to say so to a server
// that does not listen.
const abandonTime = 100 * time.Millisecond

// cancel tells the server to stop and closes the connection.
func (c *Conn) cancel(cause error) {
	c.mu.Lock()
	var list []int64
	for id := range c.pending {
		list = append(list, id)
	}
	c.mu.Unlock()
	for _, id := range list {
		c.abandon(id)
	}
	c.fail(cause)
}

func (c *Conn) abandon(request int64) {
	c.mu.Lock()
	c.last++
	id := c.last
	c.mu.Unlock()
	_ = c.write(ber.Abandon(id, request), time.Now().Add(abandonTime))
}

// Close ends the connection. It waits neither for the server nor for those who
// still wait for it.
func (c *Conn) Close() {
	if c.broken() == nil && c.writing.TryLock() {
		_ = c.socket.SetWriteDeadline(time.Now().Add(abandonTime))
		_, _ = c.socket.Write(ber.Unbind(firstID))
		c.writing.Unlock()
	}
	c.fail(ErrClosed)
}

// Extended does an extended request without a value.
func (c *Conn) Extended(ctx context.Context, oid string) (ber.Result, error) {
	r := c.newRequest(ber.ExtendedResponse)
	if err := c.send(r, func(id int64) []byte { return ber.Extended(id, oid) }); err != nil {
		return ber.Result{}, err
	}
	answer, err := r.Wait(ctx)
	return answer.Result, err
}
