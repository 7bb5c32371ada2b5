package mapping_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/mapping"
)

const digested = `version: 1
source: [mail, otherMail, sn, manager]
parameters: {domain: example.com}
tables:
  t: {a: b}
user:
  skip: [sn == "x"]
  becomes: [{kind: contact, when: sn == "y"}]
  container: {expr: sn}
  references: {manager: manager}
  attributes:
    email: {from: [mail, otherMail], multi: first, normalize: [email], default: a@example.com, blank: clear}
    lastName: {expr: 'trim(sn) + "!"', table: t, off-table: keep}
contact:
  attributes:
    email: mail
`

func digestOf(t *testing.T, text string, options ...mapping.Option) string {
	t.Helper()
	m, err := mapping.Load([]byte(text), options...)
	require.NoError(t, err)
	return m.Digest()
}

func TestDigestDoesNotChangeWithWhatRulesDoNotMean(t *testing.T) {
	want := digestOf(t, digested)
	for name, change := range map[string][2]string{
		"comment":                      {"version: 1", "# a comment\nversion: 1"},
		"white space":                  {"[mail, otherMail, sn, manager]", "[ mail,   otherMail, sn, manager ]"},
		"white space in an expression": {`'trim(sn) + "!"'`, `'  trim( sn )+"!"  '`},
		"comment in an expression":     {`'trim(sn) + "!"'`, `'trim(sn) /* why */ + "!"'`},
		"quotes":                       {`'trim(sn) + "!"'`, "trim(sn) + '!'"},
		"case of a source name":        {"from: [mail,", "from: [MAIL,"},
		"long form":                    {"email: mail\n", "email: {from: [mail], normalize: [text]}\n"},
		"a source name more":           {"sn, manager]", "sn, manager, department]"},
		"an example":                   {"default: a@example.com", "default: a@example.com, examples: [{give: {mail: b@example.com}, want: b@example.com}]"},
		"order of rules":               {"    email: mail\n", "    email: mail\n    lastName: sn\n"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(digested, change[0], change[1], 1)
			require.NotEqual(t, digested, changed)
			if name == "order of rules" {
				swapped := strings.Replace(digested, "    email: mail\n", "    lastName: sn\n    email: mail\n", 1)
				require.Equal(t, digestOf(t, swapped), digestOf(t, changed))
				return
			}
			require.Equal(t, want, digestOf(t, changed))
		})
	}
}

func TestDigestChangesWithTheRules(t *testing.T) {
	seen := map[string]string{digestOf(t, digested): "unchanged"}
	note := func(name, digest string) {
		require.Empty(t, seen[digest], name)
		seen[digest] = name
	}
	for name, change := range map[string][2]string{
		"order of from": {"[mail, otherMail],", "[otherMail, mail],"}, "multi": {"multi: first", "multi: all"},
		"normaliser": {"[email]", "[email, lower]"}, "default": {"a@example.com", "b@example.com"}, "blank": {"blank: clear", "blank: as-read"},
		"expression": {`"!"`, `"?"`}, "table": {"t: {a: b}", "t: {a: c}"}, "no table": {"table: t, ", ""}, "off-table": {"off-table: keep", "off-table: drop"},
		"skip": {`sn == "x"`, `sn == "z"`}, "becomes": {`sn == "y"`, `sn == "z"`}, "container": {"container: {expr: sn}", "container: {expr: sn + sn}"},
		"no container": {"container: {expr: sn}", "container: []"}, "reference": {"{manager: manager}", "{manager: sn}"},
		"no reference": {"references: {manager: manager}", "references: {}"}, "reference blank": {"{manager: manager}", "{manager: {from: manager, blank: clear}}"},
		"target": {"lastName:", "firstName:"}, "constant": {"email: mail\n", "email: {constant: mail}\n"}, "parameter": {"domain: example.com", "domain: example.net"},
		"kind": {"contact:\n", "group:\n"},
	} {
		changed := strings.Replace(digested, change[0], change[1], 1)
		if name == "kind" {
			changed = strings.Replace(changed, "kind: contact", "kind: group", 1)
		}
		require.NotEqual(t, digested, changed, name)
		note(name, digestOf(t, changed))
	}
	note("parameter given", digestOf(t, digested, mapping.Parameter("domain", "example.org")))
	note("without", digestOf(t, digested, mapping.Without("lastName")))
	versioned := func(v string) string {
		n := mapping.Normalizer{Name: "own", Version: v, Value: func(s string) (string, error) { return s, nil }}
		return digestOf(t, strings.Replace(digested, "[email]", "[own]", 1), mapping.With(n))
	}
	note("own normaliser", versioned("1"))
	note("its version", versioned("2"))
}

// The digest of a map that is stored with a cursor must not change by itself.
func TestDigestIsTheSameInEveryProcess(t *testing.T) {
	for range 20 {
		require.Equal(t, digestOf(t, digested), digestOf(t, digested))
	}
	require.Equal(t, "mapping-1-", digestOf(t, digested)[:10])
}

func TestRulesInGoAreTheSameRules(t *testing.T) {
	inGo := mapping.Rules{
		Source:     []string{"mail", "sn", "employeeType"},
		Parameters: map[string]string{"domain": "example.com"},
		Kinds: map[adsync.Kind]*mapping.KindRules{adsync.User: {
			Skip: []mapping.Condition{{When: `employeeType == "robot"`}},
			Attributes: []mapping.Rule{
				{To: mapping.Email, From: mapping.Copy("mail"), Normalize: []string{"email"}},
				{To: mapping.Logon, From: mapping.Expr(`sn + "@" + domain`)},
				{To: mapping.Company, From: mapping.Constant("Example")},
			},
		}},
	}
	m, err := mapping.New(inGo)
	require.NoError(t, err)
	require.Equal(t, digestOf(t, `version: 1
source: [mail, sn, employeeType]
parameters: {domain: example.com}
user:
  skip: employeeType == "robot"
  attributes:
    email: {from: mail, normalize: email}
    logon: {expr: sn + "@" + domain}
    company: {constant: Example}
`), m.Digest())
}

func TestFaultsOfRulesInGoNameTheRule(t *testing.T) {
	_, err := mapping.New(rulesOf(mapping.Rule{To: "email", From: mapping.Copy("mial")}, mapping.Rule{To: "phone", From: []mapping.Value{{}}}))
	require.ErrorContains(t, err, `mapping: user.email: "mial" is not in the source list; did you mean "mail"?`)
	require.ErrorContains(t, err, "mapping: user.phone: a value is an attribute, an expression or a constant")
	require.NotContains(t, err.Error(), "line")
	for _, n := range []mapping.Normalizer{{Name: "text", Value: func(s string) (string, error) { return s, nil }}, {Name: "none"}} {
		_, err = mapping.New(rulesOf(mapping.Rule{To: "email", From: mapping.Copy("mail")}), mapping.With(n))
		require.ErrorContains(t, err, "normaliser")
	}
	_, err = mapping.New(mapping.Rules{Source: []string{"Kind", "a b"}, Parameters: map[string]string{"anchor": "", "x y": ""}})
	for _, want := range []string{`"Kind" is always there`, `"a b" is no attribute name`, `"anchor" is also an attribute`, `"x y" is no word`} {
		require.ErrorContains(t, err, want)
	}
}

func TestReadyRulesCanBeChanged(t *testing.T) {
	rules, err := mapping.Parse([]byte(mapping.ActiveDirectoryYAML()))
	require.NoError(t, err)
	rules.Kinds[adsync.User].Set(mapping.Rule{To: mapping.EmployeeID, From: mapping.Copy("employeeID")})
	rules.Kinds[adsync.User].Set(mapping.Rule{To: mapping.Title, From: mapping.Constant("-")})
	rules.Kinds[adsync.User].Remove(mapping.Fax)
	m, err := mapping.New(rules)
	require.NoError(t, err)
	o := ada()
	o.Attrs.Set("employeeID", "42")
	got, err := m.Map(o)
	require.NoError(t, err)
	require.Equal(t, "42", got.Attrs.Get("employeeId"))
	require.Equal(t, "-", got.Attrs.Get("title"))
	require.False(t, got.Attrs.Has("fax"))
	require.NotEqual(t, mapping.ActiveDirectory().Digest(), m.Digest())
}

func TestSeveralSourcesMayUseOneMapper(t *testing.T) {
	m := mapping.ActiveDirectory(mapping.Parameter("domain", "example.com"))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			sam := fmt.Sprintf("user%d", i)
			for range 200 {
				got, err := m.Map(object(adsync.User, "sAMAccountName", sam, "givenName", sam))
				if err != nil || got.Attrs.Get("logon") != sam+"@example.com" || got.Attrs.Get("displayName") != sam {
					t.Errorf("%s became %v, %v", sam, got, err)
					return
				}
			}
		})
	}
	wait.Wait()
}

// 12 without the race detector, which adds some.
func TestOneMapCallIsCheap(t *testing.T) {
	m, o := mapping.ActiveDirectory(), ada()
	allocs := testing.AllocsPerRun(100, func() { _, _ = m.Map(o) })
	require.LessOrEqual(t, allocs, 20.0)
}

func BenchmarkActiveDirectoryPerson(b *testing.B) {
	m, o := mapping.ActiveDirectory(), ada()
	o.Refs = map[string][]adsync.Anchor{"manager": {"m-1"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Map(o); err != nil {
			b.Fatal(err)
		}
	}
}

// A person whose display and logon names are made by expressions.
func BenchmarkActiveDirectoryPersonWithExpressions(b *testing.B) {
	m, o := mapping.ActiveDirectory(mapping.Parameter("domain", "example.com")), ada()
	o.Attrs.Delete("displayName")
	o.Attrs.Delete("userPrincipalName")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Map(o); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAMapThatIsNotThereIsAFaultAndNoPanic(t *testing.T) {
	var none *mapping.Mapper
	require.ErrorContains(t, none.Validate(), "make it with New, Load or a ready map")
	require.Error(t, (&mapping.Mapper{}).Validate())
	require.Empty(t, none.Produces(adsync.User))
	require.Empty(t, (&mapping.Mapper{}).Produces(adsync.User))
}

func TestRulesForNoKindAreAFault(t *testing.T) {
	_, err := mapping.New(mapping.Rules{Source: []string{"mail"}})
	require.ErrorContains(t, err, "there are no rules")
}
