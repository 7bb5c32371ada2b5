package ldap

import (
	"context"
	"net"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/source/ldap/internal/wire"
)

// conn is one bound connection. It serves one read and is not shared.
type conn struct {
	src  *Source
	line *line
	ldap *goldap.Conn
	loan *loan      // the connection as ldap has it
	wire *wire.Conn // once it was taken over
	searcher
	host string // host name, for texts and Kerberos
	at   controller

	before []attempt // at others, before this one answered
}

// connectTo connects to one controller and binds. Its own name is what the
// certificate must bear, however it was found.
func (s *Source) connectTo(ctx context.Context, to controller) (*conn, error) {
	c := &conn{src: s, host: to.host}
	doing := "connecting to " + to.address()
	raw, err := s.dial(ctx, &to)
	if err != nil {
		return nil, c.failed(ctx, doing, err)
	}
	c.at, c.line = to, newLine(raw)
	s.track(c)
	if err := c.secure(ctx, to.ldaps); err != nil {
		c.close()
		return nil, c.failed(ctx, doing, err)
	}
	if err := c.bind(ctx); err != nil {
		c.close()
		return nil, err
	}
	if err := c.takeOver(); err != nil {
		c.close()
		return nil, c.failed(ctx, doing, err)
	}
	return c, nil
}

// secure does TLS where it is due and hands the connection to go-ldap.
func (c *conn) secure(ctx context.Context, ldaps bool) error {
	c.line.begin(c.src.dialTimeout(), 1<<20)
	defer c.line.end()
	defer context.AfterFunc(ctx, c.line.abort)()
	var top net.Conn = c.line
	if ldaps || c.src.StartTLS {
		config, err := c.src.tlsConfig(c.host)
		if err != nil {
			return err
		}
		begin := startTLS
		if ldaps {
			begin = handshake
		}
		if top, err = begin(ctx, c.line, config); err != nil {
			return err
		}
	}
	c.loan = &loan{Conn: upper{top, c.line}}
	c.ldap = goldap.NewConn(c.loan, ldaps || c.src.StartTLS)
	c.ldap.Start()
	return nil
}

// do runs one exchange with the server under the context, a deadline and a
// bound on its size. A cancelled context cuts the connection: nothing else
// makes go-ldap let go.
func (c *conn) do(ctx context.Context, doing string, timeout time.Duration, exchange func(*goldap.Conn) error) error {
	if err := ctx.Err(); err != nil {
		return c.failed(ctx, doing, err)
	}
	c.line.begin(timeout, c.src.maxPageBytes())
	stop := context.AfterFunc(ctx, c.line.abort)
	err := exchange(c.ldap)
	stop()
	c.line.end()
	if err == nil {
		return nil
	}
	return c.failed(ctx, doing, err)
}

// failed gives the error its true cause, its code and its text.
func (c *conn) failed(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return ended(ctx, doing)
	}
	if c.line != nil && c.wire == nil && isNetwork(err) {
		if cause := c.line.broken(); cause != nil {
			err = cause
		}
	}
	return explain(c.host, doing, err)
}

// close ends the connection. The line goes first: go-ldap's own Close waits
// for a goroutine that may be waiting for the server.
func (c *conn) close() {
	if c.wire != nil {
		c.wire.Close()
	}
	if c.line != nil {
		c.line.abort()
	}
	if c.ldap != nil {
		_ = c.ldap.Close()
	}
	c.src.forget(c)
}

func (s *Source) track(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[*conn]struct{}{}
	}
	s.open[c] = struct{}{}
}

func (s *Source) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

// Open judges the configuration and the files it names, before the first read.
// It does not connect: each read makes a connection of its own.
func (s *Source) Open(context.Context) error {
	if err := s.Validate(); err != nil {
		return err
	}
	_, err := s.tlsConfig("")
	return err
}

// Close cuts the connections of reads that are still under way.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		c.line.abort()
	}
	return nil
}
