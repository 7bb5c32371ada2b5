package wire

import "encoding/binary"

// Result is the end of an operation (RFC 4511 section 4.1.9).
type Result struct {
	Code       int
	Matched    string
	Diagnostic string
	Referrals  []string
}

// Attribute is one attribute of an entry as it is sent.
type Attribute struct {
	Name   string
	Values []string
}

// builder appends elements. Constructed ones always take four bytes of length,
// as Active Directory writes them: nothing has to be measured beforehand.
type builder struct{ buf []byte }

func (b *builder) begin(tag byte) int {
	b.buf = append(b.buf, tag, 0x84, 0, 0, 0, 0)
	return len(b.buf)
}

func (b *builder) end(start int) {
	binary.BigEndian.PutUint32(b.buf[start-4:], uint32(len(b.buf)-start))
}

func (b *builder) octets(tag byte, s string) {
	b.buf = append(b.buf, tag)
	if len(s) < 0x80 {
		b.buf = append(b.buf, byte(len(s)))
	} else {
		b.buf = binary.BigEndian.AppendUint32(append(b.buf, 0x84), uint32(len(s)))
	}
	b.buf = append(b.buf, s...)
}

func (b *builder) integer(tag byte, n int64) {
	size := 1
	for v := n; v > 127 || v < -128; v >>= 8 {
		size++
	}
	b.buf = append(b.buf, tag, byte(size))
	for i := size - 1; i >= 0; i-- {
		b.buf = append(b.buf, byte(n>>(8*i)))
	}
}

func (b *builder) result(r Result) {
	b.integer(tagEnumerated, int64(r.Code))
	b.octets(tagOctets, r.Matched)
	b.octets(tagOctets, r.Diagnostic)
	if len(r.Referrals) > 0 {
		list := b.begin(0xa3)
		b.strings(r.Referrals)
		b.end(list)
	}
}

func (b *builder) strings(values []string) {
	for _, v := range values {
		b.octets(tagOctets, v)
	}
}

func (b *builder) controls(list []Control) {
	if len(list) == 0 {
		return
	}
	all := b.begin(tagControls)
	for _, c := range list {
		one := b.begin(tagSequence)
		b.octets(tagOctets, c.OID)
		if c.Value != nil {
			b.octets(tagOctets, string(c.Value))
		}
		b.end(one)
	}
	b.end(all)
}

// message appends one message whose operation has this tag and body.
func message(buf []byte, id int64, tag byte, body func(*builder), ctl []Control) []byte {
	b := &builder{buf}
	whole := b.begin(tagSequence)
	b.integer(tagInteger, id)
	op := b.begin(tag)
	body(b)
	b.end(op)
	b.controls(ctl)
	b.end(whole)
	return b.buf
}

// AppendBind appends the answer to a bind.
func AppendBind(buf []byte, id int64, r Result) []byte {
	return message(buf, id, respBind, func(b *builder) { b.result(r) }, nil)
}

// AppendDone appends the end of a search.
func AppendDone(buf []byte, id int64, r Result, ctl ...Control) []byte {
	return message(buf, id, respDone, func(b *builder) { b.result(r) }, ctl)
}

// AppendEntry appends one search result entry.
func AppendEntry(buf []byte, id int64, dn string, attrs []Attribute) []byte {
	return message(buf, id, respEntry, func(b *builder) {
		b.octets(tagOctets, dn)
		list := b.begin(tagSequence)
		for _, a := range attrs {
			one := b.begin(tagSequence)
			b.octets(tagOctets, a.Name)
			values := b.begin(tagSet)
			b.strings(a.Values)
			b.end(values)
			b.end(one)
		}
		b.end(list)
	}, nil)
}

// AppendReference appends a search continuation reference.
func AppendReference(buf []byte, id int64, urls ...string) []byte {
	return message(buf, id, respReferer, func(b *builder) { b.strings(urls) }, nil)
}

// AppendExtended appends the answer to an extended operation. Name and value
// are left out when empty.
func AppendExtended(buf []byte, id int64, r Result, name, value string) []byte {
	return message(buf, id, respExtend, func(b *builder) {
		b.result(r)
		if name != "" {
			b.octets(0x8a, name)
		}
		if value != "" {
			b.octets(0x8b, value)
		}
	}, nil)
}

// AppendRefusal appends a result in the response that belongs to the request's
// tag, for operations that are not served.
func AppendRefusal(buf []byte, id int64, request byte, r Result) []byte {
	response := (request|0x20)&0x7f + 1 // requests and responses pair up, save for delete's primitive form
	return message(buf, id, response, func(b *builder) { b.result(r) }, nil)
}

// PageControl is the paging control of an answer; an empty cookie ends the
// search.
func PageControl(oid, cookie string) Control {
	b := &builder{}
	seq := b.begin(tagSequence)
	b.integer(tagInteger, 0) // the server's estimate: unknown
	b.octets(tagOctets, cookie)
	b.end(seq)
	return Control{OID: oid, Value: b.buf}
}
