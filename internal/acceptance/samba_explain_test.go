package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// explain explains whoever is known by the value.
func (s *synchronisation) explain(value string) (out *adsync.Explanation, text string) {
	s.t.Helper()
	s.with(func(e *adsync.Engine) {
		var err error
		out, err = e.Explain(s.t.Context(), adsync.Subject{Value: value})
		require.NoError(s.t, err)
		var b strings.Builder
		require.NoError(s.t, out.WriteText(&b))
		text = b.String()
	})
	return out, text
}

func (s *synchronisation) revert(run int64) *adsync.Report {
	s.t.Helper()
	var r *adsync.Report
	s.with(func(e *adsync.Engine) {
		plan, err := e.Revert(s.t.Context(), run)
		require.NoError(s.t, err)
		require.Empty(s.t, plan.Refused())
		r, err = e.Apply(s.t.Context(), plan.ID())
		require.NoError(s.t, err)
	})
	return r
}

// usn gives the change counter that the controller has for an object.
func (b *branch) usn(dn string) string {
	got, err := b.conn.Search(goldap.NewSearchRequest(dn, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{"uSNChanged"}, nil))
	require.NoError(b.t, err)
	return got.Entries[0].GetAttributeValue("uSNChanged")
}

func written(t *testing.T, e *adsync.Explanation, attr string) adsync.AttributeExplanation {
	t.Helper()
	i := slices.IndexFunc(e.Attributes, func(a adsync.AttributeExplanation) bool { return a.Attr == attr })
	require.GreaterOrEqual(t, i, 0, attr)
	return e.Attributes[i]
}

// A real controller, the ready map and a database: each attribute with the
// controller's own change counter, the rule and the run that wrote it; and every
// way out of the scope by name.
func TestSambaEveryAttributeIsExplained(t *testing.T) {
	b := newBranch(t)
	for i := range 5 {
		b.hire(i)
	}
	b.found(b.person(0), b.person(1))
	s := fromSamba(t, b.ad, b.dn, adsync.Unit{DN: b.dn}, adsync.Unit{DN: b.below("Outside"), Deselect: true})
	first := s.run()
	hired := b.usn(b.person(1))
	b.set(b.person(1), "sn", "Newname")
	renamed := b.usn(b.person(1))
	second := s.run()
	require.Equal(t, 1, second.Counts.Writes())

	got, text := s.explain(b.mail(1))
	require.Equal(t, adsync.StandingActive, got.Standing, text)
	require.Equal(t, b.ad.HostName+" USN "+renamed, got.Directory.Origin)
	require.Contains(t, got.Directory.Name, b.below("Staff"))
	last := written(t, got, "lastName")
	require.Equal(t, second.Run, last.Written.Run)
	require.Equal(t, second.Plan, last.Written.Plan)
	require.Equal(t, b.ad.HostName+" USN "+renamed, last.Written.Origin)
	require.Equal(t, adsync.Values{"Family01"}, last.Written.Before)
	require.Equal(t, []adsync.TraceRead{{Attr: "sn", Values: adsync.Values{"Newname"}}}, last.Reads)
	require.NotEmpty(t, last.Place)
	require.Equal(t, adsync.Values{"Newname"}, last.Present, "as the database has it")
	mail := written(t, got, "email")
	require.Equal(t, first.Run, mail.Written.Run)
	require.Equal(t, b.ad.HostName+" USN "+hired, mail.Written.Origin)

	b.move(b.person(2), fmt.Sprintf("CN=Person %s 02", b.mark), b.below("Outside"))
	got, text = s.explain(b.sam(2) + "@" + b.ad.DNSDomain)
	require.Equal(t, adsync.StandingActive, got.Standing, "no run has seen it yet")
	require.Contains(t, text, "it is out of scope now: the unit "+b.below("Outside")+" is deselected; the next run that finds this out")
	require.NoError(t, b.conn.Del(goldap.NewDelRequest(b.person(3), nil)))
	third := s.run()
	require.Equal(t, 2, third.Counts.Deactivate)
	got, text = s.explain(b.mail(2))
	require.Equal(t, adsync.StandingLeft, got.Standing, text)
	got, text = s.explain(b.mail(3))
	require.Equal(t, adsync.StandingLeft, got.Standing, text)
	require.Contains(t, text, fmt.Sprintf("run %d deactivated it", third.Run))
	require.Contains(t, text, "the directory does not show it now")

	b.hire(7)
	b.set(b.person(7), "mail", b.mail(1))
	s.with(func(e *adsync.Engine) { // a read of changes learns of the conflict from the target
		r, err := e.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, r.Counts.Conflicts)
	})
	got, text = s.explain(b.sam(7) + "@" + b.ad.DNSDomain)
	require.Equal(t, adsync.StandingConflict, got.Standing, text)
	got, text = s.explain("Administrator")
	require.Equal(t, adsync.StandingOutOfScope, got.Standing, text)
	require.Contains(t, text, "critical system object")
}

func TestSambaADayIsReverted(t *testing.T) {
	b := newBranch(t)
	for i := range 12 {
		b.hire(i)
	}
	b.found(b.person(0), b.person(1), b.person(2), b.person(3))
	s := fromSamba(t, b.ad, b.dn, adsync.Unit{DN: b.dn}, adsync.Unit{DN: b.below("Outside"), Deselect: true})
	s.run()
	before, members := s.accounts(), s.members("Club "+b.mark, adsync.User)
	b.aDay()
	day := s.run()

	r := s.revert(day.Run)
	require.Equal(t, adsync.OutcomeCompleted, r.Outcome, "%+v", r.Issues)
	after := s.accounts()
	for anchor, account := range before {
		require.Equal(t, account, after[anchor])
	}
	require.Len(t, after, len(before)+1)
	require.False(t, after[b.anchors()[b.sam(20)]].active, "whoever the day brought is out of use")
	require.ElementsMatch(t, members, s.members("Club "+b.mark, adsync.User))
}
