package fakedir_test

import (
	"fmt"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

// TestMembersOverSeveralRounds reads 200 members by seven a round, while people
// come, go and are renamed, and adds up what it is told. Red when a group that
// changed in between goes on where a round left it, and not anew.
func TestMembersOverSeveralRounds(t *testing.T) {
	s := start(t, fakedir.Config{DirSyncValues: 7, DirSyncRound: 50})
	group := "CN=Big flat group,OU=Groups,OU=Company," + s.BaseDN()
	c := &client{T: t, conn: bound(t, s), base: s.BaseDN()}
	members, gone, n := map[string]bool{}, map[string]bool{}, 0
	for more := true; more; n++ {
		q := request(s.BaseDN(), "(|(objectClass=group)(isDeleted=TRUE))", "member", "isDeleted")
		q.Controls = append(q.Controls, extendedNames)
		list, cookie, goesOn, err := round(c.conn, q, incremental, c.cookie)
		require.NoError(t, err)
		for _, e := range list {
			if e.GetAttributeValue("isDeleted") == "TRUE" {
				gone[identified.FindString(e.DN)] = true
				continue
			}
			added, removed := e.GetAttributeValues("member;range=1-1"), e.GetAttributeValues("member;range=0-0")
			require.LessOrEqual(t, len(added)+len(removed), 7)
			if identifiers.ReplaceAllString(e.DN, "") != group {
				continue
			}
			for _, m := range added {
				members[identified.FindString(m)] = true
			}
			for _, m := range removed {
				delete(members, identified.FindString(m))
			}
		}
		c.cookie, more = cookie, goesOn
		if more && n > 5 && n < 60 {
			stir(t, c.conn, s, group, n)
		}
	}
	for m := range gone {
		delete(members, m)
	}
	truth := map[string]bool{}
	q := request("OU=Company,"+s.BaseDN(), "(memberOf="+group+")", "cn")
	q.Controls = append(q.Controls, extendedNames)
	r, err := c.conn.Search(q)
	require.NoError(t, err)
	for _, e := range r.Entries {
		truth[identified.FindString(e.DN)] = true
	}
	require.Equal(t, truth, members)
	require.Greater(t, n, 200/7)
}

// stir removes somebody, renames somebody, and now and then changes the group.
func stir(t *testing.T, c *ldap.Conn, s *fakedir.Server, group string, n int) {
	three := fmt.Sprintf("(|(employeeID=E%06d)(employeeID=E%06d)(employeeID=E%06d))", n, n+60, n+120)
	list := search(t, c, s.PeopleDN(), three, "cn")
	alter(t, s, func(d *fakedir.Changes) error {
		for i, e := range list {
			switch {
			case i == 0:
				require.NoError(t, d.Remove(e.DN))
			case i == 1:
				require.NoError(t, d.Move(e.DN, fmt.Sprintf("CN=A %d,%s", n, s.PeopleDN())))
			case n%10 == 0:
				require.NoError(t, d.Unlink(group, "member", e.DN))
			}
		}
		return nil
	})
}
