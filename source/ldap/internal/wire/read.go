package wire

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// oidDisconnection is the notice by which a server says that it ends the
// connection (RFC 4511, section 4.4.1).
const oidDisconnection = "1.3.6.1.4.1.1466.20036"

// Disconnected is the error of a connection that the server ended with a notice.
type Disconnected struct {
	Code uint16
	Text string
}

func (d *Disconnected) Error() string {
	return fmt.Sprintf("the server ended the connection with result code %d: %s", d.Code, d.Text)
}

// until waits until the request ended, or for less. Whoever has the turn reads;
// the others wait for it to give them theirs, or for the turn.
func (r *Request) until(enough func() bool) error {
	for !enough() {
		select {
		case <-r.done:
			return r.err
		case <-r.come:
		case <-r.conn.turn:
			r.conn.readFor(r, enough)
			r.conn.turn <- struct{}{}
		}
	}
	return nil
}

// readFor reads until this request has what it waits for.
func (c *Conn) readFor(r *Request, enough func() bool) {
	for !r.ended() && !enough() {
		m, err := c.reader.Next()
		if errors.Is(err, os.ErrDeadlineExceeded) && !c.overdue() {
			continue // the deadline was of a request that has ended since
		}
		if err == nil {
			err = c.deliver(&m)
		}
		if err != nil {
			c.fail(err)
			return
		}
	}
}

// deliver gives a message to the request that it answers. One that answers
// none, or is of a kind that does not belong there, is passed over.
func (c *Conn) deliver(m *ber.Message) error {
	if m.ID == 0 {
		return notice(m)
	}
	c.mu.Lock()
	r := c.pending[m.ID]
	c.mu.Unlock()
	if r == nil {
		return nil
	}
	if r.left -= int64(m.Size); r.left < 0 {
		return fmt.Errorf("%w: an answer has over %d bytes", ErrTooLarge, c.limits.Bytes)
	}
	r.answer.Bytes += int64(m.Size)
	if m.Op == r.ends {
		return r.end(m)
	}
	if r.ends != ber.SearchResultDone {
		return nil
	}
	return r.take(m)
}

func notice(m *ber.Message) error {
	if m.Op != ber.ExtendedResponse {
		return nil
	}
	result, err := m.Result()
	if err == nil && result.Name == oidDisconnection {
		err = &Disconnected{result.Code, result.Text}
	}
	return err
}

func (r *Request) end(m *ber.Message) (err error) {
	if r.answer.Result, err = m.Result(); err != nil {
		return err
	}
	if r.answer.Controls, err = m.Controls(); err != nil {
		return err
	}
	r.conn.typical = len(r.answer.Entries)
	r.conn.mu.Lock()
	defer r.conn.mu.Unlock()
	r.conn.finish(r, nil)
	return nil
}

// take keeps one message of the answer to a search.
func (r *Request) take(m *ber.Message) error {
	if r.queue {
		event, err := r.event(m)
		if err == nil {
			r.push(event)
		}
		return err
	}
	switch m.Op {
	case ber.SearchResultEntry:
		if r.answer.Entries == nil {
			r.answer.Entries = make([]ber.Entry, 0, r.conn.typical)
		}
		e, err := r.conn.reader.Entry(m, &r.lists)
		r.answer.Entries = append(r.answer.Entries, e)
		return err
	case ber.SearchResultReference:
		list, err := m.References()
		r.answer.References = append(r.answer.References, list)
		return err
	}
	return nil
}

func (r *Request) event(m *ber.Message) (e Event, err error) {
	switch m.Op {
	case ber.SearchResultEntry:
		entry, err := r.conn.reader.Entry(m, &r.lists)
		if err != nil {
			return e, err
		}
		e.Entry = &entry
		e.Controls, err = m.Controls()
		return e, err
	case ber.SearchResultReference:
		e.References, err = m.References()
	case ber.IntermediateResponse:
		e.Intermediate = m.Operation()
	}
	return e, err
}

// push puts a message in the queue and gives the rest of the answer time anew.
func (r *Request) push(e Event) {
	c := r.conn
	c.mu.Lock()
	r.events = append(r.events, e)
	r.left = c.limits.Bytes
	if later := time.Now().Add(c.limits.Time); later.Sub(r.deadline) > c.limits.Time/8 {
		r.deadline = later
		c.arm()
	}
	c.mu.Unlock()
	select {
	case r.come <- struct{}{}:
	default:
	}
}

func (r *Request) waiting() bool {
	r.conn.mu.Lock()
	defer r.conn.mu.Unlock()
	return len(r.events) > 0
}

func (r *Request) drain() []Event {
	r.conn.mu.Lock()
	defer r.conn.mu.Unlock()
	list := r.events
	r.events = nil
	return list
}
