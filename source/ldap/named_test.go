package ldap_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"iter"
	"math/big"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

// forest is several scripted controllers, each with a certificate for its own
// name and no other, and the names by which they are found.
type forest struct {
	t     testing.TB
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
	pool  *x509.CertPool
	names *names
}

func newForest(t testing.TB) *forest {
	t.Helper()
	f := &forest{t: t, names: &names{hosts: map[string][]string{}, srv: map[string][]*net.SRV{}}, pool: x509.NewCertPool()}
	var err error
	f.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, f.key.Public(), f.key)
	require.NoError(t, err)
	f.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	f.pool.AddCert(f.cert)
	return f
}

// certify issues a certificate for one name.
func (f *forest) certify(name string) *tls.Config {
	f.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: []string{name},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, f.cert, f.key.Public(), f.key)
	require.NoError(f.t, err)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: f.key}}}
}

// controller starts a server of this name and makes the name known.
func (f *forest) controller(host string, objects ...object) *scripted {
	f.t.Helper()
	s := newScripted(f.t, objects...)
	s.tls, s.root["dnsHostName"] = f.certify(host), []string{host}
	f.names.hosts[host] = []string{"127.0.0.1"}
	return s
}

// url is the address of a controller by its name.
func (s *scripted) url(host string) string {
	return "ldap://" + net.JoinHostPort(host, strconv.Itoa(s.port()))
}

func (s *scripted) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *scripted) record(host string, priority, weight uint16) *net.SRV {
	return &net.SRV{Target: host + ".", Port: uint16(s.port()), Priority: priority, Weight: weight}
}

// source reads from the first of these addresses that answers.
func (f *forest) source(urls ...string) *ldap.Source {
	src := &ldap.Source{StartTLS: true, CAs: f.pool, Bind: "sync@corp.example.com", Password: text("correct"), Resolver: f.names, DialTimeout: 5 * time.Second}
	if len(urls) > 0 {
		src.URL, src.Alternates = urls[0], urls[1:]
	}
	return src
}

// discovering finds them by the domain's name.
func (f *forest) discovering() *ldap.Source {
	src := f.source()
	src.Domain = "corp.example.com"
	return src
}

// dead gives the address of a host that refuses connections.
func (f *forest) dead(host string) string {
	f.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(f.t, err)
	l.Close()
	f.names.hosts[host] = []string{"127.0.0.1"}
	return "ldap://" + net.JoinHostPort(host, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
}

// names is a Resolver that knows what the test says.
type names struct {
	mu    sync.Mutex
	hosts map[string][]string
	srv   map[string][]*net.SRV // by name below _ldap._tcp
	down  bool                  // no answer at all
	asked []string
}

func (n *names) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, "_"+service+"._"+proto+"."+name)
	if n.down {
		return "", nil, &net.DNSError{Err: "i/o timeout", Name: name, IsTimeout: true}
	}
	if list, ok := n.srv[name]; ok {
		return name, list, nil
	}
	return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n *names) LookupHost(_ context.Context, host string) ([]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if list, ok := n.hosts[host]; ok {
		return list, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (n *names) asks() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.asked)
}

// notes is what an engine keeps for a source, each Put at once.
type notes map[string]string

func (n notes) Get(_ context.Context, name string) (string, bool, error) {
	value, ok := n[name]
	return value, ok, nil
}

func (n notes) Put(_ context.Context, name, value string) error {
	n[name] = value
	return nil
}

func (n notes) Scan(context.Context, string) iter.Seq2[adsync.Note, error] {
	return func(func(adsync.Note, error) bool) {}
}

// reads tells how many searches for people arrived at a server since the last
// time it was asked.
func (s *scripted) reads() int {
	n := len(s.seen(kindSigns["user"]))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.searches = nil
	return n
}

// down stops listening and breaks what is connected; the function brings the
// server back at the same port.
func (s *scripted) down() (up func()) {
	s.t.Helper()
	address := s.listener.Addr().String()
	s.listener.Close()
	return func() {
		var err error
		s.listener, err = net.Listen("tcp", address)
		require.NoError(s.t, err)
		s.accept()
	}
}

// dribble sends the beginning of a message that never ends.
func dribble(c net.Conn, quit chan struct{}) {
	next := []byte{0x30, 0x84, 0x00, 0x7f, 0xff, 0xff, 0x04, 0x84, 0x00, 0x7f, 0xff, 0xf9}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := c.Write(next); err != nil {
			return
		}
		next = []byte{0}
		select {
		case <-quit:
			return
		case <-tick.C:
		}
	}
}

// twin is another machine behind the name and port of a controller.
func (f *forest) twin(of *scripted) *scripted {
	f.t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.2", strconv.Itoa(of.port())))
	if err != nil {
		f.t.Skip("this system has no second loopback address: ", err)
	}
	s := newScripted(f.t, of.objects[1:]...)
	s.listener.Close()
	s.listener, s.tls = l, of.tls
	s.accept()
	return s
}
