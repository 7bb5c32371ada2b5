package mapping_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/mapping"
)

func show(o adsync.Object, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, values := range o.Attrs.All() {
		fmt.Println(name+":", strings.Join(values, ", "))
	}
}

func ExampleActiveDirectory() {
	m := mapping.ActiveDirectory(mapping.Parameter("domain", "example.com"))

	o := adsync.Object{Kind: adsync.User}
	o.Attrs.Set("sAMAccountName", "ada")
	o.Attrs.Set("givenName", "Ada ")
	o.Attrs.Set("sn", "Lovelace")
	o.Attrs.Set("mail", "ada@example.com")
	o.Attrs.Set("accountEnabled", "true")
	show(m.Map(o))
	// Output:
	// active: true
	// displayName: Ada Lovelace
	// email: ada@example.com
	// firstName: Ada
	// lastName: Lovelace
	// logon: ada@example.com
	// samName: ada
}

func ExampleLoad() {
	m, err := mapping.Load([]byte(`
version: 1
source: [givenName, sn, employeeType, departmentNumber]
tables:
  departments: {"100": Research, "200": Sales}
user:
  skip:
    - employeeType == "robot"
  attributes:
    firstName: givenName
    displayName:
      expr: words(givenName, upper(sn))
      examples:
        - {give: {givenName: Ada, sn: Lovelace}, want: Ada LOVELACE}
        - {give: {givenName: Ada}, want: Ada}
    department: {from: departmentNumber, table: departments}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	o := adsync.Object{Kind: adsync.User}
	o.Attrs.Set("givenName", "Ada")
	o.Attrs.Set("sn", "Lovelace")
	o.Attrs.Set("departmentNumber", "100")
	show(m.Map(o))
	fmt.Println("reads", m.Attributes())
	// Output:
	// department: Research
	// displayName: Ada LOVELACE
	// firstName: Ada
	// reads [departmentNumber employeeType givenName sn]
}

// A rule whose example fails does not load.
func ExampleLoad_failingExample() {
	_, err := mapping.Load([]byte(`version: 1
source: [sn]
user:
  attributes:
    lastName:
      from: sn
      normalize: [upper]
      examples:
        - {give: {sn: lovelace}, want: Lovelace}
`))
	fmt.Println(err)
	// Output:
	// mapping: line 9, column 11: user.lastName: the example wants "Lovelace" and got "LOVELACE"
	//   9 |         - {give: {sn: lovelace}, want: Lovelace}
	//     |           ^
}

// The same rules as Go values.
func ExampleNew() {
	m, err := mapping.New(mapping.Rules{
		Source: []string{"mail", "cn"},
		Kinds: map[adsync.Kind]*mapping.KindRules{
			adsync.User: {Attributes: []mapping.Rule{
				{To: mapping.Email, From: mapping.Copy("mail"), Normalize: []string{"email"}},
				{To: mapping.DisplayName, From: mapping.Expr(`cn == "" ? localPart(mail) : cn`)},
				{To: mapping.Company, From: mapping.Constant("Example")},
			}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	o := adsync.Object{Kind: adsync.User}
	o.Attrs.Set("mail", "ada@example.com")
	show(m.Map(o))
	// Output:
	// company: Example
	// displayName: ada
	// email: ada@example.com
}

// A ready map, changed: one rule more, one less.
func ExampleParse() {
	rules, err := mapping.Parse([]byte(mapping.ActiveDirectoryYAML()))
	if err != nil {
		fmt.Println(err)
		return
	}
	users := rules.Kinds[adsync.User]
	users.Set(mapping.Rule{To: mapping.EmployeeID, From: mapping.Copy("employeeID")})
	users.Remove(mapping.Fax)
	m, err := mapping.New(rules)
	fmt.Println(err, len(m.Produces(adsync.User)))
	// Output: <nil> 23
}

// A normaliser of one's own. Its version is part of the map's digest.
func ExampleWith() {
	badge := mapping.Normalizer{Name: "badge", Version: "1", Value: func(s string) (string, error) {
		return fmt.Sprintf("%06s", s), nil
	}}
	m, err := mapping.Load([]byte(`
version: 1
source: [employeeNumber]
target: [badge]
user:
  attributes:
    badge: {from: employeeNumber, normalize: [trim, badge]}
`), mapping.With(badge))
	if err != nil {
		fmt.Println(err)
		return
	}
	o := adsync.Object{Kind: adsync.User}
	o.Attrs.Set("employeeNumber", " 42 ")
	show(m.Map(o))
	// Output: badge: 000042
}

func ExampleCheckEmail() {
	fmt.Println(mapping.CheckEmail("ada@example.com"))
	fmt.Println(mapping.CheckEmail("ada@localhost"))
	// Output:
	// <nil>
	// the domain of the e-mail address has no dot
}

func ExampleOpenLDAP() {
	m := mapping.OpenLDAP(mapping.Parameter("domain", "example.com"))
	o := adsync.Object{Kind: adsync.User}
	o.Attrs.Set("uid", "ada")
	o.Attrs.Set("givenName", "Ada")
	o.Attrs.Set("sn", "Lovelace")
	mapped, err := m.Map(o)
	fmt.Println(mapped.Attrs.Get("logon"), mapped.Attrs.Get("displayName"), err)
	// Output:
	// ada@example.com Ada Lovelace <nil>
}

// A target with tables of its own lacks some of the columns: the rules for
// them are left out.
func ExampleWithout() {
	m := mapping.ActiveDirectory(mapping.Parameter("domain", "example.com"),
		mapping.Without("displayName", "manager", "fax"))
	gives := m.Produces(adsync.User)
	fmt.Println(m.Validate(), slices.Contains(gives, "fax"), slices.Contains(gives, "phone"))
	// Output:
	// <nil> false true
}

// The names that a target has take the place of the canonical ones, so that a
// slip shows when the map is loaded.
func ExampleTarget() {
	_, err := mapping.Load([]byte(`
version: 1
source: [mail]
user:
  attributes:
    mailbox: mail
    phone: mail
`), mapping.Target(adsync.User, "mailbox"))
	fmt.Println(err)
	// Output:
	// mapping: line 7, column 5: user.phone: the target has no such attribute; if it has one, add the name to the map's target list
	//   7 |     phone: mail
	//     |     ^
}

func ExampleVocabulary() {
	fmt.Println(mapping.Vocabulary(adsync.OrganizationalUnit))
	// Output:
	// [externalId name displayName description distinguishedName active]
}

// A logon name for accounts without a userPrincipalName needs the domain.
func ExampleParameter() {
	o := adsync.Object{Kind: adsync.User}
	o.Attrs.Set("sAMAccountName", "ada")
	for _, domain := range []string{"", "example.com"} {
		mapped, err := mapping.ActiveDirectory(mapping.Parameter("domain", domain)).Map(o)
		fmt.Printf("%q %v\n", mapped.Attrs.Get("logon"), err)
	}
	// Output:
	// "" <nil>
	// "ada@example.com" <nil>
}
