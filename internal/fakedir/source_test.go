package fakedir_test

import (
	"context"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

func source(s *fakedir.Server) *ldap.Source {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CAPEM())
	return &ldap.Source{
		URL: s.URL(), Bind: s.BindUPN(), CAs: roots, PageSize: 100,
		Password: ldap.SecretFunc(func(context.Context) (string, error) { return s.Password(), nil }),
	}
}

// whole is what our own LDAP source makes of the directory.
type whole struct {
	objects  map[adsync.Kind]int
	members  map[adsync.Anchor]int
	problems int
	done     bool
	err      error
}

func readAll(t *testing.T, s *ldap.Source) whole {
	out := whole{objects: map[adsync.Kind]int{}, members: map[adsync.Anchor]int{}}
	for b, err := range s.Read(t.Context(), adsync.ReadRequest{Attributes: []string{"mail", "manager", "displayName", "description", "accountEnabled"}}) {
		if out.err = err; err != nil {
			break
		}
		out.done = b.Done
		for _, c := range b.Changes {
			out.add(c)
		}
	}
	return out
}

func (w *whole) add(c adsync.Change) {
	if c.Problem != nil {
		w.problems++
	}
	if !c.MembersOnly {
		w.objects[c.Object.Kind]++
	}
	if c.Members != nil {
		w.members[c.Object.Anchor] += len(c.Members.Add)
	}
}

func TestOurOwnSourceReadsEverything(t *testing.T) {
	s := start(t, fakedir.Config{People: 1700})
	got := readAll(t, source(s))
	require.NoError(t, got.err)
	require.True(t, got.done)
	require.Zero(t, got.problems)
	require.Equal(t, map[adsync.Kind]int{
		adsync.User: 1700 + 2, adsync.Contact: 50, adsync.Group: 21, adsync.OrganizationalUnit: 16,
	}, got.objects)
	most := 0
	for _, n := range got.members {
		most = max(most, n)
	}
	require.Equal(t, 1700, most, "the big group, in ranges nobody asked for")
}

func TestOurOwnSourceNeverTakesAFaultForTheEnd(t *testing.T) {
	s := start(t, fakedir.Config{})
	for name, f := range map[string]fakedir.Fault{
		"busy":        {Paged: true, Search: 3, Code: 51, Times: -1},
		"unavailable": {Paged: true, Search: 3, Code: 52, Times: -1},
		"size limit":  {Paged: true, Search: 3, After: 10, Code: 4, Times: -1},
		"cut":         {Paged: true, Search: 3, After: 10, Cut: true, Times: -1},
	} {
		s.Inject(f)
		got := readAll(t, source(s))
		require.Error(t, got.err, name)
		require.False(t, got.done, name)
		s.Heal()
	}
	require.NoError(t, s.Vanish(s.PeopleDN()))
	require.NoError(t, readAll(t, source(s)).err, "a unit below the base is not the base")
	gone := source(s)
	gone.BaseDNs = []string{s.PeopleDN()}
	require.Error(t, readAll(t, gone).err)
}
