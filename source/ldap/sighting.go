package ldap

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// called is what others may call an entry by.
type called struct {
	dn   string
	uids []string
	// sign stands for what else decides how a mention of the entry is read: its
	// classes and the values of its anchor attributes.
	sign uint32
	// stamp stands for the entry's version (entryCSN), zero where it was not
	// asked for.
	stamp uint32
	kind  adsync.Kind // by its classes; 0 when it is none of ours
	// refs stand for the names that the entry refers to others by.
	refs []uint64
}

// answersTo tells whether mentions of the entry mean what they meant before.
func (c called) answersTo(old called) bool {
	return c.dn == old.dn && c.sign == old.sign && slices.Equal(c.uids, old.uids)
}

// entryVersion is the attribute in which OpenLDAP numbers the versions of an
// entry. Overlays that write on their own leave it as it is.
const entryVersion = "entryCSN"

// same tells whether there is nothing to note.
func (c called) same(old called) bool {
	return c.answersTo(old) && c.stamp == old.stamp && c.kind == old.kind && slices.Equal(c.refs, old.refs)
}

// sighting is what a refresh or a listing shows of an entry.
type sighting struct {
	called
	parent bool // there are entries below it
	origin string
}

// sightAttributes is what has to be asked for to make a sighting.
func (rd *reading) sightAttributes(more ...string) []string {
	return dedupe(slices.Concat([]string{rd.own, "uid", "objectClass", "hasSubordinates"}, rd.anchors, rd.want.refs, more))
}

// sight makes a sighting of an entry. A name that cannot be read is kept as it
// is: the entry will be a problem of its own.
func (rd *reading) sight(e *entry) *sighting {
	s := &sighting{parent: strings.EqualFold(e.value("hasSubordinates"), "TRUE")}
	s.dn, s.uids = strings.Clone(e.dn), slices.Sorted(slices.Values(cloneAll(e.values("uid"))))
	s.kind, _ = classOf(e.values("objectClass"))
	s.sign = signOf(e, append([]string{"objectClass"}, rd.anchors...))
	if e.value(entryVersion) != "" {
		s.stamp = signOf(e, []string{entryVersion})
	}
	for _, name := range rd.want.refs {
		for _, value := range e.values(name) {
			s.refs = append(s.refs, nameMark(value))
		}
	}
	return s
}

// nameMark stands for a name, however it is written.
func nameMark(name string) uint64 {
	ref, err := parseReference(name)
	if err != nil {
		return 0
	}
	k := ref.key()
	return binary.BigEndian.Uint64(k[:])
}

func signOf(e *entry, names []string) uint32 {
	h := fnv.New32a()
	for _, name := range names {
		for _, v := range slices.Sorted(slices.Values(e.values(name))) {
			_, _ = h.Write([]byte(strings.ToLower(v)))
			_, _ = h.Write([]byte{0})
		}
		_, _ = h.Write([]byte{1})
	}
	return h.Sum32()
}

// ownID reads an entry's own identifier. An entry that does not show it to the
// account cannot be followed, nor be an object of ours.
func (rd *reading) ownID(e *entry) (key, bool) { return guidKey(e.value(rd.own)) }

// list gives every entry below a name that passes the filter.
func (rd *reading) list(ctx context.Context, base, filter string, more []string, use func(key, *entry) error) error {
	for page, err := range rd.c.search(ctx, rd.query(base, filter, rd.sightAttributes(more...))) {
		if err != nil {
			return err
		}
		for i := range page {
			if uuid, ok := rd.ownID(&page[i]); ok {
				if err := use(uuid, &page[i]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// listBases gives every entry below the bases that passes the filter.
func (rd *reading) listBases(ctx context.Context, filter string, more []string, use func(key, *entry) error) error {
	for _, b := range rd.bases {
		if err := rd.list(ctx, b.dn.String(), filter, more, use); err != nil {
			return err
		}
	}
	return nil
}
