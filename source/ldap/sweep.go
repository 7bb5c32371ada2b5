package ldap

import (
	"context"

	"github.com/adsync/sdk/adsync"
)

// sweep names every object in scope, by its anchor alone: who is not named has
// left. It asks for no more than tells whether an object is in scope.
func (rd *reading) sweep(ctx context.Context) error {
	rd.witness = newWitness(rd)
	return rd.eachQuery(func(kind adsync.Kind, base int, q query) error {
		q.attrs = rd.askScope(kind)
		q.pageSize = 0
		if rd.server.paging {
			q.pageSize = rd.c.src.pageSize()
		}
		for page, err := range rd.c.search(ctx, q) {
			if err != nil {
				return err
			}
			for i := range page {
				if err := rd.sweepOver(kind, base, &page[i]); err != nil {
					return err
				}
			}
		}
		return rd.out.flush()
	})
}

func (rd *reading) sweepOver(kind adsync.Kind, base int, e *entry) error {
	ref, err := parseReference(e.dn)
	if !rd.isOf(kind, e) || err == nil && kind != adsync.OrganizationalUnit && !rd.covers(e, ref.dn) {
		return nil
	}
	a, err := rd.anchorOf(e)
	if err != nil {
		c, _, err := rd.withoutAnchor(adsync.Change{Object: adsync.Object{Kind: kind}}, e, err)
		if err != nil {
			return err
		}
		return rd.out.add(c)
	}
	rd.witness.saw(base, ref.dn, adsync.Change{Object: adsync.Object{Kind: kind, Anchor: a}})
	return rd.out.see(a)
}

// askScope lists what tells whether an object is in scope.
func (rd *reading) askScope(kind adsync.Kind) []string {
	list := append([]string{"objectClass"}, rd.anchors...)
	if rd.chosen != nil {
		list = append(list, "primaryGroupID", "uid")
	}
	return dedupe(list)
}
