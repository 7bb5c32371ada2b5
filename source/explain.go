package source

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

var _ adsync.ScopeExplainer = (*StaticSource)(nil)

// mostSightings bounds what a look-up by value gives.
const mostSightings = 20

// ExplainScope looks at single objects, in scope or not. A value is compared,
// without case, with every value of every attribute asked for.
func (s *StaticSource) ExplainScope(ctx context.Context, r adsync.ReadRequest, value string) ([]adsync.Sighting, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := s.scope(r.Scope); err != nil {
		return nil, err
	}
	var out []adsync.Sighting
	for _, o := range s.Objects {
		named := slices.Contains(r.Only, o.Anchor) || len(r.Only) == 0 && isKnownAs(o, r.Attributes, value)
		if !named || len(out) == mostSightings {
			continue
		}
		sighting := adsync.Sighting{Change: adsync.Change{Object: only(o, r.Attributes)}, Name: firstOf(o, "dn", "distinguishedName")}
		if err := s.judge(r, o, &sighting); err != nil {
			return nil, err
		}
		out = append(out, sighting)
	}
	return out, nil
}

func isKnownAs(o adsync.Object, attributes []string, value string) bool {
	is := func(v string) bool { return strings.EqualFold(v, value) }
	if is(string(o.Anchor)) || is(firstOf(o, "dn", "distinguishedName")) {
		return true
	}
	return slices.ContainsFunc(attributes, func(name string) bool { return slices.ContainsFunc(o.Attrs.Values(name), is) })
}

func firstOf(o adsync.Object, names ...string) string {
	for _, name := range names {
		if v := o.Attrs.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// judge says what of the selection leaves the object out.
func (s *StaticSource) judge(r adsync.ReadRequest, o adsync.Object, to *adsync.Sighting) error {
	if len(r.Kinds) > 0 && !slices.Contains(r.Kinds, o.Kind) {
		to.Left = append(to.Left, fmt.Sprintf("the job does not read kind %s", o.Kind))
	}
	if r.Scope != nil && o.Kind != adsync.OrganizationalUnit {
		units, err := directory.SelectUnits(r.Scope.Units)
		if err != nil {
			return err
		}
		if container, err := directory.ParseDN(o.Container); err == nil {
			var left string
			if left, to.Covered = units.Explain(container); left != "" {
				to.Left = append(to.Left, left)
			}
		}
		if len(r.Scope.Groups) > 0 && !s.closure(r.Scope.Groups)[o.Anchor] {
			to.Left = append(to.Left, "it is in none of the selected groups: "+strings.Join(r.Scope.Groups, "; "))
		}
	}
	if len(to.Left) > 0 {
		to.Change.Presence = adsync.OutOfScope
	}
	return nil
}
