package wire

import (
	"net"
	"testing"
	"time"

	packets "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// Messages are made with another library, so that a mistake is not made twice.

func octets(text string) *packets.Packet {
	return packets.NewString(packets.ClassUniversal, packets.TypePrimitive, packets.TagOctetString, text, "")
}

func message(id int64, parts ...*packets.Packet) []byte {
	p := packets.NewSequence("")
	p.AppendChild(packets.NewInteger(packets.ClassUniversal, packets.TypePrimitive, packets.TagInteger, id, ""))
	for _, part := range parts {
		p.AppendChild(part)
	}
	return p.Bytes()
}

func operation(tag packets.Tag, parts ...*packets.Packet) *packets.Packet {
	return tagged(packets.ClassApplication, tag, parts...)
}

func tagged(class packets.Class, tag packets.Tag, parts ...*packets.Packet) *packets.Packet {
	p := packets.Encode(class, packets.TypeConstructed, tag, nil, "")
	for _, part := range parts {
		p.AppendChild(part)
	}
	return p
}

func entry(dn string, attrs ...[]string) *packets.Packet {
	list := packets.NewSequence("")
	for _, a := range attrs {
		set := tagged(packets.ClassUniversal, packets.TagSet)
		for _, v := range a[1:] {
			set.AppendChild(octets(v))
		}
		one := packets.NewSequence("")
		one.AppendChild(octets(a[0]))
		one.AppendChild(set)
		list.AppendChild(one)
	}
	return operation(4, octets(dn), list)
}

func result(tag packets.Tag, code int, said string, more ...*packets.Packet) *packets.Packet {
	number := packets.NewInteger(packets.ClassUniversal, packets.TypePrimitive, packets.TagEnumerated, code, "")
	return operation(tag, append([]*packets.Packet{number, octets(""), octets(said)}, more...)...)
}

func controls(list ...goldap.Control) *packets.Packet {
	p := tagged(packets.ClassContext, 0)
	for _, c := range list {
		p.AppendChild(c.Encode())
	}
	return p
}

func notification(oid string) *packets.Packet {
	return packets.NewString(packets.ClassContext, packets.TypePrimitive, 10, oid, "")
}

func between(oid, value string) *packets.Packet {
	p := operation(25, packets.NewString(packets.ClassContext, packets.TypePrimitive, 0, oid, ""))
	p.AppendChild(packets.NewString(packets.ClassContext, packets.TypePrimitive, 1, value, ""))
	return p
}

// everybody is a filter that any entry matches.
func everybody(t testing.TB) ber.Search {
	filter, err := goldap.CompileFilter("(objectClass=*)")
	require.NoError(t, err)
	return ber.Search{Base: "dc=example,dc=com", Scope: 2, Filter: filter.Bytes()}
}

var usual = Limits{Time: time.Minute, Bytes: 1 << 20}

// connect gives a connection and its server's end. Requests count from 1.
func connect(t testing.TB, limits Limits) (*Conn, *peer) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	here, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	there, err := listener.Accept()
	require.NoError(t, err)
	c := New(here, limits)
	c.last = 0
	t.Cleanup(func() {
		c.Close()
		there.Close()
	})
	return c, &peer{t, there}
}

// peer is the server's end.
type peer struct {
	t testing.TB
	net.Conn
}

// asked waits for a request and gives its number and tag.
func (p *peer) asked() (id int64, tag packets.Tag) {
	m, err := packets.ReadPacket(p)
	require.NoError(p.t, err)
	return m.Children[0].Value.(int64), m.Children[1].Tag
}

func (p *peer) send(messages ...[]byte) {
	for _, m := range messages {
		_, err := p.Write(m)
		require.NoError(p.t, err)
	}
}

func (p *peer) entry(id int64, dn string) { p.send(message(id, entry(dn, []string{"cn", "a"}))) }

func (p *peer) done(id int64) { p.send(message(id, result(5, 0, ""))) }
