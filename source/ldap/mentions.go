package ldap

import (
	"context"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// turnover is what entries were called before and are called now. Where a
// server writes plain names into member, manager and memberUid, those who
// mention an entry change their meaning with its name, and nothing is reported
// of them: a member that was written down before the person was there becomes
// a real one, one that was renamed is nobody's name any more.
type turnover struct{ dns, uids map[string]struct{} }

func newTurnover() *turnover {
	return &turnover{dns: map[string]struct{}{}, uids: map[string]struct{}{}}
}

func (t *turnover) add(c called) {
	t.dns[c.dn] = struct{}{}
	t.addUIDs(c)
}

func (t *turnover) addUIDs(c called) {
	for _, uid := range c.uids {
		t.uids[uid] = struct{}{}
	}
}

func (t *turnover) len() int { return len(t.dns) + len(t.uids) }

// mentionChunk is the number of names that one filter asks for.
const mentionChunk = 50

// mentionsByFilter is up to how many names are asked for by filters. A server without
// an index on member looks at all its entries for each filter; beyond this,
// reading all mentions once is cheaper for both.
var mentionsByFilter = 400

// mentions finds the entries that name one of the turnover.
func (rd *reading) mentions(ctx context.Context, t *turnover, use func(key, *entry) error) error {
	byDN, byUID := rd.mentioning()
	if t.len() == 0 || len(byDN)+len(byUID) == 0 {
		return nil
	}
	if t.len() > mentionsByFilter {
		return rd.mentionsByReading(ctx, t, byDN, byUID, use)
	}
	for _, part := range []struct {
		by    []string
		names map[string]struct{}
	}{{byDN, t.dns}, {byUID, t.uids}} {
		for chunk := range slices.Chunk(sortedKeys(part.names), mentionChunk) {
			if len(part.by) == 0 {
				break
			}
			if err := rd.listBases(ctx, mentionFilter(part.by, chunk), nil, use); err != nil {
				return err
			}
		}
	}
	return nil
}

// mentioning gives the attributes by which this read takes one entry to speak
// of another: by its name, and by its uid.
func (rd *reading) mentioning() (byDN, byUID []string) {
	byDN = slices.Clone(rd.want.refs)
	if rd.wants(adsync.Group) {
		byDN, byUID = append(byDN, memberAttributes[:2]...), memberAttributes[2:]
	}
	return byDN, byUID
}

func mentionFilter(attributes, names []string) string {
	var b strings.Builder
	b.WriteString("(|")
	for _, attribute := range attributes {
		for _, name := range names {
			b.WriteString(equals(attribute, name))
		}
	}
	b.WriteString(")")
	return b.String()
}

// mentionsByReading reads all that mentions anything and compares here.
func (rd *reading) mentionsByReading(ctx context.Context, t *turnover, byDN, byUID []string, use func(key, *entry) error) error {
	names := map[key]struct{}{}
	for dn := range t.dns {
		if ref, err := parseReference(dn); err == nil {
			names[ref.key()] = struct{}{}
		}
	}
	all := slices.Concat(byDN, byUID)
	return rd.listBases(ctx, "(|("+strings.Join(all, "=*)(")+"=*))", all, func(uuid key, e *entry) error {
		if !mentionsOne(e, names, byDN, t.uids, byUID) {
			return nil
		}
		return use(uuid, e)
	})
}

func mentionsOne(e *entry, names map[key]struct{}, byDN []string, uids map[string]struct{}, byUID []string) bool {
	for _, attribute := range byDN {
		for _, value := range e.values(attribute) {
			ref, err := parseReference(value)
			if err != nil {
				continue
			}
			if _, ok := names[ref.key()]; ok {
				return true
			}
		}
	}
	for _, attribute := range byUID {
		if slices.ContainsFunc(e.values(attribute), func(v string) bool { _, ok := uids[v]; return ok }) {
			return true
		}
	}
	return false
}
