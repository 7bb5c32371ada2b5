package mapping_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/mapping"
)

const tracedMap = `version: 1
source: [mail, proxyAddresses, sn, c, employeeType, manager, ou]
tables:
  countries: {DE: Germany}
user:
  skip: [employeeType == "service"]
  becomes: [{kind: contact, when: employeeType == "external"}]
  references: {manager: manager}
  attributes:
    email: {from: [mail, {expr: 'firstOf(valuesOf("proxyAddresses")[0], sn)'}], normalize: [text, lower, email]}
    lastName: {from: sn, default: Nobody}
    country: {from: c, table: countries}
    department: {from: ou, multi: first, blank: clear}
contact:
  attributes:
    email: mail
`

func tracedObject(pairs ...string) adsync.Object {
	o := adsync.Object{Kind: adsync.User, Anchor: "1", Refs: map[string][]adsync.Anchor{"manager": {"2"}}}
	for i := 0; i < len(pairs); i += 2 {
		o.Attrs.Set(pairs[i], append(slices.Clone(o.Attrs.Values(pairs[i])), pairs[i+1])...)
	}
	return o
}

func ruleFor(t *testing.T, trace adsync.Trace, attr string) adsync.RuleTrace {
	t.Helper()
	i := slices.IndexFunc(trace.Rules, func(r adsync.RuleTrace) bool { return r.Attr == attr })
	require.GreaterOrEqual(t, i, 0, "no rule for %s", attr)
	return trace.Rules[i]
}

func TestTraceShowsRulePlaceAndTheValueAfterEachStep(t *testing.T) {
	m, err := mapping.Load([]byte(tracedMap))
	require.NoError(t, err)
	trace := m.Trace(tracedObject("mail", " Ada@Example.COM ", "sn", "Example", "c", "de", "ou", "B", "ou", "A"))
	require.Equal(t, adsync.User, trace.Kind)

	email := ruleFor(t, trace, "email")
	require.Equal(t, "line 10", email.Place)
	require.Contains(t, email.Rule, "mail, else expr firstOf")
	require.Contains(t, email.Rule, "normalize: text, lower, email")
	require.Equal(t, []string{"mail", "proxyAddresses", "sn"}, namesOf(email.Reads), "also what it did not need")
	require.Equal(t, []adsync.TraceStep{
		{Step: "take mail", Values: adsync.Values{" Ada@Example.COM "}},
		{Step: "normalise text", Values: adsync.Values{"Ada@Example.COM"}},
		{Step: "normalise lower", Values: adsync.Values{"ada@example.com"}},
	}, email.Steps)

	require.Equal(t, "table countries", last(ruleFor(t, trace, "country")).Step)
	require.Equal(t, adsync.Values{"Germany"}, last(ruleFor(t, trace, "country")).Values)
	require.Equal(t, adsync.Values{"B"}, last(ruleFor(t, trace, "department")).Values)
	require.Equal(t, adsync.Values{"2"}, ruleFor(t, trace, "manager").Reads[0].Values)
}

func TestTraceSaysWhichConditionLeftAnObjectOut(t *testing.T) {
	m, err := mapping.Load([]byte(tracedMap))
	require.NoError(t, err)
	trace := m.Trace(tracedObject("employeeType", "service"))
	require.Equal(t, `user.skip: employeeType == "service" (line 6)`, trace.Decided)
	require.Empty(t, trace.Rules)

	trace = m.Trace(tracedObject("employeeType", "external", "mail", "a@example.com"))
	require.Equal(t, adsync.Contact, trace.Kind)
	require.Equal(t, `user.becomes contact: employeeType == "external" (line 7)`, trace.Decided)
	require.Len(t, trace.Rules, 1)

	trace = m.Trace(adsync.Object{Kind: adsync.Group})
	require.Equal(t, "the map has no rules for kind group", trace.Decided)
}

func TestTraceNamesTheRuleThatFails(t *testing.T) {
	m, err := mapping.Load([]byte(tracedMap))
	require.NoError(t, err)
	trace := m.Trace(tracedObject("mail", "no address", "sn", "Example"))
	require.Contains(t, ruleFor(t, trace, "email").Error, "email (from mail)")
	require.Empty(t, ruleFor(t, trace, "lastName").Error, "one rule's fault is not another's")
}

// A trace agrees with Map on whatever comes. Red when a step is traced in
// another order than Map takes it, such as the table before the normalisers.
func TestTraceAgreesWithMap(t *testing.T) {
	m, err := mapping.Load([]byte(tracedMap))
	require.NoError(t, err)
	values := []string{"", " ", "de", "DE ", "fr", "Ada@Example.com", "service", "external", "\xff", "a b"}
	for _, name := range []string{"mail", "sn", "c", "ou", "employeeType", "proxyAddresses"} {
		for _, v := range values {
			for _, w := range []string{"", "second"} {
				pairs := []string{"mail", "b@example.com", "sn", "Example"}
				if name == "mail" || name == "sn" {
					pairs = nil
				}
				if pairs = append(pairs, name, v); w != "" {
					pairs = append(pairs, name, w)
				}
				requireAgreement(t, m, tracedObject(pairs...))
			}
		}
	}
}

func requireAgreement(t *testing.T, m *mapping.Mapper, o adsync.Object) {
	t.Helper()
	mapped, err := m.Map(o)
	trace := m.Trace(o)
	if errors.Is(err, adsync.ErrSkip) {
		require.NotEmpty(t, trace.Decided)
		require.Empty(t, trace.Rules)
		return
	}
	if err != nil {
		cause := errors.Unwrap(errors.Unwrap(err)).Error() // without the name of the rule
		require.True(t, strings.Contains(trace.Decided, cause) || slices.ContainsFunc(trace.Rules, func(r adsync.RuleTrace) bool { return r.Error == err.Error() }), "%v", err)
		return
	}
	require.Equal(t, mapped.Kind, trace.Kind)
	for _, r := range trace.Rules {
		require.Empty(t, r.Error)
		if mapped.Attrs.Has(r.Attr) && len(mapped.Attrs.Values(r.Attr)) > 0 {
			require.Equal(t, adsync.Values(mapped.Attrs.Values(r.Attr)), last(r).Values, r.Attr)
		}
	}
}

func last(r adsync.RuleTrace) adsync.TraceStep {
	if len(r.Steps) == 0 {
		return adsync.TraceStep{}
	}
	return r.Steps[len(r.Steps)-1]
}

func namesOf(list []adsync.TraceRead) (names []string) {
	for _, a := range list {
		names = append(names, a.Attr)
	}
	return names
}
