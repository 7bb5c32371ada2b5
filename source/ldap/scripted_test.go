package ldap_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/source/ldap"
)

// scripted is a directory that answers as a test tells it to: what a real
// server does not do on request. It knows enough of LDAP for this source and
// no more; filters are told apart by the class that they ask for.
type scripted struct {
	t        testing.TB
	listener net.Listener
	pool     *x509.CertPool
	tls      *tls.Config

	root    map[string][]string
	objects []object
	// limit is the number of values given at once, as MaxValRange; 0: all.
	limit int
	// hook may answer a search in its own way; nil lets the script answer.
	hook func(*search) *answer
	// bind answers a bind; nil accepts it.
	bind func(name, password string) (code uint16, said string)
	// refuseTLS answers StartTLS with this code.
	refuseTLS uint16

	served   sync.WaitGroup
	quit     chan struct{}
	mu       sync.Mutex
	binds    []string // name and password of each simple bind that arrived
	searches []search
	conns    int
}

type object struct {
	kind  string // user, group, contact, organizationalUnit, or empty for others
	dn    string
	attrs map[string][]string
}

type search struct {
	base, filter string
	scope        int64
	attrs        []string
	pageSize     int
	cookie       string
	extended     bool
	sync         *string // the cookie of a Sync Request control
}

// answer is what a search gives. cut and hang come after the entries.
type answer struct {
	entries []object
	refs    []string
	code    uint16
	said    string
	referTo string
	cookie  string
	paged   bool
	cut     bool
	hang    bool
	dribble bool // after the entries, a byte now and then, for ever
	// stream comes before the entries; controls go with the end.
	stream   []streamed
	controls []goldap.Control
}

// streamed is a message with controls of its own.
type streamed struct {
	op       *ber.Packet
	controls []goldap.Control
}

const domain = "DC=corp,DC=example,DC=com"

// newScripted starts a server that says it is Active Directory.
func newScripted(t testing.TB, objects ...object) *scripted {
	s := &scripted{t: t, objects: append([]object{{dn: domain}}, objects...), root: map[string][]string{
		"supportedCapabilities": {"1.2.840.113556.1.4.800"}, "supportedControl": {goldap.ControlTypePaging, "1.2.840.113556.1.4.529"},
		"defaultNamingContext": {domain}, "namingContexts": {domain}, "dnsHostName": {"dc1.corp.example.com"},
	}}
	s.pool, s.tls = certificate(t)
	var err error
	s.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.quit = make(chan struct{})
	s.accept()
	t.Cleanup(func() {
		close(s.quit)
		s.listener.Close()
		s.served.Wait()
	})
	return s
}

func (s *scripted) accept() {
	listener := s.listener
	s.served.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			s.served.Go(func() { s.serve(c, s.quit) })
		}
	})
}

func (s *scripted) source() *ldap.Source {
	return &ldap.Source{URL: "ldap://" + s.listener.Addr().String(), StartTLS: true, CAs: s.pool, Bind: "sync@corp.example.com", Password: text("correct")}
}

func certificate(t testing.TB) (*x509.CertPool, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// serve answers one connection until it ends.
func (s *scripted) serve(c net.Conn, quit chan struct{}) {
	defer func() { c.Close() }()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-quit:
			c.Close()
		case <-stop:
		}
	}()
	s.mu.Lock()
	s.conns++
	s.mu.Unlock()
	raw := c
	for {
		message, err := ber.ReadPacket(c)
		if err != nil || len(message.Children) < 2 {
			return
		}
		id, op := message.Children[0].Value.(int64), message.Children[1]
		switch op.Tag {
		case goldap.ApplicationBindRequest:
			s.answerBind(c, id, op)
		case goldap.ApplicationExtendedRequest:
			if write(c, id, result(goldap.ApplicationExtendedResponse, s.refuseTLS, "", "")); s.refuseTLS == 0 {
				c = tls.Server(raw, s.tls)
			}
		case goldap.ApplicationSearchRequest:
			if !s.answerSearch(c, id, readSearch(message), quit) {
				return
			}
		default:
			return
		}
	}
}

func (s *scripted) answerBind(c net.Conn, id int64, op *ber.Packet) {
	name, password := op.Children[1].Value.(string), op.Children[2].Data.String()
	s.mu.Lock()
	s.binds = append(s.binds, name+" "+password)
	s.mu.Unlock()
	code, said := uint16(0), ""
	if s.bind != nil {
		code, said = s.bind(name, password)
	}
	write(c, id, result(goldap.ApplicationBindResponse, code, said, ""))
}

func readSearch(message *ber.Packet) search {
	op := message.Children[1]
	q := search{base: op.Children[0].Value.(string), scope: op.Children[1].Value.(int64)}
	q.filter, _ = goldap.DecompileFilter(op.Children[6])
	for _, a := range op.Children[7].Children {
		q.attrs = append(q.attrs, a.Value.(string))
	}
	if len(message.Children) < 3 {
		return q
	}
	for _, child := range message.Children[2].Children {
		if cookie, ok := syncRequested(child); ok {
			q.sync = &cookie
		}
		control, err := goldap.DecodeControl(child)
		if err != nil {
			continue
		}
		if p, ok := control.(*goldap.ControlPaging); ok {
			q.pageSize, q.cookie = int(p.PagingSize), string(p.Cookie)
		}
		q.extended = q.extended || control.GetControlType() == "1.2.840.113556.1.4.529"
	}
	return q
}

// answerSearch gives false when the connection is to be cut.
func (s *scripted) answerSearch(c net.Conn, id int64, q search, quit chan struct{}) bool {
	s.mu.Lock()
	s.searches = append(s.searches, q)
	s.mu.Unlock()
	var a *answer
	if s.hook != nil {
		a = s.hook(&q)
	}
	if a == nil {
		a = s.find(&q)
	}
	for _, m := range a.stream {
		write(c, id, m.op, m.controls...)
	}
	for _, e := range a.entries {
		write(c, id, s.entry(e, q))
	}
	for _, ref := range a.refs {
		p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, goldap.ApplicationSearchResultReference, nil, "")
		p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, ref, ""))
		write(c, id, p)
	}
	if a.hang {
		<-quit
		return false
	}
	if a.cut {
		return false
	}
	if a.dribble {
		dribble(c, quit)
		return false
	}
	done := result(goldap.ApplicationSearchResultDone, a.code, a.said, a.referTo)
	if !a.paged {
		write(c, id, done, a.controls...)
		return true
	}
	control := goldap.NewControlPaging(0)
	control.SetCookie([]byte(a.cookie))
	write(c, id, done, control)
	return true
}

// find is what the server does when nothing is scripted.
func (s *scripted) find(q *search) *answer {
	if q.base == "" {
		return &answer{entries: []object{{attrs: s.root}}}
	}
	if q.scope == goldap.ScopeBaseObject {
		for _, o := range s.objects {
			if folded(o.dn) == folded(q.base) || strings.EqualFold(q.base, "<GUID="+o.guid()+">") {
				return &answer{entries: []object{o}}
			}
		}
		return &answer{code: goldap.LDAPResultNoSuchObject, said: "no such object"}
	}
	var all []object
	for _, o := range s.objects {
		if strings.HasSuffix(folded(o.dn), folded(q.base)) && q.matches(o) {
			all = append(all, o)
		}
	}
	return q.page(all)
}

func folded(dn string) string {
	f, _ := directory.FoldDN(dn)
	return f
}

var kindSigns = map[string]string{
	"user": "sAMAccountType=805306368", "group": "objectClass=group", "contact": "objectClass=contact", "organizationalUnit": "objectClass=organizationalUnit",
}

func (q *search) matches(o object) bool {
	if token := primaryID.FindStringSubmatch(q.filter); token != nil && !strings.Contains(strings.Join(o.attrs["primaryGroupID"], ""), token[1]) {
		return false
	}
	return o.kind != "" && strings.Contains(q.filter, kindSigns[o.kind])
}

var primaryID = regexp.MustCompile(`primaryGroupID=(\d+)`)

func (q *search) page(all []object) *answer {
	if q.pageSize == 0 {
		return &answer{entries: all}
	}
	from, _ := strconv.Atoi(q.cookie)
	to := min(from+q.pageSize, len(all))
	a := &answer{entries: all[from:to], paged: true}
	if to < len(all) {
		a.cookie = strconv.Itoa(to)
	}
	return a
}

// guid is made from the name, so that it stays the same over reads.
func (o object) guid() string {
	return fmt.Sprintf("%08x-0000-4000-8000-000000000000", hash(strings.ToLower(o.dn)))
}

func (o object) guidBytes() string {
	var b [16]byte
	h := hash(strings.ToLower(o.dn))
	b[0], b[1], b[2], b[3] = byte(h), byte(h>>8), byte(h>>16), byte(h>>24)
	b[7], b[8] = 0x40, 0x80
	return string(b[:])
}

func hash(text string) uint32 {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h
}

// bound gives name and password of each simple bind that arrived.
func (s *scripted) bound() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.binds)
}

func (s *scripted) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

func (s *scripted) seen(filter string) (found []search) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.searches {
		if strings.Contains(q.filter, filter) {
			found = append(found, q)
		}
	}
	return found
}

// users makes n people below a unit.
func users(n int, unit string) (list []object) {
	for i := range n {
		list = append(list, object{"user", fmt.Sprintf("CN=User %d,%s", i, unit), map[string][]string{
			"cn": {fmt.Sprintf("User %d", i)}, "mail": {fmt.Sprintf("user%d@example.com", i)}, "userAccountControl": {"512"}, "primaryGroupID": {"513"},
		}})
	}
	return list
}
