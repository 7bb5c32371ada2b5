package ldap

import (
	"context"
	"errors"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// settling finds out what some touched objects are now.
type settling struct {
	delta   *delta
	list    map[string]*touched
	order   []string
	places  map[string]place       // those that exist and that the account can see
	guessed map[string]bool        // places as the report of the change had them
	shared  map[adsync.Anchor]bool // anchors that other objects have too
	deleted map[string]bool        // those that are gone for good
	shown   map[string]bool        // those that a search as in a full read gave
}

// place says where an object is, whatever the job selects.
type place struct {
	ref     reference
	anchor  adsync.Anchor // empty where it has none
	kind    adsync.Kind
	classed bool // its classes make it one of our kinds
	// veiled says that the attribute by which people's accounts are told is hidden.
	// Every account has it, so no search without a right to it says anything.
	veiled bool
}

// container tells whether something may live below the object.
func (p place) container() bool { return !p.classed || p.kind == adsync.OrganizationalUnit }

// locate reads, without the job's filter and scope, which of the objects are
// there at all. Of those that the report showed it goes by that, for now.
func (s *settling) locate(ctx context.Context) (err error) {
	s.places, s.guessed = map[string]place{}, map[string]bool{}
	var rest []string
	for _, id := range s.order {
		if !s.guess(id) {
			rest = append(rest, id)
		}
	}
	return s.lookFor(ctx, rest)
}

func (s *settling) lookFor(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return s.delta.rd.eachOf(ctx, ids, false, func(e *entry, id string) {
		if ref, err := parseReference(e.dn); err == nil {
			s.places[id] = s.delta.rd.placeOf(e, ref)
		}
	})
}

func (rd *reading) placeOf(e *entry, ref reference) place {
	p := place{ref: ref}
	p.anchor, _ = rd.anchorOf(e)
	p.kind, p.classed = classOf(e.values("objectClass"))
	p.veiled = rd.server.ad && p.kind == adsync.User && rd.c.src.Filters[p.kind] == "" && e.value(accountType) == ""
	return p
}

// accountType is what the built-in filter of people goes by (MS-ADTS 3.1.1.4.5.9).
const accountType = "sAMAccountType"

func classOf(classes []string) (adsync.Kind, bool) {
	return directory.Classify(adsync.MakeAttributes(adsync.Attribute{Name: "objectClass", Values: classes}))
}

// eachOf reads some objects by the server's own identifier, wherever they are,
// or what is left of them once they were deleted. The search is not paged:
// another one may be under way on this connection.
func (rd *reading) eachOf(ctx context.Context, ids []string, deleted bool, use func(e *entry, id string)) error {
	for _, context := range rd.ownContexts() {
		err := inParts(ids, func(ids []string) error {
			q := rd.query(context, rd.idFilter(ids), dedupe(append([]string{rd.own, "objectClass", "isDeleted", accountType}, rd.anchors...)))
			q.pageSize, q.deleted, q.meanwhile = 0, deleted, rd.out.flush
			return rd.eachFound(ctx, q, use)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (rd *reading) eachFound(ctx context.Context, q query, use func(e *entry, id string)) error {
	for page, err := range rd.c.search(ctx, q) {
		if err != nil {
			return err
		}
		for i := range page {
			if id, ok := rd.idOf(&page[i]); ok {
				use(&page[i], id)
			}
		}
	}
	return nil
}

// inParts searches for some objects without pages. A server that gives this
// account fewer at once is asked for half of them, and so on: the next read would
// fail at the same place, and for ever.
func inParts[T any](list []T, search func([]T) error) error {
	err := search(list)
	e, ok := errors.AsType[*adsync.Error](err)
	if len(list) < 2 || !ok || e.Problem != problemNames[goldap.LDAPResultSizeLimitExceeded] {
		return err
	}
	half := len(list) / 2
	if err := inParts(list[:half], search); err != nil {
		return err
	}
	return inParts(list[half:], search)
}

// idFilter matches objects by the server's own identifier.
func (rd *reading) idFilter(ids []string) string {
	var b strings.Builder
	b.WriteString("(|")
	for _, id := range ids {
		b.WriteString(equals(rd.own, anchorValue(rd.own, adsync.Anchor(id))))
	}
	b.WriteString(")")
	return b.String()
}

// ownContexts gives the naming contexts that hold the bases, so that what left
// a base is still found.
func (rd *reading) ownContexts() (list []string) {
	for _, top := range rd.tops { // as far as the account sees of them
		list = append(list, top.String())
	}
	if len(list) > 0 {
		return list
	}
	for _, b := range rd.bases {
		if name := rd.contextOf(b.dn); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// contextOf gives the innermost naming context that holds a name; the name
// itself where the server shows none.
func (rd *reading) contextOf(dn directory.DN) string {
	best, depth := dn.String(), -1
	for _, text := range rd.server.contexts {
		if c, err := directory.ParseDN(text); err == nil && dn.Within(c) && c.Depth() > depth {
			best, depth = text, c.Depth()
		}
	}
	return best
}
