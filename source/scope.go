package source

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// scope makes a predicate of the job's selection.
func (s *StaticSource) scope(scope *adsync.Scope) (func(adsync.Object) bool, error) {
	if scope == nil {
		return func(adsync.Object) bool { return true }, nil
	}
	if scope.Filter != "" {
		return nil, adsync.Errorf(adsync.CodeUnsupported, "source: a static source knows no filter; leave objects out of its list instead")
	}
	units, err := directory.SelectUnits(scope.Units)
	if err != nil {
		return nil, err
	}
	members := s.closure(scope.Groups)
	return func(o adsync.Object) bool {
		if o.Kind == adsync.OrganizationalUnit {
			return true // the tree stays whole, whatever is selected in it
		}
		return within(units, o) && (len(scope.Groups) == 0 || members[o.Anchor])
	}, nil
}

func within(units directory.Units, o adsync.Object) bool {
	if units.All() {
		return true
	}
	container, err := directory.ParseDN(o.Container)
	return err == nil && units.Contain(container)
}

// closure collects the members of some groups, and of the groups in them. A
// group is named by its anchor or its dn attribute.
func (s *StaticSource) closure(groups []string) map[adsync.Anchor]bool {
	found := map[adsync.Anchor]bool{}
	var open []adsync.Anchor
	for _, o := range s.Objects {
		if o.Kind == adsync.Group && slices.ContainsFunc(groups, func(g string) bool { return isNamed(o, g) }) {
			open = append(open, s.Members[o.Anchor]...)
		}
	}
	for len(open) > 0 {
		next := open[len(open)-1]
		open = open[:len(open)-1]
		if !found[next] {
			found[next] = true
			open = append(open, s.Members[next]...)
		}
	}
	return found
}

func isNamed(o adsync.Object, name string) bool {
	if strings.EqualFold(string(o.Anchor), name) {
		return true
	}
	want, err := directory.FoldDN(name)
	if err != nil || want == "" {
		return false
	}
	for _, attr := range [...]string{"dn", "distinguishedName"} {
		if have, err := directory.FoldDN(o.Attrs.Get(attr)); err == nil && have == want {
			return true
		}
	}
	return false
}
