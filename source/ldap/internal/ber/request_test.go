package ber_test

import (
	"net"
	"testing"

	packets "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// sentBy gives what go-ldap sends, and in place of an answer cuts the line.
func sentBy(t *testing.T, ask func(*goldap.Conn)) []byte {
	t.Helper()
	here, there := net.Pipe()
	l := goldap.NewConn(here, true)
	l.Start()
	got := make(chan []byte, 1)
	go func() {
		p, err := packets.ReadPacket(there)
		if err == nil {
			got <- p.Bytes()
		}
		there.Close()
	}()
	ask(l)
	l.Close()
	return <-got
}

// Requests are, byte for byte, those of go-ldap.
func TestRequestsAreThoseOfGoLDAP(t *testing.T) {
	paging := goldap.NewControlPaging(1000)
	paging.SetCookie([]byte{0, 1, 2, 0xff})
	show := goldap.NewControlString(goldap.ControlTypeMicrosoftShowDeleted, true, "")
	for _, c := range []struct {
		q      ber.Search
		filter string
		with   []goldap.Control
	}{
		{ber.Search{}, "(objectClass=*)", nil},
		{ber.Search{Base: "DC=corp,DC=example,DC=com", Scope: 2, SizeLimit: 200, TimeLimit: 1 << 20, Attrs: []string{"1.1"}}, "(&(cn=a\\2ab*c)(!(uid>=\xc3\xb6)))", []goldap.Control{paging}},
		{ber.Search{Base: "<GUID=00>", Scope: 1, Deref: 3, SizeLimit: 127, TimeLimit: 128, Attrs: []string{"*", "+", "member;range=0-1499"}}, "(memberOf:1.2.840.113556.1.4.1941:=cn=a)", []goldap.Control{paging, show, goldap.NewRequestControlDirSync(1, 1<<20, []byte("c"))}},
	} {
		want := sentBy(t, func(l *goldap.Conn) {
			_, _ = l.Search(goldap.NewSearchRequest(c.q.Base, c.q.Scope, c.q.Deref, c.q.SizeLimit, c.q.TimeLimit, c.q.TypesOnly, c.filter, c.q.Attrs, c.with))
		})
		filter, err := goldap.CompileFilter(c.filter)
		require.NoError(t, err)
		c.q.Filter = filter.Bytes()
		for _, with := range c.with {
			c.q.Controls = append(c.q.Controls, with.Encode().Bytes())
		}
		require.Equal(t, want, c.q.Encode(1))
	}
	require.Equal(t, sentBy(t, func(l *goldap.Conn) { _ = l.Unbind() }), ber.Unbind(1))
	require.Equal(t, sentBy(t, func(l *goldap.Conn) { _, _ = l.WhoAmI(nil) }), ber.Extended(1, "1.3.6.1.4.1.4203.1.11.3"))
}

// RFC 4511, section 5.1: true is all ones, which go-ldap does not hold to.
func TestTrueIsAllOnes(t *testing.T) {
	require.Contains(t, string((&ber.Search{TypesOnly: true}).Encode(1)), "\x01\x01\xff")
}

func TestAbandon(t *testing.T) {
	require.Equal(t, []byte("\x30\x08\x02\x02\x01\x00\x50\x02\x00\x80"), ber.Abandon(256, 128))
}
