package ldap_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
)

var followed = []string{"displayName", "sAMAccountName", "accountEnabled", "manager", "objectGUID", "dn", "cn"}

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

// variant is a configuration to try.
type variant func(testserver.AD, *ldap.Source, *history, *adsync.ReadRequest)

func by(way ldap.Delta) variant {
	return func(_ testserver.AD, s *ldap.Source, _ *history, _ *adsync.ReadRequest) { s.Delta = way }
}

// ofGroup selects by a group, and everything in it.
func ofGroup(way ldap.Delta) variant {
	return func(_ testserver.AD, s *ldap.Source, h *history, r *adsync.ReadRequest) {
		s.Delta, r.Scope = way, &adsync.Scope{Groups: []string{h.chosen()}}
	}
}

// farEnds maps attributes that change without the object.
func farEnds(_ testserver.AD, _ *ldap.Source, _ *history, r *adsync.ReadRequest) {
	r.Attributes = append(slices.Clone(r.Attributes), "memberOf", "directReports")
}

func withoutRights(way ldap.Delta) variant {
	return func(ad testserver.AD, s *ldap.Source, _ *history, _ *adsync.ReadRequest) {
		s.Bind, s.Password, s.Delta = ad.PlainUser, text(ad.PlainPassword), way
	}
}

func otherAnchor(_ testserver.AD, s *ldap.Source, _ *history, _ *adsync.ReadRequest) {
	s.AnchorAttribute = []string{"sAMAccountName", "objectGUID"}
}

// play lets a history happen and reads its changes, and holds what is known
// against a full read each time that the way of reading sees everything.
func play(t *testing.T, seed uint64, change variant, way string) {
	ad, s := samba(t)
	h := newHistory(t, administratorOf(t, ad), ad.BaseDN, seed)
	s.BaseDNs = []string{h.base()}
	r := adsync.ReadRequest{Attributes: followed, Scope: scopeOf(h, seed)}
	change(ad, s, h, &r)
	playOn(t, h, newKnown(s, r), way)
}

func playOn(t *testing.T, h *history, k *known, way string) {
	s := k.source
	h.happen(30)
	k.read(t)
	held := 0
	for i := range 15 {
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
	require.GreaterOrEqual(t, held, 5)
}

// After every delta what is known equals a full read: nothing lost, nobody
// removed by mistake.
func TestSambaEqualsAFullReadAfterEveryDelta(t *testing.T) {
	for _, c := range []struct {
		name, way string
		change    variant
	}{
		{"dirsync", "dirsync", by(ldap.DeltaAuto)},
		{"usn", "usn", by(ldap.DeltaUSN)},
		{"dirsync by group", "dirsync", ofGroup(ldap.DeltaAuto)},
		{"usn by group", "usn", ofGroup(ldap.DeltaUSN)},
		{"far ends", "dirsync", farEnds},
	} {
		for _, seed := range histories(t, 1) {
			t.Run(fmt.Sprint(c.name, " ", seed), func(t *testing.T) { play(t, seed, c.change, c.way) })
		}
	}
}

// A way that does not see everything equals it after each sweep.
func TestSambaEqualsAFullReadAfterEverySweep(t *testing.T) {
	for _, c := range []struct {
		name, way string
		change    variant
	}{
		{"dirsync without rights", "dirsync", withoutRights(ldap.DeltaAuto)},
		{"usn without rights", "usn", withoutRights(ldap.DeltaUSN)},
		{"whenchanged", "whenchanged", by(ldap.DeltaWhenChanged)},
		{"another anchor", "dirsync", otherAnchor},
	} {
		for _, seed := range histories(t, 1) {
			t.Run(fmt.Sprint(c.name, " ", seed), func(t *testing.T) {
				play(t, seed, func(ad testserver.AD, s *ldap.Source, h *history, r *adsync.ReadRequest) {
					c.change(ad, s, h, r)
					s.SweepEvery = 300 * time.Millisecond
				}, c.way)
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
	for anchor, problem := range k.problems {
		// Other tests share the controller, and delete objects of theirs while this
		// one looks at what changed.
		require.NotContains(t, k.objects, anchor, "%v", problem)
	}
}
