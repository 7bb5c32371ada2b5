package acceptance

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/source/ldap"
)

const slapdPeople = 240

func TestSlapdFirstRunNothingNewAndOneChange(t *testing.T) {
	server := testserver.Slapd(t, testserver.People(slapdPeople))
	source := &ldap.Source{
		URL: server.URL, CAFile: server.CAFile, Bind: server.BindDN, Password: given(server.Password),
		BaseDNs: []string{"ou=People," + server.BaseDN, "ou=Groups," + server.BaseDN},
	}
	s := newSynchronisation(t, source, mapping.OpenLDAP(mapping.Parameter("domain", "example.com")))
	first := s.run()
	require.Equal(t, adsync.OutcomeConflicts, first.Outcome)
	checkSlapd(t, s, first)
	s.settled()

	server.Modify(t, "dn: "+testserver.PersonAt(5).DN+"\nchangetype: modify\nreplace: title\ntitle: Chief Clerk\n")
	changed := s.run()
	require.Equal(t, map[string]int{"update": 1}, changed.intents())
	require.Equal(t, []string{"Chief Clerk"}, s.column(`SELECT title FROM accounts WHERE sam_name = 'person000005'`))

	server.Modify(t, "dn: "+testserver.PersonAt(5).DN+"\nchangetype: delete\n")
	require.Equal(t, map[string]int{"leave": 1, "members": 3}, s.run().intents(), "the groups still name the entry that is gone")
	require.Equal(t, []string{"0"}, s.column(`SELECT active FROM accounts WHERE sam_name = 'person000005'`))
	s.settled()
}

// slapdFate is as fateOf, for the people of testserver.PersonAt.
func slapdFate(i int) fate {
	p := testserver.PersonAt(i)
	switch {
	case p.Mail == "":
		return lacksMail
	case p.GivenName == "":
		return lacksGiven
	case i > 0 && p.Mail == testserver.PersonAt(i-1).Mail, p.Mail == testserver.PersonAt(i+1).Mail && i+1 < slapdPeople:
		return sharesMail
	}
	return created
}

func checkSlapd(t *testing.T, s *synchronisation, first outcome) {
	t.Helper()
	have := map[string]account{}
	for _, a := range s.accounts() {
		have[a.sam] = a
	}
	count := map[fate]int{}
	for i := range slapdPeople {
		p, fate := testserver.PersonAt(i), slapdFate(i)
		count[fate]++
		a, there := have[p.UID]
		require.Equal(t, fate == created, there, "person %d: %s", i, fate)
		if there {
			require.Equal(t, []string{p.UID + "@example.com", norm.NFC.String(p.GivenName), norm.NFC.String(p.Surname), p.Mail},
				[]string{a.logon, a.first, a.last, a.email}, "person %d", i)
		}
	}
	require.Equal(t, count[lacksMail]+count[lacksGiven], first.Counts.Quarantined)
	require.Equal(t, count[sharesMail], first.Counts.Conflicts)
	require.Len(t, s.members("Flat", adsync.User), count[created])
	require.Len(t, s.members("Everyone", adsync.Group), 4)
	require.Len(t, s.members("Cycle A", adsync.Group), 1)
	require.Len(t, s.members("Cycle B", adsync.Group), 1)
}
