package ldap

import (
	"context"
	"crypto/sha256"

	"github.com/adsync/sdk/adsync"
)

// twins finds two objects under one anchor. A server's own identifier cannot
// stand twice; an attribute that people fill in can. An object that is merely
// seen twice, because it was renamed in mid-read, is no twin of itself.
type twins struct{ seen map[key]key }

func (t *twins) meet(rd *reading, a adsync.Anchor, e *entry, ref reference) error {
	if rd.native == "" {
		return nil
	}
	if t.seen == nil {
		t.seen = map[key]key{}
	}
	sum := sha256.Sum256([]byte(a))
	k, self := key(sum[:16]), nativeKey(e.value(rd.native), ref)
	if other, met := t.seen[k]; met && other != self {
		return twin(rd, e)
	}
	t.seen[k] = self
	return nil
}

func twin(rd *reading, e *entry) error {
	return adsync.Errorf(adsync.CodeConflict, "ldap: %s and another object have the same %v; correct one of them", clean(nameOf(e)), rd.anchors)
}

// shared finds, for objects of a read of changes, the anchors that other objects
// have too: one that did not change is not seen otherwise.
func (rd *reading) shared(ctx context.Context, page []entry) (map[adsync.Anchor]bool, error) {
	var anchors []adsync.Anchor
	for i := range page {
		if a, err := rd.anchorOf(&page[i]); err == nil {
			anchors = append(anchors, a)
		}
	}
	if rd.native == "" || len(anchors) == 0 {
		return nil, nil
	}
	owner, shared := map[adsync.Anchor]string{}, map[adsync.Anchor]bool{}
	for _, b := range rd.bases {
		q := rd.query(b.dn.String(), and(rd.anyFilter(), rd.anchorFilter(anchors)), append([]string{rd.own}, rd.anchors...))
		q.pageSize = 0
		for page, err := range rd.c.search(ctx, q) {
			if err != nil {
				return nil, err
			}
			for i := range page {
				a, err := rd.anchorOf(&page[i])
				id, ok := rd.idOf(&page[i])
				if err == nil && ok && owner[a] != "" && owner[a] != id {
					shared[a] = true
				}
				owner[a] = id
			}
		}
	}
	return shared, nil
}

func nativeKey(value string, ref reference) key {
	if value == "" {
		return ref.key()
	}
	sum := sha256.Sum256([]byte(value))
	return key(sum[:16])
}
