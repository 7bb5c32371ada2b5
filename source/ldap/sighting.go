package ldap

import (
	"context"
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
}

// answersTo tells whether mentions of the entry mean what they meant before.
func (c called) answersTo(old called) bool {
	return c.dn == old.dn && c.sign == old.sign && slices.Equal(c.uids, old.uids)
}

// sighting is what a refresh or a listing shows of an entry.
type sighting struct {
	called
	parent bool // there are entries below it
	origin string
}

// sightAttributes is what has to be asked for to make a sighting.
func (rd *reading) sightAttributes(more ...string) []string {
	return dedupe(slices.Concat([]string{rd.own, "uid", "objectClass", "hasSubordinates"}, rd.anchors, more))
}

// sight makes a sighting of an entry. A name that cannot be read is kept as it
// is: the entry will be a problem of its own.
func (rd *reading) sight(e *entry) *sighting {
	s := &sighting{parent: strings.EqualFold(e.value("hasSubordinates"), "TRUE")}
	s.dn, s.uids = e.dn, slices.Sorted(slices.Values(e.values("uid")))
	s.sign = signOf(e, append([]string{"objectClass"}, rd.anchors...))
	if csn := e.value("entryCSN"); csn != "" {
		s.stamp = signOf(e, []string{"entryCSN"})
	}
	return s
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

// ownKey reads an entry's own identifier. Without it no change of the entry
// could ever be told.
func (rd *reading) ownKey(e *entry) (key, error) {
	uuid, ok := guidKey(e.value(rd.own))
	if !ok {
		return key{}, adsync.Errorf(adsync.CodeIncomplete, "ldap: %s shows no %s: let the account read it", clean(e.dn), rd.own)
	}
	return uuid, nil
}

// list gives every entry below a name that passes the filter.
func (rd *reading) list(ctx context.Context, base, filter string, more []string, use func(key, *entry) error) error {
	for page, err := range rd.c.search(ctx, rd.query(base, filter, rd.sightAttributes(more...))) {
		if err != nil {
			return err
		}
		for i := range page {
			uuid, err := rd.ownKey(&page[i])
			if err != nil {
				return err
			}
			if err := use(uuid, &page[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
