package ldap_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
)

var followed = []string{"displayName", "description", "sAMAccountName", "accountEnabled", "manager", "objectGUID", "dn", "cn"}

// histories gives the seeds to try; ADSYNC_TEST_SEED names a single one.
func histories(t testing.TB, n int) (seeds []uint64) {
	if text := os.Getenv("ADSYNC_TEST_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		return []uint64{seed}
	}
	for i := range n {
		seeds = append(seeds, uint64(i+1))
	}
	return seeds
}

// play lets a history happen and reads its changes, and holds what is known
// against a full read each time that the way of reading sees everything.
func play(t *testing.T, seed uint64, change func(testserver.AD, *ldap.Source), way string) {
	ad, s := samba(t)
	h := newHistory(t, administratorOf(t, ad), ad.BaseDN, seed)
	s.BaseDNs = []string{h.base()}
	change(ad, s)
	k := newKnown(s, adsync.ReadRequest{Attributes: followed, Scope: scopeOf(h, seed)})
	h.happen(30)
	k.read(t)
	held := 0
	for i := range 25 {
		h.happen(1 + h.rand.IntN(6))
		if s.SweepEvery > 0 && i%3 == 2 {
			time.Sleep(s.SweepEvery)
		}
		k.read(t)
		require.NoError(t, k.gone)
		require.Equal(t, way, k.method.Name, k.method.Why)
		if k.method.RemovalsAsOf.IsZero() || k.sweep {
			requireSame(t, h, k)
			held++
		}
	}
	require.Greater(t, held, 5)
}

// After every delta what is known equals a full read: nothing lost, nobody
// removed by mistake.
func TestSambaEqualsAFullReadAfterEveryDelta(t *testing.T) {
	for way, change := range map[string]func(testserver.AD, *ldap.Source){
		"dirsync": func(testserver.AD, *ldap.Source) {},
		"usn":     func(_ testserver.AD, s *ldap.Source) { s.Delta = ldap.DeltaUSN },
	} {
		for _, seed := range histories(t, 3) {
			t.Run(fmt.Sprint(way, " ", seed), func(t *testing.T) { play(t, seed, change, way) })
		}
	}
}

// A way that does not see everything equals it after each sweep.
func TestSambaEqualsAFullReadAfterEverySweep(t *testing.T) {
	plain := func(ad testserver.AD, s *ldap.Source) {
		s.Bind, s.Password = ad.PlainUser, text(ad.PlainPassword)
	}
	for name, c := range map[string]struct {
		way    string
		change func(testserver.AD, *ldap.Source)
	}{
		"dirsync without rights": {"dirsync", plain},
		"usn without rights":     {"usn", func(ad testserver.AD, s *ldap.Source) { plain(ad, s); s.Delta = ldap.DeltaUSN }},
		"whenchanged":            {"whenchanged", func(_ testserver.AD, s *ldap.Source) { s.Delta = ldap.DeltaWhenChanged }},
		"another anchor":         {"dirsync", func(_ testserver.AD, s *ldap.Source) { s.AnchorAttribute = []string{"sAMAccountName", "objectGUID"} }},
	} {
		for _, seed := range histories(t, 2) {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				play(t, seed, func(ad testserver.AD, s *ldap.Source) { c.change(ad, s); s.SweepEvery = 300 * time.Millisecond }, c.way)
			})
		}
	}
}

// scopeOf selects in another way for each history.
func scopeOf(h *history, seed uint64) *adsync.Scope {
	units := []adsync.Unit{{DN: h.base()}, {DN: "OU=Apart," + h.base(), Deselect: true}}
	switch seed % 3 {
	case 0:
		return nil
	case 1:
		return &adsync.Scope{Units: units}
	}
	return &adsync.Scope{Units: units, Filter: "(description=Sales)"}
}

func requireSame(t testing.TB, h *history, k *known) {
	t.Helper()
	wrong, missing := k.difference(k.fresh(t))
	require.Empty(t, wrong, "known and not true, after %d things", len(h.told))
	require.Empty(t, missing, "true and not known, after %d things", len(h.told))
	require.Empty(t, k.problems)
}
