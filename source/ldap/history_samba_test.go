package ldap_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
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

// After every delta what is known equals a full read: nothing lost, nobody
// removed by mistake.
func TestSambaDirSyncEqualsAFullReadAfterEveryDelta(t *testing.T) {
	ad, _ := samba(t)
	conn := administratorOf(t, ad)
	for _, seed := range histories(t, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h := newHistory(t, conn, ad.BaseDN, seed)
			_, s := samba(t)
			s.BaseDNs = []string{h.base()}
			k := newKnown(s, adsync.ReadRequest{Attributes: followed, Scope: scopeOf(h, seed)})
			h.happen(30)
			k.read(t)
			for range 25 {
				h.happen(1 + h.rand.IntN(6))
				k.read(t)
				require.NoError(t, k.gone)
				require.Equal(t, "dirsync", k.method.Name, k.method.Why)
				requireSame(t, h, k)
			}
		})
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
