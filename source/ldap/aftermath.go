package ldap

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/internal/directory"
)

// aftermath works out, from the entries that a server says have changed, all
// that a full read would now show differently: the entries below a renamed
// unit, of which the server says nothing, and those who mention an entry by a
// name that is no longer, or only now, its own.
type aftermath struct {
	rd       *reading
	register *register
	// fresh says that the register was made after the position was taken: what
	// changed in between may have been renamed, and the register cannot tell.
	fresh   bool
	touched map[key]touched
	names   *turnover
	// unstamped: nobody asks for an entry's stamp once the register is no longer
	// fresh, so it alone is not worth writing.
	unstamped bool
	// renamed goes into the next read once more: an overlay that puts new names
	// into groups does so a moment after the renaming, and unseen.
	renamed map[key]called
	parents []directory.DN      // new names of renamed entries with others below
	left    []directory.DN      // names under which nothing should be any more
	lost    map[uint64]struct{} // marks of the names of those that are gone
}

func newAftermath(ctx context.Context, rd *reading, p byName) (*aftermath, error) {
	rd.register = openRegister(rd.req.Notes, p.Buckets)
	a := &aftermath{rd: rd, register: rd.register, fresh: p.Fresh, touched: map[key]touched{}, names: newTurnover(), renamed: map[key]called{}, lost: map[uint64]struct{}{}}
	return a, rd.register.isThere(ctx, p.Register)
}

// touch counts an entry among those that have to be read.
func (a *aftermath) touch(uuid key, gone bool, origin string) error {
	if _, known := a.touched[uuid]; !known && len(a.touched) >= maxTouched {
		return tooMuch()
	}
	a.touched[uuid] = touched{id: string(uuidText(uuid)), gone: gone, members: true, origin: origin}
	return nil
}

func tooMuch() error {
	return gone("over %d entries changed since the last read; a full read costs no more", maxTouched)
}

// meet takes an entry that changed, as it is now.
func (a *aftermath) meet(ctx context.Context, uuid key, seen *sighting) error {
	if err := a.touch(uuid, false, seen.origin); err != nil {
		return err
	}
	t := a.touched[uuid]
	t.seen, t.kind = seen.dn, seen.kind
	a.touched[uuid] = t
	old, known, err := a.register.get(ctx, uuid)
	if err != nil {
		return err
	}
	moved := !known || !sameName(old.dn, seen.dn)
	unsaid := a.fresh && seen.stamp == old.stamp // it changed before the register was made
	if a.unstamped {
		seen.stamp = old.stamp
	}
	if !moved && seen.answersTo(old) && !unsaid {
		return a.register.put(ctx, uuid, seen.called)
	}
	a.names.add(seen.called)
	if known {
		a.names.add(old)
	}
	if known && moved {
		a.renamed[uuid] = seen.called
	}
	if moved && seen.parent {
		a.parents = appendName(a.parents, seen.dn)
		if known {
			a.left = appendName(a.left, old.dn)
		}
	}
	return a.register.put(ctx, uuid, seen.called)
}

// part takes an entry that the server said had left a base. One that is known
// elsewhere by now was moved there.
func (a *aftermath) part(ctx context.Context, uuid key, base directory.DN) error {
	old, known, err := a.register.get(ctx, uuid)
	if err != nil {
		return err
	}
	if known && !within(old.dn, base) {
		return a.touch(uuid, false, "")
	}
	if err := a.touch(uuid, true, ""); err != nil || !known {
		return err
	}
	t := a.touched[uuid]
	t.kind = old.kind
	a.touched[uuid] = t
	// A deleted object leaves its groups with whoever reads this. Its uid may now
	// be that of one other alone.
	a.names.addUIDs(old)
	if a.rd.partly { // it may have been moved to where nothing is followed
		a.names.add(old)
	}
	return a.forget(ctx, named{uuid, old})
}

func (a *aftermath) forget(ctx context.Context, n named) error {
	a.lost[nameMark(n.dn)] = struct{}{}
	if isContainer(n.dn) {
		a.left = appendName(a.left, n.dn)
	}
	return a.register.remove(ctx, n.uuid)
}

// missing gives the entries of a base that should be there and that shown does
// not know.
func (a *aftermath) missing(ctx context.Context, base directory.DN, shown func(key) bool) (list []named, err error) {
	for n, err := range a.register.all(ctx) {
		if err != nil {
			return nil, err
		}
		if !shown(n.uuid) && within(n.dn, base) {
			list = append(list, n)
		}
	}
	return list, nil
}

// drop forgets entries that were not shown. Whether they are gone is for the
// sweep to say, which the engine believes only with a good witness; here it
// matters only that nobody is called by their names.
func (a *aftermath) drop(ctx context.Context, list []named) error {
	for _, n := range list {
		a.names.add(n.called)
		if err := a.forget(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// isContainer tells from its name whether an entry may have had others below
// it. A server deletes no entry that still has; but one that was moved to where
// the account cannot see it is gone together with all below, and only it is
// reported.
func isContainer(dn string) bool {
	kind, _, _ := strings.Cut(dn, "=")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "ou", "o", "c", "l", "st", "dc":
		return true
	}
	return false
}

func sameName(a, b string) bool {
	if a == b {
		return true
	}
	x, err := directory.FoldDN(a)
	if err != nil {
		return false
	}
	y, err := directory.FoldDN(b)
	return err == nil && x == y
}

func appendName(list []directory.DN, text string) []directory.DN {
	if dn, err := directory.ParseDN(text); err == nil && !dn.IsRoot() {
		list = append(list, dn)
	}
	return list
}

// finish follows up what was met, hands it all on, and keeps what the next read
// has to know. The order is that of the identifiers: two reads of the same changes
// are alike, and whoever keeps objects by their identifiers finds them in order.
func (a *aftermath) finish(ctx context.Context, each func(touched) error) error {
	if err := a.settle(ctx); err != nil {
		return err
	}
	for _, uuid := range slices.SortedFunc(maps.Keys(a.touched), key.compare) {
		if err := each(a.touched[uuid]); err != nil {
			return err
		}
	}
	if err := a.register.save(ctx); err != nil {
		return err
	}
	return a.register.notes.Put(ctx, renamedNote, newBucket(a.renamed).pack())
}
