package adsync

import (
	"encoding/binary"
	"errors"
	"slices"
)

// staged is an object on its way from the read to the decision. Only objects
// that may need one are staged; those that are as they were last time are not.
type staged struct {
	source   int
	key      LinkKey
	number   uint32 // of the object within the run, for the search for duplicates
	linked   bool   // the index had it when it was read
	lost     bool   // its link is lost: it is matched as if it had none
	presence Presence
	fact     bool // presence was said by the source, not concluded from absence
	activity activity
	due      int64 // Unix seconds; 0 for never
	digest   Digest
	identity LinkKey // zero: none
	same     bool    // nothing to do, as far as this object goes
	shares   bool    // its link shares the target object of another
	taking   bool
	takes    objectRef // with taking: the link it takes over from, or shares with
	object   Object
	origin   string // Change.Origin
	// repeats counts how often the read showed it before; not stored.
	repeats int
}

// recordCodec packs what goes through the temporary files of one run. Names
// are written as numbers that hold for this run only.
type recordCodec struct {
	numbers map[string]uint64
	names   []string
}

func newRecordCodec() *recordCodec { return &recordCodec{numbers: map[string]uint64{}} }

// reader is a codec for what was packed so far, for a goroutine of its own.
func (c *recordCodec) reader() *recordCodec { return &recordCodec{names: slices.Clone(c.names)} }

var errDamagedRecord = errors.New("adsync: a temporary file of this run was damaged; run again")

func (c *recordCodec) appendName(b []byte, name string) []byte {
	n, ok := c.numbers[name]
	if !ok {
		n = uint64(len(c.names))
		c.numbers[name] = n
		c.names = append(c.names, name)
	}
	return binary.AppendUvarint(b, n)
}

func (c *recordCodec) appendAttributes(b []byte, a Attributes) []byte {
	b = binary.AppendUvarint(b, uint64(a.Len()))
	for name, values := range a.All() {
		b = c.appendName(b, name)
		b = appendTexts(b, values)
	}
	return b
}

func appendTexts[S ~string](b []byte, values []S) []byte {
	b = binary.AppendUvarint(b, uint64(len(values)))
	for _, v := range values {
		b = appendText(b, string(v))
	}
	return b
}

func (c *recordCodec) appendObject(b []byte, o *Object) []byte {
	b = append(b, byte(o.Kind))
	b = appendText(b, string(o.Anchor))
	b = appendText(b, o.Container)
	b = c.appendAttributes(b, o.Attrs)
	b = binary.AppendUvarint(b, uint64(len(o.Refs)))
	for _, name := range sortedNames(o.Refs) {
		b = c.appendName(b, name)
		b = appendTexts(b, o.Refs[name])
	}
	return b
}

func (c *recordCodec) appendStaged(b []byte, s *staged) []byte {
	b = append(b, flag(s.linked, 1)|flag(s.fact, 2)|flag(s.same, 4)|flag(s.shares, 8)|flag(s.taking, 16)|flag(s.lost, 32), byte(s.presence), byte(s.activity))
	b = binary.AppendUvarint(b, uint64(s.number))
	b = binary.AppendVarint(b, s.due)
	b = append(append(b, s.digest[:]...), s.identity[:]...)
	if s.taking {
		b = append(binary.AppendUvarint(b, uint64(s.takes.source)), s.takes.key[:]...)
	}
	return appendText(c.appendObject(b, &s.object), s.origin)
}

// matched tells whether the object is looked for in the target.
func (s *staged) matched() bool { return s.presence == Present && (!s.linked || s.lost) }

// leaves tells whether the read says, or lets conclude, that the object left.
func (s *staged) leaves() bool { return s.presence == Deleted || s.presence == OutOfScope }

func flag(on bool, bit byte) byte {
	if on {
		return bit
	}
	return 0
}

// unpacker reads what the codec wrote. After the first fault it gives zero
// values, and err says so. Strings are cut from one copy of the record.
type unpacker struct {
	c    *recordCodec
	rest string
	err  error
}

func (c *recordCodec) unpack(b []byte) *unpacker { return &unpacker{c: c, rest: string(b)} }

func (u *unpacker) fail() {
	u.err, u.rest = errDamagedRecord, ""
}

func (u *unpacker) take(n uint64) string {
	if n > uint64(len(u.rest)) {
		u.fail()
		return ""
	}
	s := u.rest[:n]
	u.rest = u.rest[n:]
	return s
}

func (u *unpacker) byte() byte {
	if s := u.take(1); s != "" {
		return s[0]
	}
	return 0
}

func (u *unpacker) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c := u.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	u.fail()
	return 0
}

func (u *unpacker) varint() int64 {
	v := u.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (u *unpacker) text() string { return u.take(u.uvarint()) }

func (u *unpacker) key() (k LinkKey) {
	copy(k[:], u.take(16))
	return k
}

func (u *unpacker) count() int {
	n := u.uvarint()
	if n > uint64(len(u.rest)) {
		u.fail()
		return 0
	}
	return int(n)
}

func unpackTexts[S ~string](u *unpacker) []S {
	n := u.count()
	if n == 0 {
		return nil
	}
	values := make([]S, n)
	for i := range values {
		values[i] = S(u.text())
	}
	return values
}

func (u *unpacker) name() string {
	n := u.uvarint()
	if n >= uint64(len(u.c.names)) {
		u.fail()
		return ""
	}
	return u.c.names[n]
}

func (u *unpacker) attributes() Attributes {
	n := u.count()
	if n == 0 {
		return Attributes{}
	}
	list, room := make([]Attribute, n), make([]string, n) // one value each, as a rule
	for i := range list {
		list[i].Name = u.name()
		k := u.count()
		if k > len(room) {
			room = make([]string, max(k, n-i))
		}
		list[i].Values, room = room[:k:k], room[k:]
		for j := range list[i].Values {
			list[i].Values[j] = u.text()
		}
		if k == 0 {
			list[i].Values = nil
		}
	}
	return Attributes{list: list}
}

func (u *unpacker) object() (o Object) {
	o.Kind = Kind(u.byte())
	o.Anchor = Anchor(u.text())
	o.Container = u.text()
	o.Attrs = u.attributes()
	if n := u.count(); n > 0 {
		o.Refs = make(map[string][]Anchor, n)
		for range n {
			name := u.name()
			o.Refs[name] = unpackTexts[Anchor](u)
		}
	}
	return o
}

func (c *recordCodec) staged(b []byte) (staged, error) {
	s, u := c.stagedHead(b)
	u.stagedBody(&s)
	return s, u.err
}

// stagedHead reads all but the object, which stagedBody reads.
func (c *recordCodec) stagedHead(b []byte) (s staged, u *unpacker) {
	u = c.unpack(b)
	flags := u.byte()
	s.linked, s.fact, s.same, s.shares, s.taking = flags&1 != 0, flags&2 != 0, flags&4 != 0, flags&8 != 0, flags&16 != 0
	s.lost = flags&32 != 0
	s.presence, s.activity = Presence(u.byte()), activity(u.byte())
	s.number = uint32(u.uvarint())
	s.due = u.varint()
	s.digest, s.identity = Digest(u.key()), u.key()
	if s.taking {
		s.takes = objectRef{int(u.uvarint()), u.key()}
	}
	return s, u
}

func (u *unpacker) stagedBody(s *staged) {
	s.object = u.object()
	s.origin = u.text()
}

func (c *recordCodec) appendOp(b []byte, op *PlannedOp) []byte {
	b = append(b, byte(op.Phase), byte(op.Verb), byte(op.Intent), byte(op.Kind), byte(op.State), flag(op.Left, 1)|flag(op.Follows, 2))
	b = c.appendName(b, op.Source)
	b = appendText(b, string(op.Anchor))
	b = appendText(b, op.Container)
	b = append(b, op.Link[:]...)
	b = binary.AppendUvarint(b, op.Generation)
	b = binary.AppendUvarint(b, uint64(op.Ahead))
	b = appendText(b, string(op.Target))
	b = append(append(b, op.Base[:]...), op.Digest[:]...)
	b = c.appendAttributes(b, op.Full)
	b = c.appendAttributes(b, op.Old)
	b = appendTexts(b, op.Add)
	b = appendTexts(b, op.Remove)
	b = appendTexts(b, op.RemoveTargets)
	b = binary.AppendUvarint(b, uint64(op.Part))
	b = binary.AppendUvarint(b, uint64(op.Swap))
	b = binary.AppendVarint(b, unixOf(op.Due))
	b = append(b, op.Identity[:]...)
	b = appendText(b, op.Replaces.Source)
	b = append(b, op.Replaces.Key[:]...)
	b = appendText(b, op.Shares.Source)
	b = append(b, op.Shares.Key[:]...)
	return appendText(appendText(b, op.Note), op.Origin)
}

func (c *recordCodec) op(b []byte) (op PlannedOp, err error) {
	u := c.unpack(b)
	return u.op(), u.err
}

// appendReferences packs an op for references, with what is wanted of the whole
// object where the next read will not show it again.
func (c *recordCodec) appendReferences(b []byte, op *PlannedOp, wanted *Object) []byte {
	b = c.appendOp(b, op)
	if wanted != nil {
		b = c.appendObject(b, wanted)
	}
	return b
}

func (c *recordCodec) references(b []byte) (op PlannedOp, wanted *Object, err error) {
	u := c.unpack(b)
	op = u.op()
	if u.rest != "" {
		o := u.object()
		wanted = &o
	}
	return op, wanted, u.err
}

func (u *unpacker) op() (op PlannedOp) {
	op.Phase, op.Verb, op.Intent = Phase(u.byte()), Verb(u.byte()), Intent(u.byte())
	op.Kind, op.State = Kind(u.byte()), LinkState(u.byte())
	flags := u.byte()
	op.Left, op.Follows = flags&1 != 0, flags&2 != 0
	op.Source = u.name()
	op.Anchor = Anchor(u.text())
	op.Container = u.text()
	op.Link = u.key()
	op.Generation, op.Ahead = u.uvarint(), int(u.uvarint())
	op.Target = TargetID(u.text())
	op.Base, op.Digest = Digest(u.key()), Digest(u.key())
	op.Full, op.Old = u.attributes(), u.attributes()
	op.Add, op.Remove = unpackTexts[Anchor](u), unpackTexts[Anchor](u)
	op.RemoveTargets = unpackTexts[TargetID](u)
	op.Part, op.Swap = int(u.uvarint()), int(u.uvarint())
	op.Due = timeOf(u.varint())
	op.Identity = u.key()
	op.Replaces = LinkRef{u.text(), u.key()}
	op.Shares = LinkRef{u.text(), u.key()}
	op.Note, op.Origin = u.text(), u.text()
	return op
}

func (c *recordCodec) appendCandidate(b []byte, rung int, t *Target) []byte {
	b = binary.AppendUvarint(b, uint64(rung))
	b = append(b, byte(t.Kind), flag(t.Inactive, 1)|flag(t.Protected, 2)|flag(t.Foreign, 4))
	b = appendText(b, string(t.ID))
	return c.appendAttributes(b, t.Attrs)
}

func (c *recordCodec) candidate(b []byte) (rung int, t Target, err error) {
	u := c.unpack(b)
	rung = int(u.uvarint())
	t.Kind = Kind(u.byte())
	flags := u.byte()
	t.Inactive, t.Protected, t.Foreign = flags&1 != 0, flags&2 != 0, flags&4 != 0
	t.ID = TargetID(u.text())
	t.Attrs = u.attributes()
	return rung, t, u.err
}

// appendLink packs what a comparison with the target needs of a link.
func (c *recordCodec) appendLink(b []byte, l *Link) []byte {
	b = append(b, byte(l.Kind), byte(l.State), flag(l.Left, 1))
	b = c.appendName(b, l.Source)
	b = append(b, l.Key[:]...)
	b = appendText(b, string(l.Anchor))
	b = appendText(b, string(l.Target))
	b = appendText(b, l.Container)
	b = binary.AppendUvarint(b, l.Generation)
	b = append(append(b, l.Config[:]...), l.Identity[:]...)
	b = binary.AppendVarint(b, unixOf(l.Due))
	return c.appendAttributes(b, l.Applied)
}

func (c *recordCodec) link(b []byte) (l Link, err error) {
	u := c.unpack(b)
	l.Kind, l.State = Kind(u.byte()), LinkState(u.byte())
	l.Left = u.byte() != 0
	l.Source = u.name()
	l.Key = u.key()
	l.Anchor, l.Target, l.Container = Anchor(u.text()), TargetID(u.text()), u.text()
	l.Generation = u.uvarint()
	l.Config, l.Identity = Digest(u.key()), u.key()
	l.Due = timeOf(u.varint())
	l.Applied = u.attributes()
	return l, u.err
}
