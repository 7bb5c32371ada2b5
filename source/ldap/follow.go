package ldap

import (
	"context"
	"slices"

	goldap "github.com/go-ldap/ldap/v3"

	ber "github.com/go-asn1-ber/asn1-ber"

	"github.com/adsync/sdk/adsync"
)

// What to follow the changes of, so that none is missed that a full read would
// show, and few come that it would not.

// changeFilter goes by class only, which never changes: an object that no longer
// matched another filter would not be reported as having left it. Computers are
// many and change often; who reads them has a filter of one's own.
func (rd *reading) changeFilter() string {
	if len(rd.c.src.Filters) > 0 {
		return "(objectClass=*)"
	}
	return "(&(objectClass=*)(!(objectClass=computer))(!(objectClass=dnsNode)))"
}

// changeAttributes lists the attributes of which a change matters: those that
// are mapped, those that decide about kind and scope, the name and the members.
func (rd *reading) changeAttributes() []string {
	list := slices.Concat(rd.want.plain.Raw(), rd.want.refs, rd.anchors, rd.scopeAttributes(),
		[]string{rd.own, "objectClass", "name", "isDeleted", "whenCreated"})
	if rd.wants(adsync.Group) {
		list = append(list, "member")
	}
	list = append(list, rd.far.holders()...)
	return dedupe(list)
}

// scopeAttributes lists those whose change may bring an object into scope.
func (rd *reading) scopeAttributes() []string {
	if rd.deciding != nil {
		return rd.deciding
	}
	list := []string{"objectClass", "isDeleted", "primaryGroupID"}
	for _, kind := range allKinds {
		if rd.wants(kind) {
			list = append(list, attributesIn(rd.kindAndScope(kind))...)
		}
	}
	rd.deciding = dedupe(list)
	return rd.deciding
}

// attributesIn lists the attributes that a filter (RFC 4515) looks at.
func attributesIn(filter string) (names []string) {
	packet, err := goldap.CompileFilter(filter)
	if err != nil {
		return nil // the search with it will say so
	}
	walkFilter(packet, func(name string) { names = append(names, name) })
	return dedupe(names)
}

func walkFilter(p *ber.Packet, use func(string)) {
	switch p.Tag {
	case goldap.FilterAnd, goldap.FilterOr, goldap.FilterNot:
		for _, child := range p.Children {
			walkFilter(child, use)
		}
	case goldap.FilterPresent:
		use(p.Data.String())
	case goldap.FilterExtensibleMatch:
		for _, child := range p.Children {
			if child.Tag == goldap.MatchingRuleAssertionType {
				use(child.Data.String())
			}
		}
	default:
		if len(p.Children) > 0 {
			use(p.Children[0].Data.String())
		}
	}
}

// blindToDeleted: see seesDeleted.
const blindToDeleted = "does not see who was deleted, since CN=Deleted Objects shows the account nothing: let it list and read that container"

// seesDeleted tells whether the account may see what is left of deleted objects.
// Only one that is seen proves it: a right that is missing looks as if nothing
// had ever been deleted, and the container itself may well be readable.
func (rd *reading) seesDeleted(ctx context.Context, context string) (bool, error) {
	q := rd.query("CN=Deleted Objects,"+context, "(isDeleted=TRUE)", []string{"isDeleted"})
	q.scope, q.deleted = goldap.ScopeSingleLevel, true
	if q.pageSize > 0 {
		q.pageSize = 1 // one will do
	}
	page, _, err := rd.c.page(ctx, q)
	if err != nil {
		if isAbsent(err) || adsync.CodeOf(err) == adsync.CodeDenied || adsync.CodeOf(err) == adsync.CodeUnsupported {
			return false, nil
		}
		return false, err
	}
	return slices.ContainsFunc(page, func(e entry) bool { return isTombstone(&e) }), nil
}
