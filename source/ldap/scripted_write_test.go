package ldap_test

import (
	"bytes"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
)

var rangeOption = regexp.MustCompile(`^(.+);range=(\d+)-(\d+|\*)$`)

// entry writes an object as a search asks for it: DNs in their long form,
// values in ranges.
func (s *scripted) entry(o object, q search) *ber.Packet {
	long := func(dn string) string {
		if !q.extended || dn == "" {
			return dn
		}
		return "<GUID=" + object{dn: dn}.guid() + ">;<SID=S-1-5-21-1-2-3-1104>;" + dn
	}
	list := ber.NewSequence("")
	for _, asked := range q.attrs {
		name, from, to := asked, 0, -1
		if m := rangeOption.FindStringSubmatch(asked); m != nil {
			name = m[1]
			from, _ = strconv.Atoi(m[2])
			if m[3] != "*" {
				to, _ = strconv.Atoi(m[3])
			}
		}
		var values []string
		for own, v := range o.attrs {
			if strings.EqualFold(own, name) {
				name, values = own, v // a server answers in its own spelling
			}
		}
		if strings.EqualFold(name, "objectGUID") && values == nil {
			values = []string{o.guidBytes()}
		}
		isDN := name == "member" || name == "manager" || name == "homeMDB"
		if len(values) == 0 || from >= len(values) {
			continue
		}
		last := len(values)
		if s.limit > 0 && s.limit < last-from {
			last = from + s.limit
		}
		if to >= 0 && to+1 < last {
			last = to + 1
		}
		title := name
		switch {
		case last < len(values):
			title = fmt.Sprintf("%s;range=%d-%d", name, from, last-1)
			list.AppendChild(attribute(name)) // the plain name stays empty
		case strings.Contains(asked, ";range="):
			title = fmt.Sprintf("%s;range=%d-*", name, from)
		}
		var out []string
		for _, v := range values[from:last] {
			if isDN {
				v = long(v)
			}
			out = append(out, v)
		}
		list.AppendChild(attribute(title, out...))
	}
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, goldap.ApplicationSearchResultEntry, nil, "")
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, long(o.dn), ""))
	p.AppendChild(list)
	return p
}

func attribute(name string, values ...string) *ber.Packet {
	set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	for _, v := range values {
		set.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, v, ""))
	}
	p := ber.NewSequence("")
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, name, ""))
	p.AppendChild(set)
	return p
}

func result(tag ber.Tag, code uint16, said, referTo string) *ber.Packet {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, uint64(code), ""))
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", ""))
	p.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, said, ""))
	if referTo != "" {
		refs := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
		refs.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, referTo, ""))
		p.AppendChild(refs)
	}
	return p
}

func write(c net.Conn, id int64, op *ber.Packet, controls ...goldap.Control) {
	message := ber.NewSequence("")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	message.AppendChild(op)
	if len(controls) > 0 {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		for _, control := range controls {
			list.AppendChild(control.Encode())
		}
		message.AppendChild(list)
	}
	_, _ = bytes.NewReader(message.Bytes()).WriteTo(c)
}
