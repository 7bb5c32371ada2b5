package acceptance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/source/ldap"
)

func given(password string) ldap.Secret {
	return ldap.SecretFunc(func(context.Context) (string, error) { return password, nil })
}

// fromSamba reads below one base, with the account that synchronises. Other
// packages add objects elsewhere in the domain meanwhile.
func fromSamba(t *testing.T, ad testserver.AD, base string, units ...adsync.Unit) *synchronisation {
	source := &ldap.Source{URL: ad.URL, CAFile: ad.CAFile, Bind: ad.SyncUser, Password: given(ad.SyncPassword), BaseDNs: []string{base}}
	return newSynchronisation(t, source, mapping.ActiveDirectory(mapping.Parameter("domain", ad.DNSDomain)), units...)
}

// administrator is a connection that may write.
func administrator(t *testing.T, ad testserver.AD) *goldap.Conn {
	t.Helper()
	pem, err := os.ReadFile(ad.CAFile)
	require.NoError(t, err)
	trusted := x509.NewCertPool()
	require.True(t, trusted.AppendCertsFromPEM(pem))
	conn, err := goldap.DialURL(ad.URL, goldap.DialWithTLSConfig(&tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.Bind(ad.AdminUser, ad.AdminPassword))
	return conn
}

// anchorsBelow gives the anchors of what matches below a base, by the values of
// one attribute.
func anchorsBelow(t *testing.T, conn *goldap.Conn, base, filter, by string) map[string]adsync.Anchor {
	t.Helper()
	found, err := conn.SearchWithPaging(goldap.NewSearchRequest(base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false,
		filter, []string{by, "objectGUID"}, nil), 500)
	require.NoError(t, err)
	out := map[string]adsync.Anchor{}
	for _, e := range found.Entries {
		guid, err := directory.GUID(string(e.GetRawAttributeValue("objectGUID")))
		require.NoError(t, err)
		out[e.GetAttributeValue(by)] = adsync.Anchor(guid)
	}
	return out
}

// loaded is the domain's company after a first run, with the anchors of what
// the directory holds.
type loaded struct {
	*synchronisation
	ad     testserver.AD
	first  outcome
	users  map[string]adsync.Anchor // by sAMAccountName
	groups map[string]adsync.Anchor // by cn
}

func TestSambaEveryRuleOfTheTable(t *testing.T) {
	ad := testserver.Samba(t)
	require.GreaterOrEqual(t, ad.Users, 1000)
	company := "OU=Company," + ad.BaseDN
	l := &loaded{ad: ad, synchronisation: fromSamba(t, ad, company,
		adsync.Unit{DN: company}, adsync.Unit{DN: "OU=Out of Scope," + company, Deselect: true})}
	conn := administrator(t, ad)
	l.users = anchorsBelow(t, conn, company, "(&(objectCategory=person)(objectClass=user))", "sAMAccountName")
	l.groups = anchorsBelow(t, conn, company, "(objectClass=group)", "cn")
	require.Len(t, l.users, ad.Users)
	l.first = l.run()
	require.Equal(t, adsync.OutcomeConflicts, l.first.Outcome)

	t.Run("people", l.people)
	t.Run("numbers", l.numbers)
	t.Run("managers", l.managers)
	t.Run("contacts", l.contacts)
	t.Run("units", l.units)
	t.Run("nested and cyclic groups", l.nested)
	t.Run("members", l.large)
	t.Run("second run", func(*testing.T) {
		again := l.settled()
		require.False(t, again.sources[0].Snapshot, "only what changed is read")
		require.Equal(t, l.first.Counts.Quarantined, again.Counts.Quarantined)
		require.Equal(t, l.first.Counts.Conflicts, again.Counts.Conflicts)
	})
}

func (l *loaded) people(t *testing.T) {
	have := l.accounts()
	for i := range l.ad.Users {
		anchor := l.users[samOf(i)]
		a, there := have[anchor]
		fate := fateOf(i, l.ad)
		require.Equal(t, fate == created, there, "user %d: %s, %v", i, fate, l.first.codes(anchor))
		switch fate {
		case created:
			checkPerson(t, i, a, l.ad)
		case outOfScope, disabled, expired:
			for _, issue := range l.first.issues[anchor] {
				require.Equal(t, adsync.ClassNote, issue.Code.Class(), "user %d", i)
			}
		default:
			require.Contains(t, l.first.codes(anchor), string(fate), "user %d", i)
		}
	}
}

// checkPerson compares byte for byte. The ready map composes text (NFC), so
// that a name typed on one system is the same as the same name typed on another;
// nothing else of it changes.
func checkPerson(t *testing.T, i int, a account, ad testserver.AD) {
	t.Helper()
	given, family := namesOf(i)
	want := account{
		active: true, logon: samOf(i) + "@" + ad.DNSDomain, sam: samOf(i), first: norm.NFC.String(given), last: norm.NFC.String(family), display: norm.NFC.String(displayNameOf(i)),
		email: samOf(i) + "@" + ad.DNSDomain, phone: phoneOf(i), department: departments[i%len(departments)],
		manager: a.manager, street: a.street, // managers have a test of their own
	}
	require.Equal(t, want, a, "user %d", i)
	require.NotEmpty(t, a.street)
}

func (l *loaded) numbers(t *testing.T) {
	count := map[fate]int{}
	for i := range l.ad.Users {
		count[fateOf(i, l.ad)]++
	}
	units, groups := len(l.column(`SELECT id FROM organizational_units`)), len(l.column(`SELECT id FROM "groups"`))
	require.Equal(t, count[created]+units+groups+50, l.first.Counts.Create)
	require.Equal(t, count[lacksMail]+count[lacksFamily]+count[lacksGiven], l.first.Counts.Quarantined)
	require.Equal(t, count[sharesMail], l.first.Counts.Conflicts)
	require.Equal(t, count[mailUnusable], l.first.Counts.Issues)
	require.Equal(t, count[disabled]+count[expired], l.first.Counts.Skipped)
}

func (l *loaded) managers(t *testing.T) {
	have := l.accounts()
	for i := range l.ad.Users {
		if fateOf(i, l.ad) != created {
			continue
		}
		want := ""
		if boss := (i - 1) / 8; i > 0 && fateOf(boss, l.ad) == created {
			want = string(l.users[samOf(boss)])
		}
		require.Equal(t, want, have[l.users[samOf(i)]].manager, "user %d", i)
	}
}

func (l *loaded) contacts(t *testing.T) {
	byPhone := map[string][]string{}
	for _, row := range l.query(`SELECT phone, first_name, last_name, display_name, email, company, active FROM contacts`) {
		byPhone[row[0]] = row[1:]
	}
	require.Len(t, byPhone, 50)
	for i := range 50 {
		given, family := contactNamesOf(i)
		display, mail := given+" "+family, contactMail(i)
		if i%10 == 6 {
			family = ""
		}
		require.Equal(t, []string{given, family, display, mail, "Partner & Sons, Ltd", "1"}, byPhone[contactPhone(i)], "contact %d", i)
	}
}

func (l *loaded) units(t *testing.T) {
	want := append([]string{"Company", "People", "Groups", "Contacts", "Former Staff", "Out of Scope"}, departments...)
	require.ElementsMatch(t, want, l.column(`SELECT name FROM organizational_units`), "the tree stays whole, whatever is selected in it")
}

func (l *loaded) nested(t *testing.T) {
	for group, members := range map[string][]string{
		"Technical, all":       {"Dept Engineering", "Dept Support", "Dept R&D, Labs"},
		"Business":             {"Dept Sales", "Dept Finance", "Dept Human Resources", "Dept Operations", "Dept Büro Süd"},
		"Everyone at Company":  {"Technical, all", "Business"},
		"Cycle A":              {"Cycle B"},
		"Cycle B":              {"Cycle A"},
		`Quotes "and", commas`: {"Everyone at Company"},
		"Empty group":          nil,
	} {
		var want []string
		for _, name := range members {
			want = append(want, string(l.groups[name]))
		}
		require.ElementsMatch(t, want, l.members(group, adsync.Group), group)
		require.Empty(t, l.members(group, adsync.User), group)
	}
}

func (l *loaded) large(t *testing.T) {
	for group, takes := range map[string]func(i int) bool{
		"Big flat group":            func(int) bool { return true },
		"Newsletter (distribution)": func(i int) bool { return i%7 == 0 },
		"Dept R&D, Labs":            func(i int) bool { return i%8 == 6 },
		"Dept Büro Süd":             func(i int) bool { return i%8 == 7 },
	} {
		var want []string
		for i := range l.ad.Users {
			if takes(i) && fateOf(i, l.ad) == created {
				want = append(want, string(l.users[samOf(i)]))
			}
		}
		have := l.members(group, adsync.User)
		slices.Sort(want)
		slices.Sort(have)
		require.Equal(t, want, have, group)
	}
}
