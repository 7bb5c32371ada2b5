package ldap_test

import (
	"context"
	"encoding/binary"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// nameServer is a resolver of the standard library that asks a name server on
// loopback, which answers what n says (RFC 1035; SRV: RFC 2782).
func nameServer(t testing.TB, n *names) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			size, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply := n.reply(buf[:size]); reply != nil {
				_, _ = server.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { server.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// reply answers one question.
func (n *names) reply(query []byte) []byte {
	const header, typeA, typeSRV = 12, 1, 33
	var labels []string
	at := header
	for at < len(query) && query[at] != 0 {
		labels = append(labels, string(query[at+1:at+1+int(query[at])]))
		at += 1 + int(query[at])
	}
	question := query[header : at+5]
	name := strings.Join(labels, ".")
	var answers [][]byte
	switch binary.BigEndian.Uint16(query[at+1:]) {
	case typeSRV:
		_, list, _ := n.LookupSRV(context.Background(), labels[0][1:], labels[1][1:], strings.Join(labels[2:], "."))
		for _, r := range list {
			data := binary.BigEndian.AppendUint16(nil, r.Priority)
			data = binary.BigEndian.AppendUint16(data, r.Weight)
			data = binary.BigEndian.AppendUint16(data, r.Port)
			answers = append(answers, record(typeSRV, append(data, wireName(r.Target)...)))
		}
	case typeA:
		list, _ := n.LookupHost(context.Background(), strings.ToLower(name))
		for _, ip := range list {
			answers = append(answers, record(typeA, net.ParseIP(ip).To4()))
		}
	}
	reply := append([]byte{}, query[:2]...)
	reply = append(reply, 0x85, 0x80, 0, 1, 0, byte(len(answers)), 0, 0, 0, 0)
	if len(answers) == 0 && !n.knows(name) {
		reply[3] |= 3 // no such name
	}
	reply = append(reply, question...)
	for _, a := range answers {
		reply = append(reply, a...)
	}
	return reply
}

func (n *names) knows(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, ok := n.hosts[strings.ToLower(name)]
	return ok
}

// record is about the name in the question, to which it points back.
func record(kind uint16, data []byte) []byte {
	r := binary.BigEndian.AppendUint16([]byte{0xc0, 12}, kind)
	r = append(r, 0, 1, 0, 0, 0, 60)
	return append(binary.BigEndian.AppendUint16(r, uint16(len(data))), data...)
}

func wireName(name string) (out []byte) {
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		out = append(append(out, byte(len(label))), label...)
	}
	return append(out, 0)
}
