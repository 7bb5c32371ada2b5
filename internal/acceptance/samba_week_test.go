package acceptance

import (
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// What happens less often than every day.
func TestSambaAWeekOfRarerChanges(t *testing.T) {
	b := newBranch(t)
	for i := range 8 {
		b.hire(i)
	}
	b.found(b.person(0), b.person(1))
	b.partner()
	s := fromSamba(t, b.ad, b.dn, adsync.Unit{DN: b.dn}, adsync.Unit{DN: b.below("Outside"), Deselect: true})
	require.Equal(t, adsync.Counts{Create: 8 + 1 + 1 + 5, Members: 3}, s.run().Counts)
	who := b.anchors()

	t.Run("a unit is renamed", func(t *testing.T) {
		b.move(b.below("Staff"), "OU=Team", b.dn)
		renamed := s.run()
		require.Equal(t, 1, renamed.Counts.Writes(), "people below it are the same: %v", renamed.intents())
		require.Contains(t, s.column(`SELECT name FROM organizational_units`), "Team")
		s.settled()
		b.move(b.below("Team"), "OU=Staff", b.dn)
		require.Equal(t, 1, s.run().Counts.Writes())
	})
	t.Run("an account expires, and is extended", func(t *testing.T) {
		b.set(b.person(3), "accountExpires", "132223104000000000") // 2020-01-01
		require.Equal(t, map[string]int{"deactivate": 1}, s.run().intents())
		require.False(t, s.accounts()[who[b.sam(3)]].active)
		s.settled()
		b.set(b.person(3), "accountExpires", "0") // never
		require.Equal(t, map[string]int{"reactivate": 1}, s.run().intents())
		s.settled()
	})
	t.Run("a manager is set, and leaves", func(t *testing.T) {
		b.set(b.person(4), "manager", b.person(5))
		require.Equal(t, map[string]int{"update": 1}, s.run().intents())
		require.Equal(t, string(who[b.sam(5)]), s.accounts()[who[b.sam(4)]].manager)
		s.settled()
		require.NoError(t, b.conn.Del(goldap.NewDelRequest(b.person(5), nil)))
		require.Equal(t, map[string]int{"leave": 1}, s.run().intents())
		require.Equal(t, string(who[b.sam(5)]), s.accounts()[who[b.sam(4)]].manager, "blank never erases")
		s.settled()
	})
	t.Run("a value is blanked", func(t *testing.T) {
		b.set(b.person(6), "title", "Clerk")
		require.Equal(t, map[string]int{"update": 1}, s.run().intents())
		blank := goldap.NewModifyRequest(b.person(6), nil)
		blank.Delete("title", nil)
		blank.Delete("mail", nil)
		require.NoError(t, b.conn.Modify(blank))
		s.settled()
		require.Equal(t, b.mail(6), s.accounts()[who[b.sam(6)]].email)
	})
	t.Run("a person is deleted and made anew", func(t *testing.T) {
		require.NoError(t, b.conn.Del(goldap.NewDelRequest(b.person(7), nil)))
		b.hire(7)
		again := s.run()
		anchor := b.anchors()[b.sam(7)]
		require.NotEqual(t, who[b.sam(7)], anchor)
		require.Equal(t, adsync.OutcomeConflicts, again.Outcome)
		require.Equal(t, adsync.IssueRecreatedIdentity, again.issues[anchor][0].Code, "%v", again.issues[anchor])
		s.with(func(e *adsync.Engine) {
			require.NoError(t, e.Answer(t.Context(), adsync.Answer{Source: "directory", Anchor: anchor, Verdict: adsync.AnswerRelink, By: "the test"}))
		})
		require.Equal(t, adsync.OutcomeCompleted, s.run().Outcome)
		require.True(t, s.accounts()[anchor].active, "the same account, under the new anchor")
		s.settled()
	})
	t.Run("a contact goes and the group goes", func(t *testing.T) {
		require.NoError(t, b.conn.Del(goldap.NewDelRequest(b.partnerDN(), nil)))
		require.Equal(t, 1, s.run().intents()["leave"])
		require.Equal(t, []string{"0"}, s.column(`SELECT active FROM contacts`))
		club := anchorsBelow(t, b.conn, b.dn, "(objectClass=group)", "sAMAccountName")["club"+b.mark]
		require.NoError(t, b.conn.Del(goldap.NewDelRequest(b.club(), nil)))
		kept := s.run()
		require.Equal(t, []string{"leaver-kept "}, kept.codes(club))
		require.Zero(t, kept.Counts.Deactivate+kept.Counts.Delete)
		require.Len(t, s.column(`SELECT id FROM "groups"`), 1, "groups are kept, and listed")
		s.settled()
	})
}

func (b *branch) partnerDN() string { return "CN=Partner " + b.mark + "," + b.below("Clubs") }

// partner is a contact, and a member of the club.
func (b *branch) partner() {
	add := goldap.NewAddRequest(b.partnerDN(), nil)
	for name, value := range map[string]string{
		"objectClass": "contact", "givenName": "Sam", "sn": "Partner", "displayName": "Sam Partner", "mail": "partner" + b.mark + "@partner.example.net",
	} {
		add.Attribute(name, []string{value})
	}
	require.NoError(b.t, b.conn.Add(add))
	join := goldap.NewModifyRequest(b.club(), nil)
	join.Add("member", []string{b.partnerDN()})
	require.NoError(b.t, b.conn.Modify(join))
}
