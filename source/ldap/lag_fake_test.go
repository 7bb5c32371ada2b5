package ldap_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

// Several controllers with lag, through their own replication attributes.
//
// Red when caughtUp is left out; when fail-over is refused to one that has
// everything.
func TestFailOverBetweenControllersThatReplicate(t *testing.T) {
	ldap.PauseFor(t, time.Millisecond)
	for name, c := range map[string]struct {
		then func(dc1, dc2 *fakedir.Server) error // after the first read
		lags bool
	}{
		"nothing happens": {then: func(dc1, dc2 *fakedir.Server) error { return nil }},
		"replicated": {then: func(dc1, dc2 *fakedir.Server) error {
			return errors.Join(hire(dc1, "late"), dc2.ReplicateFrom(dc1))
		}},
		"not replicated": {lags: true, then: func(dc1, dc2 *fakedir.Server) error { return hire(dc1, "late") }},
		"removed, and not replicated": {lags: true, then: func(dc1, dc2 *fakedir.Server) error {
			return dc1.Change(func(d *fakedir.Changes) error { return d.Remove("CN=early," + dc1.PeopleDN()) })
		}},
		"came from the other": {then: func(dc1, dc2 *fakedir.Server) error {
			return errors.Join(hire(dc2, "late"), dc1.ReplicateFrom(dc2))
		}},
		"both changed, one way only": {lags: true, then: func(dc1, dc2 *fakedir.Server) error {
			return errors.Join(hire(dc2, "late"), dc1.ReplicateFrom(dc2), hire(dc1, "later"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dc1, src := fake(t, fakedir.Config{People: 20})
			require.NoError(t, hire(dc1, "early"))
			dc2, err := dc1.Another("")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, dc2.Close()) })
			src.Alternates = []string{dc2.URL()}
			kept := notes{}
			mustCollect(t, src, adsync.ReadRequest{Notes: kept})
			require.NoError(t, c.then(dc1, dc2))
			before := mustCollect(t, src, adsync.ReadRequest{Notes: kept})
			require.NoError(t, dc1.Close())
			after, err := collect(t.Context(), src, adsync.ReadRequest{Notes: kept})
			if c.lags {
				require.ErrorContains(t, err, "has not yet received")
				return
			}
			require.NoError(t, err)
			require.Contains(t, after.witness.Server, "dc2")
			require.Len(t, after.objects, len(before.objects))
		})
	}
}

// Red when caughtUp is left out.
func TestAControllerFromAnOlderCopyIsNotRead(t *testing.T) {
	ldap.PauseFor(t, time.Millisecond)
	for name, back := range map[string]func(*fakedir.Server, *fakedir.Backup){"restored": (*fakedir.Server).Restore, "rolled back": (*fakedir.Server).RollBack} {
		t.Run(name, func(t *testing.T) {
			dc1, src := fake(t, fakedir.Config{People: 20})
			copied := dc1.Backup()
			require.NoError(t, hire(dc1, "late"))
			kept := notes{}
			mustCollect(t, src, adsync.ReadRequest{Notes: kept})
			back(dc1, copied)
			_, err := collect(t.Context(), src, adsync.ReadRequest{Notes: kept})
			require.ErrorContains(t, err, "restored from a copy")
		})
	}
}

func hire(s *fakedir.Server, name string) error {
	return s.Change(func(d *fakedir.Changes) error {
		return d.Add("CN="+name+","+s.PeopleDN(), "user", map[string][]string{"sAMAccountName": {name}, "mail": {name + "@example.com"}})
	})
}
