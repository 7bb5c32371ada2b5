package ldap

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adsync/sdk/source/ldap/internal/wire"
)

// byGoLDAP leaves all searches to go-ldap. Only tests set it.
var byGoLDAP = false

// loan is the connection as go-ldap has it, for binding. To close it ends
// go-ldap's reading and nothing else, and then it can be used by another.
type loan struct {
	net.Conn
	reading sync.Mutex
	over    atomic.Bool
	strayed bool // something came that go-ldap took with it; under the lock
}

var errStrayed = errors.New("the server sent something that was not asked for")

func (l *loan) Read(p []byte) (int, error) {
	l.reading.Lock()
	defer l.reading.Unlock()
	if l.over.Load() {
		return 0, net.ErrClosed
	}
	n, err := l.Conn.Read(p)
	l.strayed = n > 0 && l.over.Load()
	return n, err
}

// Close wakes a Read that waits, and lets none begin.
func (l *loan) Close() error {
	l.over.Store(true)
	return l.Conn.SetReadDeadline(time.Unix(1, 0))
}

// giveBack waits until nobody reads any more.
func (l *loan) giveBack() error {
	l.reading.Lock()
	defer l.reading.Unlock()
	if l.strayed {
		return errStrayed
	}
	return l.Conn.SetReadDeadline(time.Time{})
}

// whole closes the connection from the bottom: TLS would first say goodbye to a
// server that may not listen.
type whole struct {
	net.Conn
	line *line
}

func (w whole) Close() error {
	w.line.abort()
	return nil
}

// takeOver takes the bound connection from go-ldap.
func (c *conn) takeOver() error {
	c.searcher = goldapSearcher{c}
	if byGoLDAP {
		return nil
	}
	_ = c.ldap.Close()
	if err := c.loan.giveBack(); err != nil {
		return err
	}
	c.line.handOver()
	c.wire = wire.New(whole{c.loan.Conn, c.line}, wire.Limits{Time: c.src.pageTimeout(), Bytes: c.src.maxPageBytes()})
	c.searcher = ownSearcher{c, c.wire}
	return nil
}
