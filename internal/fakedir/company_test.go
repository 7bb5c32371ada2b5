package fakedir_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/adsync/sdk/internal/fakedir"
)

func dump(t *testing.T, s *fakedir.Server) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, s.Dump(&b))
	return b.String()
}

func TestSameSeedAndDayGiveTheSameDirectory(t *testing.T) {
	walked := start(t, fakedir.Config{Seed: 7})
	for day := range 6 {
		fresh := start(t, fakedir.Config{Seed: 7, Days: day})
		require.Equal(t, day, walked.Day())
		require.True(t, dump(t, fresh) == dump(t, walked), "day %d differs", day)
		walked.Advance()
	}
	require.False(t, dump(t, start(t, fakedir.Config{Seed: 7})) == dump(t, start(t, fakedir.Config{Seed: 8})))
}

// TestDirectoryIsTheOneOfOldTimes fails when the made-up company changes: tests
// elsewhere count on its people. Change the sum together with them.
func TestDirectoryIsTheOneOfOldTimes(t *testing.T) {
	sum := sha256.Sum256([]byte(dump(t, start(t, fakedir.Config{Days: 3}))))
	require.Equal(t, "e4484d00ec57de63", fmt.Sprintf("%x", sum[:8]))
}

// people reads every person with every attribute, by employeeID, which nothing
// changes.
func people(t *testing.T, s *fakedir.Server) map[string]*ldap.Entry {
	t.Helper()
	r, err := bound(t, s).SearchWithPaging(request(s.BaseDN(), "(employeeID=*)"), 500)
	require.NoError(t, err)
	out := map[string]*ldap.Entry{}
	for _, e := range r.Entries {
		out[e.GetAttributeValue("employeeID")] = e
	}
	return out
}

func TestEveryAwkwardKindOccursAmong200(t *testing.T) {
	s := start(t, fakedir.Config{})
	all := people(t, s)
	require.Len(t, all, 200)
	mails := map[string]int{}
	for _, e := range all {
		mails[e.GetAttributeValue("mail")]++
	}
	lacks := func(name string) func(*ldap.Entry) bool {
		return func(e *ldap.Entry) bool { return len(e.GetAttributeValues(name)) == 0 }
	}
	shown := func(f func(string) bool) func(*ldap.Entry) bool {
		return func(e *ldap.Entry) bool { return f(e.GetAttributeValue("givenName") + e.GetAttributeValue("sn")) }
	}
	for kind, is := range map[string]func(*ldap.Entry) bool{
		"no mail":        lacks("mail"),
		"no sn":          lacks("sn"),
		"no givenName":   lacks("givenName"),
		"no UPN":         lacks("userPrincipalName"),
		"no displayName": lacks("displayName"),
		"duplicate mail": func(e *ldap.Entry) bool { m := e.GetAttributeValue("mail"); return m != "" && mails[m] > 1 },
		"mail in capitals": func(e *ldap.Entry) bool {
			m := e.GetAttributeValue("mail")
			return m != "" && m == strings.ToUpper(m) && mails[strings.ToLower(m)] > 0
		},
		"invalid mail": func(e *ldap.Entry) bool {
			m := e.GetAttributeValue("mail")
			return m != "" && !strings.Contains(m, "@")
		},
		"overlong": func(e *ldap.Entry) bool { return len(e.GetAttributeValue("displayName")) == 256 },
		"control character": func(e *ldap.Entry) bool {
			return strings.ContainsFunc(e.GetAttributeValue("description"), unicode.IsControl)
		},
		"odd phone":   func(e *ldap.Entry) bool { return e.GetAttributeValue("telephoneNumber") == "call me" },
		"line break":  func(e *ldap.Entry) bool { return strings.Contains(e.GetAttributeValue("streetAddress"), "\r\n") },
		"precomposed": shown(func(n string) bool { return !isASCII(n) && norm.NFC.IsNormalString(n) && !norm.NFD.IsNormalString(n) }),
		"decomposed":  shown(func(n string) bool { return !norm.NFC.IsNormalString(n) }),
		"right to left": shown(func(n string) bool {
			return strings.ContainsFunc(n, func(r rune) bool { return unicode.Is(unicode.Hebrew, r) })
		}),
		"directional marks":     shown(func(n string) bool { return strings.ContainsRune(n, '\u202b') }),
		"outside the BMP":       shown(func(n string) bool { return strings.ContainsFunc(n, func(r rune) bool { return r > 0xffff }) }),
		"comma in CN":           func(e *ldap.Entry) bool { return strings.Contains(e.DN, `\,`) },
		"special in CN":         func(e *ldap.Entry) bool { return strings.ContainsAny(e.GetAttributeValue("cn"), `"+;\<>=/`) },
		"disabled":              func(e *ldap.Entry) bool { return e.GetAttributeValue("userAccountControl") == "514" },
		"expired":               func(e *ldap.Entry) bool { return e.GetAttributeValue("accountExpires") == "132223104000000000" },
		"never, said by 0":      func(e *ldap.Entry) bool { return e.GetAttributeValue("accountExpires") == "0" },
		"never, said by 2^63-1": func(e *ldap.Entry) bool { return e.GetAttributeValue("accountExpires") == "9223372036854775807" },
		"out of scope":          func(e *ldap.Entry) bool { return strings.Contains(e.DN, "OU=Out of Scope,") },
		"former staff":          func(e *ldap.Entry) bool { return strings.Contains(e.DN, "OU=Former Staff,") },
		"unit with comma":       func(e *ldap.Entry) bool { return strings.Contains(e.DN, `OU=R&D\, Labs,`) },
		"no manager":            lacks("manager"),
	} {
		n := 0
		for _, e := range all {
			if is(e) {
				n++
			}
		}
		require.NotZero(t, n, kind)
		if !slices.Contains([]string{"never, said by 0", "never, said by 2^63-1", "line break"}, kind) {
			require.Less(t, n, 40, "%s is not the rule", kind)
		}
	}
}

func isASCII(s string) bool { return len(s) == utf8.RuneCountInString(s) }

func TestNobodyIsReal(t *testing.T) {
	s := start(t, fakedir.Config{Days: 10})
	for id, e := range people(t, s) {
		for _, a := range []string{"mail", "userPrincipalName", "proxyAddresses"} {
			for _, v := range e.GetAttributeValues(a) {
				if strings.Contains(v, "@") {
					require.True(t, strings.HasSuffix(strings.ToLower(v), "@corp.example.com"), "%s: %s", id, v)
				}
			}
		}
	}
	for _, e := range search(t, bound(t, s), s.BaseDN(), "(objectClass=contact)", "mail") {
		if m := e.GetAttributeValue("mail"); m != "" {
			require.True(t, strings.HasSuffix(m, "@partner.example.net"), m)
		}
	}
}

func TestUniqueAttributesAreUnique(t *testing.T) {
	s := start(t, fakedir.Config{People: 1000, Days: 5})
	all := people(t, s)
	for _, attr := range []string{"sAMAccountName", "objectGUID", "objectSid", "userPrincipalName", "proxyAddresses", "cn"} {
		seen := map[string]string{}
		for id, e := range all {
			for _, v := range e.GetAttributeValues(attr) {
				if !strings.HasPrefix(attr, "object") { // not bytes
					v = strings.ToLower(v)
				}
				other, twice := seen[v]
				require.False(t, twice, "%s %q of %s and %s", attr, v, id, other)
				seen[v] = id
			}
			require.LessOrEqual(t, len(e.GetAttributeValue("sAMAccountName")), 20)
		}
	}
}

// change is how a person differs from the day before.
type change struct{ disabled, renamed, moved, titled, mailed bool }

func compare(before, after *ldap.Entry) change {
	differs := func(name string) bool { return before.GetAttributeValue(name) != after.GetAttributeValue(name) }
	_, unitBefore, _ := strings.Cut(before.DN, ",OU=")
	_, unitAfter, _ := strings.Cut(after.DN, ",OU=")
	return change{
		disabled: differs("userAccountControl"), renamed: differs("sn"), titled: differs("title"),
		mailed: differs("mail") && !differs("sn"), moved: unitBefore != unitAfter && !differs("userAccountControl"),
	}
}

// projects lists the project groups somebody is in.
func projects(e *ldap.Entry) []string {
	list := slices.DeleteFunc(e.GetAttributeValues("memberOf"), func(dn string) bool { return !strings.HasPrefix(dn, "CN=Project ") })
	slices.Sort(list)
	return list
}

func tally(before, after map[string]*ldap.Entry) map[string]int {
	n := map[string]int{}
	for id := range before {
		if after[id] == nil {
			n["left"]++
			continue
		}
		c := compare(before[id], after[id])
		if !slices.Equal(projects(before[id]), projects(after[id])) {
			n["regrouped"]++
		}
		for what, is := range map[string]bool{
			"disabled": c.disabled, "renamed": c.renamed, "moved": c.moved, "titled": c.titled, "mailed": c.mailed,
		} {
			if is {
				n[what]++
			}
		}
	}
	for id := range after {
		if before[id] == nil {
			n["joined"]++
		}
	}
	return n
}

func TestEveryDayChangesALittleOfEverything(t *testing.T) {
	for _, c := range []struct {
		people, days int
		most         float64 // one of each kind is 4.5 % of 200
	}{{200, 10, 0.05}, {2000, 2, 0.03}} {
		s := start(t, fakedir.Config{People: c.people})
		before := people(t, s)
		for range c.days {
			s.Advance()
			after := people(t, s)
			n := tally(before, after)
			total := 0
			for _, what := range []string{"joined", "left", "disabled", "renamed", "moved", "titled", "mailed", "regrouped"} {
				require.NotZero(t, n[what], "%s on day %d: %v", what, s.Day(), n)
				total += n[what]
			}
			require.LessOrEqual(t, float64(total), c.most*float64(len(before)), "day %d: %v", s.Day(), n)
			require.LessOrEqual(t, float64(n["left"]+n["disabled"]), 0.02*float64(len(before)))
			before = after
		}
	}
}

func TestEveryDayTwoPeopleSwapAddresses(t *testing.T) {
	s := start(t, fakedir.Config{})
	before := people(t, s)
	for range 10 {
		s.Advance()
		after := people(t, s)
		require.NotEmpty(t, swaps(before, after), "day %d", s.Day())
		before = after
	}
}

func swaps(before, after map[string]*ldap.Entry) []string {
	was := map[string]string{}
	for id, e := range before {
		was[e.GetAttributeValue("mail")] = id
	}
	var out []string
	for _, id := range slices.Sorted(maps.Keys(after)) {
		other := was[after[id].GetAttributeValue("mail")]
		if before[id] == nil || other == "" || other == id || after[other] == nil {
			continue
		}
		if after[other].GetAttributeValue("mail") == before[id].GetAttributeValue("mail") && before[id].GetAttributeValue("mail") != "" {
			out = append(out, id+" and "+other)
		}
	}
	return out
}

func TestIdentifiersOutliveChangesAndDays(t *testing.T) {
	s := start(t, fakedir.Config{})
	before := people(t, s)
	for range 10 {
		s.Advance()
	}
	for id, e := range people(t, s) {
		if old := before[id]; old != nil {
			require.Equal(t, old.GetRawAttributeValue("objectGUID"), e.GetRawAttributeValue("objectGUID"))
			require.Equal(t, old.GetRawAttributeValue("objectSid"), e.GetRawAttributeValue("objectSid"))
		}
	}
}

func TestChangeNumberRisesForWhatChangedOnly(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	usn := read(t, c, "", "highestCommittedUSN").GetAttributeValue("highestCommittedUSN")
	before := people(t, s)
	s.Advance()
	changed := search(t, c, s.BaseDN(), "(&(employeeID=*)(uSNChanged>="+usn+")(!(uSNChanged="+usn+")))", "employeeID", "whenChanged")
	for id, e := range people(t, s) {
		i := slices.IndexFunc(changed, func(x *ldap.Entry) bool { return x.GetAttributeValue("employeeID") == id })
		require.Equal(t, before[id] == nil || compare(before[id], e) != change{}, i >= 0, id)
		if i >= 0 {
			require.Equal(t, "20260106080000.0Z", changed[i].GetAttributeValue("whenChanged"))
		}
	}
}

func TestGroupsNestAndFormACycle(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	group := func(name string) []string {
		return search(t, c, s.BaseDN(), "(&(objectClass=group)(cn="+name+"))", "member")[0].GetAttributeValues("member")
	}
	in := func(name string) string { return "CN=" + name + ",OU=Groups,OU=Company," + s.BaseDN() }
	require.ElementsMatch(t, []string{in(`Technical\, all`), in("Business")}, group("Everyone at Company"))
	require.Equal(t, []string{in("Cycle B")}, group("Cycle A"))
	require.Equal(t, []string{in("Cycle A")}, group("Cycle B"))
	require.Empty(t, group("Empty group"))
	require.Len(t, group("Big flat group"), 200)
	require.NotEmpty(t, group("Project Apollo"))
}

func TestLinksFollowARename(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	boss := search(t, c, s.BaseDN(), "(employeeID=E000001)")[0].DN
	renamed := "CN=Someone Else,OU=Service Accounts," + s.BaseDN()
	require.NoError(t, s.Change(func(d *fakedir.Changes) error { return d.Move(boss, renamed) }))
	e := search(t, c, s.BaseDN(), "(employeeID=E000009)", "manager")[0]
	require.Equal(t, renamed, e.GetAttributeValue("manager"))
	require.NoError(t, s.Change(func(d *fakedir.Changes) error { return d.Remove(renamed) }))
	e = search(t, c, s.BaseDN(), "(employeeID=E000009)", "manager")[0]
	require.Empty(t, e.GetAttributeValue("manager"))
	for _, member := range search(t, c, s.BaseDN(), "(cn=Big flat group)", "member")[0].GetAttributeValues("member") {
		require.NotEqual(t, renamed, member)
	}
}

func TestRenamedUnitRenamesWhatLiesBelow(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	sales, trade := "OU=Sales,"+s.PeopleDN(), "OU=Trade,"+s.PeopleDN()
	before := search(t, c, sales, "(objectClass=user)", "cn")
	require.NoError(t, s.Change(func(d *fakedir.Changes) error { return d.Move(sales, trade) }))
	after := search(t, c, trade, "(objectClass=user)", "cn")
	require.Len(t, after, len(before))
	for _, e := range after {
		require.True(t, strings.HasSuffix(e.DN, trade))
		require.Equal(t, e.DN, read(t, c, e.DN, "cn").DN)
	}
	_, err := c.Search(request(sales, "(objectClass=*)"))
	refused(t, err, ldap.LDAPResultNoSuchObject)
}

func TestChangesByHand(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	dn := `CN=New\, Person,` + s.PeopleDN()
	group := "CN=Empty group,OU=Groups,OU=Company," + s.BaseDN()
	require.NoError(t, s.Change(func(d *fakedir.Changes) error {
		if err := d.Add(dn, "user", map[string][]string{"mail": {"new@corp.example.com"}, "sn": {"Person"}}); err != nil {
			return err
		}
		return d.Link(group, "member", dn)
	}))
	e := read(t, c, dn)
	require.Equal(t, "New, Person", e.GetAttributeValue("cn"))
	require.Equal(t, "512", e.GetAttributeValue("userAccountControl"))
	require.Equal(t, []string{group}, e.GetAttributeValues("memberOf"))
	require.NoError(t, s.Change(func(d *fakedir.Changes) error {
		if err := d.Set(dn, "mail"); err != nil {
			return err
		}
		return d.Unlink(group, "member", dn)
	}))
	e = read(t, c, dn)
	require.Empty(t, e.GetAttributeValue("mail"))
	require.Empty(t, e.GetAttributeValues("memberOf"))
	for name, wrong := range map[string]func(*fakedir.Changes) error{
		"no such object":    func(d *fakedir.Changes) error { return d.Remove("CN=x," + s.BaseDN()) },
		"no such attribute": func(d *fakedir.Changes) error { return d.Set(dn, "nonsense", "1") },
		"computed":          func(d *fakedir.Changes) error { return d.Set(dn, "objectGUID", "1") },
		"taken name":        func(d *fakedir.Changes) error { return d.Add(dn, "user", nil) },
		"taken by a move":   func(d *fakedir.Changes) error { return d.Move(dn, s.BindDN()) },
		"no parent":         func(d *fakedir.Changes) error { return d.Add("CN=x,OU=Nowhere,"+s.BaseDN(), "user", nil) },
		"no such class":     func(d *fakedir.Changes) error { return d.Add("CN=x,"+s.PeopleDN(), "printer", nil) },
		"no such member":    func(d *fakedir.Changes) error { return d.Link(group, "member", "CN=x,"+s.BaseDN()) },
	} {
		require.Error(t, s.Change(wrong), name)
	}
}
