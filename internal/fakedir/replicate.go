package fakedir

import (
	"errors"
	"maps"
	"slices"
)

// parcel is what one controller tells another: copies, nothing shared.
type parcel struct {
	objects []sentObject // parents before children
	heard   map[guid]int64
}

// sentObject is what the other side does not have yet of one object.
type sentObject struct {
	guid, parent  guid
	depth         int
	rdnType, name string
	sid           sid
	password      string
	born          stamp
	nameStamp     stamp
	attrs         []sentAttr
	links         []sentLink
}

type sentAttr struct {
	id attrID
	stamp
	values []string
}

type sentLink struct {
	id     attrID
	target guid
	linkStamp
}

// ReplicateFrom brings everything over that another controller knows and this
// one does not. Where both changed the same value, the higher version wins, then
// the later time.
func (s *Server) ReplicateFrom(from *Server) error {
	if from == s || from.forest != s.forest {
		return errors.New("fakedir: a controller replicates from another one of the same directory")
	}
	s.mu.RLock()
	known := s.view.upToDate()
	s.mu.RUnlock()
	from.mu.RLock()
	p := from.view.parcelFor(known)
	from.mu.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.take(p)
	return nil
}

func (t *tree) parcelFor(known map[guid]int64) parcel {
	p := parcel{heard: t.upToDate()}
	for e := range t.since(0) {
		if e.news(known) {
			p.objects = append(p.objects, e.pack(known))
		}
	}
	slices.SortStableFunc(p.objects, func(a, b sentObject) int { return a.depth - b.depth })
	return p
}

// pack takes of an entry what is not known.
func (e *entry) pack(known map[guid]int64) sentObject {
	o := sentObject{
		guid: e.guid, depth: e.depth(), rdnType: e.rdnType, name: e.name, sid: e.sid, password: e.password,
		born: e.born, nameStamp: e.stampOf(aName),
	}
	if e.parent != nil {
		o.parent = e.parent.guid
	}
	for _, id := range e.storedOrLost() {
		if s := e.stampOf(id); s.newTo(known) {
			o.attrs = append(o.attrs, sentAttr{id, s, slices.Clone(e.get(id))})
		}
	}
	for k, s := range e.allLinkStamps() {
		if s.newTo(known) && !k.target.gone {
			o.links = append(o.links, sentLink{k.id, k.target.guid, s})
		}
	}
	return o
}

// storedOrLost lists the stored attributes that replicate: those with values and
// those that had some.
func (e *entry) storedOrLost() []attrID {
	var ids []attrID
	for _, h := range e.values {
		if !schema[h.id].local && schema[h.id].name != e.namingAttribute() {
			ids = append(ids, h.id)
		}
	}
	for _, s := range e.stamps {
		if s.id != aName && e.get(s.id) == nil {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// allLinkStamps gives the stamp of every value there is or was.
func (e *entry) allLinkStamps() map[linkKey]linkStamp {
	out := maps.Clone(e.linkStamps)
	if out == nil {
		out = map[linkKey]linkStamp{}
	}
	for _, l := range e.links {
		for _, o := range l.entries {
			k := linkKey{l.id, o}
			out[k] = e.linkStampOf(k)
		}
	}
	return out
}
