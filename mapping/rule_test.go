package mapping_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/mapping"
)

// oneRule gives a map with a single rule for users.
func oneRule(t *testing.T, r mapping.Rule) *mapping.Mapper {
	t.Helper()
	m, err := mapping.New(rulesOf(r))
	require.NoError(t, err)
	return m
}

func rulesOf(r ...mapping.Rule) mapping.Rules {
	return mapping.Rules{
		Source:     []string{"mail", "otherMail", "department", "ms-DS-ConsistencyGuid", "photo", "objectClass"},
		Parameters: map[string]string{"domain": "example.com"},
		Tables:     map[string]map[string]string{"departments": {"R&D": "Research", " sales ": "Sales"}},
		Kinds:      map[adsync.Kind]*mapping.KindRules{adsync.User: {Attributes: r}},
	}
}

func TestBlankSaysNothingUnlessTheRuleOrTheSourceSaysSo(t *testing.T) {
	absent, empty, white := object(adsync.User), object(adsync.User), object(adsync.User, "mail", "  ")
	empty.Attrs.Set("mail")
	for _, c := range []struct {
		name    string
		rule    mapping.Rule
		give    adsync.Object
		present bool
		want    string
	}{
		{"absent is absent", mapping.Rule{From: mapping.Copy("mail")}, absent, false, ""},
		{"absent with clear", mapping.Rule{From: mapping.Copy("mail"), Blank: mapping.Clear}, absent, true, ""},
		{"proved blank", mapping.Rule{From: mapping.Copy("mail")}, empty, true, ""},
		{"only white space", mapping.Rule{From: mapping.Copy("mail")}, white, true, ""},
		{"one of two proved blank", mapping.Rule{From: mapping.Copy("mail", "otherMail")}, empty, false, ""},
		{"expression without a value", mapping.Rule{From: mapping.Expr("mail")}, empty, false, ""},
		{"expression with clear", mapping.Rule{From: mapping.Expr("mail"), Blank: mapping.Clear}, absent, true, ""},
		{"default", mapping.Rule{From: mapping.Copy("mail"), Default: "none@example.com"}, absent, true, "none@example.com"},
		{"default before clear", mapping.Rule{From: mapping.Copy("mail"), Default: "none@example.com", Blank: mapping.Clear}, empty, true, "none@example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rule.To = "email"
			got, err := oneRule(t, c.rule).Map(c.give)
			require.NoError(t, err)
			require.Equal(t, c.present, got.Attrs.Has("email"))
			require.Equal(t, c.want, got.Attrs.Get("email"))
			if c.want == "" {
				require.Empty(t, got.Attrs.Values("email"))
			}
		})
	}
}

func TestSeveralValuesAreJudgedByTheRule(t *testing.T) {
	two := object(adsync.User, "mail", "b@example.com", "mail", "a@example.com", "mail", " b@example.com")
	one := object(adsync.User, "mail", "a@example.com", "mail", " ")
	for _, c := range []struct {
		name  string
		rule  mapping.Rule
		give  adsync.Object
		want  []string
		fails bool
	}{
		{"one expected", mapping.Rule{From: mapping.Copy("mail")}, two, nil, true},
		{"blank values do not count", mapping.Rule{From: mapping.Copy("mail")}, one, []string{"a@example.com"}, false},
		{"first", mapping.Rule{From: mapping.Copy("mail"), Multi: mapping.First}, two, []string{"b@example.com"}, false},
		{"all, sorted, once", mapping.Rule{From: mapping.Copy("mail"), Multi: mapping.All}, two, []string{"a@example.com", "b@example.com"}, false},
		{"expression expects one", mapping.Rule{From: mapping.Expr("lower(mail)")}, two, nil, true},
		{"expression takes the first", mapping.Rule{From: mapping.Expr("upper(mail)"), Multi: mapping.First}, two, []string{"B@EXAMPLE.COM"}, false},
		{"expression over all", mapping.Rule{From: mapping.Expr(`map(valuesOf("mail"), upper(#))`), Multi: mapping.All}, two, []string{"A@EXAMPLE.COM", "B@EXAMPLE.COM"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rule.To = "aliases"
			got, err := oneRule(t, c.rule).Map(c.give)
			if c.fails {
				e, ok := errors.AsType[*adsync.Error](err)
				require.True(t, ok, "%v", err)
				require.Equal(t, adsync.CodeInvalid, e.Code)
				require.Equal(t, string(adsync.IssueMapping), e.Problem)
				require.Equal(t, "aliases", e.Attr)
				require.NotContains(t, err.Error(), "b@example.com", "errors hold no values")
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got.Attrs.Values("aliases"))
		})
	}
}

// P20: text that is no UTF-8.
func TestValuesThatAreNoTextAreErrorsOfTheObject(t *testing.T) {
	bad := object(adsync.User, "mail", "Andr\xe9")
	for name, r := range map[string]mapping.Rule{
		"text":       {From: mapping.Copy("mail")},
		"lines":      {From: mapping.Copy("mail"), Normalize: []string{"lines"}},
		"nothing":    {From: mapping.Copy("mail"), Normalize: []string{}},
		"expression": {From: mapping.Expr("lower(mail)")},
		"all":        {From: mapping.Expr(`valuesOf("mail")`)},
	} {
		t.Run(name, func(t *testing.T) {
			r.To = "email"
			_, err := oneRule(t, r).Map(bad)
			e, ok := errors.AsType[*adsync.Error](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, "email", e.Attr)
			require.Equal(t, string(adsync.IssueValueInvalid), e.Problem)
			require.ErrorContains(t, err, "no UTF-8 text")
		})
	}
	raw, err := oneRule(t, mapping.Rule{To: "email", From: mapping.Copy("photo"), Normalize: []string{"raw"}}).Map(object(adsync.User, "photo", "\x00\xff "))
	require.NoError(t, err)
	require.Equal(t, "\x00\xff ", raw.Attrs.Get("email"))
}

func TestConditionsOnValuesThatAreNoTextAreErrorsOfTheObject(t *testing.T) {
	for _, condition := range []string{`lower(mail) == "a"`, `"a" in valuesOf("mail")`} {
		rules := rulesOf(mapping.Rule{To: "phone", From: mapping.Constant("1")})
		rules.Kinds[adsync.User].Skip = []mapping.Condition{{When: condition}}
		m, err := mapping.New(rules)
		require.NoError(t, err)
		_, err = m.Map(object(adsync.User, "mail", "\xe9"))
		require.ErrorContains(t, err, "skip: mail")
		require.ErrorContains(t, err, "no UTF-8 text")
		require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err))
	}
}

func TestInvalidAddressNamesTheAttributeAndNotTheValue(t *testing.T) {
	o := ada()
	o.Attrs.Set("primaryMail", "ada lovelace at example")
	_, err := mapping.ActiveDirectory().Map(o)
	e, ok := errors.AsType[*adsync.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, adsync.CodeInvalid, e.Code)
	require.Equal(t, "value-invalid", e.Problem)
	require.Equal(t, "email", e.Attr)
	require.ErrorContains(t, err, "primaryMail")
	require.NotContains(t, err.Error(), "lovelace")
}

func TestLookupTables(t *testing.T) {
	for _, c := range []struct {
		name  string
		off   mapping.OffTable
		give  string
		want  []string
		fails bool
	}{
		{"without case", mapping.Refuse, "r&d", []string{"Research"}, false},
		{"keys are normalised too", mapping.Refuse, "SALES", []string{"Sales"}, false},
		{"not in the table", mapping.Refuse, "Legal", nil, true},
		{"kept", mapping.Keep, "Legal", []string{"Legal"}, false},
		{"dropped", mapping.Drop, "Legal", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := oneRule(t, mapping.Rule{To: "department", From: mapping.Copy("department"), Table: "departments", OffTable: c.off})
			got, err := m.Map(object(adsync.User, "department", c.give))
			require.Equal(t, c.fails, err != nil)
			require.Equal(t, c.want, got.Attrs.Values("department"))
		})
	}
	m := oneRule(t, mapping.Rule{To: "department", From: mapping.Expr(`lookup("departments", department) + "!"`)})
	got, err := m.Map(object(adsync.User, "department", "R&D"))
	require.NoError(t, err)
	require.Equal(t, "Research!", got.Attrs.Get("department"))
}

func TestAttributesWhoseNamesAreNoWords(t *testing.T) {
	m := oneRule(t, mapping.Rule{To: "email", From: mapping.Expr(`present("ms-ds-consistencyguid") ? value("ms-DS-ConsistencyGuid") : "none"`)})
	got, err := m.Map(object(adsync.User, "MS-DS-CONSISTENCYGUID", "x"))
	require.NoError(t, err)
	require.Equal(t, "x", got.Attrs.Get("email"))
	require.Equal(t, []string{"ms-DS-ConsistencyGuid"}, m.Attributes())
}

func TestExpressionErrorsNameThePlaceAndNotTheValue(t *testing.T) {
	m := oneRule(t, mapping.Rule{To: "email", From: mapping.Expr(`string(int(mail))`)})
	_, err := m.Map(object(adsync.User, "mail", "secret"))
	require.ErrorContains(t, err, "fails at 1:8")
	require.NotContains(t, err.Error(), "secret")
}

func TestResultsDoNotChangeWhenTheMapperIsUsedAgain(t *testing.T) {
	m := oneRule(t, mapping.Rule{To: "email", From: mapping.Copy("anchor"), Normalize: []string{}})
	a := object(adsync.User)
	first, err := m.Map(a)
	require.NoError(t, err)
	b := a
	b.Anchor = "other"
	_, err = m.Map(b)
	require.NoError(t, err)
	require.Equal(t, string(a.Anchor), first.Attrs.Get("email"))
}

func TestNothingOfOneObjectShowsInTheNext(t *testing.T) {
	m := oneRule(t, mapping.Rule{To: "email", From: mapping.Expr(`mail == "" ? "none" : mail`)})
	for _, mail := range []string{"a@example.com", "", "b@example.com"} {
		o, want := object(adsync.User), "none"
		if mail != "" {
			o, want = object(adsync.User, "mail", mail), mail
		}
		got, err := m.Map(o)
		require.NoError(t, err)
		require.Equal(t, want, got.Attrs.Get("email"))
	}
}

func TestMapDoesNotChangeItsInput(t *testing.T) {
	o := ada()
	o.Attrs.Set("streetAddress", " a\r\n\r\n b ", " ")
	for _, values := range [][]string{{"b@example.com", " a@example.com", "b@example.com"}, {"b@example.com", "a@example.com", "b@example.com"}} {
		o.Attrs.Set("mailAliases", slices.Clone(values)...)
		_, err := mapping.ActiveDirectory().Map(o)
		require.NoError(t, err)
		require.Equal(t, values, o.Attrs.Values("mailAliases"))
		require.Equal(t, []string{" a\r\n\r\n b ", " "}, o.Attrs.Values("streetAddress"))
	}
}
