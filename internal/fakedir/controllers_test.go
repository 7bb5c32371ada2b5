package fakedir_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

func another(t *testing.T, s *fakedir.Server) *fakedir.Server {
	t.Helper()
	dc, err := s.Another("")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, dc.Close()) })
	return dc
}

// same writes what both controllers must agree on: everything without what is
// a controller's own.
func same(t *testing.T, s *fakedir.Server) string {
	t.Helper()
	var out []string
	for line := range strings.Lines(dump(t, s)) {
		if !strings.HasPrefix(line, "uSN") && !strings.HasPrefix(line, "whenChanged") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

func meet(t *testing.T, a, b *fakedir.Server) {
	t.Helper()
	require.NoError(t, a.ReplicateFrom(b))
	require.NoError(t, b.ReplicateFrom(a))
	require.NoError(t, a.ReplicateFrom(b)) // renamed rivals
}

func TestAnotherControllerIsTheSameDirectory(t *testing.T) {
	dc1 := start(t, fakedir.Config{})
	dc2 := another(t, dc1)
	require.Equal(t, "dc2.corp.example.com", dc2.HostName())
	require.Equal(t, same(t, dc1), same(t, dc2))
	require.NotEqual(t, dc1.InvocationID(), dc2.InvocationID())
	for _, s := range []*fakedir.Server{dc1, dc2} {
		c := bound(t, s)
		root := read(t, c, "", "dnsHostName", "dsServiceName", "highestCommittedUSN")
		require.Equal(t, s.HostName(), root.GetAttributeValue("dnsHostName"))
		require.Equal(t, strconv.FormatInt(s.HighestUSN(), 10), root.GetAttributeValue("highestCommittedUSN"))
		settings := read(t, c, root.GetAttributeValue("dsServiceName"), "invocationId")
		require.Equal(t, s.InvocationID(), settings.GetRawAttributeValue("invocationId"))
	}
	require.Error(t, dc1.ReplicateFrom(dc1))
	require.Error(t, dc1.ReplicateFrom(start(t, fakedir.Config{})), "another directory")
}

func TestChangesTravelOnlyByReplication(t *testing.T) {
	dc1 := start(t, fakedir.Config{})
	dc2 := another(t, dc1)
	ada := "CN=Ada," + dc1.PeopleDN()
	alter(t, dc1, func(d *fakedir.Changes) error {
		require.NoError(t, d.Add(ada, "user", nil))
		return d.SetPassword(ada, "correct horse")
	})
	require.Empty(t, search(t, bound(t, dc2), dc2.PeopleDN(), "(cn=Ada)"))
	before := dc2.HighestUSN()
	dc2.Pass(time.Hour)
	require.NoError(t, dc2.ReplicateFrom(dc1))
	require.Equal(t, before+1, dc2.HighestUSN(), "one object, one number")
	e := search(t, bound(t, dc2), dc2.PeopleDN(), "(cn=Ada)")[0]
	require.Equal(t, strconv.FormatInt(dc2.HighestUSN(), 10), e.GetAttributeValue("uSNChanged"))
	require.NotEqual(t, e.GetAttributeValue("whenCreated"), e.GetAttributeValue("whenChanged"), "when it came here")
	require.NoError(t, dial(t, dc2).Bind(ada, "correct horse"))
	require.NoError(t, dc2.ReplicateFrom(dc1))
	require.Equal(t, before+1, dc2.HighestUSN(), "nothing new, nothing changed")
}

// TestControllersAgreeInTheEnd plays random histories on three controllers that
// hear of each other only now and then. Red when what a controller renames by itself is
// not for the others to hear.
func TestControllersAgreeInTheEnd(t *testing.T) {
	for seed := range uint64(20) {
		dcs := []*fakedir.Server{start(t, fakedir.Config{People: 5})}
		alter(t, dcs[0], func(d *fakedir.Changes) error {
			for i := range 3 {
				require.NoError(t, d.Add(fmt.Sprintf("OU=Unit %d,OU=Company,%s", i, dcs[0].BaseDN()), "organizationalUnit", nil))
				require.NoError(t, d.Add(fmt.Sprintf("CN=Group %d,OU=Company,%s", i, dcs[0].BaseDN()), "group", nil))
			}
			return nil
		})
		dcs = append(dcs, another(t, dcs[0]), another(t, dcs[0]))
		r := rand.New(rand.NewPCG(seed, 1))
		for step := range 200 {
			dc := dcs[r.IntN(len(dcs))]
			randomChange(dc, r, step)
			dc.Pass(time.Second)
			if from := dcs[r.IntN(len(dcs))]; from != dc && r.IntN(5) == 0 {
				require.NoError(t, dc.ReplicateFrom(from))
			}
		}
		for range 3 {
			meet(t, dcs[0], dcs[1])
			meet(t, dcs[1], dcs[2])
			meet(t, dcs[2], dcs[0])
		}
		agree(t, seed, dcs[0], dcs[1])
		agree(t, seed, dcs[0], dcs[2])
	}
}

// agree shows the first object on which two controllers differ.
func agree(t *testing.T, seed uint64, a, b *fakedir.Server) {
	t.Helper()
	left, right := strings.Split(same(t, a), "\n\n"), strings.Split(same(t, b), "\n\n")
	for i := range left {
		require.Less(t, i, len(right), "seed %d", seed)
		require.Equal(t, left[i], right[i], "seed %d", seed)
	}
	require.Len(t, right, len(left), "seed %d", seed)
}

// randomChange does one thing to what it finds; what cannot be done is not done.
func randomChange(s *fakedir.Server, r *rand.Rand, step int) {
	_ = s.Change(func(d *fakedir.Changes) error {
		unit := fmt.Sprintf("OU=Unit %d,OU=Company,%s", r.IntN(3), s.BaseDN())
		person := fmt.Sprintf("CN=Somebody %d,%s", r.IntN(6), unit)
		group := fmt.Sprintf("CN=Group %d,OU=Company,%s", r.IntN(3), s.BaseDN())
		switch r.IntN(11) {
		case 0:
			return d.Add(unit, "organizationalUnit", nil)
		case 1, 2, 3:
			return d.Add(person, "user", map[string][]string{"title": {fmt.Sprint(step)}})
		case 4:
			return d.Add(group, "group", nil)
		case 5:
			return d.Set(person, "title", fmt.Sprint(step))
		case 6:
			return d.Link(group, "member", person)
		case 7:
			return d.Unlink(group, "member", person)
		case 8:
			return d.Set(person, "manager", fmt.Sprintf("CN=Somebody %d,%s", r.IntN(6), unit))
		case 9:
			return d.Move(person, fmt.Sprintf("CN=Somebody %d,OU=Unit %d,OU=Company,%s", r.IntN(6), r.IntN(3), s.BaseDN()))
		}
		if r.IntN(4) == 0 {
			return d.Remove(unit)
		}
		return d.Remove(person)
	})
}

// TestOfTwoWritesTheStrongerWins: the higher version, then the later time. Red
// when a controller takes whatever it hears.
func TestOfTwoWritesTheStrongerWins(t *testing.T) {
	dc1 := start(t, fakedir.Config{})
	dc2 := another(t, dc1)
	person := search(t, bound(t, dc1), dc1.PeopleDN(), "(employeeID=E000001)")[0].DN
	set := func(s *fakedir.Server, attr, value string) {
		alter(t, s, func(d *fakedir.Changes) error { return d.Set(person, attr, value) })
	}
	set(dc1, "title", "first")
	set(dc1, "title", "second")
	dc2.Pass(time.Hour)
	set(dc2, "title", "once, later")
	set(dc2, "department", "later")
	set(dc1, "department", "earlier")
	group := "CN=Project Apollo,OU=Groups,OU=Company," + dc1.BaseDN()
	member := func(s *fakedir.Server, f func(*fakedir.Changes) func(string, string, ...string) error) {
		alter(t, s, func(d *fakedir.Changes) error { return f(d)(group, "member", person) })
	}
	in := func(d *fakedir.Changes) func(string, string, ...string) error { return d.Link }
	out := func(d *fakedir.Changes) func(string, string, ...string) error { return d.Unlink }
	member(dc1, in)
	member(dc1, out)
	member(dc1, in)
	member(dc2, in)
	member(dc2, out)
	require.NoError(t, dc1.ReplicateFrom(dc2))
	require.NoError(t, dc2.ReplicateFrom(dc1))
	for _, s := range []*fakedir.Server{dc1, dc2} {
		e := read(t, bound(t, s), person, "title", "department")
		require.Equal(t, "second", e.GetAttributeValue("title"))
		require.Equal(t, "later", e.GetAttributeValue("department"))
		require.Len(t, search(t, bound(t, s), group, "(member="+ldap.EscapeFilter(person)+")"), 1)
	}
}

// TestChildOfADeletedUnitIsRescued is red when only the controller that never
// saw the unit alive sends the child to the lost and found.
func TestChildOfADeletedUnitIsRescued(t *testing.T) {
	dc1 := start(t, fakedir.Config{})
	unit := "OU=New," + dc1.BaseDN()
	alter(t, dc1, func(d *fakedir.Changes) error { return d.Add(unit, "organizationalUnit", nil) })
	dc2 := another(t, dc1)
	alter(t, dc1, func(d *fakedir.Changes) error { return d.Remove(unit) })
	alter(t, dc2, func(d *fakedir.Changes) error { return d.Add("CN=Ada,"+unit, "contact", nil) })
	require.NoError(t, dc2.ReplicateFrom(dc1))
	require.Equal(t, "CN=Ada,CN=LostAndFound,"+dc2.BaseDN(), search(t, bound(t, dc2), dc2.BaseDN(), "(cn=Ada)")[0].DN)
	require.NoError(t, dc1.ReplicateFrom(dc2))
	require.Equal(t, same(t, dc1), same(t, dc2))
}

func TestCookieOfAnotherController(t *testing.T) {
	dc1 := start(t, fakedir.Config{})
	dc2 := another(t, dc1)
	c := follow(t, dc1)
	there := "OU=Company," + dc1.BaseDN()
	add := func(s *fakedir.Server, name string) {
		alter(t, s, func(d *fakedir.Changes) error { return d.Add("CN="+name+","+there, "contact", nil) })
	}
	add(dc1, "seen")
	require.Len(t, c.news("name"), 1)
	require.NoError(t, dc2.ReplicateFrom(dc1))
	add(dc1, "not replicated")
	require.Len(t, c.news("name"), 1)
	add(dc2, "its own")
	c.conn = bound(t, dc2)
	require.Equal(t, []string{"CN=its own name=its own"}, lines(c.news("name")), "what dc1 had shown does not come again")
	require.NoError(t, dc2.ReplicateFrom(dc1))
	require.Equal(t, []string{"CN=not replicated name=not replicated"}, lines(c.news("name")), "dc2's cookie never had it")
	require.Empty(t, c.news("name"))

	c.conn = bound(t, dc1)
	dc1.RefuseForeignCookies(ldap.LDAPResultUnwillingToPerform)
	_, _, _, err := round(c.conn, request(c.base, "(objectClass=*)"), incremental, c.cookie)
	refused(t, err, ldap.LDAPResultUnwillingToPerform)
	dc1.Heal()
	c.conn = bound(t, dc1)
	c.news("name")
	dc1.RefuseForeignCookies(ldap.LDAPResultUnwillingToPerform)
	c.news("name") // its own
}

func TestRestoredController(t *testing.T) {
	dc1 := start(t, fakedir.Config{})
	dc2 := another(t, dc1)
	there := "OU=Company," + dc1.BaseDN()
	add := func(name string) {
		alter(t, dc1, func(d *fakedir.Changes) error { return d.Add("CN="+name+","+there, "contact", nil) })
	}
	add("before")
	old, number, backup := dc1.InvocationID(), dc1.HighestUSN(), dc1.Backup()
	c := follow(t, dc1)
	add("lost")
	require.NoError(t, dc2.ReplicateFrom(dc1))
	require.Len(t, c.news("name"), 1)

	dc1.Restore(backup)
	c.conn = bound(t, dc1)
	require.NotEqual(t, old, dc1.InvocationID())
	require.Empty(t, search(t, c.conn, there, "(cn=lost)"))
	add("after")
	require.Equal(t, []string{"CN=after name=after"}, lines(c.news("name")), "nothing tells that somebody was lost")
	require.NoError(t, dc1.ReplicateFrom(dc2))
	require.Equal(t, []string{"CN=lost name=lost"}, lines(c.news("name")), "it comes again")
	require.Len(t, search(t, c.conn, there, "(cn=lost)"), 1)

	dc1.RollBack(backup)
	require.Equal(t, old, dc1.InvocationID())
	require.Equal(t, number, dc1.HighestUSN())
}

// TestRolledBackControllerHidesChanges shows the harm of a rollback: whoever
// saw the numbers before misses what got them again.
func TestRolledBackControllerHidesChanges(t *testing.T) {
	dc1 := start(t, fakedir.Config{})
	dc2 := another(t, dc1)
	there := "OU=Company," + dc1.BaseDN()
	backup := dc1.Backup()
	for i := range 5 {
		alter(t, dc1, func(d *fakedir.Changes) error { return d.Add(fmt.Sprintf("CN=lost %d,%s", i, there), "contact", nil) })
	}
	require.NoError(t, dc2.ReplicateFrom(dc1))
	c := follow(t, dc1)
	dc1.RollBack(backup)
	c.conn = bound(t, dc1)
	alter(t, dc1, func(d *fakedir.Changes) error { return d.Add("CN=hidden,"+there, "contact", nil) })
	require.Empty(t, c.news("name"))
	require.NoError(t, dc2.ReplicateFrom(dc1))
	require.Empty(t, search(t, bound(t, dc2), there, "(cn=hidden)"))
	require.NoError(t, dc1.ReplicateFrom(dc2))
	require.Empty(t, search(t, bound(t, dc1), there, "(cn=lost 0)"), "dc1 takes its number for one of its own")
}

func TestLifeGoesOnAfterARestore(t *testing.T) {
	s := start(t, fakedir.Config{})
	backup := s.Backup()
	for range 3 {
		s.Advance()
	}
	s.Restore(backup)
	for range 3 {
		s.Advance()
	}
	s.RollBack(backup)
	s.Advance()
	require.NotEmpty(t, search(t, bound(t, s), s.PeopleDN(), "(employeeID=E00000*)"))
}
