package fakedir

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
)

// stamp tells when and where a value was last written, and when this controller
// learnt it ([MS-ADTS] section 3.1.1.1.9).
type stamp struct {
	version   int
	when      int64 // seconds since 1970, by the writer's clock
	origin    guid  // invocationId of the controller that wrote it
	originUSN int64 // the number it had there
	usn       int64 // the number it has here
}

// beats decides between two writes of the same value on different controllers.
func (s stamp) beats(o stamp) bool {
	return cmp.Or(cmp.Compare(s.version, o.version), cmp.Compare(s.when, o.when), bytes.Compare(s.origin[:], o.origin[:])) > 0
}

// newTo reports whether somebody who has heard so much does not know the write.
func (s stamp) newTo(heard map[guid]int64) bool { return s.originUSN > heard[s.origin] }

// metadata is what a controller knows about the changes of one entry.
type metadata struct {
	usnCreated, usnChanged int64
	created, changed       int64 // seconds since 1970, changed by this controller's clock
	young                  bool  // still being made

	born       stamp       // of every value that has no stamp of its own
	stamps     []attrStamp // of what was written later
	linkStamps map[linkKey]linkStamp
	wroteAttrs []attrID // since the last touch
	wroteLinks []linkWrite
}

type attrStamp struct {
	id attrID
	stamp
}

type linkKey struct {
	id     attrID
	target *entry
}

// linkStamp belongs to one value of a linked attribute; one that was taken out
// is remembered as absent.
type linkStamp struct {
	stamp
	absent bool
}

type linkWrite struct {
	linkKey
	absent bool
}

// wrote notes a change, for the next touch.
func (e *entry) wrote(id attrID) {
	if !e.young && !schema[id].local && !slices.Contains(e.wroteAttrs, id) {
		e.wroteAttrs = append(e.wroteAttrs, id)
	}
}

func (e *entry) relinked(id attrID, other *entry, absent bool) {
	if !e.young {
		e.wroteLinks = append(e.wroteLinks, linkWrite{linkKey{id, other}, absent})
	}
}

// stampOf gives the stamp of a stored attribute, or of aName for name and place.
func (e *entry) stampOf(id attrID) stamp {
	for _, s := range e.stamps {
		if s.id == id {
			return s.stamp
		}
	}
	return e.born
}

func (e *entry) restamp(id attrID, s stamp) {
	for i := range e.stamps {
		if e.stamps[i].id == id {
			e.stamps[i].stamp = s
			return
		}
	}
	e.stamps = append(e.stamps, attrStamp{id, s})
}

func (e *entry) linkStampOf(k linkKey) linkStamp {
	if s, ok := e.linkStamps[k]; ok {
		return s
	}
	return linkStamp{stamp: e.born, absent: !e.points(k)}
}

func (e *entry) restampLink(k linkKey, s linkStamp) {
	if e.linkStamps == nil {
		e.linkStamps = map[linkKey]linkStamp{}
	}
	e.linkStamps[k] = s
}

// news reports whether anything of an entry was written that somebody who has
// heard so much does not know.
func (e *entry) news(heard map[guid]int64) bool {
	if e.born.newTo(heard) || slices.ContainsFunc(e.stamps, func(s attrStamp) bool { return s.newTo(heard) }) {
		return true
	}
	for _, s := range e.linkStamps {
		if s.newTo(heard) {
			return true
		}
	}
	return false
}

// numbering is a controller's own count of changes, and how much it has heard of
// the others': its up-to-dateness.
type numbering struct {
	usn        int64
	invocation guid
	heard      map[guid]int64 // without its own
	journal    []journalLine
	newborn    []*entry
}

// journalLine says that an entry took a change number. It holds until the entry
// takes another.
type journalLine struct {
	usn int64
	*entry
}

// touch gives what was written to an entry one new change number. Nothing
// written, nothing changed.
func (t *tree) touch(e *entry) {
	if e.young || len(e.wroteAttrs)+len(e.wroteLinks) == 0 {
		return
	}
	t.number(e)
	s := stamp{when: t.now.Unix(), origin: t.invocation, originUSN: t.usn, usn: t.usn}
	for _, id := range e.wroteAttrs {
		s.version = e.stampOf(id).version + 1
		e.restamp(id, s)
	}
	for _, w := range e.wroteLinks {
		s.version = e.linkStampOf(w.linkKey).version + 1
		e.restampLink(w.linkKey, linkStamp{s, w.absent})
	}
	e.wroteAttrs, e.wroteLinks = nil, nil
}

// number gives an entry the next change number.
func (t *tree) number(e *entry) {
	t.usn++
	e.usnChanged, e.changed = t.usn, t.now.Unix()
	t.journal = append(t.journal, journalLine{t.usn, e})
	if len(t.journal) > 1000+2*len(t.entries) {
		t.journal = slices.DeleteFunc(t.journal, func(l journalLine) bool { return !l.holds() })
	}
}

func (l journalLine) holds() bool { return l.usnChanged == l.usn && !l.gone }

// bear numbers a new entry. Until grown it is young.
func (t *tree) bear(e *entry) {
	t.number(e)
	e.usnCreated, e.created, e.young = t.usn, e.changed, true
	e.born = stamp{version: 1, when: e.created, origin: t.invocation, originUSN: t.usn, usn: t.usn}
	t.newborn = append(t.newborn, e)
}

// grown ends the making of new entries: what is written from now on is a change.
func (t *tree) grown() {
	for _, e := range t.newborn {
		e.young = false
	}
	t.newborn = nil
}

// since walks the entries whose last change has a number above usn, in the order
// of the numbers.
func (t *tree) since(usn int64) iter.Seq[*entry] {
	from, _ := slices.BinarySearchFunc(t.journal, usn+1, func(l journalLine, n int64) int { return cmp.Compare(l.usn, n) })
	return func(yield func(*entry) bool) {
		for _, l := range t.journal[from:] {
			if l.holds() && !yield(l.entry) {
				return
			}
		}
	}
}
