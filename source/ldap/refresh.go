package ldap

import (
	"slices"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
)

// maxTouched bounds what one refresh may name as changed or deleted. Beyond it
// a full read is no dearer, and needs no memory for each object.
const maxTouched = 50_000

// maxPresent bounds what is remembered of a present phase, at 16 bytes each,
// also where a server does not come to an end.
var maxPresent = 1 << 24

// refresh gathers what a server says in one refresh of a content
// synchronisation (RFC 4533, section 3.3): which entries changed, which were
// deleted, and, where it does not know that, which are still there. Nothing of
// it counts before the Sync Done control has come.
type refresh struct {
	see     func(*entry) *sighting
	touched map[key]*sighting // nil for those named as deleted
	present []key             // named as unchanged, in order once done
	// absent says that a present phase was completed: an entry that is neither
	// present nor touched is not in the content any more. When the server
	// ended with refreshDeletes and had no present phase, it named all that
	// was deleted, and an entry that it did not name is unchanged.
	absent bool
	done   bool
	cookie []byte // of Sync Done; empty when it had none
}

// newRefresh wants a function that makes a sighting of an entry; without one,
// only the cookie is of interest.
func newRefresh(see func(*entry) *sighting) *refresh {
	return &refresh{see: see, touched: map[key]*sighting{}}
}

// take judges one message of the server.
func (r *refresh) take(e *entry, controls []goldap.Control) error {
	if r.done {
		return incomplete("the server went on after it had said that it was done")
	}
	if e != nil {
		return r.entry(e, controls)
	}
	for _, c := range controls {
		switch c := c.(type) {
		case *goldap.ControlSyncInfo:
			if err := r.info(c); err != nil {
				return err
			}
		case *goldap.ControlSyncDone:
			r.end(c)
		}
	}
	return nil
}

// entry takes an entry by its Sync State control (RFC 4533, section 2.3).
// Without one it cannot be told what the entry is there for, nor will it be at the
// next read: OpenLDAP gives a database that is glued in above its overlay syncprov
// in that way.
func (r *refresh) entry(e *entry, controls []goldap.Control) error {
	state, ok := goldap.FindControl(controls, goldap.ControlTypeSyncState).(*goldap.ControlSyncState)
	if !ok {
		return gone("the entry %s came without a Sync State control: the server does not follow the changes of that part (in slapd.conf, overlay glue has to stand before overlay syncprov)", clean(e.dn))
	}
	uuid := key(state.EntryUUID)
	switch state.State {
	case goldap.SyncStatePresent:
		return r.stays(uuid)
	case goldap.SyncStateDelete:
		return r.touch(uuid, nil)
	case goldap.SyncStateAdd, goldap.SyncStateModify:
		if r.see == nil {
			return nil
		}
		return r.touch(uuid, r.see(e))
	}
	return incomplete("the entry %s came with the state %d, which is none", clean(e.dn), state.State)
}

// info takes a Sync Info message (RFC 4533, section 2.5). Its cookies stand for
// a part of the refresh only: who goes on from one after a cut skips the rest.
func (r *refresh) info(c *goldap.ControlSyncInfo) error {
	switch {
	case c.RefreshPresent != nil:
		r.absent = true
	case c.SyncIdSet != nil && c.SyncIdSet.RefreshDeletes:
		for _, id := range c.SyncIdSet.SyncUUIDs {
			if err := r.touch(key(id), nil); err != nil {
				return err
			}
		}
	case c.SyncIdSet != nil:
		for _, id := range c.SyncIdSet.SyncUUIDs {
			if err := r.stays(key(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// end takes Sync Done. Without refreshDeletes it ends a present phase.
func (r *refresh) end(c *goldap.ControlSyncDone) {
	r.done, r.cookie = true, slices.Clone(c.Cookie)
	r.absent = r.absent || !c.RefreshDeletes
	slices.SortFunc(r.present, key.compare)
	r.present = slices.Compact(r.present)
}

func (r *refresh) touch(uuid key, seen *sighting) error {
	if len(r.touched) >= maxTouched {
		return tooMuch()
	}
	r.touched[uuid] = seen
	return nil
}

// stays takes an entry that did not change. A word of its deletion that came
// before is void.
func (r *refresh) stays(uuid key) error {
	if seen, named := r.touched[uuid]; named && seen == nil {
		delete(r.touched, uuid)
	}
	if len(r.present) >= maxPresent {
		return gone("the server names over %d entries", maxPresent)
	}
	r.present = append(r.present, uuid)
	return nil
}

// names tells whether the refresh accounts for an entry.
func (r *refresh) names(uuid key) bool {
	if _, ok := r.touched[uuid]; ok {
		return true
	}
	_, ok := slices.BinarySearchFunc(r.present, uuid, key.compare)
	return ok
}

func incomplete(format string, args ...any) error {
	return adsync.Errorf(adsync.CodeIncomplete, "ldap: the answer to a request for changes cannot be used: "+format, args...)
}
