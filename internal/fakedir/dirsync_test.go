package fakedir_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

const (
	objectSecurity = ldap.DirSyncObjectSecurity
	ancestors      = ldap.DirSyncAncestorsFirstOrder
	incremental    = ldap.DirSyncIncrementalValues
)

// round asks for one answer of DirSync: its entries, the next cookie, and
// whether there is more.
func round(c *ldap.Conn, q *ldap.SearchRequest, flags int64, cookie []byte) ([]*ldap.Entry, []byte, bool, error) {
	q.Controls = append(q.Controls, ldap.NewRequestControlDirSync(flags, 1<<20, cookie))
	r, err := c.Search(q)
	if err != nil {
		return nil, nil, false, err
	}
	answer := ldap.FindControl(r.Controls, ldap.ControlTypeDirSync).(*ldap.ControlDirSync)
	return r.Entries, answer.Cookie, answer.Flags != 0, nil
}

// client is a DirSync client that keeps its cookie.
type client struct {
	*testing.T
	conn   *ldap.Conn
	base   string
	cookie []byte
	rounds int
}

func follow(t *testing.T, s *fakedir.Server) *client {
	c := &client{T: t, conn: bound(t, s), base: s.BaseDN()}
	c.news()
	return c
}

// news reads every round of what changed.
func (c *client) news(attrs ...string) []*ldap.Entry {
	c.Helper()
	var out []*ldap.Entry
	c.rounds = 0
	for more := true; more; c.rounds++ {
		entries, cookie, goesOn, err := round(c.conn, request(c.base, "(objectClass=*)", attrs...), incremental, c.cookie)
		require.NoError(c, err)
		out, c.cookie, more = append(out, entries...), cookie, goesOn
	}
	return out
}

// lines writes entries as "name attribute=values", without what comes always.
func lines(list []*ldap.Entry) []string {
	out := []string{}
	for _, e := range list {
		name, _, _ := strings.Cut(ldap.EscapeDN(e.DN), ",")
		name, _, _ = strings.Cut(name, `\\0ADEL`)
		for _, a := range e.Attributes {
			if a.Name == "objectGUID" || a.Name == "instanceType" || a.Name == "parentGUID" {
				continue
			}
			out = append(out, strings.TrimSuffix(name, `\`)+" "+a.Name+"="+strings.Join(a.Values, "|"))
		}
	}
	slices.Sort(out)
	return out
}

func alter(t *testing.T, s *fakedir.Server, f func(*fakedir.Changes) error) {
	t.Helper()
	require.NoError(t, s.Change(f))
}

func TestDirSyncTellsWhatChangedAndNoMore(t *testing.T) {
	s := start(t, fakedir.Config{})
	top := "OU=Company," + s.BaseDN()
	ada, ben, group := "CN=Ada,"+top, "CN=Ben,"+top, "CN=Team,"+top
	alter(t, s, func(d *fakedir.Changes) error {
		require.NoError(t, d.Add(ada, "user", map[string][]string{"mail": {"ada@example.com"}, "title": {"Engineer"}}))
		require.NoError(t, d.Add(ben, "contact", nil))
		return d.Add(group, "group", map[string][]string{"member": {ada}})
	})
	c := follow(t, s)
	require.Empty(t, c.news(), "nothing changed")
	for _, step := range []struct {
		name   string
		change func(*fakedir.Changes) error
		want   []string
	}{
		{"the same value", func(d *fakedir.Changes) error { return d.Set(ada, "mail", "ada@example.com") }, []string{}},
		{"another value", func(d *fakedir.Changes) error { return d.Set(ada, "mail", "a@example.com") }, []string{"CN=Ada mail=a@example.com"}},
		{"a cleared value", func(d *fakedir.Changes) error { return d.Set(ada, "title") }, []string{"CN=Ada title="}},
		{"a link", func(d *fakedir.Changes) error { return d.Set(ada, "manager", ben) }, []string{"CN=Ada manager;range=1-1=" + ben}},
		{"members", func(d *fakedir.Changes) error { return d.Set(group, "member", ben) }, []string{
			"CN=Team member;range=0-0=" + ada, "CN=Team member;range=1-1=" + ben,
		}},
		{"the same members", func(d *fakedir.Changes) error { return d.Set(group, "member", ben) }, []string{}},
		{"a local attribute", func(d *fakedir.Changes) error { return d.Set(ada, "badPwdCount", "3") }, []string{}},
		{"another name", func(d *fakedir.Changes) error { return d.Move(ben, "CN=BEN,"+top) }, []string{"CN=BEN name=BEN"}},
		{"a deletion", func(d *fakedir.Changes) error { return d.Remove(ben) }, nil},
	} {
		alter(t, s, step.change)
		news := c.news()
		if step.want != nil {
			require.Equal(t, step.want, lines(news), step.name)
			continue
		}
		require.Len(t, news, 1, "the groups of somebody who was deleted do not change")
		require.Equal(t, "TRUE", news[0].GetAttributeValue("isDeleted"))
		require.Contains(t, news[0].DN, `CN=BEN\0ADEL:`)
		require.Empty(t, search(t, c.conn, s.BaseDN(), "(cn=BEN*)"), "deleted")
		require.Empty(t, search(t, c.conn, group, "(member=*)"))
	}
}

func TestDirSyncTellsARenamedUnitAndNotWhatIsBelow(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := follow(t, s)
	before := read(t, c.conn, "OU=Sales,"+s.PeopleDN())
	alter(t, s, func(d *fakedir.Changes) error {
		return d.Move("OU=Sales,"+s.PeopleDN(), "OU=Selling,OU=Company,"+s.BaseDN())
	})
	news := c.news()
	require.Equal(t, []string{"OU=Selling name=Selling"}, lines(news))
	require.Equal(t, before.GetRawAttributeValue("objectGUID"), news[0].GetRawAttributeValue("objectGUID"))
	parent := read(t, c.conn, "OU=Company,"+s.BaseDN())
	require.Equal(t, parent.GetRawAttributeValue("objectGUID"), news[0].GetRawAttributeValue("parentGUID"))
}

func TestDirSyncGivesOnlyReplicatedAttributes(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := follow(t, s)
	alter(t, s, func(d *fakedir.Changes) error {
		return d.Add("CN=Ada,"+s.PeopleDN(), "user", map[string][]string{"mail": {"ada@example.com"}})
	})
	saved := c.cookie
	require.Empty(t, c.news("cn", "uSNChanged", "memberOf", "distinguishedName", "whenChanged"))
	c.cookie = saved
	require.Equal(t, []string{"CN=Ada mail=ada@example.com"}, lines(c.news("cn", "mail")))
	c.cookie = saved
	for _, e := range c.news() {
		require.Subset(t, names(e), []string{"name", "parentGUID", "objectGUID", "objectSid", "instanceType", "objectClass", "whenCreated", "mail"})
		require.NotContains(t, names(e), "cn")
	}
}

// TestDirSyncInRounds reads 300 people and more by rounds of 7 while they
// change, and checks that nothing is lost in between.
func TestDirSyncInRounds(t *testing.T) {
	s := start(t, fakedir.Config{DirSyncRound: 7})
	c := &client{T: t, conn: bound(t, s), base: s.BaseDN()}
	known := map[string]*ldap.Entry{}
	note := func(list []*ldap.Entry) {
		for _, e := range list {
			id := string(e.GetRawAttributeValue("objectGUID"))
			switch {
			case e.GetAttributeValue("isDeleted") == "TRUE":
				delete(known, id)
			case known[id] == nil || len(e.GetAttributeValues("name")) > 0:
				known[id] = e
			}
		}
	}
	for more, n := true, 0; more; n++ {
		list, cookie, goesOn, err := round(c.conn, request(s.BaseDN(), "(objectClass=user)"), incremental, c.cookie)
		require.NoError(t, err)
		require.LessOrEqual(t, len(list), 7)
		note(list)
		c.cookie, more = cookie, goesOn
		if more && n%5 == 0 && n < 50 {
			s.Advance()
		}
	}
	truth := map[string]bool{}
	r, err := bound(t, s).SearchWithPaging(request(s.BaseDN(), "(objectClass=user)", "objectGUID", "name"), 500)
	require.NoError(t, err)
	for _, e := range r.Entries {
		id := string(e.GetRawAttributeValue("objectGUID"))
		truth[id] = true
		require.NotNil(t, known[id], e.DN)
		require.Equal(t, e.GetAttributeValue("name"), known[id].GetAttributeValue("name"))
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(truth)), slices.Collect(maps.Keys(known)))
}

func TestDirSyncPutsAncestorsFirst(t *testing.T) {
	s := start(t, fakedir.Config{DirSyncRound: 3})
	c := follow(t, s)
	alter(t, s, func(d *fakedir.Changes) error {
		unit := "OU=New," + s.BaseDN()
		for i := range 8 {
			require.NoError(t, d.Set(s.PeopleDN(), "description", fmt.Sprint(i)))
			require.NoError(t, d.Add(fmt.Sprintf("CN=Ada %d,%s", i, s.PeopleDN()), "user", nil))
		}
		require.NoError(t, d.Add(unit, "organizationalUnit", nil))
		require.NoError(t, d.Add("CN=Ben,"+unit, "contact", nil))
		return d.Set(unit, "description", "changed after its child was made")
	})
	for _, flags := range []int64{incremental, incremental | ancestors} {
		seen, ordered := map[string]bool{}, true
		for cookie, more := c.cookie, true; more; {
			list, next, goesOn, err := round(c.conn, request(s.BaseDN(), "(objectClass=*)"), flags, cookie)
			require.NoError(t, err)
			for _, e := range list {
				_, parent, _ := strings.Cut(e.DN, ",")
				ordered = ordered && (seen[parent] || strings.HasPrefix(parent, "DC=") || strings.HasPrefix(parent, "OU=Company"))
				seen[e.DN] = true
			}
			cookie, more = next, goesOn
		}
		require.Equal(t, flags&ancestors != 0, ordered)
	}
}

func TestDirSyncRefusesWhatItMust(t *testing.T) {
	s := start(t, fakedir.Config{})
	plain := "CN=svc-backup,OU=Service Accounts," + s.BaseDN()
	alter(t, s, func(d *fakedir.Changes) error { return d.SetPassword(plain, "correct horse") })
	other := dial(t, s)
	require.NoError(t, other.Bind(plain, "correct horse"))
	c := follow(t, s)
	everything := "(objectClass=*)"
	paged := request(s.BaseDN(), everything)
	paged.Controls = []ldap.Control{ldap.NewControlPaging(10)}
	for _, x := range []struct {
		name   string
		conn   *ldap.Conn
		q      *ldap.SearchRequest
		flags  int64
		cookie []byte
		code   uint16
	}{
		{"a base that is no naming context", c.conn, request(s.PeopleDN(), everything), 0, nil, 50},
		{"the same with OBJECT_SECURITY", c.conn, request(s.PeopleDN(), everything), objectSecurity, nil, 53},
		{"a base that is not there", c.conn, request("OU=Nowhere,"+s.BaseDN(), everything), 0, nil, 50},
		{"together with paging", c.conn, paged, 0, nil, 1},
		{"an ordinary account", other, request(s.BaseDN(), everything), 0, nil, 50},
		{"garbage", c.conn, request(s.BaseDN(), everything), 0, []byte("garbage"), 12},
		{"half a cookie", c.conn, request(s.BaseDN(), everything), 0, c.cookie[:len(c.cookie)-5], 12},
		{"somebody without a bind", dial(t, s), request(s.BaseDN(), everything), 0, nil, 1},
	} {
		_, _, _, err := round(x.conn, x.q, x.flags, x.cookie)
		refused(t, err, x.code)
	}
	for _, base := range []string{s.BaseDN(), "CN=Configuration," + s.BaseDN()} {
		list, _, _, err := round(other, request(base, everything), objectSecurity, nil)
		require.NoError(t, err)
		require.NotEmpty(t, list, "with OBJECT_SECURITY everybody may")
	}
}
