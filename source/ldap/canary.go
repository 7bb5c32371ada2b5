package ldap

import (
	"context"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/internal/protection"
)

// An account that lost its rights is told of no change, with success, and the
// position moves on. So each part of the directory that is searched has to show
// an object, as it did before, or what became of the one that it showed.

// canaries gives for each part, by its name, one object that it shows. The
// cursor keeps them.
type canaries map[string]string

// lookForCanaries finds one object of each part.
func (rd *reading) lookForCanaries(ctx context.Context) (canaries, error) {
	found := canaries{}
	for _, b := range rd.bases {
		for _, root := range rd.units.roots(b.dn) {
			id, err := rd.anyBelow(ctx, root)
			if err != nil {
				return nil, err
			}
			if id != "" {
				found[root.String()] = id
			}
		}
	}
	return found, nil
}

func (rd *reading) anyBelow(ctx context.Context, root directory.DN) (string, error) {
	q := rd.query(root.String(), rd.anyFilter(), []string{rd.own})
	if q.pageSize > 0 {
		q.pageSize = 1
	}
	page, _, err := rd.c.page(ctx, q)
	for i := range page {
		if id, ok := rd.idOf(&page[i]); ok {
			return id, nil
		}
	}
	return "", err
}

// anyFilter matches what is read, units apart, which stay when all else is
// hidden.
func (rd *reading) anyFilter() (filter string) {
	for _, kind := range allKinds {
		if rd.wants(kind) && kind != adsync.OrganizationalUnit {
			filter += rd.kindAndScope(kind)
		}
	}
	if filter == "" {
		return rd.filter(adsync.OrganizationalUnit)
	}
	return "(|" + filter + ")"
}

// stillSees holds what is seen now against what was seen at the last read.
func (rd *reading) stillSees(ctx context.Context, before canaries) (now canaries, err error) {
	if now, err = rd.lookForCanaries(ctx); err != nil {
		return nil, err
	}
	for _, root := range sortedKeys(before) {
		if now[root] != "" || protection.Canaries.Removed() {
			continue
		}
		explained, err := rd.isElsewhere(ctx, before[root])
		if err != nil {
			return nil, err
		}
		if !explained {
			return nil, gone("%s shows the account nothing any more: see whether it still may read there", clean(root))
		}
	}
	return now, nil
}

// isElsewhere tells whether an object is still seen, wherever it is now, or
// what is left of it.
func (rd *reading) isElsewhere(ctx context.Context, id string) (seen bool, err error) {
	for _, deleted := range []bool{false, true} {
		if deleted && !rd.server.ad {
			break
		}
		if err := rd.eachOf(ctx, []string{id}, deleted, func(*entry, string) { seen = true }); err != nil || seen {
			return seen, err
		}
	}
	return false, nil
}
