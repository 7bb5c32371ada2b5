package ldap

import (
	"context"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// rung is one way to learn what changed since an earlier read. It says which
// objects were touched and never what they are: that is read afterwards, with
// the job's own filter and scope (see settle).
type rung interface {
	// able asks the server whether this way is open to the account, and what
	// it can see. It is asked at every read, with the position that the read
	// will start from, nil before a first one.
	able(ctx context.Context, since []byte) (ability, error)
	// start gives the position from which a later read of changes starts. It
	// is asked before the first object of a full read, so that nothing that
	// changes in the meantime is lost.
	start(ctx context.Context) (position []byte, err error)
	// changed hands on every object touched since the position, some perhaps
	// several times, and gives the position of the next read, which counts
	// only when all of them were dealt with. A position that the server no
	// longer knows is an error with CodeGone.
	changed(ctx context.Context, position []byte, each func(touched) error) (next []byte, err error)
}

// ability is what a rung can do for this account on this server.
type ability struct {
	// refused says why the rung cannot be used; empty when it can.
	refused string
	// blind says what the rung does not see, in words that go on after its
	// name; empty when it sees everything. A blind rung is joined by a sweep
	// from time to time.
	blind string
	// partly says that it is told only of what the account may read: who is moved
	// to where it may not look seems unchanged. Such a rung is swept too.
	partly bool
	// context is the naming context that it tells the changes of.
	context string
	// bound says that the position means nothing to another server.
	bound bool
}

// touched is an object that something happened to.
type touched struct {
	id   string       // the server's own identifier, as text: objectGUID, entryUUID
	dn   directory.DN // as the report has it; the root where it has none
	gone bool         // the server said that it was deleted
	// fresh says that it may not have been in scope before, or under another
	// name: created, moved, renamed, brought back. Groups are then read with
	// all their members, other objects together with the groups they are in.
	fresh bool
	// back says that it had been deleted and was brought back.
	back bool
	// below says that the objects below it have to be read too, since their
	// names or their scope changed with its name.
	below bool
	// members says that the list of members changed in a way that only the
	// whole list tells.
	members bool
	// added and removed are values of the attribute member that came or went.
	added, removed []string
	// class is the objectClass, where the report has it.
	class  []string
	kind   adsync.Kind // as it was last seen, where the server keeps nothing of what was deleted
	origin string      // for people
	// seen is the name under which the report showed the object, of that kind;
	// empty where it did not show it.
	seen string
}

// join adds what a further report says of the same object.
func (t *touched) join(o touched) {
	if !o.dn.IsRoot() {
		t.dn = o.dn
	}
	t.gone = o.gone || t.gone && !o.fresh // one that was brought back has its name anew
	t.fresh, t.below, t.members, t.back = t.fresh || o.fresh, t.below || o.below, t.members || o.members, t.back || o.back
	if len(o.added) > 0 || len(o.removed) > 0 {
		// The order of the two reports matters and is lost here.
		t.members = t.members || len(t.added) > 0 || len(t.removed) > 0
		t.added, t.removed = append(t.added, o.added...), append(t.removed, o.removed...)
	}
	if len(t.class) == 0 {
		t.class = o.class
	}
	t.origin = o.origin
}
