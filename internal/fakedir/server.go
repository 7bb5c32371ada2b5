package fakedir

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Server is a running directory. Its methods may be called at any time, also
// while clients read.
type Server struct {
	cfg      Config
	forest   *forest
	host     string
	password string
	card     *tls.Config
	tls      net.Listener
	plain    net.Listener
	faults   faults

	mu   sync.RWMutex // guards what the view and the company hold
	view view
	org  *company

	rights map[guid]Right

	open     sync.Mutex // guards sessions
	sessions map[*session]struct{}
	closed   bool
	done     chan struct{}
	wg       sync.WaitGroup
}

// Start makes the directory and serves it, with TLS from the first byte on one
// port and plain (for StartTLS) on another.
func Start(c Config) (*Server, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	ca, err := newAuthority()
	if err != nil {
		return nil, fmt.Errorf("fakedir: making a certificate: %w", err)
	}
	org, password := newCompany(c), rand.Text()
	account := org.tree.at(org.syncDN())
	account.password = password
	rights := map[guid]Right{account.guid: ReplicateChanges | ListDeleted}
	return serve(c, &forest{authority: ca, count: 1}, org, password, rights)
}

// serve starts one controller of a directory.
func serve(c Config, f *forest, org *company, password string, rights map[guid]Right) (*Server, error) {
	card, err := f.authority.card(c.Address, org.host(), "localhost")
	if err != nil {
		return nil, fmt.Errorf("fakedir: making a certificate: %w", err)
	}
	s := &Server{
		cfg: c, forest: f, host: org.host(), org: org, card: card, password: password, rights: rights,
		view: view{tree: org.tree, base: org.base}, sessions: map[*session]struct{}{}, done: make(chan struct{}),
	}
	return s, s.listen()
}

func (s *Server) listen() error {
	secure, err := net.Listen("tcp", s.cfg.Address)
	if err != nil {
		return fmt.Errorf("fakedir: listening: %w", err)
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(fmt.Errorf("fakedir: listening: %w", err), secure.Close())
	}
	s.tls, s.plain = secure, plain
	s.wg.Go(func() { s.accept(secure, true) })
	s.wg.Go(func() { s.accept(plain, false) })
	return nil
}

func (s *Server) accept(l net.Listener, secure bool) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed
		}
		if n := newSession(s, c, secure); s.enter(n) {
			s.wg.Go(func() { n.serve(); s.exit(n) })
		}
	}
}

func (s *Server) enter(n *session) bool {
	s.open.Lock()
	defer s.open.Unlock()
	if s.closed {
		_ = n.raw.Close()
		return false
	}
	s.sessions[n] = struct{}{}
	return true
}

func (s *Server) exit(n *session) {
	s.open.Lock()
	defer s.open.Unlock()
	delete(s.sessions, n)
}

// Close ends every connection and waits until nothing runs any more. It may be
// called twice.
func (s *Server) Close() error {
	s.open.Lock()
	if s.closed {
		s.open.Unlock()
		return nil
	}
	s.closed = true
	close(s.done)
	err := errors.Join(s.tls.Close(), s.plain.Close())
	for n := range s.sessions {
		_ = n.raw.Close()
	}
	s.open.Unlock()
	s.wg.Wait()
	return err
}

// DropConnections cuts every connection there is; new ones are welcome.
func (s *Server) DropConnections() {
	s.open.Lock()
	defer s.open.Unlock()
	for n := range s.sessions {
		_ = n.raw.Close()
	}
}

// URL is where LDAP with TLS is spoken: ldaps://127.0.0.1:PORT.
func (s *Server) URL() string { return "ldaps://" + s.tls.Addr().String() }

// LDAPURL is the port without TLS: ldap://127.0.0.1:PORT. It takes StartTLS and
// refuses passwords before it.
func (s *Server) LDAPURL() string { return "ldap://" + s.plain.Addr().String() }

// BaseDN is the domain's name, DC=corp,DC=example,DC=com.
func (s *Server) BaseDN() string { return s.org.base }

// PeopleDN is the unit that holds the departments and the former staff.
func (s *Server) PeopleDN() string { return "OU=People,OU=Company," + s.org.base }

// HostName is the controller's DNS name; the certificate has it.
func (s *Server) HostName() string { return s.host }

// BindDN names the service account that may read everything.
func (s *Server) BindDN() string { return s.org.syncDN() }

// BindUPN is the service account's user principal name.
func (s *Server) BindUPN() string { return "svc-sync@" + s.cfg.Domain }

// BindDomainUser is the service account's name as DOMAIN\name.
func (s *Server) BindDomainUser() string { return s.netbios() + `\svc-sync` }

func (s *Server) netbios() string {
	first, _, _ := strings.Cut(s.cfg.Domain, ".")
	return strings.ToUpper(first)
}

// Password is the service account's password, another at each start.
func (s *Server) Password() string { return s.password }

// CAPEM is the certificate of the authority that signed the server's, in PEM.
func (s *Server) CAPEM() []byte { return s.forest.authority.pem() }

// WriteCA writes the authority's certificate to ca.pem in a directory and gives
// the file's name.
func (s *Server) WriteCA(dir string) (string, error) {
	file := filepath.Join(dir, "ca.pem")
	return file, os.WriteFile(file, s.CAPEM(), 0o600)
}

// ClientTLS is a client's configuration that trusts this server and no other.
func (s *Server) ClientTLS() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.forest.authority.cert)
	return &tls.Config{RootCAs: roots, ServerName: s.HostName(), MinVersion: tls.VersionTLS12}
}

// Day tells how many days have passed since the directory began.
func (s *Server) Day() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.org.day
}

// Advance lets one day pass: people join, leave, marry, move, and two exchange
// their addresses.
func (s *Server) Advance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.org.advance()
}
