package wire

import (
	"context"
	"time"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// Request is one that is under way.
type Request struct {
	conn  *Conn
	id    int64
	ends  ber.Op // the message that ends it
	queue bool   // see Each

	// Under the connection's lock.
	deadline time.Time
	events   []Event

	// Of whoever reads, until done is closed.
	answer Answer
	left   int64 // bytes
	lists  ber.Lists

	come chan struct{} // something is in the queue
	done chan struct{}
	err  error
}

func (c *Conn) newRequest(ends ber.Op) *Request {
	return &Request{conn: c, ends: ends, come: make(chan struct{}, 1), done: make(chan struct{})}
}

// Answer is what came in answer to a request, up to its end.
type Answer struct {
	Entries    []ber.Entry
	References [][]string // to parts of the result that other servers hold, each with its addresses
	Result     ber.Result
	Controls   []ber.Control // of the message that ended it
	Bytes      int64

	lists *ber.Lists
}

// Release gives up the entries' lists of attributes; see ber.Lists.
func (a Answer) Release() {
	if a.lists != nil {
		a.lists.Release()
	}
}

// Event is one message of an answer that is read as it comes.
type Event struct {
	Entry        *ber.Entry
	References   []string
	Intermediate []byte        // an IntermediateResponse with tag and length
	Controls     []ber.Control // of the entry
}

// Search sends a search request.
func (c *Conn) Search(q ber.Search) (*Request, error) {
	return c.search(q, false)
}

// Stream sends a search request whose answer is read by Each.
func (c *Conn) Stream(q ber.Search) (*Request, error) {
	return c.search(q, true)
}

func (c *Conn) search(q ber.Search, queue bool) (*Request, error) {
	r := c.newRequest(ber.SearchResultDone)
	r.queue = queue
	return r, c.send(r, q.Encode)
}

// Ahead reads the answer while its caller does something else.
func (r *Request) Ahead() { go func() { _ = r.until(never) }() }

// Wait gives the whole answer, whatever result it ended with. An error says
// that its end was not seen, and then there is no answer.
//
// A context that ends takes the connection with it.
func (r *Request) Wait(ctx context.Context) (Answer, error) {
	defer r.watch(ctx)()
	if err := r.until(never); err != nil {
		return Answer{}, err
	}
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	r.answer.lists = &r.lists
	return r.answer, nil
}

// Each hands on the messages of an answer as they come; its end is what it
// gives back. Time and size are bounded from one message to the next. An error
// of take ends the request.
func (r *Request) Each(ctx context.Context, take func(Event) error) (Answer, error) {
	defer r.watch(ctx)()
	for {
		err := r.until(r.waiting)
		ended := r.ended() // before the queue is emptied: then it was all there
		for _, e := range r.drain() {
			if fault := take(e); fault != nil {
				r.Abandon()
				return Answer{}, fault
			}
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return Answer{}, err
		}
		if ended {
			return r.answer, nil
		}
	}
}

// Abandon gives the request up. What still comes in answer to it is passed over.
func (r *Request) Abandon() {
	if r.ended() {
		return
	}
	r.conn.abandon(r.id)
	r.conn.mu.Lock()
	defer r.conn.mu.Unlock()
	r.conn.finish(r, ErrClosed)
}

func never() bool { return false }

func (r *Request) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (r *Request) watch(ctx context.Context) (stop func()) {
	cancelled := context.AfterFunc(ctx, func() { r.conn.cancel(context.Cause(ctx)) })
	return func() { cancelled() }
}
