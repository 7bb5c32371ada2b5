package ldap

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/internal/protection"
)

// membership is the selection by groups: their members, the groups nested in
// them however deep, and the members of these. A named group itself is in
// scope only when it is a member of another. It is worked out here and not by
// the server's matching rule, which is slow on large groups and which most
// servers lack.
type membership struct {
	in     map[key]struct{}
	uids   map[string]struct{} // members of a posixGroup
	tokens map[string]struct{} // groups that can be a primary group
}

// has tells whether an object is a member.
func (m *membership) has(e *entry, dn directory.DN) bool {
	guid, _ := splitExtended(e.dn)
	if _, ok := m.in[keyOf(guid, dn)]; ok {
		return true
	}
	if _, ok := m.tokens[e.value("primaryGroupID")]; ok {
		return true
	}
	return slices.ContainsFunc(e.values("uid"), func(uid string) bool { _, ok := m.uids[uid]; return ok })
}

// expand walks from the named groups to their members. A group that was seen
// is not walked again, so cycles end.
func (rd *reading) expand(ctx context.Context, named []string) (*membership, error) {
	m := &membership{in: map[key]struct{}{}, uids: map[string]struct{}{}, tokens: map[string]struct{}{}}
	groups, err := rd.groupKeys(ctx)
	if err != nil {
		return nil, err
	}
	var todo []reference
	for _, name := range named {
		ref, err := rd.findGroup(ctx, name)
		if err != nil {
			return nil, err
		}
		todo = append(todo, ref)
	}
	for done := map[key]bool{}; len(todo) > 0; {
		ref := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if done[ref.key()] && !protection.Circles.Removed() {
			continue
		}
		done[ref.key()] = true
		nested, err := rd.collect(ctx, m, ref, groups)
		if err != nil {
			return nil, err
		}
		todo = append(todo, nested...)
	}
	delete(m.tokens, "")
	return m, nil
}

// collect adds a group's members to the set and gives those that are groups.
func (rd *reading) collect(ctx context.Context, m *membership, group reference, groups map[key]struct{}) (nested []reference, err error) {
	e, err := rd.c.one(ctx, group.base(), "(objectClass=*)", rd.server.extended, rd.memberAsk()...)
	if err != nil || e == nil {
		return nil, rd.scopeFault(group.dn.String(), err)
	}
	m.tokens[e.value("primaryGroupToken")] = struct{}{}
	for _, uid := range e.values("memberUid") {
		m.uids[uid] = struct{}{}
	}
	for _, name := range memberAttributes[:2] {
		err := rd.eachValue(ctx, e, name, func(value string) error {
			ref, err := parseReference(value)
			if err != nil {
				return nil
			}
			m.in[ref.key()] = struct{}{}
			if _, ok := groups[ref.key()]; ok {
				nested = append(nested, ref)
			}
			return nil
		})
		if err != nil {
			return nil, rd.scopeFault(group.dn.String(), err)
		}
	}
	return nested, nil
}

// scopeFault: without one of its groups the scope is not known, and nobody may
// be taken to be out of it.
func (rd *reading) scopeFault(group string, err error) error {
	if err != nil && !isAbsent(err) && adsync.CodeOf(err) != adsync.CodeOther {
		return err
	}
	fault := adsync.Errorf(adsync.CodeIncomplete, "ldap: scope: the group %s cannot be read; correct the scope, or let the account read it", clean(group))
	fault.Problem = "group-not-found"
	return fault
}

// groupKeys lists which objects are groups at all: all that the server holds,
// since a group outside the bases can be nested in one inside. Built-in groups
// are groups here.
func (rd *reading) groupKeys(ctx context.Context) (map[key]struct{}, error) {
	filter := "(objectClass=group)"
	if !rd.server.ad {
		filter = filtersOther[adsync.Group]
	}
	groups := map[key]struct{}{}
	for _, context := range rd.dataContexts() {
		for page, err := range rd.c.search(ctx, rd.query(context, filter, []string{"1.1"})) {
			if err != nil {
				return nil, err
			}
			for _, e := range page {
				if ref, err := parseReference(e.dn); err == nil {
					groups[ref.key()] = struct{}{}
				}
			}
		}
	}
	return groups, nil
}

// dataContexts gives the parts of the directory that hold people and groups.
func (rd *reading) dataContexts() []string {
	if rd.server.ad && rd.server.byDefault != "" {
		return []string{rd.server.byDefault}
	}
	var list []string
	for _, text := range rd.server.contexts {
		dn, err := directory.ParseDN(text)
		if err == nil && slices.ContainsFunc(rd.bases, func(b searchBase) bool { return b.dn.Within(dn) }) {
			list = append(list, text)
		}
	}
	if len(list) == 0 {
		for _, b := range rd.bases {
			list = append(list, b.dn.String())
		}
	}
	return list
}

// findGroup finds a group by its DN or by its anchor.
func (rd *reading) findGroup(ctx context.Context, name string) (reference, error) {
	if strings.Contains(name, "=") {
		return rd.groupAt(ctx, name)
	}
	var found []reference
	for _, context := range rd.dataContexts() {
		q := rd.query(context, rd.anchorFilter([]adsync.Anchor{adsync.Anchor(name)}), []string{"1.1"})
		for page, err := range rd.c.search(ctx, q) {
			if err != nil {
				return reference{}, err
			}
			for _, e := range page {
				if ref, err := parseReference(e.dn); err == nil {
					found = append(found, ref)
				}
			}
		}
	}
	if len(found) != 1 {
		return reference{}, rd.scopeFault(name, nil)
	}
	return found[0], nil
}

func (rd *reading) groupAt(ctx context.Context, name string) (reference, error) {
	dn, err := directory.ParseDN(name)
	if err != nil {
		return reference{}, invalid("scope: the group %q is no distinguished name: %v", name, err)
	}
	e, err := rd.c.one(ctx, dn.String(), "(objectClass=*)", rd.server.extended, "1.1")
	if err != nil || e == nil {
		return reference{}, rd.scopeFault(name, err)
	}
	return parseReference(e.dn)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
