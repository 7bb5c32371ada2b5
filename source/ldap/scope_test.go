package ldap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func TestTheNearestSelectedOrDeselectedUnitDecides(t *testing.T) {
	unit := func(dn string) object { return object{kind: "organizationalUnit", dn: dn} }
	const sales, other = "OU=Sales," + unitPeople, "OU=Other," + domain
	const interns = "OU=Interns," + sales
	const best = "OU=Best," + interns
	units := []object{unit(unitPeople), unit(sales), unit(interns), unit(best), unit(other)}
	person := func(where string) object { return users(1, where)[0] }
	all := []object{person(unitPeople), person(sales), person(interns), person(best), person(other)}
	for name, c := range map[string]struct {
		units []adsync.Unit
		want  []object
	}{
		"none":                     {nil, all},
		"one selected":             {[]adsync.Unit{{DN: sales}}, all[1:4]},
		"deselected inside":        {[]adsync.Unit{{DN: sales}, {DN: interns, Deselect: true}}, all[1:2]},
		"selected inside that":     {[]adsync.Unit{{DN: sales}, {DN: interns, Deselect: true}, {DN: best}}, []object{all[1], all[3]}},
		"only deselected":          {[]adsync.Unit{{DN: interns, Deselect: true}}, []object{all[0], all[1], all[4]}},
		"another spelling":         {[]adsync.Unit{{DN: "ou=sales, ou=PEOPLE ,dc=Corp,DC=example,dc=com"}}, all[1:4]},
		"two apart":                {[]adsync.Unit{{DN: other}, {DN: interns}}, all[2:]},
		"selected inside selected": {[]adsync.Unit{{DN: unitPeople}, {DN: sales}}, all[:4]},
		"the whole domain, less":   {[]adsync.Unit{{DN: domain}, {DN: unitPeople, Deselect: true}}, all[4:]},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScripted(t, append(units[:5:5], all...)...)
			got := mustCollect(t, s.source(), adsync.ReadRequest{Attributes: []string{"cn"}, Scope: &adsync.Scope{Units: c.units}})
			require.ElementsMatch(t, append(anchors(units...), anchors(c.want...)...), keys(got.objects))
		})
	}
}

func TestASelectionReadsItsUnitsAndNotTheWholeDirectory(t *testing.T) {
	const sales = "OU=Sales," + unitPeople
	s := newScripted(t, append(users(3, sales), object{kind: "organizationalUnit", dn: sales})...)
	mustCollect(t, s.source(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Scope: &adsync.Scope{Units: []adsync.Unit{{DN: sales}}}})
	for _, q := range s.seen(kindSigns["user"]) {
		require.Equal(t, sales, q.base)
	}
}

func TestEachSelectedUnitHasACanary(t *testing.T) {
	const a, b = "OU=A," + domain, "OU=B," + domain
	s := newScripted(t, append(append(users(3, a), users(3, b)...), object{kind: "organizationalUnit", dn: a}, object{kind: "organizationalUnit", dn: b})...)
	got := mustCollect(t, s.source(), adsync.ReadRequest{Attributes: []string{"cn", "mail", "title"}, Scope: &adsync.Scope{Units: []adsync.Unit{{DN: a}, {DN: b}}}})
	require.Len(t, got.witness.Canaries, 2)
	for i, unit := range []string{a, b} {
		canary := got.witness.Canaries[i]
		require.Equal(t, unit, canary.Unit)
		require.Equal(t, []string{"cn", "mail"}, canary.Attributes)
		require.Contains(t, got.objects, canary.Anchor)
	}
	require.Equal(t, map[string]int{"cn": 6, "mail": 6, "title": 0, "member": 0}, got.witness.Attributes)
	again := mustCollect(t, s.source(), adsync.ReadRequest{Attributes: []string{"cn", "mail", "title"}, Scope: &adsync.Scope{Units: []adsync.Unit{{DN: a}, {DN: b}}}})
	require.Equal(t, got.witness, again.witness)
}

func TestAUnitThatIsGoneEndsTheRead(t *testing.T) {
	s := newScripted(t, users(3, unitPeople)...)
	for _, deselect := range []bool{false, true} {
		_, err := collect(t.Context(), s.source(), adsync.ReadRequest{Scope: &adsync.Scope{Units: []adsync.Unit{{DN: "OU=Renamed," + domain, Deselect: deselect}}}})
		require.ErrorIs(t, err, adsync.ErrIncomplete)
		require.ErrorContains(t, err, "OU=Renamed")
	}
	_, err := collect(t.Context(), s.source(), adsync.ReadRequest{Scope: &adsync.Scope{Units: []adsync.Unit{{DN: "OU=X,DC=else"}}}})
	require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err))
}

func TestTheScopesFilterNarrowsEverythingButUnits(t *testing.T) {
	s := newScripted(t, append(users(3, unitPeople), object{kind: "organizationalUnit", dn: unitPeople}, groupOf("G"))...)
	mustCollect(t, s.source(), adsync.ReadRequest{Scope: &adsync.Scope{Filter: "department=Sales"}})
	for kind, sign := range kindSigns {
		for _, q := range s.seen(sign) {
			if kind == "organizationalUnit" {
				require.NotContains(t, q.filter, "department")
			} else {
				require.Contains(t, q.filter, "(department=Sales)")
			}
		}
	}
	for _, filter := range []string{"(cn=", "cn=*)(objectClass=*", "(unicodePwd=a*)", "(&(cn=a)(!(ms-Mcs-AdmPwd:dn:=x)))"} {
		_, err := collect(t.Context(), s.source(), adsync.ReadRequest{Scope: &adsync.Scope{Filter: filter}})
		require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err), filter)
	}
}
