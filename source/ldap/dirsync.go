package ldap

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// dirSync follows the changes by Active Directory's DirSync control (MS-ADTS
// 3.1.1.3.4.1.3). The server keeps to whole naming contexts, to filters by
// class, and to attributes that are replicated; all else is decided here.
type dirSync struct {
	rd       *reading
	context  string
	security bool   // see only what the account may read
	cookie   []byte // of a first round that able has done
	more     bool
}

const dirSyncAttributes = 1 << 20 // what one round may hold, roughly in bytes

// nobody matches no object: a first read with it gives the position and
// nothing else.
const nobody = "(!(objectClass=*))"

func (d *dirSync) able(ctx context.Context, since []byte) (can ability, err error) {
	contexts := d.rd.ownContexts()
	switch {
	case !d.rd.server.dirSync:
		return ability{refused: "the server does not offer the control"}, nil
	case len(contexts) != 1:
		return ability{refused: "the bases lie in several naming contexts: " + strings.Join(contexts, " and ")}, nil
	}
	d.context = contexts[0]
	can.context = d.context
	if err := d.rd.lookAtLinks(ctx); err != nil {
		return can, err
	}
	if names := sortedKeys(d.rd.far); len(names) > 0 && !d.rd.server.extended {
		return ability{refused: "it does not tell whose " + strings.Join(names, ", ") + " changed"}, nil
	}
	if len(since) > 0 {
		d.security = since[0] == 1
	} else if can.refused, err = d.probe(ctx); can.refused != "" || err != nil {
		return can, err
	}
	can.partly = d.security
	can.blind, err = d.blind(ctx)
	return can, err
}

// probe does the first round. An account without the right to replicate may
// still see the changes of what it may read.
func (d *dirSync) probe(ctx context.Context) (refused string, err error) {
	for _, d.security = range []bool{false, true} {
		var round dirSyncRound
		if round, err = d.round(ctx, nobody, []string{"name"}, nil); err == nil {
			d.cookie, d.more = round.cookie, round.more
			return "", nil
		}
		if passing(ctx, err) {
			return "", err
		}
	}
	return "the server refuses it: " + err.Error(), nil
}

// passing tells an error that says nothing about the request, and would pass
// with time or on another server, from a refusal.
func passing(ctx context.Context, err error) bool {
	code := adsync.CodeOf(err)
	return ctx.Err() != nil || code == adsync.CodeUnavailable || code == adsync.CodeUnauthenticated
}

// blind tells whether deletions stay hidden. An account that may replicate sees
// them on Microsoft's directory; Samba shows them only to those who may list
// the container of deleted objects, and so does either of them with
// LDAP_DIRSYNC_OBJECT_SECURITY.
func (d *dirSync) blind(ctx context.Context) (string, error) {
	if !d.security && !strings.Contains(d.rd.server.vendor, "Samba") {
		return "", nil
	}
	sees, err := d.rd.seesDeleted(ctx, d.context)
	if err != nil || sees {
		return "", err
	}
	return blindToDeleted, nil
}

func (d *dirSync) start(ctx context.Context) ([]byte, error) {
	for d.more {
		round, err := d.round(ctx, nobody, []string{"name"}, d.cookie)
		if err != nil {
			return nil, err
		}
		d.cookie, d.more = round.cookie, round.more
	}
	return d.position(), nil
}

// position keeps how the account reads together with the cookie: read in the
// other way, the same cookie would leave things out.
func (d *dirSync) position() []byte {
	flag := byte(0)
	if d.security {
		flag = 1
	}
	return append([]byte{flag}, d.cookie...)
}

func (d *dirSync) changed(ctx context.Context, since []byte, each func(touched) error) ([]byte, error) {
	filter, attrs := d.rd.changeFilter(), d.rd.changeAttributes()
	d.cookie, d.more = since[1:], true
	for d.more {
		round, err := d.round(ctx, filter, attrs, d.cookie)
		if err != nil {
			return nil, d.refusal(ctx, err)
		}
		for i := range round.entries {
			t, err := d.touchedBy(&round.entries[i])
			if err != nil {
				return nil, err
			}
			if err := d.hand(&round.entries[i], t, each); err != nil {
				return nil, err
			}
		}
		d.cookie, d.more = round.cookie, round.more
	}
	return d.position(), nil
}

// hand hands on an object, and those whose view of it changed with it.
func (d *dirSync) hand(e *entry, t touched, each func(touched) error) error {
	if err := each(t); err != nil {
		return err
	}
	for _, id := range d.rd.far.farEndsOf(e) {
		if err := each(touched{id: id, origin: t.origin}); err != nil {
			return err
		}
	}
	return nil
}

// refusal: a server that does not take the cookie back, because it is too old,
// of another controller, or beyond the account's rights, will not take it the
// next time either.
func (d *dirSync) refusal(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, errPageTooLarge):
		return gone("more changed than one answer may hold (MaxPageBytes), and everything is read in its place")
	case passing(ctx, err), errors.Is(err, errCut):
		return err
	}
	return gone("%s no longer takes the position of the last read: %v", d.rd.serverAddress(), err)
}

// touchedBy reads one entry of an answer, which holds only what changed.
func (d *dirSync) touchedBy(e *entry) (touched, error) {
	id, ok := d.rd.idOf(e)
	if !ok {
		return touched{}, adsync.Errorf(adsync.CodeIncomplete, "ldap: reading the changes of %s: an entry has no %s", d.context, d.rd.own)
	}
	renamed, created := e.has("name"), e.has("whenCreated")
	t := touched{
		id: id, gone: isTombstone(e), class: e.values("objectClass"), origin: "DirSync at " + d.rd.serverAddress(),
		fresh: renamed || created || slices.ContainsFunc(d.rd.scopeAttributes(), e.has),
		below: renamed && !created, back: e.has("isDeleted") && e.value("isDeleted") == "",
	}
	if ref, err := parseReference(e.dn); err == nil {
		t.dn = ref.dn
	}
	for _, a := range e.attrs {
		name, span, ranged := parseRanged(a.Name)
		switch {
		case !strings.EqualFold(name, "member"):
		case ranged && span.from == 1 && span.to == 1:
			t.added = append(t.added, a.Values...)
		case ranged && span.from == 0 && span.to == 0:
			t.removed = append(t.removed, a.Values...)
		default:
			t.members = true
		}
	}
	return t, nil
}

// has tells whether an attribute came at all: one that was cleared comes
// without values.
func (e *entry) has(name string) bool {
	return slices.ContainsFunc(e.attrs, func(a attribute) bool {
		base, _, _ := strings.Cut(a.Name, ";")
		return strings.EqualFold(base, name)
	})
}
