package ldap_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
)

var followedByName = []string{"uid", "cn", "sn", "mail", "description", "manager", "entryUUID", "dn", "employeeType"}

// chronicles gives n seeds to try, from the first on; ADSYNC_TEST_SEED names a
// single one.
func chronicles(t testing.TB, first, n int) (seeds []uint64) {
	if text := os.Getenv("ADSYNC_TEST_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		return []uint64{seed}
	}
	for i := range n {
		seeds = append(seeds, uint64(first+i))
	}
	return seeds
}

// slapdKinds are the servers that behave differently: one that remembers what
// was deleted and one that only names what is left; one that cleans up after
// renamings and deletions, unseen, and one that does not.
var slapdKinds = []struct {
	name    string
	tidies  bool
	options []testserver.Option
}{
	{"plain", false, nil},
	{"session log", false, []testserver.Option{testserver.SessionLog(500)}},
	{"refint", true, []testserver.Option{testserver.RefInt()}},
	{"session log and refint", true, []testserver.Option{testserver.SessionLog(500), testserver.RefInt()}},
}

// scopeByName selects in another way for each history.
func scopeByName(seed uint64, base string) (bases []string, scope *adsync.Scope) {
	switch seed % 4 {
	case 1:
		return []string{"ou=People," + base, "ou=Groups," + base}, nil
	case 2:
		return nil, &adsync.Scope{Filter: "(!(employeeType=external))"}
	case 3:
		return nil, &adsync.Scope{Units: []adsync.Unit{{DN: "ou=People," + base}, {DN: "ou=Staff,ou=People," + base, Deselect: true}}}
	}
	return nil, nil
}

// After every read of changes what is known equals a full read, whatever the
// server remembers and whatever it does unseen.
func TestSlapdSyncreplEqualsAFullReadAfterEveryDelta(t *testing.T) {
	for i, kind := range slapdKinds {
		for _, seed := range chronicles(t, 2*i+1, 2) {
			t.Run(fmt.Sprintf("%s/%d", kind.name, seed), func(t *testing.T) {
				server, s := slapd(t, kind.options...)
				h := newChronicle(t, server, seed)
				h.tidies = kind.tidies
				h.happen(60)
				k := follow(t, s, seed, server.BaseDN)
				for range 30 {
					h.happen(1 + h.rand.IntN(5))
					k.read(t)
					if k.gone != nil { // the last one of a base has left
						require.ErrorContains(t, k.gone, "nothing any more")
						continue
					}
					require.Equal(t, "syncrepl", k.method.Name, k.method.Why)
					requireTrue(t, h, k)
				}
			})
		}
	}
}

// The same by timestamps, after each sweep; in between nothing is known that
// is not true of those who are still there.
func TestSlapdModifyTimestampEqualsAFullReadAfterTheSweep(t *testing.T) {
	for i, kind := range slapdKinds[1:3] {
		for _, seed := range chronicles(t, 2*i+1, 2) {
			t.Run(fmt.Sprintf("%s/%d", kind.name, seed), func(t *testing.T) {
				server, s := slapd(t, append(kind.options, testserver.NoSyncProvider())...)
				s.Overlap = time.Second
				h := newChronicle(t, server, seed)
				h.tidies = kind.tidies
				h.happen(60)
				k := follow(t, s, seed, server.BaseDN)
				for range 8 {
					s.SweepEvery = time.Hour
					for range 3 {
						h.happen(1 + h.rand.IntN(5))
						k.read(t)
						require.False(t, k.sweep)
					}
					s.SweepEvery = 1
					k.read(t)
					require.NoError(t, k.gone)
					require.Equal(t, "modifytimestamp", k.method.Name, k.method.Why)
					require.True(t, k.sweep)
					requireTrue(t, h, k)
				}
			})
		}
	}
}

func follow(t testing.TB, s *ldap.Source, seed uint64, base string) *known {
	r := adsync.ReadRequest{Attributes: followedByName}
	s.BaseDNs, r.Scope = scopeByName(seed, base)
	k := newKnown(s, r)
	k.remains = true
	k.read(t)
	require.True(t, k.snapshot)
	require.NotEmpty(t, k.cursor, k.method.Why)
	return k
}

func requireTrue(t testing.TB, h *chronicle, k *known) {
	t.Helper()
	wrong, missing := k.difference(k.fresh(t))
	if len(wrong)+len(missing) > 0 {
		t.Fatalf("after %d events, %d known and not true:\n%s\n%d true and not known:\n%s\nproblems: %v", len(h.told), len(wrong), strings.Join(wrong, "\n"), len(missing), strings.Join(missing, "\n"), k.problems)
	}
}
