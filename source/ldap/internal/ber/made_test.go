package ber_test

import (
	"bytes"
	"fmt"
	"io"
	"testing/iotest"

	packets "github.com/go-asn1-ber/asn1-ber"

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
	p := packets.Encode(packets.ClassApplication, packets.TypeConstructed, tag, nil, "")
	for _, part := range parts {
		p.AppendChild(part)
	}
	return p
}

func entry(dn string, attrs ...[]string) *packets.Packet {
	list := packets.NewSequence("")
	for _, a := range attrs {
		one := packets.NewSequence("")
		one.AppendChild(octets(a[0]))
		set := packets.Encode(packets.ClassUniversal, packets.TypeConstructed, packets.TagSet, nil, "")
		for _, v := range a[1:] {
			set.AppendChild(octets(v))
		}
		one.AppendChild(set)
		list.AppendChild(one)
	}
	return operation(4, octets(dn), list)
}

func result(tag packets.Tag, code int, matched, said string, more ...*packets.Packet) *packets.Packet {
	number := packets.NewInteger(packets.ClassUniversal, packets.TypePrimitive, packets.TagEnumerated, code, "")
	return operation(tag, append([]*packets.Packet{number, octets(matched), octets(said)}, more...)...)
}

func context(tag packets.Tag, parts ...*packets.Packet) *packets.Packet {
	p := packets.Encode(packets.ClassContext, packets.TypeConstructed, tag, nil, "")
	for _, part := range parts {
		p.AppendChild(part)
	}
	return p
}

// people makes the answer to a search: n entries of 27 attributes, and the end.
func people(n int) []byte {
	var all bytes.Buffer
	for i := range n {
		attrs := [][]string{{"objectClass", "top", "person", "organizationalPerson", "inetOrgPerson", "user"}}
		for j := range 26 {
			attrs = append(attrs, []string{fmt.Sprintf("attribute%d", j), fmt.Sprintf("value %d of %d", j, i)})
		}
		all.Write(message(2, entry(fmt.Sprintf("uid=p%d,ou=People,dc=example,dc=com", i), attrs...)))
	}
	all.Write(message(2, result(5, 0, "", "")))
	return all.Bytes()
}

// chunks gives the bytes in pieces of one, of half, or as asked for.
func chunks(sent []byte) map[string]io.Reader {
	return map[string]io.Reader{
		"whole": bytes.NewReader(sent), "by the byte": iotest.OneByteReader(bytes.NewReader(sent)),
		"by halves": iotest.HalfReader(bytes.NewReader(sent)), "end with the last": iotest.DataErrReader(bytes.NewReader(sent)),
	}
}

// readAll reads entries up to the end of the answer.
func readAll(r *ber.Reader) (list []ber.Entry, err error) {
	var lists ber.Lists
	for {
		m, err := r.Next()
		if err != nil {
			return list, err
		}
		if m.Op == ber.SearchResultDone {
			_, err = m.Result()
			return list, err
		}
		e, err := r.Entry(&m, &lists)
		if err != nil {
			return list, err
		}
		list = append(list, e)
	}
}
