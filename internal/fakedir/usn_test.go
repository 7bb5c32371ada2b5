package fakedir_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

// TestOnlyWhatChangesTakesANumber is red when the same value counts as a change.
func TestOnlyWhatChangesTakesANumber(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	person := search(t, c, s.PeopleDN(), "(employeeID=E000001)")[0].DN
	boss := search(t, c, s.PeopleDN(), "(employeeID=E000002)")[0].DN
	group := "CN=Project Apollo,OU=Groups,OU=Company," + s.BaseDN()
	for _, x := range []struct {
		name    string
		change  func(*fakedir.Changes) error
		touched int
	}{
		{"another value", func(d *fakedir.Changes) error { return d.Set(person, "title", "x") }, 1},
		{"the same value", func(d *fakedir.Changes) error { return d.Set(person, "title", "x") }, 0},
		{"nothing where nothing was", func(d *fakedir.Changes) error { return d.Set(person, "info") }, 0},
		{"a manager", func(d *fakedir.Changes) error { return d.Set(person, "manager", boss) }, 1},
		{"the same manager", func(d *fakedir.Changes) error { return d.Set(person, "manager", boss) }, 0},
		{"a member: the group's number", func(d *fakedir.Changes) error { return d.Link(group, "member", person) }, 1},
		{"a member again", func(d *fakedir.Changes) error { return d.Link(group, "member", person) }, 0},
		{"out", func(d *fakedir.Changes) error { return d.Unlink(group, "member", person) }, 1},
		{"out again", func(d *fakedir.Changes) error { return d.Unlink(group, "member", person) }, 0},
		{"a local attribute", func(d *fakedir.Changes) error { return d.Set(person, "logonCount", "9") }, 0},
		{"the same place", func(d *fakedir.Changes) error { return d.Move(person, person) }, 0},
		{"a new object with five attributes", func(d *fakedir.Changes) error {
			return d.Add("CN=Ada,"+s.PeopleDN(), "user", map[string][]string{"mail": {"a"}, "title": {"b"}, "manager": {boss}})
		}, 1},
		{"a deletion", func(d *fakedir.Changes) error { return d.Remove(person) }, 1},
	} {
		before := s.HighestUSN()
		alter(t, s, x.change)
		require.Equal(t, before+int64(x.touched), s.HighestUSN(), x.name)
		found := search(t, c, s.BaseDN(), fmt.Sprintf("(uSNChanged>=%d)", before+1))
		if x.name != "a deletion" {
			require.Len(t, found, x.touched, x.name)
		}
	}
}

func TestTimePassesOnlyWhenTold(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	was := read(t, c, "", "currentTime").GetAttributeValue("currentTime")
	require.Equal(t, was, read(t, c, "", "currentTime").GetAttributeValue("currentTime"))
	s.Pass(90 * time.Minute)
	require.Equal(t, s.Now().Format("20060102150405")+".0Z", read(t, c, "", "currentTime").GetAttributeValue("currentTime"))
	alter(t, s, func(d *fakedir.Changes) error { return d.Set(s.PeopleDN(), "description", "x") })
	e := read(t, c, s.PeopleDN(), "whenChanged", "whenCreated")
	require.Equal(t, s.Now().Format("20060102150405")+".0Z", e.GetAttributeValue("whenChanged"))
	require.Less(t, e.GetAttributeValue("whenCreated"), e.GetAttributeValue("whenChanged"))
}
