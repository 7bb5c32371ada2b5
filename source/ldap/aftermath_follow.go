package ldap

import (
	"context"
	"slices"

	"github.com/adsync/sdk/internal/directory"
)

// settle follows up what was met: those that the last read found renamed, what
// is below renamed entries, what is left behind by those that are gone, and who
// mentions any of them.
func (a *aftermath) settle(ctx context.Context) error {
	if err := a.again(ctx); err != nil {
		return err
	}
	if err := a.below(ctx); err != nil {
		return err
	}
	if err := a.behind(ctx); err != nil {
		return err
	}
	return a.rd.mentions(ctx, a.names, func(uuid key, e *entry) error {
		if _, known := a.touched[uuid]; known {
			return nil
		}
		if err := a.touch(uuid, false, "it names an entry whose name changed"); err != nil {
			return err
		}
		return a.register.refresh(ctx, uuid, a.rd.sight(e).refs)
	})
}

// below reads what lies below renamed units: the names of all of it changed.
func (a *aftermath) below(ctx context.Context) error {
	for _, dn := range topmost(a.parents) {
		err := a.rd.list(ctx, dn.String(), "(objectClass=*)", []string{entryVersion}, func(uuid key, e *entry) error {
			if t, known := a.touched[uuid]; known && !t.gone && sameName(e.dn, dn.String()) {
				return nil
			}
			seen := a.rd.sight(e)
			seen.origin = "it is below " + dn.String() + ", which was renamed or is new"
			return a.meet(ctx, uuid, seen)
		})
		if err != nil && !isAbsent(err) { // renamed once more: the next read shows it
			return err
		}
	}
	a.parents = nil // all below these was read
	return nil
}

// behind looks through the register for entries that should still be under a
// name that nothing is under any more, and for those that referred to somebody
// who is gone: a server may have taken the reference out without a word.
func (a *aftermath) behind(ctx context.Context) error {
	if len(a.left) == 0 && (len(a.lost) == 0 || len(a.rd.want.refs) == 0) {
		return nil
	}
	left := topmost(a.left)
	var behind []key
	for n, err := range a.register.all(ctx) {
		if err != nil {
			return err
		}
		if _, known := a.touched[n.uuid]; known {
			continue
		}
		under := isBelow(n.dn, left)
		if under {
			a.names.add(n.called)
		}
		if under || slices.ContainsFunc(n.refs, func(ref uint64) bool { _, ok := a.lost[ref]; return ok }) {
			behind = append(behind, n.uuid)
		}
	}
	for _, uuid := range behind {
		if err := a.touch(uuid, false, "it was below, or referred to, an entry that is gone"); err != nil {
			return err
		}
	}
	return nil
}

func isBelow(name string, tops []directory.DN) bool {
	if len(tops) == 0 {
		return false
	}
	dn, err := directory.ParseDN(name)
	return err == nil && slices.ContainsFunc(tops, func(top directory.DN) bool { return top.AncestorOf(dn) })
}

// renamedNote holds those that the read before found renamed.
const renamedNote = "renamed"

// again adds the new names of the read before once more.
func (a *aftermath) again(ctx context.Context) error {
	text, ok, err := a.register.notes.Get(ctx, renamedNote)
	if err != nil || !ok {
		return err
	}
	before, err := unpackBucket(text)
	if err != nil {
		return gone("what the last read noted of renamed entries cannot be read: %v", err)
	}
	for _, c := range before.all() {
		a.names.add(c)
	}
	return nil
}
