package fakedir_test

import (
	"fmt"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

func TestFilters(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	groups := "OU=Groups,OU=Company," + s.BaseDN()
	one := search(t, c, s.PeopleDN(), "(employeeID=E000016)", "objectGUID", "memberOf", "manager", "sAMAccountName")[0]
	login := one.GetAttributeValue("sAMAccountName")
	for filter, want := range map[string]int{
		"(employeeID=E000016)":                1,
		"(EMPLOYEEID=e000016)":                1,
		"(employeeID~=e000016)":               1,
		"(employeeID=E00001*)":                10,
		"(employeeID=*00001*6*)":              1,
		"(employeeID=*16)":                    2,
		"(employeeID=*)":                      200,
		"(employeeID>=E000190)":               10,
		"(employeeID<=E000009)":               10,
		"(!(employeeID=*))":                   len(search(t, c, s.BaseDN(), "(objectClass=*)")) - 200,
		"(&)":                                 len(search(t, c, s.BaseDN(), "(objectClass=*)")),
		"(|)":                                 0,
		"(noSuchAttribute=*)":                 0,
		"(!(noSuchAttribute=*))":              0, // undefined is neither true nor false
		"(|(noSuchAttribute=*)(cn=svc-sync))": 1,
		"(userAccountControl:1.2.840.113556.1.4.803:=2)":                                         8 + 2, // with Guest and krbtgt
		"(userAccountControl:1.2.840.113556.1.4.804:=65538)":                                     8 + 3 + 2,
		"(&(employeeID=*)(userAccountControl=512))":                                              192,
		"(&(employeeID=*)(userAccountControl>=514))":                                             8,
		"(objectClass=computer)":                                                                 3,
		"(&(objectCategory=person)(objectClass=user)(employeeID=*))":                             200,
		"(objectCategory=group)":                                                                 len(search(t, c, s.BaseDN(), "(objectClass=group)")),
		"(objectCategory=organizationalUnit)":                                                    len(search(t, c, s.BaseDN(), "(objectClass=organizationalUnit)")),
		"(objectCategory=CN=Computer,CN=Schema,CN=Configuration," + s.BaseDN() + ")":             3,
		"(objectGUID=" + ldap.EscapeFilter(string(one.GetRawAttributeValue("objectGUID"))) + ")": 1,
		"(distinguishedName=" + ldap.EscapeFilter(one.DN) + ")":                                  1,
		"(manager=" + ldap.EscapeFilter(one.GetAttributeValue("manager")) + ")":                  8,
		"(member=" + ldap.EscapeFilter(one.DN) + ")":                                             len(one.GetAttributeValues("memberOf")),
		"(memberOf=CN=Big flat group," + groups + ")":                                            200,
		"(memberOf:1.2.840.113556.1.4.1941:=CN=Everyone at Company," + groups + ")":              200 + 8 + 2,
		"(memberOf:1.2.840.113556.1.4.1941:=CN=Cycle A," + groups + ")":                          2,
		"(&(member:1.2.840.113556.1.4.1941:=" + ldap.EscapeFilter(one.DN) + ")(cn=Everyone*))":   1,
		"(sAMAccountName=" + login + ")":                                                         1,
		"(primaryGroupID=513)":                                                                   200 + 2 + 2,
		"(l=munchen)":                                                                            50,
		"(l=MÜNCHEN)":                                                                            50,
		"(whenChanged>=20260101000000.0Z)":                                                       len(search(t, c, s.BaseDN(), "(objectClass=*)")),
		"(uSNChanged>=99999999)":                                                                 0,
	} {
		require.Len(t, search(t, c, s.BaseDN(), filter, "cn"), want, filter)
	}
}

func TestScopes(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	count := func(base string, scope int) int {
		q := request(base, "(objectClass=*)", "1.1")
		q.Scope = scope
		r, err := c.Search(q)
		require.NoError(t, err)
		return len(r.Entries)
	}
	require.Equal(t, 1, count(s.PeopleDN(), ldap.ScopeBaseObject))
	require.Equal(t, 9, count(s.PeopleDN(), ldap.ScopeSingleLevel))
	require.Equal(t, 1+9+198, count(s.PeopleDN(), ldap.ScopeWholeSubtree), "two of 200 are out of scope")
	for _, e := range search(t, c, s.BaseDN(), "(cn=NTDS Settings)") {
		require.Fail(t, "another naming context", e.DN)
	}
}

func TestNarrowedSearchAgreesWithTheWholeOne(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	var guids string
	for i := range 50 {
		e := search(t, c, s.BaseDN(), fmt.Sprintf("(employeeID=E%06d)", i*3), "objectGUID")[0]
		guids += "(objectGUID=" + ldap.EscapeFilter(string(e.GetRawAttributeValue("objectGUID"))) + ")"
	}
	require.Len(t, search(t, c, s.BaseDN(), "(|"+guids+guids+")"), 50, "an index shows nobody twice")
	require.Len(t, search(t, c, s.BaseDN(), "(&(|"+guids+")(employeeID=E0000*))"), 34)
	require.Len(t, search(t, c, s.BaseDN(), "(|"+guids+"(cn=svc-sync))"), 51)
}
