package fakedir

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"sync"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// Result codes (RFC 4511 appendix A).
const (
	codeSuccess             = 0
	codeOperationsError     = 1
	codeProtocolError       = 2
	codeSizeLimit           = 4
	codeAuthMethod          = 7
	codeStrongAuth          = 8
	codeReferral            = 10
	codeUnavailableCritical = 12
	codeNoSuchObject        = 32
	codeInvalidName         = 34
	codeInvalidCredentials  = 49
	codeInsufficientRights  = 50
	codeUnwilling           = 53
)

// session is one connection.
type session struct {
	srv    *Server
	raw    net.Conn
	conn   net.Conn // raw, or TLS over it
	in     *bufio.Reader
	secure bool
	who    *entry // bound as; nil is anonymous
	pages  pages

	out sync.Mutex // one message at a time

	mu      sync.Mutex
	running map[int64]context.CancelFunc
	wg      sync.WaitGroup
}

func newSession(s *Server, c net.Conn, secure bool) *session {
	n := &session{srv: s, raw: c, conn: c, secure: secure, running: map[int64]context.CancelFunc{}}
	if secure {
		n.conn = tls.Server(c, s.card)
	}
	n.in = bufio.NewReader(n.conn)
	return n
}

// serve reads requests until the client leaves. Searches run beside the
// reading, so that a hanging one can be abandoned.
func (s *session) serve() {
	ctx, stop := context.WithCancel(context.Background())
	defer s.raw.Close()
	defer s.wg.Wait()
	defer stop()
	for {
		m, err := wire.Read(s.in)
		if err != nil || !s.handle(ctx, m) {
			return
		}
	}
}

func (s *session) handle(ctx context.Context, m wire.Message) bool {
	switch op := m.Op.(type) {
	case wire.Unbind:
		return false
	case wire.Abandon:
		s.abandon(op.ID)
	case *wire.Search:
		s.begin(ctx, m.ID, func(ctx context.Context) { s.search(ctx, m, op) })
	case *wire.Bind:
		s.settle()
		s.bind(m.ID, op)
	case *wire.Extended:
		s.settle()
		return s.extended(m.ID, op)
	case wire.Other:
		s.send(wire.AppendRefusal(nil, m.ID, op.Tag, wire.Result{
			Code: codeUnwilling, Diagnostic: "this directory is read-only over LDAP",
		}))
	}
	return true
}

func (s *session) begin(ctx context.Context, id int64, run func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.running[id] = cancel
	s.mu.Unlock()
	s.wg.Go(func() {
		defer s.abandon(id)
		run(ctx)
	})
}

func (s *session) abandon(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.running[id]; cancel != nil {
		cancel()
		delete(s.running, id)
	}
}

// settle abandons what still runs; a bind and StartTLS come alone.
func (s *session) settle() {
	s.mu.Lock()
	for _, cancel := range s.running {
		cancel()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// send writes whole messages. A client that has gone needs no answer.
func (s *session) send(b []byte) bool {
	s.out.Lock()
	defer s.out.Unlock()
	_, err := s.conn.Write(b)
	return err == nil
}

// Extended operations (RFC 4511 section 4.14, RFC 4532).
const (
	oidStartTLS = "1.3.6.1.4.1.1466.20037"
	oidWhoAmI   = "1.3.6.1.4.1.4203.1.11.3"
)

func (s *session) extended(id int64, x *wire.Extended) bool {
	switch x.Name {
	case oidStartTLS:
		return s.startTLS(id)
	case oidWhoAmI:
		s.send(wire.AppendExtended(nil, id, wire.Result{}, "", s.whoAmI()))
	default:
		s.send(wire.AppendExtended(nil, id, wire.Result{
			Code: codeProtocolError, Diagnostic: "0000203D: LdapErr: DSID-0C091241, comment: Unknown extended request OID, data 0, v4563",
		}, "", ""))
	}
	return true
}

func (s *session) startTLS(id int64) bool {
	refused := s.srv.faults.refusesStartTLS()
	r := wire.Result{}
	switch {
	case s.secure:
		r = wire.Result{Code: codeOperationsError, Diagnostic: "TLS is active already"}
	case refused:
		r = wire.Result{Code: 52, Diagnostic: "00000000: LdapErr: DSID-0C091241, comment: Error initializing SSL/TLS, data 0, v4563"}
	}
	if !s.send(wire.AppendExtended(nil, id, r, oidStartTLS, "")) || r.Code != codeSuccess {
		return r.Code != codeSuccess
	}
	s.conn, s.secure = tls.Server(s.raw, s.srv.card), true
	s.in = bufio.NewReader(s.conn)
	return true
}

func (s *session) whoAmI() string {
	if s.who == nil {
		return ""
	}
	s.srv.mu.RLock()
	defer s.srv.mu.RUnlock()
	return "u:" + s.srv.netbios() + `\` + first(s.who.get(must("sAMAccountName")))
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
