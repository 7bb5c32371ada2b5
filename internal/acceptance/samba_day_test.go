package acceptance

import (
	"crypto/rand"
	"fmt"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
)

// branch is an organizational unit of this test's own in the shared domain,
// with people and a group, and below it a unit that is out of scope.
type branch struct {
	t    *testing.T
	ad   testserver.AD
	conn *goldap.Conn
	mark string // makes names unique in the domain
	dn   string
}

func newBranch(t *testing.T) *branch {
	ad := testserver.Samba(t)
	b := &branch{t: t, ad: ad, conn: administrator(t, ad), mark: rand.Text()[:6]}
	b.dn = "OU=Acceptance " + b.mark + "," + ad.BaseDN
	b.unit(b.dn)
	t.Cleanup(b.remove)
	for _, name := range []string{"Staff", "Moved", "Outside", "Clubs"} {
		b.unit(b.below(name))
	}
	return b
}

func (b *branch) below(unit string) string { return "OU=" + unit + "," + b.dn }

func (b *branch) unit(dn string) {
	add := goldap.NewAddRequest(dn, nil)
	add.Attribute("objectClass", []string{"organizationalUnit"})
	require.NoError(b.t, b.conn.Add(add))
}

// remove takes the branch away with all that is in it.
func (b *branch) remove() {
	tree := goldap.NewDelRequest(b.dn, []goldap.Control{goldap.NewControlSubtreeDelete()})
	require.NoError(b.t, b.conn.Del(tree))
}

func (b *branch) sam(i int) string  { return fmt.Sprintf("acc%s%02d", b.mark, i) }
func (b *branch) mail(i int) string { return b.sam(i) + "@" + b.ad.DNSDomain }
func (b *branch) person(i int) string {
	return fmt.Sprintf("CN=Person %s %02d,%s", b.mark, i, b.below("Staff"))
}
func (b *branch) club() string { return "CN=Club " + b.mark + "," + b.below("Clubs") }

func (b *branch) hire(i int) {
	add := goldap.NewAddRequest(b.person(i), nil)
	for name, value := range map[string]string{
		"objectClass": "user", "sAMAccountName": b.sam(i), "userPrincipalName": b.mail(i), "givenName": "Pat", "sn": fmt.Sprintf("Family%02d", i),
		"displayName": fmt.Sprintf("Pat Family%02d", i), "mail": b.mail(i), "userAccountControl": "544", // no password, none required
	} {
		add.Attribute(name, []string{value})
	}
	require.NoError(b.t, b.conn.Add(add))
}

func (b *branch) found(members ...string) {
	add := goldap.NewAddRequest(b.club(), nil)
	add.Attribute("objectClass", []string{"group"})
	add.Attribute("sAMAccountName", []string{"club" + b.mark})
	add.Attribute("member", members)
	require.NoError(b.t, b.conn.Add(add))
}

// set replaces attributes, given as names and values in turn.
func (b *branch) set(dn string, pairs ...string) {
	change := goldap.NewModifyRequest(dn, nil)
	for i := 0; i < len(pairs); i += 2 {
		change.Replace(pairs[i], []string{pairs[i+1]})
	}
	require.NoError(b.t, b.conn.Modify(change))
}

func (b *branch) move(dn, rdn, parent string) {
	require.NoError(b.t, b.conn.ModifyDN(goldap.NewModifyDNRequest(dn, rdn, true, parent)))
}

func (b *branch) anchors() map[string]adsync.Anchor {
	return anchorsBelow(b.t, b.conn, b.dn, "(objectCategory=person)", "sAMAccountName")
}

func TestSambaADayOfChanges(t *testing.T) {
	b := newBranch(t)
	for i := range 12 {
		b.hire(i)
	}
	b.found(b.person(0), b.person(1), b.person(2), b.person(3))
	s := fromSamba(t, b.ad, b.dn, adsync.Unit{DN: b.dn}, adsync.Unit{DN: b.below("Outside"), Deselect: true})
	who := b.anchors()
	first := s.run()
	require.Equal(t, adsync.OutcomeCompleted, first.Outcome, "%+v", first.Issues)
	require.Equal(t, adsync.Counts{Create: 12 + 1 + 5, Members: 4}, first.Counts)
	s.settled()
	before := s.accounts()

	b.aDay()
	day := s.run()
	require.Equal(t, adsync.OutcomeCompleted, day.Outcome, "%+v", day.Issues)
	require.Equal(t, adsync.Counts{Create: 1, Update: 2, Rename: 1, Deactivate: 3, Members: 3, Unchanged: day.Counts.Unchanged}, day.Counts)
	require.Equal(t, 2, day.intents()["leave"], "deleted, and out of scope")
	require.Equal(t, 1, day.intents()["deactivate"], "disabled")
	b.checkDay(s.accounts(), before, who)
	require.ElementsMatch(t, []string{string(who[b.sam(1)]), string(who[b.sam(3)]), string(who[b.sam(5)])}, s.members("Club "+b.mark, adsync.User))
	s.settled()

	b.move("CN=Person "+b.mark+" 07,"+b.below("Outside"), "CN=Person "+b.mark+" 07", b.below("Staff"))
	b.set(b.person(2), "userAccountControl", "544")
	back := s.run()
	require.Equal(t, 2, back.Counts.Reactivate, "%+v", back.Counts)
	require.Equal(t, 2, back.Counts.Writes())
	s.settled()
}

// aDay lets happen what happens in a company.
func (b *branch) aDay() {
	require.NoError(b.t, b.conn.Del(goldap.NewDelRequest(b.person(0), nil)))                   // leaves, and so leaves the club
	b.set(b.person(2), "userAccountControl", "546")                                            // is disabled
	b.set(b.person(4), "sn", "Newname", "displayName", "Pat Newname", "mail", "new"+b.mail(4)) // marries
	b.move(b.person(4), "CN=Newname "+b.mark, b.below("Staff"))
	b.move(b.person(6), "CN=Person "+b.mark+" 06", b.below("Moved")) // moves within the scope
	b.move(b.person(7), "CN=Person "+b.mark+" 07", b.below("Outside"))
	b.set(b.person(8), "mail", "between@"+b.ad.DNSDomain) // two exchange their addresses
	b.set(b.person(9), "mail", b.mail(8))
	b.set(b.person(8), "mail", b.mail(9))
	b.hire(20)
	club := goldap.NewModifyRequest(b.club(), nil)
	club.Delete("member", []string{b.person(2)})
	club.Add("member", []string{b.person(5)})
	require.NoError(b.t, b.conn.Modify(club))
}

func (b *branch) checkDay(now, before map[adsync.Anchor]account, who map[string]adsync.Anchor) {
	require.Len(b.t, now, 13)
	for i := range 12 {
		want := before[who[b.sam(i)]]
		switch i {
		case 0, 2, 7:
			want.active = false
		case 4:
			want.last, want.display, want.email = "Newname", "Pat Newname", "new"+b.mail(4)
		case 8, 9:
			want.email = b.mail(17 - i)
		}
		require.Equal(b.t, want, now[who[b.sam(i)]], "person %d", i)
	}
	require.True(b.t, now[b.anchors()[b.sam(20)]].active)
}
