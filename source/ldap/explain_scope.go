package ldap

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

var _ adsync.ScopeExplainer = (*Source)(nil)

// mostSightings bounds what a look-up by value gives.
const mostSightings = 20

// ExplainScope looks at single objects wherever they are in the directory, and
// says which part of the bases, the kinds' filters and the scope leaves them
// out. It has a connection of its own.
func (s *Source) ExplainScope(ctx context.Context, r adsync.ReadRequest, value string) ([]adsync.Sighting, error) {
	if len(r.Only) == 0 && value == "" {
		return nil, invalid("nothing to look for; name an anchor or a value")
	}
	look := r
	look.Since, look.Notes, look.Kinds, look.Scope = "", nil, nil, nil
	if len(look.Only) == 0 {
		look.Only = []adsync.Anchor{"-"} // a read of single objects
	}
	rd, err := s.begin(ctx, look)
	if err != nil {
		return nil, err
	}
	defer rd.close()
	found, err := rd.lookUp(ctx, r.Only, value)
	if err != nil {
		return nil, err
	}
	x := &explaining{rd: rd, r: r}
	out := make([]adsync.Sighting, 0, len(found))
	for i := range found {
		sighting, err := x.sighting(ctx, &found[i])
		if err != nil {
			return nil, err
		}
		out = append(out, sighting)
	}
	return out, nil
}

// knownBy are the attributes by which people name a person or a group.
var knownBy = []string{"mail", "userPrincipalName", "sAMAccountName", "uid", "cn", "displayName", "ou", "mailNickname", "distinguishedName"}

// lookUp finds entries in all that the server holds, inside the bases or not.
func (rd *reading) lookUp(ctx context.Context, anchors []adsync.Anchor, value string) (found []entry, err error) {
	filter := rd.valueFilter(value)
	if len(anchors) > 0 {
		filter = rd.anchorFilter(anchors)
	}
	var asked []string
	for _, kind := range allKinds {
		asked = append(asked, rd.ask(kind)...)
	}
	asked = dedupe(append(asked, "objectClass", "isCriticalSystemObject", "uid", "primaryGroupID"))
	seen := map[string]bool{}
	for _, at := range rd.everywhere() {
		for page, err := range rd.c.search(ctx, rd.query(at, filter, asked)) {
			if err != nil && !isAbsent(err) {
				return nil, err
			}
			for _, e := range page {
				if _, dn := splitExtended(e.dn); !seen[strings.ToLower(dn)] && len(found) < mostSightings {
					seen[strings.ToLower(dn)] = true
					found = append(found, e)
				}
			}
		}
	}
	return found, nil
}

// valueFilter matches whoever has the value as a name. Servers answer a filter
// on an attribute that they do not know with nothing (RFC 4511, section 4.5.1.7).
func (rd *reading) valueFilter(value string) string {
	var b strings.Builder
	for _, name := range knownBy {
		if !rd.schema.known || rd.schema.has(name) {
			b.WriteString(equals(name, value))
		}
	}
	if rd.server.ad && strings.Contains(value, "@") {
		b.WriteString(equals("proxyAddresses", "smtp:"+value))
	}
	return "(|" + b.String() + ")"
}

// everywhere gives the bases and the parts of the directory around them.
func (rd *reading) everywhere() []string {
	var out []string
	for _, b := range rd.bases {
		out = append(out, b.dn.String())
	}
	return append(out, rd.dataContexts()...)
}

// explaining judges entries by one request's selection, whose groups are
// expanded once.
type explaining struct {
	rd     *reading
	r      adsync.ReadRequest
	chosen *membership
	units  *units
}

func (x *explaining) sighting(ctx context.Context, e *entry) (adsync.Sighting, error) {
	kind, left, err := x.kindOf(ctx, e)
	if err != nil {
		return adsync.Sighting{}, err
	}
	change, dn, err := x.rd.change(ctx, kind, e)
	if err != nil {
		return adsync.Sighting{}, err
	}
	out := adsync.Sighting{Change: change, Name: clean(dn.String()), Left: left}
	if !slices.ContainsFunc(x.rd.bases, func(b searchBase) bool { return dn.Within(b.dn) }) {
		out.Left = append(out.Left, "it lives outside what the source searches: "+x.rd.baseNames())
	}
	if err := x.scope(ctx, kind, e, dn, &out); err != nil {
		return out, err
	}
	if len(out.Left) > 0 {
		out.Change.Presence = adsync.OutOfScope
	}
	return out, nil
}

func (rd *reading) baseNames() string {
	names := make([]string, len(rd.bases))
	for i, b := range rd.bases {
		names[i] = clean(b.dn.String())
	}
	return strings.Join(names, "; ")
}

// kindOf asks the server which kind's filter takes the entry, as a read does.
func (x *explaining) kindOf(ctx context.Context, e *entry) (adsync.Kind, []string, error) {
	for _, kind := range allKinds {
		takes, err := x.matches(ctx, e, x.rd.filter(kind))
		if err != nil {
			return 0, nil, err
		}
		if !takes || !x.rd.isOf(kind, e) {
			continue
		}
		if len(x.r.Kinds) > 0 && !slices.Contains(x.r.Kinds, kind) {
			return kind, []string{fmt.Sprintf("the job does not read kind %s", kind)}, nil
		}
		return kind, nil, nil
	}
	kind, _ := directory.Classify(adsync.MakeAttributes(adsync.Attribute{Name: "objectClass", Values: e.values("objectClass")}))
	if strings.EqualFold(e.value("isCriticalSystemObject"), "TRUE") && x.rd.server.ad {
		return kind, []string{"it is a critical system object of Active Directory, and those are never read"}, nil
	}
	classes := clean(strings.Join(e.values("objectClass"), ", "))
	if filter := x.rd.c.src.Filters[kind]; filter != "" {
		return kind, []string{fmt.Sprintf("the source's own filter for kind %s does not match: %s", kind, filter)}, nil
	}
	return kind, []string{"it is of no kind that is read (" + classes + ")"}, nil
}

// matches asks for the entry itself under a filter.
func (x *explaining) matches(ctx context.Context, e *entry, filter string) (bool, error) {
	ref, err := parseReference(e.dn)
	if err != nil {
		return false, nil
	}
	hit, err := x.rd.c.one(ctx, ref.base(), filter, false, "1.1")
	if err != nil && !isAbsent(err) {
		return false, err
	}
	return hit != nil, nil
}

// scope judges the job's selection. Units themselves are read whatever is
// selected.
func (x *explaining) scope(ctx context.Context, kind adsync.Kind, e *entry, dn directory.DN, out *adsync.Sighting) error {
	scope := x.r.Scope
	if scope == nil || kind == adsync.OrganizationalUnit {
		return nil
	}
	if err := x.prepare(ctx); err != nil {
		return err
	}
	left, covered := x.units.Explain(dn.Parent())
	out.Covered = covered
	if left != "" {
		out.Left = append(out.Left, left)
	}
	if scope.Filter != "" {
		takes, err := x.matches(ctx, e, parenthesised(scope.Filter))
		if err != nil {
			return err
		}
		if !takes {
			out.Left = append(out.Left, "the job's filter does not match it: "+scope.Filter)
		}
	}
	if x.chosen != nil && !x.chosen.has(e, dn) {
		out.Left = append(out.Left, "it is in none of the selected groups: "+strings.Join(scope.Groups, "; "))
	}
	return nil
}

// prepare reads the selection, once.
func (x *explaining) prepare(ctx context.Context) (err error) {
	if x.units != nil {
		return nil
	}
	if x.units, err = parseUnits(x.r.Scope); err != nil {
		return err
	}
	if filter := x.r.Scope.Filter; filter != "" {
		if err := checkFilter("the scope's filter", filter); err != nil {
			return err
		}
	}
	if len(x.r.Scope.Groups) > 0 {
		x.chosen, err = x.rd.expand(ctx, x.r.Scope.Groups)
		x.rd.chosen = x.chosen
	}
	return err
}
