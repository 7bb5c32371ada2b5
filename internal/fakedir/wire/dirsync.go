package wire

// DirSync is the value of the DirSync control, in a request and in an answer
// ([MS-ADTS] section 3.1.1.3.4.1.3). Flags of an answer are not 0 when there is
// more to come.
type DirSync struct {
	Flags  uint32
	Max    int64 // bytes that the client would like at most
	Cookie string
}

// DirSyncValue decodes the value of a request's control. Clients send the flags
// with four bytes or with five; the low 32 bits are the same.
func DirSyncValue(value []byte) (DirSync, error) {
	c := (&cursor{rest: value}).inner(tagSequence)
	d := DirSync{Flags: uint32(c.integer(tagInteger)), Max: c.integer(tagInteger), Cookie: c.text(tagOctets)}
	return d, c.err
}

// DirSyncControl is the control of an answer.
func DirSyncControl(oid string, d DirSync) Control {
	b := &builder{}
	seq := b.begin(tagSequence)
	b.integer(tagInteger, int64(d.Flags))
	b.integer(tagInteger, d.Max)
	b.octets(tagOctets, d.Cookie)
	b.end(seq)
	return Control{OID: oid, Value: b.buf}
}
