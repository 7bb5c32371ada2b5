package ldap

import (
	"context"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// onlyChunk is the number of anchors that one filter asks for.
const onlyChunk = 50

// readOnly reads some objects. Those that do not come are looked for without the
// job's filter and scope: what exists is out of scope, and of the rest nothing is
// said.
func (rd *reading) readOnly(ctx context.Context) error {
	rd.out.named = map[adsync.Anchor]bool{}
	if err := rd.run(ctx); err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(rd.req.Only), func(a adsync.Anchor) bool { return rd.out.named[a] })
	for part := range slices.Chunk(missing, onlyChunk) {
		if err := rd.tellOutside(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// tellOutside tells which of the objects are there and out of scope.
func (rd *reading) tellOutside(ctx context.Context, anchors []adsync.Anchor) error {
	for _, top := range rd.ownContexts() {
		q := rd.query(top, rd.anchorFilter(anchors), dedupe(append([]string{"objectClass"}, rd.anchors...)))
		q.pageSize = 0
		for page, err := range rd.c.search(ctx, q) {
			if err != nil {
				return err
			}
			for i := range page {
				if err := rd.outside(&page[i]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (rd *reading) outside(e *entry) error {
	ref, err := parseReference(e.dn)
	if err != nil {
		return nil // it has a name that nothing else can be done with
	}
	p := rd.placeOf(e, ref)
	if p.anchor == "" || rd.out.named[p.anchor] || !rd.couldBeKnown(p) {
		return nil
	}
	return rd.out.add(adsync.Change{
		Object:   adsync.Object{Kind: p.kind, Anchor: p.anchor, Container: p.ref.dn.Parent().String()},
		Presence: adsync.OutOfScope,
	})
}

// onlyQueries asks for some objects by their anchors.
func (rd *reading) onlyQueries(kind adsync.Kind, filter string, b searchBase) []query {
	var list []query
	for rest := rd.req.Only; len(rest) > 0; {
		n := min(onlyChunk, len(rest))
		list = append(list, rd.kindQuery(kind, b.dn, and(filter, rd.anchorFilter(rest[:n]))))
		rest = rest[n:]
	}
	return list
}

func (rd *reading) anchorFilter(anchors []adsync.Anchor) string {
	var b strings.Builder
	b.WriteString("(|")
	for _, name := range rd.anchors {
		for _, a := range anchors {
			b.WriteString(equals(name, anchorValue(name, a)))
		}
	}
	b.WriteString(")")
	return b.String()
}

// anchorValue gives the bytes that stand in the directory for an anchor.
func anchorValue(name string, a adsync.Anchor) string {
	if strings.EqualFold(name, "objectGUID") || strings.EqualFold(name, "mS-DS-ConsistencyGuid") {
		if bytes, err := directory.GUIDBytes(string(a)); err == nil {
			return bytes
		}
	}
	return string(a)
}
