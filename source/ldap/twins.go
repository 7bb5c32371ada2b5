package ldap

import (
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
		return adsync.Errorf(adsync.CodeConflict, "ldap: %s and another object have the same %v; correct one of them", clean(nameOf(e)), rd.anchors)
	}
	t.seen[k] = self
	return nil
}

func nativeKey(value string, ref reference) key {
	if value == "" {
		return ref.key()
	}
	sum := sha256.Sum256([]byte(value))
	return key(sum[:16])
}
