package source_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source"
	"github.com/adsync/sdk/source/sourcetest"
	"github.com/stretchr/testify/require"
)

func attrs(pairs ...string) adsync.Attributes {
	var a adsync.Attributes
	for i := 0; i < len(pairs); i += 2 {
		a.Set(pairs[i], pairs[i+1])
	}
	return a
}

// company has 20 people, two groups in a cycle, a contact and a unit.
func company() *source.StaticSource {
	s := source.Static(adsync.Object{Kind: adsync.OrganizationalUnit, Anchor: "ou", Container: "DC=example", Attrs: attrs("ou", "People")})
	var all []adsync.Anchor
	for i := range 20 {
		a := adsync.Anchor(fmt.Sprintf("user%02d", i))
		o := adsync.Object{Kind: adsync.User, Anchor: a, Container: fmt.Sprintf("OU=U%d,DC=example", i%2), Attrs: attrs("cn", fmt.Sprint("User ", i))}
		if i > 0 {
			o.Refs = map[string][]adsync.Anchor{"manager": {"user00"}}
			o.Attrs.Set("mail", fmt.Sprintf("user%d@example.com", i))
		}
		s.Objects = append(s.Objects, o)
		all = append(all, a)
	}
	s.Objects = append(s.Objects,
		adsync.Object{Kind: adsync.Contact, Anchor: "contact", Container: "OU=U1,DC=example", Attrs: attrs("cn", "Partner")},
		adsync.Object{Kind: adsync.Group, Anchor: "everyone", Container: "OU=U0,DC=example", Attrs: attrs("cn", "Everyone", "dn", "CN=Everyone,DC=example")},
		adsync.Object{Kind: adsync.Group, Anchor: "inner", Container: "OU=U0,DC=example", Attrs: attrs("cn", "Inner")},
	)
	s.Members = map[adsync.Anchor][]adsync.Anchor{"everyone": append(all[:10:10], "inner"), "inner": {"user15", "everyone"}}
	return s
}

func TestStaticSourceKeepsTheContract(t *testing.T) {
	for _, size := range []int{1, 4, 0} {
		t.Run(fmt.Sprint("pages of ", size), func(t *testing.T) {
			var anchors []adsync.Anchor
			for _, o := range company().Objects {
				anchors = append(anchors, o.Anchor)
			}
			sourcetest.Run(t, func(*testing.T) adsync.Source {
				s := company()
				s.PageSize = size
				return s
			}, sourcetest.Anchors(anchors...))
		})
	}
}

func TestEmptyStaticSourceIsAnEmptySnapshot(t *testing.T) {
	n := 0
	for b, err := range source.Static().Read(t.Context(), adsync.ReadRequest{}) {
		require.NoError(t, err)
		require.True(t, b.Done)
		require.True(t, b.Snapshot)
		require.Equal(t, 0, b.Witness.Bases[0].Objects)
		n++
	}
	require.Equal(t, 1, n)
}

func read(t *testing.T, s adsync.Source, r adsync.ReadRequest) (anchors []adsync.Anchor) {
	t.Helper()
	for b, err := range s.Read(t.Context(), r) {
		require.NoError(t, err)
		for _, c := range b.Changes {
			if !c.MembersOnly {
				anchors = append(anchors, c.Object.Anchor)
			}
		}
	}
	return anchors
}

func TestScopeOfAStaticSource(t *testing.T) {
	users := []adsync.Kind{adsync.User}
	for _, c := range []struct {
		name  string
		scope adsync.Scope
		want  int
	}{
		{"everything", adsync.Scope{}, 20},
		{"a unit", adsync.Scope{Units: []adsync.Unit{{DN: "ou=u1,dc=EXAMPLE"}}}, 10},
		{"all but a unit", adsync.Scope{Units: []adsync.Unit{{DN: "OU=U1,DC=example", Deselect: true}}}, 10},
		{"members, nested and in a cycle", adsync.Scope{Groups: []string{"cn=everyone,dc=example"}}, 11},
		{"members, by anchor", adsync.Scope{Groups: []string{"inner"}}, 11},
		{"members in a unit", adsync.Scope{Groups: []string{"inner"}, Units: []adsync.Unit{{DN: "OU=U1,DC=example"}}}, 6},
		{"members of an unknown group", adsync.Scope{Groups: []string{"CN=Nobody"}}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Len(t, read(t, company(), adsync.ReadRequest{Kinds: users, Scope: &c.scope}), c.want)
		})
	}
}

func TestUnitsAreGivenWhateverIsSelected(t *testing.T) {
	scope := &adsync.Scope{Units: []adsync.Unit{{DN: "OU=U1,DC=example"}}, Groups: []string{"inner"}}
	require.Equal(t, []adsync.Anchor{"ou"}, read(t, company(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.OrganizationalUnit}, Scope: scope}))
}

func TestWhatAStaticSourceCannotDo(t *testing.T) {
	for name, c := range map[string]struct {
		request adsync.ReadRequest
		code    adsync.Code
	}{
		"filter":    {adsync.ReadRequest{Scope: &adsync.Scope{Filter: "(cn=a)"}}, adsync.CodeUnsupported},
		"cursor":    {adsync.ReadRequest{Since: "x"}, adsync.CodeGone},
		"bad scope": {adsync.ReadRequest{Scope: &adsync.Scope{Units: []adsync.Unit{{DN: "x"}}}}, adsync.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			for _, err := range company().Read(t.Context(), c.request) {
				require.Equal(t, c.code, adsync.CodeOf(err))
				n++
			}
			require.Equal(t, 1, n)
		})
	}
}

func ExampleStatic() {
	var ada adsync.Attributes
	ada.Set("displayName", "Ada Lovelace")
	s := source.Static(
		adsync.Object{Kind: adsync.User, Anchor: "1", Attrs: ada},
		adsync.Object{Kind: adsync.Group, Anchor: "2"},
	)
	s.Members = map[adsync.Anchor][]adsync.Anchor{"2": {"1"}}

	for batch, err := range s.Read(context.Background(), adsync.ReadRequest{Attributes: []string{"displayName"}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, c := range batch.Changes {
			fmt.Printf("%s %q\n", c.Object.Kind, c.Object.Attrs.Get("displayName"))
		}
		fmt.Println("complete:", batch.Done)
	}
	// Output:
	// user "Ada Lovelace"
	// group ""
	// complete: true
}
