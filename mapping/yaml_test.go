package mapping_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/mapping"
)

// small is a map in which each test puts its own fault or rule.
const small = `version: 1
source: [mail, givenName, sn, employeeType, objectClass, department]
parameters:
  domain: example.com
tables:
  departments: {R&D: Research}
user:
  attributes:
    email: mail
`

func TestFaultsShowLineColumnAndCaret(t *testing.T) {
	for _, c := range []struct {
		name, add string
		want      []string
	}{
		{"unknown key", "    phone: {form: mail}\n", []string{"line 10, column 13", `user.phone: unknown key "form"; did you mean "from"?`, "10 |     phone: {form: mail}", "\n     |             ^"}},
		{"unknown key at the top", "usre: {}\n", []string{"line 10, column 1", `did you mean "user"?`}},
		{"misspelt source attribute", "    firstName: givenNaem\n", []string{"line 10", `user.firstName: "givenNaem" is not in the source list; did you mean "givenName"?`}},
		{"source attribute that is not listed", "    firstName: telexNumber\n", []string{"line 10", `"telexNumber" is not in the source list; add it there`}},
		{"misspelt target attribute", "    fristName: givenName\n", []string{"line 10, column 5", `user.fristName: the target has no such attribute; did you mean "firstName"?`}},
		{"target attribute that is not known", "    badge: givenName\n", []string{"line 10", "add the name to the map's target list"}},
		{"misspelt name in an expression", "    firstName: {expr: trim(givenNaem)}\n", []string{"line 10", "unknown name givenNaem (1:6)", `did you mean "givenName"?`}},
		{"name in quotes that is not listed", `    firstName: {expr: 'value("givenNaem")'}` + "\n", []string{"line 10", `"givenNaem" is not in the source list; did you mean "givenName"?`}},
		{"name that is no literal", `    firstName: {expr: 'value(mail)'}` + "\n", []string{"in quotes"}},
		{"the environment itself", `    firstName: {expr: '$env["mail"]'}` + "\n", []string{"$env cannot be used"}},
		{"the clock", "    firstName: {expr: string(now())}\n", []string{"line 10", "now"}},
		{"wrong type", "    firstName: {expr: 1.5}\n", []string{"line 10", "gives float64"}},
		{"expression that does not parse", "    firstName: {expr: 'mail +'}\n", []string{"line 10", "(1:6)"}},
		{"nothing to take", "    firstName: {multi: first}\n", []string{"line 10", "where the value comes from"}},
		{"two things at once", "    firstName: {from: [{constant: a, expr: '1'}]}\n", []string{"exactly one of them"}},
		{"two rules", "    EMAIL: mail\n", []string{"line 10", "two rules for this attribute"}},
		{"the same key twice", "    email: mail\n", []string{"line 10", "email"}},
		{"unknown normaliser", "    firstName: {from: givenName, normalize: [uper]}\n", []string{`no normaliser "uper"; did you mean "upper"?`}},
		{"order of normalisers", "    aliases: {from: mail, normalize: [text, other-addresses]}\n", []string{"stands before those that take one"}},
		{"unknown table", "    department: {from: department, table: department}\n", []string{`no table "department"; did you mean "departments"?`}},
		{"unknown word", "    phone: {from: mail, multi: al}\n", []string{`"al" is none of error, first, all`}},
		{"an alias", "    phone: &x mail\n", []string{"line 10", "anchors, aliases and tags are not read"}},
		{"a tag", "    phone: !!str mail\n", []string{"line 10", "anchors, aliases and tags are not read"}},
		{"a list in a list", "    phone: [[mail]]\n", []string{"expected a single value"}},
		{"no kind", "  becomes: {kind: person}\n", []string{`"person" is no kind of object`}},
		{"a kind without rules", "  becomes: {kind: contact}\n", []string{"line 10", "there are no rules for kind contact"}},
		{"condition that is none", "  skip: lower(mail)\n", []string{"line 10", "user.skip", "expected bool"}},
		{"syntax", "    phone: [mail\n", []string{"line 10"}},
		{"example with a misspelt attribute", "    firstName: {from: givenName, examples: [{give: {givenNaem: x}}]}\n", []string{`gives "givenNaem"`, `did you mean "givenName"?`}},
		{"example with a misspelt parameter", "    firstName: {from: givenName, examples: [{with: {domian: x}}]}\n", []string{`parameter "domian"`, `did you mean "domain"?`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := mapping.Load([]byte(small + c.add))
			require.Error(t, err)
			for _, w := range c.want {
				require.ErrorContains(t, err, w)
			}
			f, ok := errors.AsType[*mapping.Fault](err)
			require.True(t, ok)
			require.Positive(t, f.Line)
		})
	}
}

func TestFaultsOfDeclaredNamesShowTheirPlace(t *testing.T) {
	_, err := mapping.Load([]byte(strings.Replace(small, "sn,", "s n,", 1)))
	require.ErrorContains(t, err, `line 2, column 27: source: "s n" is no attribute name`)
	_, err = mapping.Load([]byte(strings.Replace(small, "domain:", "mail:", 1)))
	require.ErrorContains(t, err, `line 4, column 3: parameters: "mail" is also an attribute`)
}

func TestAllFaultsAreReportedTogether(t *testing.T) {
	_, err := mapping.Load([]byte(small + "    fristName: givenNaem\n    phone: telex\n"))
	require.ErrorContains(t, err, "fristName")
	require.ErrorContains(t, err, "givenNaem")
	require.ErrorContains(t, err, "telex")
}

func TestExamplesThatFailShowLineRuleWantedAndGot(t *testing.T) {
	for _, c := range []struct {
		name, add string
		want      []string
	}{
		{"value", "      - {give: {givenName: ' ada '}, want: Ada}\n", []string{"line 13", "user.firstName", `wants "Ada" and got "ada"`, "13 | "}},
		{"absent", "      - {give: {givenName: Ada}, want: null}\n", []string{`wants nothing (absent) and got "Ada"`}},
		{"clear", "      - {give: {}, want: []}\n", []string{"wants [] (clear) and got nothing (absent)"}},
		{"several", "      - {give: {givenName: Ada}, want: [Ada, Mae]}\n", []string{`wants ["Ada", "Mae"] and got "Ada"`}},
		{"no error", "      - {give: {givenName: Ada}, error: several}\n", []string{`wants an error with "several" and got "Ada"`}},
		{"error", "      - {give: {givenName: [Ada, Mae]}, want: Ada}\n", []string{"gives an error", "2 values"}},
		{"another error", "      - {give: {givenName: [Ada, Mae]}, error: UTF-8}\n", []string{`wants an error with "UTF-8" and got the error`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := mapping.Load([]byte(small + "    firstName:\n      from: givenName\n      examples:\n" + c.add))
			require.Error(t, err)
			for _, w := range c.want {
				require.ErrorContains(t, err, w)
			}
		})
	}
}

func TestExamplesThatHoldLoad(t *testing.T) {
	_, err := mapping.Load([]byte(small + `    firstName:
      from: givenName
      examples:
      - {give: {givenName: 007}, want: 007}
      - {give: {givenName: true}, want: true}
      - {give: {givenName: null}, want: null}
      - {give: {givenName: []}, want: []}
      - {give: {givenName: [Ada, Mae]}, error: 2 values}
    logon:
      expr: sn + "@" + domain
      examples:
      - {give: {sn: ada}, want: ada@example.com}
      - {give: {sn: ada}, with: {domain: example.net}, want: ada@example.net}
`))
	require.NoError(t, err)
}

// A program's own parameter must not make the map's examples fail.
func TestExamplesUseTheMapsOwnParameters(t *testing.T) {
	text := []byte(small + "    logon: {expr: sn + \"@\" + domain, examples: [{give: {sn: ada}, want: ada@example.com}]}\n")
	m, err := mapping.Load(text, mapping.Parameter("domain", "example.net"))
	require.NoError(t, err)
	got, err := m.Map(object(adsync.User, "sn", "ada"))
	require.NoError(t, err)
	require.Equal(t, "ada@example.net", got.Attrs.Get("logon"))
}

const kinds = small + `  skip:
    - employeeType == "robot"
    - '"computer" in valuesOf("objectClass")'
  becomes:
    - {kind: contact, when: employeeType == "external"}
  container: {expr: '"OU=" + department', normalize: []}
contact:
  container: [department]
  attributes:
    email: mail
    active: {expr: 'kind == "contact" ? "true" : "false"'}
`

func TestSkipBecomesAndContainer(t *testing.T) {
	text := strings.Replace(kinds, `{expr: '"OU=" + department', normalize: []}`, `{expr: '"OU=" + department'}`, 1)
	m, err := mapping.Load([]byte(text))
	require.NoError(t, err)

	for _, o := range []adsync.Object{
		object(adsync.User, "employeeType", "robot"),
		object(adsync.User, "objectClass", "user", "objectClass", "computer"),
		object(adsync.Group, "cn", "a kind without rules"),
	} {
		_, err := m.Map(o)
		require.ErrorIs(t, err, adsync.ErrSkip)
	}

	user, err := m.Map(object(adsync.User, "mail", "ada@example.com", "department", "Research"))
	require.NoError(t, err)
	require.Equal(t, adsync.User, user.Kind)
	require.Equal(t, "OU=Research", user.Container)

	contact, err := m.Map(object(adsync.User, "mail", "bob@example.net", "employeeType", "external"))
	require.NoError(t, err)
	require.Equal(t, adsync.Contact, contact.Kind)
	require.Equal(t, "false", contact.Attrs.Get("active"), "kind is the one that was read")
	require.Equal(t, "OU=People,DC=example,DC=com", contact.Container, "without a value it stays")

	born, err := m.Map(object(adsync.Contact, "mail", "bob@example.net", "department", " Partners "))
	require.NoError(t, err)
	require.Equal(t, "true", born.Attrs.Get("active"))
	require.Equal(t, "Partners", born.Container)
}

func TestUnknownKeyBesideAContainerExpression(t *testing.T) {
	_, err := mapping.Load([]byte(kinds))
	require.ErrorContains(t, err, `user.container: unknown key "normalize"`)
}

func TestObjectExamples(t *testing.T) {
	base := strings.Replace(kinds, ", normalize: []", "", 1)
	_, err := mapping.Load([]byte(base + `  examples:
    - give: {mail: bob@example.net}
      kind: contact
      want: {email: bob@example.net, active: "true"}
    - give: {kind: user, employeeType: robot}
      skip: true
    - give: {kind: user, employeeType: external}
      kind: contact
      want: {email: null}
    - give: {mail: [a, b]}
      error: 2 values
`))
	require.NoError(t, err)
	for add, want := range map[string]string{
		"{give: {}, skip: true}":                    "wants skip: true and got false",
		"{give: {}, kind: user}":                    "wants kind user and got contact",
		"{give: {mail: a@b.cd}, want: {email: b}}":  `wants email to be "b" and got "a@b.cd"`,
		"{give: {mail: a@b.cd}, want: {emial: b}}":  `no rule sets "emial"; did you mean "email"?`,
		"{give: {kind: user, employeeType: robot}}": "wants skip: false and got true",
	} {
		_, err := mapping.Load([]byte(base + "  examples:\n    - " + add + "\n"))
		require.ErrorContains(t, err, want)
	}
}

func TestReferencesAndTheirBlank(t *testing.T) {
	text := strings.Replace(small, "sn,", "sn, boss,", 1) + "  references:\n    manager: {from: boss, blank: clear}\n"
	m, err := mapping.Load([]byte(text))
	require.NoError(t, err)
	require.Contains(t, m.Attributes(), "boss")
	o := object(adsync.User)
	got, err := m.Map(o)
	require.NoError(t, err)
	require.Equal(t, map[string][]adsync.Anchor{"manager": nil}, got.Refs)
	o.Refs = map[string][]adsync.Anchor{"BOSS": {"m-1"}}
	got, err = m.Map(o)
	require.NoError(t, err)
	require.Equal(t, map[string][]adsync.Anchor{"manager": {"m-1"}}, got.Refs)
}

func TestTargetVocabularyOfTheCaller(t *testing.T) {
	text := []byte(small + "    badge: sn\n")
	_, err := mapping.Load(text, mapping.Target(adsync.User, "Badge", "email"))
	require.NoError(t, err)
	_, err = mapping.Load(text, mapping.Target(adsync.User, "badge"))
	require.ErrorContains(t, err, "user.email: the target has no such attribute")
	own := strings.Replace(string(text), "source:", "target: [badge]\nsource:", 1)
	_, err = mapping.Load([]byte(own))
	require.NoError(t, err)
}

func TestMapsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "holds no map",
		"# nothing":                  "holds no map",
		"version: 1":                 "there are no rules",
		"version: 2\nuser: {}":       `version "2" is not known`,
		"user: {}":                   "write version: 1",
		"- version: 1":               "expected names with values",
		"just text":                  "expected names with values",
		"version: 1\n---\nuser: {}":  "several YAML documents",
		"\xff\xfe":                   "line 1",
		strings.Repeat("[", 100):     "nest deeper",
		strings.Repeat("- ", 1000):   "opens more than",
		strings.Repeat("a", 300_000): "300000 bytes",
	} {
		_, err := mapping.Load([]byte(text))
		require.ErrorContains(t, err, want, "%.40q", text)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(small)
	f.Add(kinds)
	f.Add(mapping.ActiveDirectoryYAML()[:3000])
	f.Add("version: 1\nuser: {attributes: {email: {from: [{expr: 'a'}]}}}\n")
	f.Add("? a\n: - b\n  - !!x &y *z\n<<: {a: |\n  b}\n")
	f.Fuzz(func(t *testing.T, text string) {
		begin := time.Now()
		m, err := mapping.Load([]byte(text))
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("loading took %v", time.Since(begin))
		}
		if err != nil {
			require.Nil(t, m)
			return
		}
		require.NotEmpty(t, m.Digest())
		_, _ = m.Map(ada())
	})
}
